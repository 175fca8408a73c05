/* assay show: all that is known of one test. */
#include "run_operand.h"
#include "show.h"
#include "verb.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

struct show_command {
    int64_t attempt, exchange;
    bool all, json;
};

static const struct opt options[] = {
    {"attempt", 'a', OPT_INT, offsetof(struct show_command, attempt), "N", "this attempt (default: the last)",
        .min = 1, .max = 1e9},
    {"exchange", 'x', OPT_INT, offsetof(struct show_command, exchange), "N",
        "this exchange (default: the first that failed, else the first measured)", .min = 0, .max = 1e9},
    {"all", 0, OPT_FLAG, offsetof(struct show_command, all), NULL,
        "every exchange, every event, the whole log"},
    {"json", 0, OPT_FLAG, offsetof(struct show_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "show",
    .operands = "RUN TEST",
    .summary = "Show prompt, answer, events, log and health of one test.",
    .details =
        "RUN is the folder of a run, its name below runs/, or \"latest\". TEST is the name of a test, or a "
        "pattern "
        "with * and ? that fits one; a part of a name is enough. Where several fit they are listed.\n\n"
        "  assay show latest 'chat.short[sim/*'\n"
        "  assay show latest long_prompt --exchange 3 --all\n\n"
        "Exit code: 0 shown; 2 no such run or test, or several.",
};

static bool fits(const struct run_test *test, const char *pattern, bool anywhere)
{
    struct buf wide = BUF_INIT(1 << 16);
    if (!anywhere)
        return text_match(pattern, test->name);
    buf_printf(&wide, "*%s*", pattern);
    bool found = text_match(buf_text(&wide), test->name);
    buf_fini(&wide);
    return found;
}

static size_t count_fits(
    const struct run_data *data, const char *pattern, bool anywhere, const struct run_test **only)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        if (!fits(&data->tests[i], pattern, anywhere))
            continue;
        *only = &data->tests[i];
        count++;
    }
    return count;
}

static void print_name(FILE *to, const struct run_test *test)
{
    struct buf name = BUF_INIT(1 << 14);
    (void)text_sanitise_line(&name, test->name, strlen(test->name), 2000);
    fprintf(to, "  %s: %s\n", buf_text(&name), test->last ? test->last->outcome->name : "no record");
    buf_fini(&name);
}

/* The one test meant; NULL and a list of candidates on stderr where there is none, or more than one. */
static const struct run_test *choose(const struct run_data *data, const char *pattern)
{
    const struct run_test *only = run_data_find(data, pattern);
    bool anywhere = false;
    size_t count = only ? 1 : count_fits(data, pattern, false, &only);
    if (count == 0) {
        anywhere = true;
        count = count_fits(data, pattern, true, &only);
    }
    if (count == 1)
        return only;
    if (count)
        fprintf(stderr, "assay show: %zu tests fit; name one of them:\n", count);
    else
        fprintf(stderr, "assay show: no test fits; the run has:\n");
    for (size_t i = 0; i < data->test_count; i++)
        if (count == 0 || fits(&data->tests[i], pattern, anywhere))
            print_name(stderr, &data->tests[i]);
    return NULL;
}

static int show_test(const struct run_data *data, const char *pattern, const struct show_command *o)
{
    const struct run_test *test = choose(data, pattern);
    struct show_options wanted = {.attempt = o->attempt, .exchange = o->exchange, .all = o->all};
    struct buf text = BUF_INIT(SHOW_TEXT_MAX);
    struct error why = {0};
    if (!test)
        return EXIT_USAGE;
    enum status s = o->json ? show_write_json(data, test, &wanted, &text, &why)
                            : show_write(data, test, &wanted, &text, &why);
    if (s == STATUS_OK)
        fwrite(text.data, 1, text.len, stdout);
    buf_fini(&text);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("show", &why);
}

static int show_main(int argc, char **argv)
{
    struct show_command o = {.exchange = -1};
    struct run_data data;
    struct error why = {0};
    bool going_on = false;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (argc - first != 2) {
        (void)error_set(
            &why, STATUS_USAGE, "give a RUN and a TEST, for example: assay show latest chat.short");
        return verb_fail("show", &why);
    }
    if (run_operand_load(argv[first], &data, &going_on, &why) != STATUS_OK)
        return verb_fail("show", &why);
    code = show_test(&data, argv[first + 1], &o);
    run_data_fini(&data);
    return code;
}

const struct verb cmd_show = {.name = "show",
    .summary = "show prompt, answer, events, log and health of one test",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = show_main};
