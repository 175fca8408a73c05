#include "gate_judge.h"

#include "health.h"

#include "buf.h"
#include "json.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 400
#define REASONS_MAX 1000 /* of one check; a file full of rubbish needs no reason per line */

/* How bad, for the sum of several checks. */
static int severity(enum gate_verdict verdict)
{
    static const int of[] = {[GATE_PASS] = 0, [GATE_CANNOT_JUDGE] = 1, [GATE_FAIL] = 2};
    return of[verdict];
}

static void worsen(enum gate_verdict *verdict, enum gate_verdict by)
{
    if (severity(by) > severity(*verdict))
        *verdict = by;
}

static enum status keep_reason(struct gate_check *check, char *text)
{
    char **grown = text ? reallocarray(check->reasons, check->reason_count + 1, sizeof *grown) : NULL;
    if (!grown) {
        free(text);
        return STATUS_NO_MEMORY;
    }
    check->reasons = grown;
    check->reasons[check->reason_count++] = text;
    return STATUS_OK;
}

/* Adds a reason on one line and worsens the check's verdict. */
ASSAY_PRINTF(3, 4)
static enum status add(struct gate_check *check, enum gate_verdict verdict, const char *format, ...)
{
    struct buf raw = BUF_INIT(1 << 16), safe = BUF_INIT(1 << 14);
    va_list args;
    worsen(&check->verdict, verdict);
    if (check->reason_count >= REASONS_MAX)
        return STATUS_OK;
    va_start(args, format);
    enum status s = buf_vprintf(&raw, format, args);
    va_end(args);
    if (s == STATUS_OK)
        s = text_sanitise_line(&safe, buf_text(&raw), raw.len, REASON_MAX);
    if (s == STATUS_OK)
        s = keep_reason(check, buf_take(&safe));
    buf_fini(&raw);
    buf_fini(&safe);
    return s;
}

static enum status judge_records(const struct run_data *data, struct gate_check *check)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; i < data->problem_count && s == STATUS_OK; i++) {
        const struct run_problem *p = &data->problems[i];
        s = p->line ? add(check, GATE_FAIL, "%s line %ld: %s", p->file, p->line, p->text)
                    : add(check, GATE_FAIL, "%s: %s", p->file, p->text);
    }
    for (size_t i = 0; i < data->test_count && s == STATUS_OK; i++) {
        const struct run_test *test = &data->tests[i];
        if (!test->last)
            s = add(check, GATE_FAIL, "%s was planned and has no valid record", test->name);
        else if (strcmp(test->last->outcome->name, "lost") == 0)
            s = add(check, GATE_FAIL, "%s is lost: it started and left no result", test->name);
    }
    if (s == STATUS_OK && data->attempt_count == 0)
        s = add(check, GATE_CANNOT_JUDGE, "there is not one valid record");
    if (check->verdict != GATE_PASS)
        check->advice =
            "validate the files with `assay validate`, and repeat what is lost with `assay run --failed`";
    return s;
}

/* Tests that say nothing about the server: the run was stopped before they could. */
static bool says_nothing(const struct run_test *test)
{
    const char *name = test->last->outcome->name;
    return strcmp(name, "interrupted") == 0 || strcmp(name, "not_run") == 0;
}

static enum status judge_outcome(const struct run_test *test, struct gate_check *check)
{
    const struct outcome_words *outcome = test->last->outcome;
    const char *message = json_get_text(test->last->record, "/message");
    const char *signal = json_get_text(test->last->record, "/process/signal");
    if (outcome->kind == ENDED_FINE || strcmp(outcome->name, "skipped") == 0)
        return STATUS_OK;
    int first_line = message ? (int)strcspn(message, "\n") : 0;
    return add(check, says_nothing(test) ? GATE_CANNOT_JUDGE : GATE_FAIL, "%s: %s%s%s%s%.*s", test->name,
        outcome->name, signal ? " by " : "", signal ? signal : "", first_line ? ": " : "", first_line,
        message ? message : "");
}

