#include "markdown_sections.h"

#include "markdown_text.h"
#include "migrated.h"

#include "fs.h"
#include "json.h"

#include <inttypes.h>
#include <string.h>

/* "Signal SIGSEGV, in the phase body, exit code 3, 2 strays killed." */
static void describe_process(struct json_object *record, struct buf *out)
{
    const char *signal = json_get_text(record, "/process/signal"),
               *phase = json_get_text(record, "/process/phase_reached");
    int64_t exit_code, strays;
    if (signal) {
        buf_append_text(out, " Ended by ");
        markdown_code(out, signal);
        buf_append_char(out, '.');
    } else if (json_get_int(record, "/process/exit_code", &exit_code) && exit_code != 0) {
        buf_printf(out, " Exit code %" PRId64 ".", exit_code);
    }
    if (phase)
        buf_printf(out, " Phase reached: %s.", phase);
    if (json_get_int(record, "/process/strays_killed", &strays) && strays > 0)
        buf_printf(out, " %" PRId64 " process%s left behind %s killed.", strays, strays == 1 ? "" : "es",
            strays == 1 ? "was" : "were");
}

static void describe_failure(const struct run_test *test, struct buf *out)
{
    struct json_object *record = test->last->record;
    const char *message = json_get_text(record, "/message"), *file = json_get_text(record, "/location/file");
    int64_t line = 0;
    buf_append_text(out, "### ");
    markdown_inline(out, test->name);
    buf_printf(out, ": %s\n\nThe test %s.", test->last->outcome->words, test->last->outcome->meaning);
    if (file && json_get_int(record, "/location/line", &line)) {
        struct buf place = BUF_INIT(1 << 12);
        buf_printf(&place, "%s:%" PRId64, file, line);
        buf_append_text(out, " At ");
        markdown_code(out, buf_text(&place));
        buf_append_char(out, '.');
        buf_fini(&place);
    }
    describe_process(record, out);
    buf_append_text(out, "\n\n");
    if (message && *message)
        markdown_block(out, message);
}

static void describe_problems(const struct run_data *data, struct buf *out)
{
    if (data->problem_count)
        buf_append_text(out, "### Files that are not as they should be\n\n");
    for (size_t i = 0; i < data->problem_count; i++) {
        buf_append_text(out, "- ");
        markdown_code(out, data->problems[i].file);
        if (data->problems[i].line)
            buf_printf(out, " line %ld", data->problems[i].line);
        buf_append_text(out, ": ");
        markdown_inline(out, data->problems[i].text);
        buf_append_char(out, '\n');
    }
    buf_append_text(out, data->problem_count ? "\n" : "");
}

static void describe_missing(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        if (data->tests[i].last)
            continue;
        buf_append_text(out, any ? "- " : "### Planned, without a valid record\n\n- ");
        markdown_code(out, data->tests[i].name);
        buf_append_char(out, '\n');
        any = true;
    }
    buf_append_text(out, any ? "\n" : "");
}

void markdown_failures(const struct run_data *data, struct buf *out)
{
    size_t before = out->len;
    buf_append_text(out, "## Failures\n\n");
    size_t heading = out->len;
    for (size_t i = 0; i < data->test_count; i++) {
        const struct attempt *last = data->tests[i].last;
        if (last && (last->outcome->kind == ENDED_FAILED || last->outcome->kind == ENDED_BROKEN))
            describe_failure(&data->tests[i], out);
    }
    describe_missing(data, out);
    describe_problems(data, out);
    if (out->len == heading && out->len > before)
        buf_append_text(out, "None.\n\n");
}

static bool append_counts(struct json_object *record, const char *pointer, const char *what, struct buf *out)
{
    struct json_object *counts = json_get_object(record, pointer);
    const char *separator = what;
    if (!counts || json_object_object_length(counts) == 0)
        return false;
    json_object_object_foreach(counts, name, count)
    {
        int64_t times = json_object_get_int64(count);
        buf_append_text(out, separator);
        markdown_code(out, name);
        if (times == 1)
            buf_append_text(out, " once");
        else
            buf_printf(out, " %" PRId64 " times", times);
        separator = ", ";
    }
    return true;
}

