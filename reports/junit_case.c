#include "junit_case.h"

#include "health.h"
#include "migrated.h"

#include "json.h"
#include "text.h"

#include <limits.h>
#include <libxml/hash.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX                                                                                          \
    60000 /* sanitised bytes; a record's message is far shorter, the gate's reasons may not be */

static enum junit_result result_of_kind(enum outcome_kind kind)
{
    static const enum junit_result results[] = {[ENDED_FINE] = JUNIT_PASSED,
        [ENDED_FAILED] = JUNIT_FAILURE,
        [ENDED_BROKEN] = JUNIT_ERROR,
        [ENDED_ABSENT] = JUNIT_SKIPPED};
    return results[kind];
}

enum junit_result junit_result_of(const struct attempt *attempt, struct buf *type)
{
    const char *signal = json_get_text(attempt->record, "/process/signal");
    if (strcmp(attempt->outcome->name, "crashed") == 0 && signal)
        buf_printf(type, "signal:%s", signal);
    else if (attempt->outcome->junit_type)
        buf_append_text(type, attempt->outcome->junit_type);
    return result_of_kind(attempt->outcome->kind);
}

void junit_quality_of(const struct run_test *test, struct buf *out)
{
    const char *verdict = health_verdict(test);
    if (strcmp(verdict, "none") == 0) {
        buf_append_text(out, "unmeasured");
    } else if (strcmp(verdict, "clean") == 0) {
        buf_append_text(out, "clean");
    } else if (strcmp(verdict, "unknown") == 0) {
        buf_append_text(out, "unknown:");
        size_t len = out->len;
        health_append_unread(test, ",", out);
        if (out->len == len && migrated_of(test))
            buf_append_text(out, "migrated");
    } else {
        buf_append_text(out, strcmp(verdict, "invalid") == 0 ? "invalid:" : "dirty:");
        health_append_flags(test, ",", out);
    }
}

/* A part of a classname: Jenkins splits at the last point, so there is none inside. */
static void append_part(struct buf *out, const char *name)
{
    struct buf slug = BUF_INIT(4096);
    if (!*name)
        return;
    if (text_slug(&slug, name) != STATUS_OK)
        out->failed = out->failed ? out->failed : slug.failed;
    for (size_t i = 0; i < slug.len; i++)
        if (slug.data[i] == '.')
            slug.data[i] = '_';
    buf_append_char(out, '.');
    buf_append_text(out, buf_text(&slug));
    buf_fini(&slug);
}

/* fallback: where nothing is left of the text (it was empty, or all terminal sequences). */
static char *copy_sanitised(const char *text, size_t max, const char *fallback)
{
    struct buf safe = BUF_INIT(max + 256);
    (void)text_sanitise(&safe, text, strlen(text), max);
    bool blank = buf_text(&safe)[strspn(buf_text(&safe), " \t\n")] == '\0';
    char *copy = buf_status(&safe) == STATUS_OK ? strdup(blank ? fallback : buf_text(&safe)) : NULL;
    buf_fini(&safe);
    return copy;
}

/* ---- one name each ---- */

/* By classname and name: how many cases had asked for that name when it was last given away. */
static uintptr_t last_of(xmlHashTablePtr names, const char *classname, const char *name)
{
    return (uintptr_t)xmlHashLookup2(names, BAD_CAST name, BAD_CAST classname);
}

static bool remember(xmlHashTablePtr names, const char *classname, const char *name, uintptr_t last)
{
    return xmlHashUpdateEntry2(names, BAD_CAST name, BAD_CAST classname, (void *)last, NULL) == 0;
}

