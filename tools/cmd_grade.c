/* assay grade: the kept answers of a run graded anew, no server asked. */
#include "regrade.h"
#include "run_operand.h"
#include "verb.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "provenance.h"
#include "schema_reading.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

struct grade_command {
    const char *tasks;
    bool dry_run, json;
};

static const struct opt options[] = {
    {"tasks", 0, OPT_TEXT, offsetof(struct grade_command, tasks), "FILE",
        "tasks with the references to grade by (default: those of the run, or ours)"},
    {"dry-run", 'n', OPT_FLAG, offsetof(struct grade_command, dry_run), NULL, "print, and write nothing"},
    {"json", 0, OPT_FLAG, offsetof(struct grade_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "grade",
    .operands = "RUN",
    .summary = "Grade the kept answers of a run anew, without asking any server.",
    .details =
        "For when a grader or a reference answer has changed. RUN is the folder of a run, its name below "
        "runs/, or \"latest\". An answer is graded by the task that asks the same question; what none asks "
        "is counted and left as it was. The records stay as they are: the new grades are appended to "
        "grades.jsonl beside them.\n\n"
        "  assay grade latest\n"
        "  assay grade latest --tasks corrected.jsonl --dry-run\n\n"
        "Exit code: 0 graded; 1 the file of tasks is wrong; 2 no such run or file; 3 nothing of the run is "
        "graded, or its answers were not kept.",
};

static void print_score(const char *name, const struct json_object *utility)
{
    int64_t graded = 0, correct = 0;
    double score = 0, low = 0, high = 0;
    char of[32], from[32], to[32];
    (void)json_get_int(utility, "/graded", &graded);
    (void)json_get_int(utility, "/correct", &correct);
    (void)json_get_real(utility, "/score", &score);
    (void)json_get_real(utility, "/ci95/0", &low);
    (void)json_get_real(utility, "/ci95/1", &high);
    text_format_decimal(of, sizeof of, score, 3);
    text_format_decimal(from, sizeof from, low, 3);
    text_format_decimal(to, sizeof to, high, 3);
    printf("  %s: %" PRId64 " of %" PRId64 " right, %s (95 %%: %s to %s)\n", name, correct, graded, of, from,
        to);
}

/* What comes from a model or a user's file, on one line and harmless. */
static void print_clean(const char *before, const char *text)
{
    struct buf clean = BUF_INIT(8192);
    (void)text_sanitise_line(&clean, text ? text : "", text ? strlen(text) : 0, 300);
    printf("%s%s", before, buf_text(&clean));
    buf_fini(&clean);
}

static void print_change(const struct json_object *grade)
{
    bool correct = false, was = false;
    (void)json_get_bool(grade, "/correct", &correct);
    (void)json_get_bool(grade, "/was_correct", &was);
    if (correct == was)
        return;
    print_clean(correct ? "  now right  " : "  now wrong  ", json_get_text(grade, "/task"));
    print_clean(": expected ", json_get_text(grade, "/expected"));
    print_clean(", found \"", json_get_text(grade, "/found"));
    if (json_get_text(grade, "/why"))
        print_clean("\"; ", json_get_text(grade, "/why"));
    else
        printf("\"");
    printf("\n");
}

static void print_test(const struct json_object *line)
{
    const struct json_object *grades = json_get_array(line, "/grades");
    int64_t changed = 0, unmatched = 0;
    (void)json_get_int(line, "/changed", &changed);
    (void)json_get_int(line, "/unmatched", &unmatched);
    print_clean("", json_get_text(line, "/test"));
    print_clean(", by ", json_get_text(line, "/tasks/name"));
    printf("\n");
    print_score("before", json_get(line, "/before"));
    print_score("now", json_get(line, "/utility"));
    if (unmatched > 0)
        printf("  %" PRId64 " kept answers are to what none of the tasks asks: not graded anew\n", unmatched);
    if (changed == 0)
        printf("  no grade has changed\n");
    for (size_t i = 0; changed > 0 && i < json_object_array_length(grades); i++)
        print_change(json_object_array_get_idx(grades, i));
}

static void print_left_out(const struct regraded *done)
{
    for (size_t i = 0; i < done->left_out_count; i++) {
        print_clean("", done->left_out[i].test);
        print_clean(": not graded anew: ", done->left_out[i].reason);
        printf("\n");
    }
}

static struct json_object *to_json(const struct run_data *data, const struct regraded *done)
{
    struct json_object *tree = json_object_new_object(), *lines = json_object_new_array(),
                       *left_out = json_object_new_array();
    bool ok = json_set_text(tree, "run_id", data->run_id);
    for (size_t i = 0; ok && i < done->count; i++)
        ok = json_add(lines, json_object_get(done->lines[i]));
    for (size_t i = 0; ok && i < done->left_out_count; i++) {
        struct json_object *one = json_object_new_object();
        ok = json_set_text(one, "test", done->left_out[i].test) &&
             json_set_text(one, "reason", done->left_out[i].reason);
        ok = json_add(left_out, one) && ok;
    }
    ok = json_set(tree, "tests", lines) && ok;
    ok = json_set(tree, "left_out", left_out) && ok;
    if (ok)
        return tree;
    json_object_put(tree);
    return NULL;
}

static enum status print_json(const struct run_data *data, const struct regraded *done, struct error *e)
{
    struct json_object *tree = to_json(data, done);
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    enum status s =
        tree ? json_write_pretty(tree, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the grades");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    json_object_put(tree);
    return s;
}

/* run.json lists the file of the grades as well. */
static enum status append(const struct run_data *data, const struct regraded *done, struct error *e)
{
    bool signed_before = false;
    enum status s = regrade_append(data, done, e);
    if (s == STATUS_OK && data->run != NULL)
        s = provenance_again(data->folder, PROVENANCE_GRADE, &signed_before, e);
    if (signed_before)
        log_note("the run was signed before it had these grades: sign it again");
    return s;
}

static enum status grade(
    const struct run_data *data, const struct grade_command *o, bool *any, struct error *e)
{
    struct regrade_options how = {.tasks = o->tasks, .moment_ns = clock_wall_ns(clock_system())};
    struct regraded done;
    enum status s = regrade_run(data, &how, &done, e);
    if (s != STATUS_OK)
        return s;
    *any = done.count > 0;
    for (size_t i = 0; !o->json && i < done.count; i++)
        print_test(done.lines[i]);
    if (o->json)
        s = print_json(data, &done, e);
    else
        print_left_out(&done);
    if (s == STATUS_OK && !o->dry_run && *any)
        s = append(data, &done, e);
    regraded_fini(&done);
    return s;
}

static int grade_main(int argc, char **argv)
{
    struct grade_command o = {0};
    struct run_data data;
    struct error why = {0};
    bool going_on = false, any = false;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (argc - first != 1) {
        (void)error_set(&why, STATUS_USAGE, "give one RUN, for example: assay grade latest");
        return verb_fail("grade", &why);
    }
    if (run_operand_load(argv[first], &data, &going_on, &why) != STATUS_OK)
        return verb_fail("grade", &why);
    enum status s = going_on ? error_set(&why, STATUS_UNAVAILABLE, "the run is still going on") : STATUS_OK;
    if (s == STATUS_OK && !o.dry_run)
        s = schema_check_for_writing_again("run", data.run, &why);
    if (s == STATUS_OK)
        s = grade(&data, &o, &any, &why);
    code = s != STATUS_OK ? verb_fail("grade", &why) : any ? EXIT_FINE : EXIT_CANNOT_JUDGE;
    run_data_fini(&data);
    return code;
}

const struct verb cmd_grade = {.name = "grade",
    .summary = "grade the kept answers of a run anew",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = grade_main};
