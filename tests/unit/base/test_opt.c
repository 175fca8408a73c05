#include "opt.h"

#include "testkit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct options {
    bool verbose, quiet, color;
    int64_t port, for_ns, size, again, still_ns;
    double rate;
    const char *scenario;
    struct opt_list models;
};

static const struct opt table[] = {
    {"port", 'p', OPT_INT, offsetof(struct options, port), "N", "port, 0 = any free one", .min = 0,
        .max = 65535},
    {"rate", 'r', OPT_REAL, offsetof(struct options, rate), "R", "requests per second", .min = 0.5,
        .max = 10},
    {"scenario", 0, OPT_TEXT, offsetof(struct options, scenario), "FILE", "scenario to play"},
    {"for", 0, OPT_DURATION, offsetof(struct options, for_ns), "TIME", "stop after this time",
        .positive = true},
    {"size", 0, OPT_BYTES, offsetof(struct options, size), "SIZE", "how much"},
    {"model", 'm', OPT_LIST, offsetof(struct options, models), "NAME", "only this model"},
    {"again", 'a', OPT_INT, offsetof(struct options, again), "N", "once more", .optional = true, .min = 1,
        .max = 10},
    {"still", 0, OPT_DURATION, offsetof(struct options, still_ns), "TIME", "wait", .optional = true,
        .alone = 7},
    {"verbose", 'v', OPT_FLAG, offsetof(struct options, verbose), NULL, "say more"},
    {"quiet", 'q', OPT_FLAG, offsetof(struct options, quiet), NULL, "say less"},
    {"color", 0, OPT_FLAG, offsetof(struct options, color), NULL, "in colour"},
    {"internal", 0, OPT_FLAG, offsetof(struct options, color), NULL, "for ourselves", .hidden = true},
    {0},
};

enum { ARGS_MAX = 80 };

/* The arguments behind the verb, as the shell would split `line` at blanks. */
struct line {
    char text[2048];
    char *argv[ARGS_MAX];
    int argc, first;
    struct error e;
};

static enum status parse(struct line *l, struct options *o, const char *line)
{
    l->e = (struct error){0};
    (void)snprintf(l->text, sizeof l->text, "sim %s", line);
    l->argc = 0;
    for (char *save, *word = strtok_r(l->text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        l->argv[l->argc++] = word;
    l->argv[l->argc] = NULL;
    return opt_parse(table, o, l->argc, l->argv, &l->first, &l->e);
}

static void every_kind_is_stored_in_its_field(void)
{
    struct options o = {0};
    struct line l;
    ck_assert_int_eq(
        parse(&l, &o, "--port 80 --rate=2.5 --scenario x.yaml --for 250ms --size 64KiB --verbose"),
        STATUS_OK);
    ck_assert_int_eq(o.port, 80);
    ck_assert(o.rate == 2.5);
    ck_assert_str_eq(o.scenario, "x.yaml");
    ck_assert_int_eq(o.for_ns, 250000000);
    ck_assert_int_eq(o.size, 65536);
    ck_assert(o.verbose);
    ck_assert_int_eq(l.first, l.argc);
}

static void what_is_not_given_keeps_its_default(void)
{
    struct options o = {.port = 7, .color = true, .scenario = "default"};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, ""), STATUS_OK);
    ck_assert(o.port == 7 && o.color && strcmp(o.scenario, "default") == 0);
}

static void an_optional_value_stands_behind_its_sign_only(void)
{
    static const struct {
        const char *line;
        int64_t again, still_ns;
        int operands;
    } cases[] = {
        {"", OPT_NONE, OPT_NONE, 0},
        {"--again", 0, OPT_NONE, 0},
        {"--again 3", 0, OPT_NONE, 1}, /* an operand */
        {"--again=3 --still", 3, 7, 0},
        {"-a --still=2s", 0, 2000000000, 0},
        {"--again=3 --no-again", OPT_NONE, OPT_NONE, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options o = {.again = OPT_NONE, .still_ns = OPT_NONE};
        struct line l;
        ck_assert_msg(parse(&l, &o, cases[i].line) == STATUS_OK, "%s: %s", cases[i].line, error_text(&l.e));
        ck_assert_msg(o.again == cases[i].again && o.still_ns == cases[i].still_ns, "%s", cases[i].line);
        ck_assert_int_eq(l.argc - l.first, cases[i].operands);
    }
    struct options o = {0};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, "--again=11"), STATUS_USAGE);
    ck_assert_int_eq(parse(&l, &o, "--still=soon"), STATUS_USAGE);
    ck_assert_int_eq(parse(&l, &o, "--no-again=1"), STATUS_USAGE);
}

