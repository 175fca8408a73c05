#include "gate_judge.h"

#include "gate_check.h"
#include "migrated.h"

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

void gate_worsen(enum gate_verdict *verdict, enum gate_verdict by)
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

enum status gate_check_add(struct gate_check *check, enum gate_verdict verdict, const char *format, ...)
{
    struct buf raw = BUF_INIT(1 << 16), safe = BUF_INIT(1 << 14);
    va_list args;
    gate_worsen(&check->verdict, verdict);
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
        s = p->line ? gate_check_add(check, GATE_FAIL, "%s line %ld: %s", p->file, p->line, p->text)
                    : gate_check_add(check, GATE_FAIL, "%s: %s", p->file, p->text);
    }
    for (size_t i = 0; i < data->test_count && s == STATUS_OK; i++) {
        const struct run_test *test = &data->tests[i];
        if (!test->last)
            s = gate_check_add(check, GATE_FAIL, "%s was planned and has no valid record", test->name);
        else if (strcmp(test->last->outcome->name, "lost") == 0)
            s = gate_check_add(check, GATE_FAIL, "%s is lost: it started and left no result", test->name);
    }
    if (s == STATUS_OK && data->attempt_count == 0)
        s = gate_check_add(check, GATE_CANNOT_JUDGE, "there is not one valid record");
    if (check->verdict != GATE_PASS)
        check->advice =
            "validate the files with `assay validate`, and repeat what is lost with `assay run --failed RUN`";
    return s;
}

static bool is_not_run(const struct run_test *test)
{
    return test->last && strcmp(test->last->outcome->name, "not_run") == 0;
}

static const char *message_of(const struct run_test *test)
{
    const char *message = json_get_text(test->last->record, "/message");
    return message ? message : "";
}

/* A run that was stopped leaves many tests behind for one reason: one line, at the first of them. */
static enum status judge_not_run(const struct run_data *data, size_t index, struct gate_check *check)
{
    const char *message = message_of(&data->tests[index]);
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        if (!is_not_run(&data->tests[i]) || strcmp(message_of(&data->tests[i]), message) != 0)
            continue;
        if (i < index)
            return STATUS_OK;
        count++;
    }
    if (count == 1)
        return gate_check_add(
            check, GATE_CANNOT_JUDGE, "%s was not run: %s", data->tests[index].name, message);
    return gate_check_add(check, GATE_CANNOT_JUDGE, "%zu tests were not run: %s", count, message);
}

static enum status judge_outcome(const struct run_data *data, size_t index, struct gate_check *check)
{
    const struct run_test *test = &data->tests[index];
    const struct outcome_words *outcome = test->last->outcome;
    const char *message = message_of(test), *signal = json_get_text(test->last->record, "/process/signal");
    if (outcome->kind == ENDED_FINE || strcmp(outcome->name, "skipped") == 0)
        return STATUS_OK;
    if (is_not_run(test))
        return judge_not_run(data, index, check);
    enum gate_verdict verdict = strcmp(outcome->name, "interrupted") == 0 ? GATE_CANNOT_JUDGE : GATE_FAIL;
    int first_line = (int)strcspn(message, "\n");
    if (signal &&
        strncmp(message, outcome->words, strlen(outcome->words)) == 0) /* "crashed by SIGSEGV in ..." */
        return gate_check_add(check, verdict, "%s: %.*s", test->name, first_line, message);
    return gate_check_add(check, verdict, "%s: %s%s%s%s%.*s", test->name, outcome->words,
        signal ? " by " : "", signal ? signal : "", first_line ? ": " : "", first_line, message);
}

static enum status judge_outcomes(const struct run_data *data, struct gate_check *check)
{
    size_t passed = run_data_count(data, "passed"), with_record = 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < data->test_count && s == STATUS_OK; i++) {
        with_record += data->tests[i].last != NULL;
        if (data->tests[i].last)
            s = judge_outcome(data, i, check);
    }
    if (check->verdict != GATE_PASS && migrated_is(data))
        check->advice = "look at each with `assay show RUN TEST`";
    else if (check->verdict == GATE_FAIL)
        check->advice = "look at each with `assay show RUN TEST`, mend the cause, and repeat with `assay run "
                        "--failed RUN`";
    else if (check->verdict == GATE_CANNOT_JUDGE)
        check->advice = "finish the run with `assay run --resume RUN`";
    if (s == STATUS_OK && passed == 0 && check->verdict == GATE_PASS) {
        check->advice = "start a server, name it with ASSAY_TARGETS or --target, and run again";
        s = gate_check_add(check, GATE_CANNOT_JUDGE, "%s",
            with_record ? "every test was skipped: nothing was measured"
                        : "no test was run: nothing was measured");
    }
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
        s = gate_judge_quality(data, require_clean, &gate->checks[GATE_QUALITY]);
    for (size_t i = 0; i < GATE_CHECK_COUNT; i++)
        gate_worsen(&gate->verdict, gate->checks[i].verdict);
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

const char *gate_verdict_words(enum gate_verdict verdict)
{
    return verdict == GATE_CANNOT_JUDGE ? "no verdict" : gate_verdict_name(verdict);
}

const char *gate_verdict_name(enum gate_verdict verdict)
{
    static const char *const names[] = {
        [GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_CANNOT_JUDGE] = "cannot judge"};
    return names[verdict];
}