/* GitLab keeps only the first of two cases of one name, so a second one becomes "name (2)". */
static enum status make_unique(xmlHashTablePtr names, struct junit_case *subject)
{
    uintptr_t last = last_of(names, subject->classname, subject->name);
    struct buf name = BUF_INIT(4096);
    buf_append_text(&name, subject->name);
    while (last > 0 && last_of(names, subject->classname, buf_text(&name)) > 0 &&
           buf_status(&name) == STATUS_OK) {
        buf_clear(&name);
        buf_printf(&name, "%s (%ju)", subject->name, (uintmax_t)++last);
    }
    bool known = last == 0 || remember(names, subject->classname, subject->name, last);
    known = known && remember(names, subject->classname, buf_text(&name), 1);
    free(subject->name);
    subject->name = known ? buf_take(&name) : NULL;
    buf_fini(&name);
    return subject->name ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status make_all_unique(struct junit_cases *cases)
{
    xmlHashTablePtr names = xmlHashCreate((int)(cases->count < INT_MAX / 2 ? cases->count : INT_MAX / 2));
    enum status s = names ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < cases->count && s == STATUS_OK; i++)
        s = make_unique(names, &cases->items[i]);
    xmlHashFree(names, NULL);
    return s;
}

/* ---- results ---- */

/* What the record says went wrong, or why there was nothing to do. */
static const char *message_of(const struct run_test *test)
{
    struct json_object *record = test->last->record;
    const char *reason = json_get_text(record, "/skip_reason"), *message = json_get_text(record, "/message");
    if (test->last->outcome->kind == ENDED_ABSENT)
        return reason ? reason : message ? message : "";
    return message ? message : "";
}