static enum status judge_outcomes(const struct run_data *data, struct gate_check *check)
{
    size_t passed = run_data_count(data, "passed"), with_record = 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < data->test_count && s == STATUS_OK; i++) {
        with_record += data->tests[i].last != NULL;
        if (data->tests[i].last)
            s = judge_outcome(&data->tests[i], check);
    }
    if (check->verdict == GATE_FAIL)
        check->advice =
            "look at each with `assay show`, mend the cause, and repeat with `assay run --failed`";
    else if (check->verdict == GATE_CANNOT_JUDGE)
        check->advice = "finish the run with `assay run --resume`";
    if (s == STATUS_OK && passed == 0 && check->verdict == GATE_PASS) {
        check->advice = "start a server, name it with ASSAY_TARGETS or --target, and run again";
        s = add(check, GATE_CANNOT_JUDGE, "%s",
            with_record ? "every test was skipped: nothing was measured"
                        : "no test was run: nothing was measured");
    }
    return s;
}

static enum status judge_client(
    const struct run_test *test, enum gate_verdict if_bad, struct gate_check *check)
{
    const char *reason;
    if (!health_client_is_invalid(test, &reason))
        return STATUS_OK;
    return add(check, if_bad, "%s: the client could not keep up: %s", test->name, reason);
}

static enum status judge_health(const struct run_test *test, bool require_clean, struct gate_check *check)
{
    const char *verdict = health_verdict(test);
    struct buf detail = BUF_INIT(1 << 16);
    enum status s = STATUS_OK;
    if (strcmp(verdict, "none") == 0) /* lost: nothing was measured */
        return STATUS_OK;
    if (strcmp(verdict, "degraded") == 0 || strcmp(verdict, "invalid") == 0) {
        health_append_flags(test, ", ", &detail);
        s = add(check, require_clean ? GATE_FAIL : GATE_PASS, "%s: machine %s: %s", test->name, verdict,
            buf_text(&detail));
    } else if (strcmp(verdict, "clean") != 0) {
        health_append_unread(test, ", ", &detail);
        s = add(check, require_clean ? GATE_CANNOT_JUDGE : GATE_PASS, "%s: machine quality unknown%s%s",
            test->name, detail.len ? ": not read: " : "", buf_text(&detail));
    }
    buf_fini(&detail);
    return s == STATUS_OK ? judge_client(test, require_clean ? GATE_FAIL : GATE_PASS, check) : s;
}

static enum status judge_quality(const struct run_data *data, bool require_clean, struct gate_check *check)
{
    size_t measured = 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < data->test_count && s == STATUS_OK; i++) {
        const struct run_test *test = &data->tests[i];
        if (!test->last || test->last->outcome->kind == ENDED_ABSENT)
            continue;
        measured += strcmp(health_verdict(test), "none") != 0;
        s = judge_health(test, require_clean, check);
    }
    if (s == STATUS_OK && measured == 0)
        s = add(check, require_clean ? GATE_CANNOT_JUDGE : GATE_PASS, "nothing was measured");
    if (s == STATUS_OK && data->problem_count)
        s = add(check, require_clean ? GATE_FAIL : GATE_PASS,
            "a run with records that are not valid is never clean");
    if (check->reason_count)
        check->advice = "quieten the machine (the report explains each flag) and run again";
    return s;
}

enum status gate_judge(const struct run_data *data, bool require_clean, struct gate *gate, struct error *e)
{
    static const char *const names[GATE_CHECK_COUNT] = {"gate.records", "gate.outcomes", "gate.quality"};
    *gate = (struct gate){.require_clean = require_clean};
    for (size_t i = 0; i < GATE_CHECK_COUNT; i++)
        gate->checks[i].name = names[i];
    enum status s = judge_records(data, &gate->checks[GATE_RECORDS]);
    if (s == STATUS_OK)
        s = judge_outcomes(data, &gate->checks[GATE_OUTCOMES]);
    if (s == STATUS_OK)
        s = judge_quality(data, require_clean, &gate->checks[GATE_QUALITY]);
    for (size_t i = 0; i < GATE_CHECK_COUNT; i++)
        worsen(&gate->verdict, gate->checks[i].verdict);
    if (s != STATUS_OK) {
        gate_fini(gate);
        return error_set(e, s, "no memory for the gate's reasons");
    }
    return STATUS_OK;
}

void gate_fini(struct gate *gate)
{
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++) {
        for (size_t i = 0; i < gate->checks[c].reason_count; i++)
            free(gate->checks[c].reasons[i]);
        free(gate->checks[c].reasons);
    }
    *gate = (struct gate){0};
}

const char *gate_verdict_name(enum gate_verdict verdict)
{
    static const char *const names[] = {
        [GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_CANNOT_JUDGE] = "cannot judge"};
    return names[verdict];
}
