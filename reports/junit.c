#include "junit.h"

#include "junit_case.h"
#include "junit_properties.h"

#include "clock.h"
#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_ATTRIBUTE_MAX 500 /* consumers show it in one line; all of it is in the element's text */
#define PROPERTY_MAX 1000
#define SECONDS_MAX (365.0 * 24 * 3600) /* Jenkins clamps here too */

/* What is left out where a file would be too large for its readers. */
enum reduction { REDUCE_NOTHING, REDUCE_FIGURES, REDUCE_TO_RESULTS, REDUCTION_COUNT };

struct junit {
    const struct run_data *data;
    const struct junit_options *options;
    enum reduction reduction;
    xmlTextWriterPtr writer;
    size_t elements;
    bool failed; /* libxml2 says no memory, and nothing else */
};

static void try(struct junit *j, int written)
{
    if (written < 0)
        j->failed = true;
}

static void open_element(struct junit *j, const char *name)
{
    j->elements++;
    try(j, xmlTextWriterStartElement(j->writer, BAD_CAST name));
}

static void close_element(struct junit *j)
{
    try(j, xmlTextWriterEndElement(j->writer));
}

/* Everything that is written passes through here: valid UTF-8, allowed in XML, cut. */
static void safe_text(struct junit *j, const char *text, size_t max, bool one_line, struct buf *safe)
{
    buf_init(safe, 2 * max + 256);
    if (text_sanitise(safe, text, strlen(text), max) != STATUS_OK)
        j->failed = true;
    for (size_t i = 0; one_line && i < safe->len; i++)
        if (safe->data[i] == '\n' || safe->data[i] == '\t')
            safe->data[i] = ' ';
}

static void attribute(struct junit *j, const char *name, const char *text, size_t max)
{
    struct buf safe;
    safe_text(j, text, max, true, &safe);
    try(j, xmlTextWriterWriteAttribute(j->writer, BAD_CAST name, BAD_CAST buf_text(&safe)));
    buf_fini(&safe);
}

static void attribute_count(struct junit *j, const char *name, size_t count)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    attribute(j, name, text, sizeof text);
}

static void attribute_seconds(struct junit *j, const char *name, double seconds, int digits)
{
    char text[64];
    seconds = seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
    text_format_decimal(text, sizeof text, seconds > 0 ? seconds : 0, digits);
    attribute(j, name, text, sizeof text);
}

static void element_text(struct junit *j, const char *text, size_t max)
{
    struct buf safe;
    safe_text(j, text, max, false, &safe);
    try(j, xmlTextWriterWriteString(j->writer, BAD_CAST buf_text(&safe)));
    buf_fini(&safe);
}

static void property(struct junit *j, const char *name, const char *value)
{
    open_element(j, "property");
    attribute(j, "name", name, PROPERTY_MAX);
    attribute(j, "value", value, PROPERTY_MAX);
    close_element(j);
}

static void sink_to_element(void *arg, const char *name, const char *value)
{
    property(arg, name, value);
}

struct suite_sink {
    struct junit *j;
    const char *prefix;
};

static void sink_to_suite(void *arg, const char *name, const char *value)
{
    struct suite_sink *sink = arg;
    struct buf full = BUF_INIT(1 << 14);
    buf_printf(&full, "%s.%s", sink->prefix, name);
    property(sink->j, buf_text(&full), value);
    buf_fini(&full);
}

/*
 * Appends text in which no doubled bracket is left: "[[ATTACHMENT|path]]" in a consumer's output means a file
 * to be read, and "]]" ends our own property lines.
 */
static void append_unbracketed(struct buf *out, const char *text)
{
    for (; *text; text++) {
        buf_append_char(out, *text);
        if ((*text == '[' || *text == ']') && text[1] == *text)
            buf_append_char(out, ' ');
    }
}

/* "[[PROPERTY|name=value]]", one per line; nothing in the value can end it early. */
static void sink_to_line(void *arg, const char *name, const char *value)
{
    struct buf *out = arg;
    buf_printf(out, "[[PROPERTY|%s=", name);
    size_t start = out->len, len = strlen(value);
    append_unbracketed(out, value);
    for (size_t i = start; i < out->len; i++)
        if (strchr("\n\r\t", out->data[i]))
            out->data[i] = ' ';
    buf_append_text(out, len && value[len - 1] == ']' ? " ]]\n" : "]]\n");
}

static void write_case_properties(struct junit *j, const struct junit_case *subject)
{
    if (!subject->test || j->options->strict || j->reduction >= REDUCE_TO_RESULTS)
        return;
    open_element(j, "properties");
    junit_properties(subject->test, j->reduction < REDUCE_FIGURES, sink_to_element, j);
    close_element(j);
}

static void write_property_lines(struct junit *j, const struct junit_case *subject)
{
    struct buf lines = BUF_INIT(1 << 20);
    if (!subject->test || !j->options->strict || j->reduction >= REDUCE_TO_RESULTS)
        return;
    junit_properties(subject->test, j->reduction < REDUCE_FIGURES, sink_to_line, &lines);
    open_element(j, "system-out");
    element_text(j, buf_text(&lines), JUNIT_TEXT_MAX);
    close_element(j);
    buf_fini(&lines);
}