static enum status fill_result(const struct run_test *test, struct junit_case *subject)
{
    struct buf type = BUF_INIT(1024);
    const char *message, *fallback = test->last ? test->last->outcome->meaning : "";
    if (test->last) {
        subject->result = junit_result_of(test->last, &type);
        message = subject->result == JUNIT_PASSED ? NULL : message_of(test);
    } else {
        subject->result = JUNIT_ERROR;
        buf_append_text(&type, "no_record");
        message = "the test was planned, and benchmark.jsonl holds no valid record of it";
    }
    subject->message = message ? copy_sanitised(message, MESSAGE_MAX, fallback) : NULL;
    bool wants_type = subject->result == JUNIT_FAILURE || subject->result == JUNIT_ERROR;
    subject->type = wants_type ? copy_sanitised(buf_text(&type), 200, "error") : NULL;
    buf_fini(&type);
    return (message && !subject->message) || (wants_type && !subject->type) ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status fill_case(const struct run_test *test, struct junit_case *subject)
{
    struct buf classname = BUF_INIT(1 << 14);
    buf_append_text(&classname, "live_e2e");
    append_part(&classname, test->suite);
    append_part(&classname, test->target);
    append_part(&classname, test->model);
    subject->test = test;
    subject->classname = buf_take(&classname);
    subject->suite = subject->classname
                         ? strdup(strchr(subject->classname, '.') ? strchr(subject->classname, '.') + 1
                                                                  : subject->classname)
                         : NULL;
    subject->name = copy_sanitised(test->case_name, 1024, "unnamed");
    buf_fini(&classname);
    return subject->suite && subject->name ? fill_result(test, subject) : STATUS_NO_MEMORY;
}

static enum junit_result result_of_gate(const struct gate *gate, const struct gate_check *check)
{
    bool only_remarks = check->verdict == GATE_PASS && check->reason_count && !gate->require_clean;
    if (check->verdict == GATE_FAIL)
        return JUNIT_FAILURE;
    return check->verdict == GATE_CANNOT_JUDGE || only_remarks ? JUNIT_SKIPPED : JUNIT_PASSED;
}

static char *message_of_gate(const struct gate_check *check)
{
    struct buf text = BUF_INIT(1 << 20);
    if (check->verdict == GATE_PASS)
        buf_append_text(&text, "not required: ");
    for (size_t i = 0; i < check->reason_count; i++)
        buf_printf(&text, "%s%s", i ? "\n" : "", check->reasons[i]);
    char *message = buf_status(&text) == STATUS_OK
                        ? copy_sanitised(buf_text(&text), MESSAGE_MAX, "no reason given")
                        : NULL;
    buf_fini(&text);
    return message;
}

static enum status fill_gate(const struct gate *gate, size_t index, struct junit_case *subject)
{
    const struct gate_check *check = &gate->checks[index];
    subject->suite = strdup("gate");
    subject->classname = strdup("live_e2e.gate");
    subject->name = strdup(check->name);
    subject->result = result_of_gate(gate, check);
    if (subject->result != JUNIT_PASSED)
        subject->message = message_of_gate(check);
    if (subject->result == JUNIT_FAILURE)
        subject->type = strdup("gate");
    bool complete = subject->suite && subject->classname && subject->name &&
                    (subject->result == JUNIT_PASSED || subject->message) &&
                    (subject->result != JUNIT_FAILURE || subject->type);
    return complete ? STATUS_OK : STATUS_NO_MEMORY;
}

/* ---- suites ---- */

/* The number of each case's suite, in the order in which they were first met. */
static bool rank_suites(const struct junit_cases *cases, size_t *ranks)
{
    xmlHashTablePtr suites = xmlHashCreate(64);
    size_t met = 0;
    bool ok = suites != NULL;
    for (size_t i = 0; ok && i < cases->count; i++) {
        const xmlChar *suite = BAD_CAST cases->items[i].suite;
        uintptr_t known = (uintptr_t)xmlHashLookup(suites, suite);
        if (known == 0) {
            known = ++met;
            ok = xmlHashAddEntry(suites, suite, (void *)known) == 0;
        }
        ranks[i] = known - 1;
    }
    xmlHashFree(suites, NULL);
    return ok;
}

/* Stable: moves the cases of one suite together. */
static enum status group_by_suite(struct junit_cases *cases)
{
    size_t count = cases->count;
    struct junit_case *grouped = calloc(count, sizeof *grouped);
    size_t *ranks = calloc(count, sizeof *ranks), *places = calloc(count + 1, sizeof *places);
    bool ok = grouped && ranks && places && rank_suites(cases, ranks);
    for (size_t i = 0; ok && i < count; i++)
        places[ranks[i] + 1]++;
    for (size_t i = 0; ok && i < count; i++)
        places[i + 1] += places[i];
    for (size_t i = 0; ok && i < count; i++)
        grouped[places[ranks[i]]++] = cases->items[i];
    if (ok) {
        free(cases->items);
        cases->items = grouped;
    } else {
        free(grouped);
    }
    free(ranks);
    free(places);
    return ok ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status junit_cases_make(const struct run_data *data, const struct gate *gate, struct junit_cases *cases)
{
    size_t count = data->test_count + GATE_CHECK_COUNT;
    *cases = (struct junit_cases){.items = calloc(count, sizeof *cases->items)};
    enum status s = cases->items ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && s == STATUS_OK; i++) {
        cases->count++;
        s = i < data->test_count ? fill_case(&data->tests[i], &cases->items[i])
                                 : fill_gate(gate, i - data->test_count, &cases->items[i]);
    }
    if (s == STATUS_OK)
        s = make_all_unique(cases);
    if (s == STATUS_OK)
        s = group_by_suite(cases);
    if (s != STATUS_OK)
        junit_cases_fini(cases);
    return s;
}

void junit_cases_fini(struct junit_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        struct junit_case *subject = &cases->items[i];
        free(subject->suite);
        free(subject->classname);
        free(subject->name);
        free(subject->type);
        free(subject->message);
    }
    free(cases->items);
    *cases = (struct junit_cases){0};
}

struct junit_tally junit_count(const struct junit_case *cases, size_t count)
{
    struct junit_tally tally = {.tests = count};
    for (size_t i = 0; i < count; i++) {
        tally.failures += cases[i].result == JUNIT_FAILURE;
        tally.errors += cases[i].result == JUNIT_ERROR;
        tally.skipped += cases[i].result == JUNIT_SKIPPED;
    }
    return tally;
}