static bool has_failed_exchanges(struct json_object *record)
{
    struct json_object *errors = json_get_object(record, "/errors");
    int64_t used = 0;
    (void)json_get_int(record, "/retries/used", &used);
    return used > 0 || (errors && json_object_object_length(errors) > 0);
}

static bool has_retries(const struct run_test *test)
{
    bool any = test->attempt_count > 1;
    for (size_t i = 0; i < test->attempt_count && !any; i++)
        any = has_failed_exchanges(test->attempts[i].record);
    return any;
}

static void attempt_line(const struct attempt *attempt, bool last, struct buf *out)
{
    struct json_object *record = attempt->record;
    const char *message = json_get_text(record, "/message");
    int64_t used = 0, allowed = 0;
    buf_printf(out, "  - attempt %" PRId64 "%s: %s", attempt->number, last ? " (this one counts)" : "",
        attempt->outcome->name);
    if (message && *message && !last) {
        buf_append_text(out, ": ");
        markdown_inline(out, message);
    }
    if (json_get_int(record, "/retries/used", &used) && json_get_int(record, "/retries/allowed", &allowed))
        buf_printf(out, "; %" PRId64 " request%s repeated, %" PRId64 " allowed per exchange", used,
            used == 1 ? "" : "s", allowed);
    if (append_counts(record, "/errors", "; failed requests: ", out))
        (void)append_counts(record, "/finish_reasons", "; answers ended by: ", out);
    buf_append_text(out, "\n");
}

void markdown_retries(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        if (!has_retries(test))
            continue;
        buf_append_text(out, any ? "- " : "## Retries and failed exchanges\n\n- ");
        markdown_code(out, test->name);
        buf_append_char(out, '\n');
        for (size_t k = 0; k < test->attempt_count; k++)
            attempt_line(&test->attempts[k], k + 1 == test->attempt_count, out);
        any = true;
    }
    buf_append_text(out, any ? "\n" : "");
}

void markdown_absent(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {
        {.title = "Test"}, {.title = "Outcome"}, {.title = "Reason"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 3);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        if (!test->last || test->last->outcome->kind != ENDED_ABSENT)
            continue;
        const char *reason = json_get_text(test->last->record, "/skip_reason");
        markdown_cell(&table, test->name);
        markdown_cell(&table, test->last->outcome->words);
        markdown_cell(&table, reason ? reason : json_get_text(test->last->record, "/message"));
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Skipped and not run\n\n");
    (void)markdown_table_end(&table, out);
}

/* A migrated run has the files that its original gave rise to, or none where nobody kept them. */
static void migrated_files(const struct run_data *data, struct buf *out)
{
    if (!fs_exists(data->folder)) {
        buf_append_text(out,
            "## Files\n\nThis page was made straight from the original; `assay migrate` makes a run that is "
            "kept, and that `assay show` and all others read.\n");
        return;
    }
    buf_append_text(out, "## Files\n\nIn the folder of the run ");
    markdown_code(out, data->run_id);
    buf_append_text(out,
        ":\n\n"
        "- `run.json`: where it comes from, on which machine, and what was lost on the way\n"
        "- `benchmark.jsonl`: the records, each with the part of the original that it was made from\n"
        "- `samples.jsonl`: samples of the machine, where the original had them\n");
}

void markdown_files(const struct run_data *data, struct buf *out)
{
    static const char *const files[][2] = {
        {"run.json", "what was planned, on which machine, with what"},
        {"benchmark.jsonl", "one record per test and attempt; this page is made of it"},
        {"exchanges.jsonl", "every request and response with all its times"},
        {"requests.jsonl", "every request of load tests with the moments of its tokens"},
        {"answers.jsonl", "what was asked and what came back"},
        {"samples.jsonl", "the machine, sampled while tests ran"},
        {"logs/", "what each test printed"},
        {"junit.xml", "the same verdicts for continuous integration"},
    };
    if (migrated_is(data)) {
        migrated_files(data, out);
        return;
    }
    buf_append_text(out, "## Files\n\nBeside this page in the folder of the run ");
    markdown_code(out, data->run_id);
    buf_append_text(out, ":\n\n");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        buf_printf(out, "- `%s`: %s\n", files[i][0], files[i][1]);
}