static void a_configured_word_switches_an_optional_value(void)
{
    static const struct {
        const char *word;
        int64_t again;
    } cases[] = {
        {"true", 0}, {"yes", 0}, {"false", OPT_NONE}, {"no", OPT_NONE}, {"0", OPT_NONE}, {"1", 1}, {"4", 4}};
    struct error e = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options o = {.again = 9};
        ck_assert_int_eq(opt_set(table, &o, "again", cases[i].word, NULL, &e), STATUS_OK);
        ck_assert_msg(o.again == cases[i].again, "%s: %lld", cases[i].word, (long long)o.again);
    }
    struct options o = {0};
    ck_assert_int_eq(opt_set(table, &o, "again", "often", NULL, &e), STATUS_USAGE);
}

static void short_forms_mean_the_same(void)
{
    static const char *const forms[] = {
        "-vqp80", "-vqp 80", "-v -q -p 80", "-p80 -qv", "--verbose -q --port=80"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct options o = {0};
        struct line l;
        ck_assert_int_eq(parse(&l, &o, forms[i]), STATUS_OK);
        ck_assert_msg(o.verbose && o.quiet && o.port == 80, "%s", forms[i]);
    }
}

static void a_flag_can_be_taken_back_and_the_last_word_counts(void)
{
    struct options o = {.color = true};
    struct line l;
    ck_assert_int_eq(
        parse(&l, &o, "--no-color --verbose --no-verbose --no-quiet --quiet --port 1 --port 2"), STATUS_OK);
    ck_assert(!o.color && !o.verbose && o.quiet && o.port == 2);
}

static void a_list_keeps_every_value_in_order(void)
{
    struct options o = {0};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, "--model a,b -m c --model=d"), STATUS_OK);
    ck_assert_uint_eq(o.models.count, 3);
    ck_assert_str_eq(o.models.items[0], "a,b");
    ck_assert_str_eq(o.models.items[1], "c");
    ck_assert_str_eq(o.models.items[2], "d");
}

static void a_list_that_is_too_long_is_refused(void)
{
    struct options o = {.models.count = OPT_LIST_MAX};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, "--model a"), STATUS_USAGE);
    ck_assert_str_eq(l.e.text, "--model may be given at most 64 times");
}

static void operands_are_gathered_behind_the_options_in_order(void)
{
    static const struct {
        const char *line, *operands;
    } cases[] = {
        {"a --port 80 b -v c", "a b c"},
        {"a b --port=80 -v", "a b"},
        {"--port 80 -v a b", "a b"},
        {"a -- --port b", "a --port b"},
        {"-- -v", "-v"},
        {"a --", "a"},
        {"--", ""},
        {"- -v", "-"},
        {"a b c d --port 80 e f -v g", "a b c d e f g"},
        {"a -- b -- c", "a b -- c"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options o = {0};
        struct line l;
        char got[256] = "";
        ck_assert_int_eq(parse(&l, &o, cases[i].line), STATUS_OK);
        for (int a = l.first; a < l.argc; a++) {
            size_t used = strlen(got);
            (void)snprintf(got + used, sizeof got - used, "%s%s", used > 0 ? " " : "", l.argv[a]);
        }
        ck_assert_str_eq(got, cases[i].operands);
    }
}

static void no_argument_is_lost_by_sorting(void)
{
    struct options o = {0};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, "a --port 80 b -v -- --c"), STATUS_OK);
    const char *const wanted[] = {"sim", "--port", "80", "-v", "--", "a", "b", "--c"};
    ck_assert_int_eq(l.argc, (int)COUNT(wanted));
    for (int i = 0; i < l.argc; i++)
        ck_assert_str_eq(l.argv[i], wanted[i]);
}

