#include "run_data.h"

#include "buf.h"
#include "fs.h"
#include "jsonl.h"
#include "line_check.h"
#include "sensors_put_back.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RUN_FILE "run.json"
#define RECORD_FILE "benchmark.jsonl"
#define PROBLEM_TEXT_MAX 512

enum { ATTEMPTS, TESTS, PROBLEMS };

/* Room for one more item; false without memory. */
static bool grow(struct run_data *data, int which, void **items, size_t count, size_t item_size)
{
    if (count < data->capacity[which])
        return true;
    size_t capacity = data->capacity[which] ? data->capacity[which] * 2 : 64;
    void *grown = reallocarray(*items, capacity, item_size);
    if (!grown)
        return false;
    *items = grown;
    data->capacity[which] = capacity;
    return true;
}

static enum status no_memory(struct error *e)
{
    return error_set(e, STATUS_NO_MEMORY, "no memory for the run's records");
}

static enum status add_problem(
    struct run_data *data, const char *file, long line, const char *text, struct error *e)
{
    struct buf safe = BUF_INIT(4 * PROBLEM_TEXT_MAX + 256);
    if (!grow(data, PROBLEMS, (void **)&data->problems, data->problem_count, sizeof *data->problems) ||
        text_sanitise(&safe, text, strlen(text), PROBLEM_TEXT_MAX) != STATUS_OK) {
        buf_fini(&safe);
        return no_memory(e);
    }
    char *copy = safe.len ? buf_take(&safe) : strdup("");
    if (!copy)
        return no_memory(e);
    data->problems[data->problem_count++] = (struct run_problem){file, line, copy};
    return STATUS_OK;
}

/* Keeps a text as long as the data; NULL without memory. */
static const char *own_name(struct run_data *data, const char *text, size_t len)
{
    char **grown = reallocarray(data->names, data->name_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    data->names = grown;
    char *copy = strndup(text, len);
    if (copy)
        data->names[data->name_count++] = copy;
    return copy;
}

static struct run_test *find_test(const struct run_data *data, const char *name)
{
    void *place;
    if (data->test_of == NULL || !lh_table_lookup_ex(data->test_of, name, &place))
        return NULL;
    return &data->tests[(uintptr_t)place - 1];
}

static enum status add_test(struct run_data *data, const struct run_test *test, struct error *e)
{
    if (!grow(data, TESTS, (void **)&data->tests, data->test_count, sizeof *data->tests))
        return no_memory(e);
    if (data->test_of == NULL)
        data->test_of = lh_kchar_table_new(64, NULL);
    void *place = (void *)(uintptr_t)(data->test_count + 1);
    if (data->test_of == NULL || lh_table_insert(data->test_of, test->name, place) != 0)
        return no_memory(e);
    data->tests[data->test_count++] = *test;
    return STATUS_OK;
}

static const char *text_or_empty(struct json_object *tree, const char *pointer)
{
    const char *text = json_get_text(tree, pointer);
    return text ? text : "";
}

static enum status add_plan(struct run_data *data, struct error *e)
{
    struct json_object *plan = json_get_array(data->run, "/plan");
    size_t count = plan ? json_object_array_length(plan) : 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < count && s == STATUS_OK; i++) {
        struct json_object *entry = json_object_array_get_idx(plan, i);
        struct run_test test = {.name = text_or_empty(entry, "/test"),
            .case_name = text_or_empty(entry, "/case"),
            .target = text_or_empty(entry, "/target"),
            .model = text_or_empty(entry, "/model"),
            .planned = true};
        test.suite = own_name(data, test.case_name, strcspn(test.case_name, "."));
        if (!test.suite)
            return no_memory(e);
        if (find_test(data, test.name))
            s = add_problem(data, RUN_FILE, 0, "the plan names a test twice", e);
        else
            s = add_test(data, &test, e);
    }
    return s;
}

/* What all reports stand on, also in a record of a later version. */
static enum status check_essentials(struct json_object *record, struct error *why)
{
    int64_t attempt;
    const char *outcome = json_get_text(record, "/outcome");
    if (!json_get_text(record, "/test") || !json_get_text(record, "/case") ||
        !json_get_int(record, "/attempt", &attempt))
        return error_set(why, STATUS_INVALID, "a record without test, case or attempt");
    if (!outcome_words_find(outcome))
        return error_set(why, STATUS_INVALID, "an outcome that this version of assay does not know: %s",
            outcome ? outcome : "none");
    return STATUS_OK;
}

