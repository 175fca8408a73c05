#include "regrade.h"

#include "clock.h"
#include "fs.h"
#include "grade.h"
#include "json.h"
#include "jsonl.h"
#include "line_check.h"
#include "our_schemas.h"
#include "record.h"
#include "regrade_tasks.h"
#include "scores.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One test on its way. */
struct regrading {
    const struct run_data *data;
    const struct run_test *test;
    struct regrade_tasks tasks;
    struct json_object *failed; /* indices of exchanges that failed, as members */
    struct json_object *grades;
    struct scores *scores;
    int64_t kept, changed, unmatched;
};

static bool belongs(const struct regrading *r, const struct jsonl_line *line, const char *kind)
{
    const char *test = line->status == STATUS_OK ? json_get_text(line->tree, "/test") : NULL;
    int64_t attempt;
    return test && strcmp(test, r->test->name) == 0 && json_get_int(line->tree, "/attempt", &attempt) &&
           attempt == r->test->last->number && line_check(kind, line->tree, NULL) == STATUS_OK;
}

/* Calls take with each line of the test. A file that is not there has none. */
static enum status each_line(struct regrading *r, const char *file, const char *kind,
    enum status (*take)(struct regrading *r, const struct json_object *line, struct error *e),
    struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    struct jsonl *lines = NULL;
    enum status s = fs_join(&path, r->data->folder, file);
    if (s == STATUS_OK)
        s = jsonl_open(buf_text(&path), &lines, e);
    buf_fini(&path);
    if (s != STATUS_OK)
        return s == STATUS_NOT_FOUND ? STATUS_OK : s;
    for (struct jsonl_line line; s == STATUS_OK && jsonl_next(lines, &line);)
        if (belongs(r, &line, kind))
            s = take(r, line.tree, e);
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

static void index_key(const struct json_object *line, char key[32])
{
    int64_t index = -1;
    (void)json_get_int(line, "/index", &index);
    snprintf(key, 32, "%lld", (long long)index);
}

static enum status take_exchange(struct regrading *r, const struct json_object *line, struct error *e)
{
    const char *error = json_get_text(line, "/error");
    char key[32];
    index_key(line, key);
    if (error && strcmp(error, "ok") != 0 && !json_set_bool(r->failed, key, true))
        return error_set(e, STATUS_NO_MEMORY, "no memory for what failed");
    return STATUS_OK;
}

static enum status grade_kept(struct regrading *r, const struct graded_task *task,
    const struct json_object *line, struct grade *grade, struct error *e)
{
    struct json_object *answer = json_get(line, "/answer");
    char key[32];
    index_key(line, key);
    *grade = (struct grade){.why = "the request failed"};
    if (json_object_object_get_ex(r->failed, key, NULL))
        return STATUS_OK;
    return grade_answer(
        task->check, json_object_get_string(answer), (size_t)json_object_get_string_len(answer), grade, e);
}

static bool add_grade(struct regrading *r, const struct graded_task *task, const struct json_object *line,
    const struct grade *grade, bool was_correct)
{
    struct json_object *tree = json_object_new_object();
    char expected[256];
    int64_t index = 0;
    (void)json_get_int(line, "/index", &index);
    grade_expected(task->check, expected, sizeof expected);
    bool ok = json_set_int(tree, "index", index) && json_set_text(tree, "task", task->id) &&
              json_set_text(tree, "category", task->category[0] ? task->category : r->tasks.category) &&
              json_set_text(tree, "expected", expected) && json_set_text(tree, "found", grade->found) &&
              json_set_bool(tree, "correct", grade->correct) &&
              json_set_bool(tree, "was_correct", was_correct) &&
              (!grade->why[0] || json_set_text(tree, "why", grade->why)) && scores_add(r->scores, tree);
    return json_add(r->grades, tree) && ok;
}

static enum status take_answer(struct regrading *r, const struct json_object *line, struct error *e)
{
    bool was_correct;
    struct grade grade;
    if (!json_get_bool(line, "/grade/correct", &was_correct))
        return STATUS_OK; /* nothing that was graded */
    const struct graded_task *task = task_index_find(r->tasks.index, line);
    if (task && !grade_is_wanted(task->check))
        task = NULL;
    r->kept++;
    r->unmatched += !task;
    if (!task)
        return STATUS_OK;
    enum status s = grade_kept(r, task, line, &grade, e);
    if (s != STATUS_OK)
        return s;
    r->changed += grade.correct != was_correct;
    return add_grade(r, task, line, &grade, was_correct)
               ? STATUS_OK
               : error_set(e, STATUS_NO_MEMORY, "no memory for the grades");
}

static struct json_object *tasks_json(const struct regrade_tasks *tasks)
{
    struct json_object *tree = json_object_new_object();
    if (json_set_text(tree, "source", tasks->source) && json_set_text(tree, "name", tasks->name) &&
        json_set_text(tree, "sha256", tasks->sha256))
        return tree;
    json_object_put(tree);
    return NULL;
}

static enum status make_line(
    struct regrading *r, int64_t moment_ns, struct json_object **line, struct error *e)
{
    struct json_object *tree = json_object_new_object();
    char moment[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(moment_ns, moment);
    bool ok =
        json_set_text(tree, "schema_version", RECORD_VERSION) &&
        json_set_text(tree, "run_id", r->data->run_id) && json_set_text(tree, "test", r->test->name) &&
        json_set_int(tree, "attempt", r->test->last->number) && json_set_text(tree, "timestamp", moment) &&
        json_set_text(tree, "assay_version", ASSAY_VERSION) &&
        json_set(tree, "tasks", tasks_json(&r->tasks)) &&
        json_set(tree, "before", json_object_get(json_get(r->test->last->record, "/utility"))) &&
        scores_into_record(r->scores, tree) && json_set_int(tree, "changed", r->changed) &&
        json_set_int(tree, "unmatched", r->unmatched) && json_set(tree, "grades", json_object_get(r->grades));
    enum status s = ok ? schema_check(schema_for("regrade"), tree, e)
                       : error_set(e, STATUS_NO_MEMORY, "no memory for the grades of %s", r->test->name);
    *line = s == STATUS_OK ? tree : NULL;
    if (s != STATUS_OK)
        json_object_put(tree);
    return s;
}

static enum status check_graded(const struct regrading *r, struct error *e)
{
    if (r->kept == 0)
        return error_set(e, STATUS_UNAVAILABLE, "its answers were not kept");
    if (r->kept == r->unmatched)
        return error_set(e, STATUS_UNAVAILABLE, "none of the tasks of %s asks what was asked", r->tasks.name);
    return STATUS_OK;
}

/* STATUS_UNAVAILABLE: this test cannot be graded anew. */
static enum status regrade_test(const struct run_data *data, const struct run_test *test,
    const struct regrade_options *o, struct json_object **line, struct error *e)
{
    struct regrading r = {.data = data,
        .test = test,
        .failed = json_object_new_object(),
        .grades = json_object_new_array(),
        .scores = scores_new()};
    enum status s =
        r.failed && r.grades && r.scores ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for grades");
    if (s == STATUS_OK)
        s = regrade_tasks_load(data, test, o->tasks, &r.tasks, e);
    if (s == STATUS_OK)
        s = each_line(&r, "exchanges.jsonl", "exchange", take_exchange, e);
    if (s == STATUS_OK)
        s = each_line(&r, "answers.jsonl", "answer", take_answer, e);
    if (s == STATUS_OK)
        s = check_graded(&r, e);
    if (s == STATUS_OK)
        s = make_line(&r, o->moment_ns, line, e);
    scores_free(r.scores);
    json_object_put(r.grades);
    json_object_put(r.failed);
    regrade_tasks_fini(&r.tasks);
    return s;
}

static void leave_out(struct regraded *done, const char *test, struct error *why)
{
    struct regrade_left_out *left = &done->left_out[done->left_out_count++];
    left->test = test;
    snprintf(left->reason, sizeof left->reason, "%s", error_text(why));
}

enum status regrade_run(
    const struct run_data *data, const struct regrade_options *o, struct regraded *done, struct error *e)
{
    size_t room = data->test_count ? data->test_count : 1;
    *done = (struct regraded){
        .lines = calloc(room, sizeof *done->lines), .left_out = calloc(room, sizeof *done->left_out)};
    enum status s =
        done->lines && done->left_out ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for the tests");
    for (size_t i = 0; s == STATUS_OK && i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct error why = {0};
        if (!test->last || !json_get_object(test->last->record, "/utility"))
            continue;
        s = regrade_test(data, test, o, &done->lines[done->count], &why);
        if (s == STATUS_OK)
            done->count++;
        else if (s == STATUS_UNAVAILABLE)
            leave_out(done, test->name, &why), s = STATUS_OK;
        else if (e)
            *e = why;
    }
    if (s == STATUS_OK && done->count + done->left_out_count == 0)
        s = error_set(e, STATUS_UNAVAILABLE, "no test of this run graded answers");
    if (s != STATUS_OK)
        regraded_fini(done);
    return s;
}

void regraded_fini(struct regraded *done)
{
    for (size_t i = 0; i < done->count; i++)
        json_object_put(done->lines[i]);
    free(done->lines);
    free(done->left_out);
    *done = (struct regraded){0};
}

/* What a crash left of a line must not swallow the next one. */
static bool ends_torn(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char last = '\n';
    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

static enum status append_line(int fd, const struct json_object *line, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    enum status s = json_write(line, &text, e);
    if (s == STATUS_OK)
        s = fs_append_line(fd, buf_text(&text), text.len, e);
    buf_fini(&text);
    return s;
}

enum status regrade_append(const struct run_data *data, const struct regraded *done, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = fs_join(&path, data->folder, "grades.jsonl");
    int fd = s == STATUS_OK ? open(buf_text(&path), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (fd < 0)
        s = error_set_errno(e, "cannot write %s", buf_text(&path));
    if (fd >= 0 && ends_torn(fd))
        s = fs_append_line(fd, "", 0, e);
    for (size_t i = 0; s == STATUS_OK && i < done->count; i++)
        s = append_line(fd, done->lines[i], e);
    if (s == STATUS_OK)
        s = fs_sync_fd(fd, e);
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&path);
    return s;
}
