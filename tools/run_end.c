#include "run_end.h"

#include "verb.h"

#include "anonymise.h"
#include "finalise.h"
#include "fs.h"
#include "gate_judge.h"
#include "json.h"
#include "provenance.h"
#include "report_files.h"
#include "run_data.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASONS_SHOWN = 5, SKIP_REASONS_MAX = 64 };

struct ending_of_run {
    const char *folder;
    const struct run_end_options *options;
    struct finalised sum;
    struct run_data data;
    struct gate gate;
    struct buf report_path, junit_path;
};

static enum status save(struct ending_of_run *r, enum report_format format, struct buf *path, struct error *e)
{
    struct report_options options = {.formats = format, .require_clean = r->options->require_clean};
    enum status s = fs_join(path, r->folder, report_file_name(format));
    if (s == STATUS_OK)
        s = report_save(&r->data, &options, format, buf_text(path), e);
    if (s == STATUS_OK && format == REPORT_JUNIT && r->options->junit)
        s = report_save(&r->data, &options, format, r->options->junit, e);
    return s;
}

static enum status judge(struct ending_of_run *r, struct error *e)
{
    enum status s = finalise_run(r->folder, &r->sum, e);
    if (s == STATUS_OK)
        s = run_data_load(r->folder, &r->data, e);
    return s == STATUS_OK ? gate_judge(&r->data, r->options->require_clean, &r->gate, e) : s;
}

/* What cannot be written is no reason to keep the result from who waits for it: it is said last. */
static enum status save_all(struct ending_of_run *r, struct error *e)
{
    enum status s = save(r, REPORT_MARKDOWN, &r->report_path, e);
    if (s == STATUS_OK)
        s = save(r, REPORT_JUNIT, &r->junit_path, e);
    if (s == STATUS_OK)
        s = anonymise_run(r->folder, e);
    return s == STATUS_OK ? provenance_again(r->folder, PROVENANCE_REPORT, NULL, e) : s;
}

static void print_counts(const struct ending_of_run *r)
{
    char took[48];
    const char *separator = ": ";
    text_format_duration(took, sizeof took, run_data_wall_s(&r->data));
    printf("%zu test%s", r->data.test_count, r->data.test_count == 1 ? "" : "s");
    for (const struct outcome_words *words = outcome_words_all; words->name; words++) {
        size_t n = run_data_count(&r->data, words->name);
        if (n > 0) {
            printf("%s%zu %s", separator, n, words->words);
            separator = ", ";
        }
    }
    printf(" in %s\n", took);
}

struct skip_reason {
    const char *text;
    size_t tests;
};

static void count_skip(struct skip_reason *reasons, const char *text)
{
    for (size_t i = 0; i < SKIP_REASONS_MAX; i++)
        if (!reasons[i].text || strcmp(reasons[i].text, text) == 0) {
            reasons[i].text = text;
            reasons[i].tests++;
            return;
        }
}

static int more_skipped(const void *a, const void *b)
{
    size_t x = ((const struct skip_reason *)a)->tests, y = ((const struct skip_reason *)b)->tests;
    return (x < y) - (x > y);
}

/* One line a reason: dozens of cases do not fit a model for one and the same. */
static void print_skips(const struct ending_of_run *r)
{
    struct skip_reason reasons[SKIP_REASONS_MAX] = {0};
    struct buf clean = BUF_INIT(1024);
    size_t rest = run_data_count(&r->data, "skipped");
    for (size_t i = 0; i < r->data.test_count; i++) {
        const struct attempt *last = r->data.tests[i].last;
        const char *text = last ? json_get_text(last->record, "/skip_reason") : NULL;
        if (text)
            count_skip(reasons, text);
    }
    qsort(reasons, SKIP_REASONS_MAX, sizeof reasons[0], more_skipped);
    for (size_t i = 0; i < REASONS_SHOWN && reasons[i].text; i++) {
        buf_clear(&clean);
        text_sanitise_line(&clean, reasons[i].text, strlen(reasons[i].text), 200);
        printf("  %zu skipped: %s\n", reasons[i].tests, buf_text(&clean));
        rest -= rest < reasons[i].tests ? rest : reasons[i].tests;
    }
    if (rest > 0)
        printf("  %zu skipped for other reasons\n", rest);
    buf_fini(&clean);
}

/* Every failed test had its line already, so a few reasons of each check are enough; the report has all. */
static void print_gate(const struct ending_of_run *r)
{
    printf("gate: %s\n", gate_verdict_words(r->gate.verdict));
    for (size_t i = 0; i < GATE_CHECK_COUNT; i++) {
        const struct gate_check *check = &r->gate.checks[i];
        for (size_t k = 0; k < check->reason_count && k < REASONS_SHOWN; k++)
            printf("  %s\n", check->reasons[k]);
        if (check->reason_count > REASONS_SHOWN)
            printf("  and %zu more like it\n", check->reason_count - REASONS_SHOWN);
    }
}

static int print_json(const struct ending_of_run *r)
{
    struct json_object *o = json_object_new_object(), *counts = json_object_new_object();
    struct buf line = BUF_INIT(1 << 20);
    bool ok = true;
    for (int i = 0; ok && i < OUTCOME_COUNT; i++)
        ok = json_set_int(counts, outcome_name((enum outcome)i),
            (int64_t)run_data_count(&r->data, outcome_name((enum outcome)i)));
    ok = json_set(o, "outcomes", counts) && ok && json_set_text(o, "run", r->folder) &&
         json_set_int(o, "tests", (int64_t)r->data.test_count) &&
         json_set_text(o, "gate", gate_verdict_name(r->gate.verdict)) &&
         json_set_text(o, "report", buf_text(&r->report_path)) &&
         json_set_text(o, "junit", buf_text(&r->junit_path));
    ok = ok && json_write(o, &line, NULL) == STATUS_OK;
    if (ok)
        puts(buf_text(&line));
    json_object_put(o);
    buf_fini(&line);
    return ok ? EXIT_FINE : EXIT_OWN_FAILURE;
}

static int exit_code(const struct ending_of_run *r)
{
    if (r->options->stop_signal)
        return 128 + r->options->stop_signal;
    if (r->gate.verdict == GATE_PASS)
        return EXIT_FINE;
    return r->gate.verdict == GATE_FAIL ? EXIT_BAD : EXIT_CANNOT_JUDGE;
}

static int print_text(const struct ending_of_run *r, bool saved)
{
    print_counts(r);
    print_skips(r);
    print_gate(r);
    if (saved)
        printf("%s\n%s\n", buf_text(&r->junit_path), buf_text(&r->report_path));
    return EXIT_FINE;
}

static int print(struct ending_of_run *r, const char *verb)
{
    struct error why = {0};
    bool saved = save_all(r, &why) == STATUS_OK;
    int printed = r->options->json ? print_json(r) : print_text(r, saved);
    if (!saved) {
        (void)fflush(stdout);
        (void)verb_fail(verb, &why);
    }
    return saved && printed == EXIT_FINE ? exit_code(r) : EXIT_OWN_FAILURE;
}

int run_end(const char *verb, const char *folder, const struct run_end_options *options)
{
    struct ending_of_run r = {
        .folder = folder, .options = options, .report_path = BUF_INIT(8192), .junit_path = BUF_INIT(8192)};
    struct error why = {0};
    int code = judge(&r, &why) == STATUS_OK ? print(&r, verb) : verb_fail(verb, &why);
    gate_fini(&r.gate);
    run_data_fini(&r.data);
    buf_fini(&r.report_path);
    buf_fini(&r.junit_path);
    return code;
}