static enum status load_run_file(struct run_data *data, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    struct json_object *tree = NULL;
    struct error why = {0};
    enum status s = fs_join(&path, data->folder, RUN_FILE);
    if (s == STATUS_OK) {
        enum status read = json_read_file(buf_text(&path), &tree, &why);
        if (read == STATUS_OK)
            read = line_check("run", tree, &why);
        if (read != STATUS_OK) {
            why.file[0] = '\0';
            json_object_put(tree);
            tree = NULL;
            s = add_problem(
                data, RUN_FILE, 0, read == STATUS_NOT_FOUND ? "the file is missing" : error_text(&why), e);
        }
    }
    buf_fini(&path);
    data->run = tree;
    return s == STATUS_OK && tree ? add_plan(data, e) : s;
}

static enum status add_attempt(struct run_data *data, const struct attempt *attempt, struct error *e)
{
    if (!grow(data, ATTEMPTS, (void **)&data->attempts, data->attempt_count, sizeof *data->attempts))
        return no_memory(e);
    data->attempts[data->attempt_count++] = *attempt;
    return STATUS_OK;
}

/* True if the line is a record; otherwise why says what is wrong. */
static bool record_is_valid(const struct jsonl_line *line, struct error *why)
{
    if (line->status != STATUS_OK) {
        *why = line->error;
        why->file[0] = '\0';
        why->line = 0;
        return false;
    }
    return line_check("record", line->tree, why) == STATUS_OK &&
           check_essentials(line->tree, why) == STATUS_OK;
}

static enum status take_line(struct run_data *data, const struct jsonl_line *line, struct error *e)
{
    struct error why = {0};
    if (!record_is_valid(line, &why)) {
        if (line->torn)
            return add_problem(data, RECORD_FILE, line->number, "the line is torn: nothing ends it", e);
        return add_problem(data, RECORD_FILE, line->number, error_text(&why), e);
    }
    struct attempt attempt = {.record = json_object_get(line->tree), .line = line->number};
    attempt.test = text_or_empty(attempt.record, "/test");
    attempt.outcome = outcome_words_find(json_get_text(attempt.record, "/outcome"));
    (void)json_get_int(attempt.record, "/attempt", &attempt.number);
    enum status s =
        sensors_put_back(data->run, attempt.record) ? add_attempt(data, &attempt, e) : no_memory(e);
    if (s != STATUS_OK)
        json_object_put(attempt.record);
    return s;
}

static enum status load_records(struct run_data *data, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    struct jsonl *lines = NULL;
    struct error why = {0};
    enum status s = fs_join(&path, data->folder, RECORD_FILE);
    if (s == STATUS_OK) {
        enum status opened = jsonl_open(buf_text(&path), &lines, &why);
        if (opened == STATUS_NOT_FOUND)
            s = add_problem(data, RECORD_FILE, 0, "the file is missing", e);
        else if (opened != STATUS_OK)
            s = error_set(e, opened, "%s", error_text(&why));
    }
    for (struct jsonl_line line; s == STATUS_OK && lines && jsonl_next(lines, &line);)
        s = take_line(data, &line, e);
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    buf_fini(&path);
    return s == STATUS_OK ? closed : s;
}

/* The record's own words win over the plan's; the same for every attempt. */
static enum status place_attempt(struct run_data *data, struct attempt *attempt, struct error *e)
{
    struct run_test *test = find_test(data, attempt->test);
    if (!test) {
        struct run_test unplanned = {.name = attempt->test,
            .case_name = text_or_empty(attempt->record, "/case"),
            .suite = text_or_empty(attempt->record, "/suite"),
            .target = text_or_empty(attempt->record, "/target/name"),
            .model = text_or_empty(attempt->record, "/model/id")};
        enum status s = add_test(data, &unplanned, e);
        if (s != STATUS_OK)
            return s;
        test = &data->tests[data->test_count - 1];
    }
    attempt->test_index = (size_t)(test - data->tests);
    return STATUS_OK;
}