/* What stands behind the message: place and process, because a strict testcase has no attributes for them. */
static void append_details(const struct run_test *test, struct buf *out)
{
    const char *file = json_get_text(test->last->record, "/location/file");
    const char *phase = json_get_text(test->last->record, "/process/phase_reached");
    const char *signal = json_get_text(test->last->record, "/process/signal");
    int64_t line = 0;
    if (file && json_get_int(test->last->record, "/location/line", &line))
        buf_printf(out, "\nat %s:%" PRId64, file, line);
    if (signal)
        buf_printf(out, "\nsignal %s", signal);
    if (phase)
        buf_printf(out, "\nphase reached: %s", phase);
}

static void write_result(struct junit *j, const struct junit_case *subject)
{
    static const char *const elements[] = {
        [JUNIT_FAILURE] = "failure", [JUNIT_ERROR] = "error", [JUNIT_SKIPPED] = "skipped"};
    struct buf text = BUF_INIT(1 << 20);
    if (subject->result == JUNIT_PASSED)
        return;
    append_unbracketed(&text, subject->message);
    if (subject->result != JUNIT_SKIPPED && subject->test && subject->test->last)
        append_details(subject->test, &text);
    open_element(j, elements[subject->result]);
    if (subject->type)
        attribute(j, "type", subject->type, PROPERTY_MAX);
    attribute(j, "message", subject->message, MESSAGE_ATTRIBUTE_MAX);
    element_text(
        j, buf_text(&text), j->reduction >= REDUCE_TO_RESULTS ? MESSAGE_ATTRIBUTE_MAX : JUNIT_TEXT_MAX);
    close_element(j);
    buf_fini(&text);
}

/* Earlier attempts, as Surefire writes them: flaky if the last one passed, rerun if it did not. */
static void write_earlier_attempts(struct junit *j, const struct junit_case *subject)
{
    const struct run_test *test = subject->test;
    if (subject->result == JUNIT_SKIPPED)
        return;
    for (size_t i = 0; test && i + 1 < test->attempt_count; i++) {
        struct buf type = BUF_INIT(1024), text = BUF_INIT(1 << 20);
        enum junit_result result = junit_result_of(&test->attempts[i], &type);
        const char *message = json_get_text(test->attempts[i].record, "/message");
        bool failure = result == JUNIT_FAILURE, flaky = subject->result == JUNIT_PASSED;
        if (failure || result == JUNIT_ERROR) {
            open_element(j, flaky     ? failure ? "flakyFailure" : "flakyError"
                            : failure ? "rerunFailure"
                                      : "rerunError");
            attribute(j, "message", message ? message : "", MESSAGE_ATTRIBUTE_MAX);
            attribute(j, "type", buf_text(&type), PROPERTY_MAX);
            append_unbracketed(&text, message ? message : "");
            element_text(j, buf_text(&text),
                j->reduction >= REDUCE_TO_RESULTS ? MESSAGE_ATTRIBUTE_MAX : JUNIT_TEXT_MAX);
            close_element(j);
        }
        buf_fini(&type);
        buf_fini(&text);
    }
}

static void write_place(struct junit *j, const struct junit_case *subject)
{
    struct json_object *record = subject->test && subject->test->last ? subject->test->last->record : NULL;
    const char *file = json_get_text(record, "/location/file");
    int64_t line;
    if (j->options->strict || !file || !json_get_int(record, "/location/line", &line))
        return;
    attribute(j, "file", file, PROPERTY_MAX);
    attribute_count(j, "line", line > 0 ? (size_t)line : 0);
}

static void write_case(struct junit *j, const struct junit_case *subject)
{
    struct json_object *record = subject->test && subject->test->last ? subject->test->last->record : NULL;
    double duration_s = 0;
    (void)json_get_real(record, "/duration", &duration_s);
    open_element(j, "testcase");
    attribute(j, "classname", subject->classname, PROPERTY_MAX);
    attribute(j, "name", subject->name, PROPERTY_MAX);
    attribute_seconds(j, "time", duration_s, 6);
    write_place(j, subject);
    write_case_properties(j, subject);
    write_result(j, subject);
    write_earlier_attempts(j, subject);
    write_property_lines(j, subject);
    close_element(j);
}

static void write_tally(struct junit *j, struct junit_tally tally)
{
    attribute_count(j, "tests", tally.tests);
    attribute_count(j, "failures", tally.failures);
    attribute_count(j, "errors", tally.errors);
}

/* Start and end of what ran in these cases; false where nothing says when. */
static bool find_window(const struct junit_case *cases, size_t count, int64_t *start_ns, int64_t *end_ns)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        int64_t start, end;
        if (!cases[i].test || !cases[i].test->last ||
            !json_get_int(cases[i].test->last->record, "/start_unix_ns", &start) ||
            !json_get_int(cases[i].test->last->record, "/end_unix_ns", &end))
            continue;
        *start_ns = any && *start_ns < start ? *start_ns : start;
        *end_ns = any && *end_ns > end ? *end_ns : end;
        any = true;
    }
    return any;
}

