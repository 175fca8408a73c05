/* gate.quality: one reason for everything that disturbed a run, and in how many tests; the details are in the
 * report. */
#include "gate_check.h"

#include "flag_words.h"
#include "health.h"
#include "migrated.h"

#include "buf.h"

#include <string.h>

enum { NAMES_SHOWN = 3 };

/* What the reasons are made from: the tests that were measured, and how their faults are judged. */
struct judged {
    const struct run_data *data;
    struct gate_check *check;
    size_t measured;
    enum gate_verdict if_bad, if_unknown;
};

static bool was_measured(const struct run_test *test)
{
    return test->last && test->last->outcome->kind != ENDED_ABSENT &&
           strcmp(health_verdict(test), "none") != 0;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static enum status say_flag(const struct judged *j, const char *flag)
{
    size_t count = 0;
    for (size_t i = 0; i < j->data->test_count; i++)
        count += was_measured(&j->data->tests[i]) && health_has_flag(&j->data->tests[i], flag);
    if (count == 0)
        return STATUS_OK;
    return gate_check_add(j->check, j->if_bad, "%zu of %zu test%s: %s (%s)", count, j->measured,
        plural(j->measured), flag_words_happened(flag), flag);
}

static enum status say_flags(const struct judged *j)
{
    enum status s = STATUS_OK;
    const char *flag;
    for (size_t i = 0; s == STATUS_OK && (flag = health_flag_of_run(j->data, i)); i++)
        s = say_flag(j, flag);
    return s;
}

/* A degraded figure is disturbed; an invalid one means nothing, so its test is named. */
static enum status say_invalid(const struct judged *j)
{
    struct buf names = BUF_INIT(1 << 20);
    size_t count = 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < j->data->test_count; i++) {
        const struct run_test *test = &j->data->tests[i];
        if (!was_measured(test) || strcmp(health_verdict(test), "invalid") != 0)
            continue;
        if (count++ < NAMES_SHOWN)
            buf_printf(&names, "%s%s", count > 1 ? ", " : "", test->name);
    }
    if (count > NAMES_SHOWN)
        buf_printf(&names, " and %zu more", count - NAMES_SHOWN);
    if (count)
        s = gate_check_add(j->check, j->if_bad,
            "%zu of %zu test%s: disturbed so much that the figures mean nothing: %s", count, j->measured,
            plural(j->measured), buf_text(&names));
    buf_fini(&names);
    return s;
}

/* Tests from this one on whose machine is unknown for the same sensors; 0 if an earlier test has them. */
static size_t count_unknown(const struct judged *j, size_t index, const char *unread)
{
    size_t count = 0;
    for (size_t i = 0; i < j->data->test_count; i++) {
        const struct run_test *test = &j->data->tests[i];
        struct buf own = BUF_INIT(1 << 16);
        if (was_measured(test) && strcmp(health_verdict(test), "unknown") == 0 && !migrated_of(test)) {
            health_append_unread(test, ", ", &own);
            count += strcmp(buf_text(&own), unread) == 0;
        }
        buf_fini(&own);
        if (i < index && count)
            return 0;
    }
    return count;
}

static enum status say_unknown(const struct judged *j)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; i < j->data->test_count && s == STATUS_OK; i++) {
        struct buf unread = BUF_INIT(1 << 16);
        const struct run_test *test = &j->data->tests[i];
        if (was_measured(test) && strcmp(health_verdict(test), "unknown") == 0 && !migrated_of(test)) {
            health_append_unread(test, ", ", &unread);
            size_t count = count_unknown(j, i, buf_text(&unread));
            if (count)
                s = gate_check_add(j->check, j->if_unknown, "%zu of %zu test%s: machine quality unknown%s%s",
                    count, j->measured, plural(j->measured), unread.len ? ", not read: " : "",
                    buf_text(&unread));
        }
        buf_fini(&unread);
    }
    return s;
}

static enum status say_late_client(const struct judged *j)
{
    const char *reason, *first_reason = NULL, *first = "";
    size_t count = 0;
    for (size_t i = 0; i < j->data->test_count; i++) {
        const struct run_test *test = &j->data->tests[i];
        if (!was_measured(test) || !health_client_is_invalid(test, &reason))
            continue;
        count++;
        first = first_reason ? first : test->name;
        first_reason = first_reason ? first_reason : reason;
    }
    if (!count)
        return STATUS_OK;
    return gate_check_add(j->check, j->if_bad, "%zu of %zu test%s: the client could not keep up: %s%s%s",
        count, j->measured, plural(j->measured), first_reason, count > 1 ? ", first in " : ", in ", first);
}

/* What another program measured is for reading: who watched its machine, and how, is not known. */
static enum status say_migrated(const struct judged *j)
{
    size_t count = migrated_count(j->data);
    if (!count)
        return STATUS_OK;
    return gate_check_add(j->check, GATE_CANNOT_JUDGE,
        "%zu of %zu test%s: migrated from %s, not measured by assay: what the machine did is unknown", count,
        j->data->test_count, plural(j->data->test_count), migrated_from(j->data));
}

enum status gate_judge_quality(const struct run_data *data, bool require_clean, struct gate_check *check)
{
    struct judged j = {.data = data,
        .check = check,
        .if_bad = require_clean ? GATE_FAIL : GATE_PASS,
        .if_unknown = require_clean ? GATE_CANNOT_JUDGE : GATE_PASS};
    for (size_t i = 0; i < data->test_count; i++)
        j.measured += was_measured(&data->tests[i]);
    enum status s = say_migrated(&j);
    if (s == STATUS_OK)
        s = say_flags(&j);
    if (s == STATUS_OK)
        s = say_invalid(&j);
    if (s == STATUS_OK)
        s = say_unknown(&j);
    if (s == STATUS_OK)
        s = say_late_client(&j);
    if (s == STATUS_OK && j.measured == 0 && migrated_is(data) && !migrated_count(data))
        s = gate_check_add(
            check, GATE_CANNOT_JUDGE, "migrated from %s, and no test is in it", migrated_from(data));
    else if (s == STATUS_OK && j.measured == 0 && !migrated_is(data))
        s = gate_check_add(check, j.if_unknown, "nothing was measured");
    if (s == STATUS_OK && data->problem_count)
        s = gate_check_add(check, j.if_bad, "a run with records that are not valid is never clean");
    if (migrated_is(data))
        check->advice = "measure with `assay run`: a migrated run can be read, not judged";
    else if (check->reason_count)
        check->advice = "quieten the machine (the report explains each flag) and run again";
    return s;
}