static void mistakes_are_explained(void)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"--prot 80", "there is no option --prot; did you mean --port?"},
        {"--verbos", "there is no option --verbos; did you mean --verbose?"},
        {"--scen=x", "there is no option --scen; did you mean --scenario?"},
        {"--hlep", "there is no option --hlep; did you mean --help?"},
        {"--zzzzzz", "there is no option --zzzzzz"},
        {"--interna", "there is no option --interna"},
        {"--no-port", "there is no option --no-port: --port takes a value"},
        {"--no-", "there is no option --no-"},
        {"--=x", "there is no option --"},
        {"-x", "there is no option -x"},
        {"-vx", "there is no option -x"},
        {"-5", "there is no option -5"},
        {"--port", "--port needs a value: --port N"},
        {"-p", "--port needs a value: --port N"},
        {"-vp", "--port needs a value: --port N"},
        {"--port=", "--port: \"\" is not a whole number"},
        {"--port 80x", "--port: \"80x\" is not a whole number"},
        {"--port 65536", "--port: 65536 is not between 0 and 65535"},
        {"--port -1", "--port: -1 is not between 0 and 65535"},
        {"--port 99999999999999999999", "--port: \"99999999999999999999\" is not a whole number"},
        {"--rate fast", "--rate: \"fast\" is not a number"},
        {"--rate 11", "--rate: 11 is not between 0.5 and 10"},
        {"--rate nan", "--rate: \"nan\" is not a number"},
        {"--for 0", "--for: \"0\" is not a time above 0, such as 250ms, 1.5s, 10m or 2h"},
        {"--for soon", "--for: \"soon\" is not a time such as 250ms, 1.5s, 10m or 2h"},
        {"--size big", "--size: \"big\" is not a size such as 4096, 64KiB or 1.5GB"},
        {"--verbose=yes", "--verbose takes no value"},
        {"--no-verbose=yes", "--no-verbose takes no value"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options o = {0};
        struct line l;
        ck_assert_msg(parse(&l, &o, cases[i].line) == STATUS_USAGE, "%s", cases[i].line);
        ck_assert_str_eq(l.e.text, cases[i].text);
    }
}

static void hidden_options_work_without_being_suggested(void)
{
    struct options o = {0};
    struct line l;
    ck_assert_int_eq(parse(&l, &o, "--internal"), STATUS_OK);
    ck_assert(o.color);
}

static void help_is_asked_only_before_the_end_of_options(void)
{
    char *asked[] = {"sim", "x", "--help", NULL}, *letter[] = {"sim", "-h", NULL};
    char *operand[] = {"sim", "--", "--help", NULL}, *none[] = {"--help", NULL};
    ck_assert(opt_help_asked(3, asked));
    ck_assert(opt_help_asked(2, letter));
    ck_assert(!opt_help_asked(3, operand));
    ck_assert(!opt_help_asked(1, none));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_kind_is_stored_in_its_field),
        TESTKIT_TEST(what_is_not_given_keeps_its_default),
        TESTKIT_TEST(an_optional_value_stands_behind_its_sign_only),
        TESTKIT_TEST(a_configured_word_switches_an_optional_value),
        TESTKIT_TEST(short_forms_mean_the_same),
        TESTKIT_TEST(a_flag_can_be_taken_back_and_the_last_word_counts),
        TESTKIT_TEST(a_list_keeps_every_value_in_order),
        TESTKIT_TEST(a_list_that_is_too_long_is_refused),
        TESTKIT_TEST(operands_are_gathered_behind_the_options_in_order),
        TESTKIT_TEST(no_argument_is_lost_by_sorting),
        TESTKIT_TEST(mistakes_are_explained),
        TESTKIT_TEST(hidden_options_work_without_being_suggested),
        TESTKIT_TEST(help_is_asked_only_before_the_end_of_options),
        {0},
    };
    return testkit_run("opt", tests);
}