/* Without zone or fraction: what the Ant schema asks for, and what Jenkins takes as UTC. */
static void write_timestamp(struct junit *j, int64_t unix_ns)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(unix_ns, text);
    text[strcspn(text, ".Z")] = '\0';
    attribute(j, "timestamp", text, sizeof text);
}

static void write_suite_properties(struct junit *j, const struct junit_case *cases, size_t count)
{
    static const char *const reductions[] = {[REDUCE_NOTHING] = "nothing",
        [REDUCE_FIGURES] = "figures",
        [REDUCE_TO_RESULTS] = "figures, properties, long texts"};
    const char *version = json_get_text(j->data->run, "/assay/version");
    open_element(j, "properties");
    property(j, "run_id", j->data->run_id);
    if (version)
        property(j, "assay", version);
    if (j->reduction != REDUCE_NOTHING)
        property(j, "left_out", reductions[j->reduction]);
    for (size_t i = 0; i < count && j->options->strict && j->reduction < REDUCE_TO_RESULTS; i++) {
        struct suite_sink sink = {j, cases[i].name};
        if (cases[i].test)
            junit_properties(cases[i].test, j->reduction < REDUCE_FIGURES, sink_to_suite, &sink);
    }
    close_element(j);
}

static void write_suite(struct junit *j, const struct junit_case *cases, size_t count)
{
    struct junit_tally tally = junit_count(cases, count);
    const char *host = json_get_text(j->data->run, "/machine/host");
    int64_t start_ns = 0, end_ns = 0;
    bool dated = find_window(cases, count, &start_ns, &end_ns);
    open_element(j, "testsuite");
    attribute(j, "name", cases->suite, PROPERTY_MAX);
    write_tally(j, tally);
    attribute_count(j, "skipped", tally.skipped);
    attribute_seconds(j, "time", (double)(end_ns - start_ns) / 1e9, 3);
    if (dated || json_get_int(j->data->run, "/start_unix_ns", &start_ns))
        write_timestamp(j, start_ns);
    if (host && *host)
        attribute(j, "hostname", host, PROPERTY_MAX);
    write_suite_properties(j, cases, count);
    for (size_t i = 0; i < count; i++)
        write_case(j, &cases[i]);
    close_element(j);
}

static void write_document(struct junit *j, const struct junit_cases *cases)
{
    struct buf name = BUF_INIT(4096);
    buf_printf(&name, "assay %s", j->data->run_id);
    try(j, xmlTextWriterSetIndent(j->writer, 1));
    try(j, xmlTextWriterSetIndentString(j->writer, BAD_CAST "  "));
    try(j, xmlTextWriterStartDocument(j->writer, "1.0", "UTF-8", NULL));
    open_element(j, "testsuites");
    attribute(j, "name", buf_text(&name), PROPERTY_MAX);
    write_tally(j, junit_count(cases->items, cases->count));
    attribute_seconds(j, "time", run_data_wall_s(j->data), 3);
    for (size_t first = 0, next; first < cases->count; first = next) {
        next = first + 1;
        while (next < cases->count && strcmp(cases->items[next].suite, cases->items[first].suite) == 0)
            next++;
        write_suite(j, &cases->items[first], next - first);
    }
    close_element(j);
    try(j, xmlTextWriterEndDocument(j->writer));
    buf_fini(&name);
}

static enum status compose(struct junit *j, const struct junit_cases *cases, struct buf *out)
{
    xmlBufferPtr memory = xmlBufferCreate();
    enum status s = STATUS_NO_MEMORY;
    j->writer = memory ? xmlNewTextWriterMemory(memory, 0) : NULL;
    j->elements = 0;
    j->failed = !j->writer;
    if (j->writer) {
        write_document(j, cases);
        xmlFreeTextWriter(j->writer); /* flushes */
    }
    if (!j->failed) {
        buf_clear(out);
        s = buf_append(out, xmlBufferContent(memory), (size_t)xmlBufferLength(memory));
    }
    xmlBufferFree(memory);
    return s;
}

enum status junit_write(const struct run_data *data, const struct gate *gate,
    const struct junit_options *options, struct buf *out, struct error *e)
{
    size_t bytes_wanted = options->bytes_wanted ? options->bytes_wanted : JUNIT_FILE_WANTED;
    size_t elements_wanted = options->elements_wanted ? options->elements_wanted : JUNIT_ELEMENTS_WANTED;
    struct junit_cases cases;
    struct junit j = {.data = data, .options = options};
    enum status s = junit_cases_make(data, gate, &cases);
    for (int reduction = REDUCE_NOTHING; s == STATUS_OK && reduction < REDUCTION_COUNT; reduction++) {
        j.reduction = (enum reduction)reduction;
        s = compose(&j, &cases, out);
        if (s == STATUS_OK && out->len <= bytes_wanted && j.elements <= elements_wanted)
            break;
    }
    junit_cases_fini(&cases);
    return s == STATUS_OK ? s : error_set(e, s, "the JUnit report could not be composed: %s", status_name(s));
}