static int by_test_and_number(const void *a, const void *b)
{
    const struct attempt *x = a, *y = b;
    if (x->test_index != y->test_index)
        return x->test_index < y->test_index ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static enum status check_attempt(struct run_data *data, size_t i, struct error *e)
{
    const struct attempt *attempt = &data->attempts[i];
    const char *run_id = json_get_text(attempt->record, "/run_id");
    if (run_id && strcmp(run_id, data->run_id) != 0)
        return add_problem(data, RECORD_FILE, attempt->line, "the record belongs to another run", e);
    const struct attempt *before = i ? attempt - 1 : NULL;
    if (before && before->test_index == attempt->test_index && before->number == attempt->number)
        return add_problem(
            data, RECORD_FILE, attempt->line, "the same test and attempt stand on an earlier line", e);
    return STATUS_OK;
}

static void widen_window(struct run_data *data, const struct attempt *attempt)
{
    int64_t start_ns, end_ns;
    if (!json_get_int(attempt->record, "/start_unix_ns", &start_ns) ||
        !json_get_int(attempt->record, "/end_unix_ns", &end_ns))
        return;
    if (!data->start_unix_ns || start_ns < data->start_unix_ns)
        data->start_unix_ns = start_ns;
    if (end_ns > data->end_unix_ns)
        data->end_unix_ns = end_ns;
}

static void count_kind(struct run_data *data, const struct run_test *test)
{
    bool simulated;
    if (!test->last || !json_get_bool(test->last->record, "/target/simulated", &simulated))
        return;
    data->simulated += simulated;
    data->real += !simulated;
}

static void link_tests(struct run_data *data)
{
    for (size_t i = 0; i < data->attempt_count; i++) {
        const struct attempt *attempt = &data->attempts[i];
        struct run_test *test = &data->tests[attempt->test_index];
        if (!test->attempts)
            test->attempts = attempt;
        test->attempt_count++;
        test->last = attempt;
        widen_window(data, attempt);
    }
    for (size_t i = 0; i < data->test_count; i++)
        count_kind(data, &data->tests[i]);
}

static enum status arrange(struct run_data *data, struct error *e)
{
    const char *run_id = json_get_text(data->run, "/run_id");
    if (!run_id && data->attempt_count)
        run_id = json_get_text(data->attempts[0].record, "/run_id");
    data->run_id = run_id ? run_id : "";
    for (size_t i = 0; i < data->attempt_count; i++) {
        enum status s = place_attempt(data, &data->attempts[i], e);
        if (s != STATUS_OK)
            return s;
    }
    if (data->attempt_count)
        qsort(data->attempts, data->attempt_count, sizeof *data->attempts, by_test_and_number);
    for (size_t i = 0; i < data->attempt_count; i++) {
        enum status s = check_attempt(data, i, e);
        if (s != STATUS_OK)
            return s;
    }
    link_tests(data);
    return STATUS_OK;
}

static bool file_is_there(const char *folder, const char *name)
{
    struct buf path = BUF_INIT(1 << 16);
    bool there = fs_join(&path, folder, name) == STATUS_OK && fs_exists(buf_text(&path));
    buf_fini(&path);
    return there;
}

enum status run_data_load(const char *folder, struct run_data *data, struct error *e)
{
    *data = (struct run_data){.run_id = ""};
    if (!file_is_there(folder, RUN_FILE) && !file_is_there(folder, RECORD_FILE))
        return error_set(e, STATUS_NOT_FOUND, "%s is not a run: it holds neither %s nor %s", folder, RUN_FILE,
            RECORD_FILE);
    data->folder = strdup(folder);
    enum status s = data->folder ? load_run_file(data, e) : no_memory(e);
    if (s == STATUS_OK)
        s = load_records(data, e);
    if (s == STATUS_OK)
        s = arrange(data, e);
    if (s != STATUS_OK)
        run_data_fini(data);
    return s;
}

void run_data_fini(struct run_data *data)
{
    for (size_t i = 0; i < data->attempt_count; i++)
        json_object_put(data->attempts[i].record);
    for (size_t i = 0; i < data->problem_count; i++)
        free(data->problems[i].text);
    for (size_t i = 0; i < data->name_count; i++)
        free(data->names[i]);
    json_object_put(data->run);
    free(data->attempts);
    free(data->tests);
    if (data->test_of != NULL)
        lh_table_free(data->test_of);
    free(data->problems);
    free(data->names);
    free(data->folder);
    *data = (struct run_data){.run_id = ""};
}

size_t run_data_count(const struct run_data *data, const char *outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        const struct attempt *last = data->tests[i].last;
        count += last && strcmp(last->outcome->name, outcome) == 0;
    }
    return count;
}

const struct run_test *run_data_find(const struct run_data *data, const char *test)
{
    return find_test(data, test);
}

double run_data_wall_s(const struct run_data *data)
{
    return data->end_unix_ns > data->start_unix_ns ? (double)(data->end_unix_ns - data->start_unix_ns) / 1e9
                                                   : 0;
}
