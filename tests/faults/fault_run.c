#include "fault_run.h"

#include "clock.h"
#include "fault_cases.h"
#include "fs.h"
#include "jsonl.h"
#include "process.h"
#include "record.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static struct json_object *run_json(const char *run_id, const char *const *cases)
{
    struct json_object *run =
        parse("{\"schema_version\":\"1.0.0\",\"started\":\"2026-11-20T23:46:05.000Z\",\"start_unix_ns\":1,"
              "\"seed\":7,\"assay\":{\"version\":\"0.1.0\"},\"machine\":{\"host\":\"box\",\"os\":\"x\","
              "\"kernel\":\"x\",\"architecture\":\"x\"},\"parameters\":{\"repeats\":3,\"warmup\":1},"
              "\"targets\":[],\"models\":[]}");
    struct json_object *plan = json_object_new_array();
    for (; *cases != NULL; cases++) {
        struct json_object *test = json_object_new_object();
        ck_assert(json_set_text(test, "test", *cases) && json_set_text(test, "case", *cases) &&
                  json_add(plan, test));
    }
    ck_assert(json_set_text(run, "run_id", run_id) && json_set(run, "plan", plan));
    return run;
}

void fault_run_open(struct fault_run *run, const char *runs, const char *const *cases)
{
    struct error why = {0};
    memset(run, 0, sizeof *run);
    ck_assert_msg(
        run_folder_create(runs, "box", clock_wall_ns(clock_system()), &run->folder, &why) == STATUS_OK, "%s",
        error_text(&why));
    ck_assert_msg(run_folder_save(&run->folder, run_json(run->folder.run_id, cases), &why) == STATUS_OK, "%s",
        error_text(&why));
    run->options = (struct execute_options){
        .folder = &run->folder, .suite = &fault_suite, .timeout_s = 60, .grace_ns = NS_PER_S / 5};
}

enum status fault_run_execute(struct fault_run *run)
{
    struct error why = {0};
    run->options.folder = &run->folder; /* the run may have been copied since */
    return execute_plan(&run->options, &run->done, &why);
}

static void read_records(struct fault_run *run)
{
    struct buf path = BUF_INIT(4096);
    struct jsonl *reader = NULL;
    struct error why = {0};
    ck_assert_int_eq(run_folder_path(&run->folder, "benchmark.jsonl", &path), STATUS_OK);
    ck_assert_msg(jsonl_open(buf_text(&path), &reader, &why) == STATUS_OK, "%s", error_text(&why));
    json_object_put(run->records);
    run->records = json_object_new_array();
    for (struct jsonl_line line; jsonl_next(reader, &line);) {
        ck_assert_msg(line.status == STATUS_OK && !line.torn, "line %ld: %s", line.number, line.error.text);
        ck_assert_msg(
            record_validate(line.tree, &why) == STATUS_OK, "line %ld: %s", line.number, error_text(&why));
        ck_assert(json_add(run->records, json_object_get(line.tree)));
    }
    ck_assert_int_eq(jsonl_close(reader, &why), STATUS_OK);
    buf_fini(&path);
}

void fault_run_finalise(struct fault_run *run)
{
    struct error why = {0};
    ck_assert_msg(finalise_run(run->folder.path, &run->sum, &why) == STATUS_OK, "%s", error_text(&why));
    read_records(run);
}

struct json_object *fault_run_record(struct fault_run *run, const char *test, int attempt)
{
    if (run->records == NULL)
        fault_run_finalise(run);
    for (size_t i = 0; i < json_object_array_length(run->records); i++) {
        struct json_object *record = json_object_array_get_idx(run->records, i);
        int64_t number = 0;
        (void)json_get_int(record, "/attempt", &number);
        if (number == attempt && strcmp(json_get_text(record, "/test"), test) == 0)
            return record;
    }
    ck_abort_msg("there is no record of %s, attempt %d", test, attempt);
    return NULL;
}

const char *fault_run_outcome(struct fault_run *run, const char *test)
{
    return json_get_text(fault_run_record(run, test, 1), "/outcome");
}

size_t fault_run_record_count(struct fault_run *run)
{
    if (run->records == NULL)
        fault_run_finalise(run);
    return json_object_array_length(run->records);
}

void fault_run_close(struct fault_run *run)
{
    json_object_put(run->records);
    run_folder_fini(&run->folder);
}

/*
 * The kernel's own list, where it keeps one: quick enough to catch a process that lives for a
 * millisecond.
 */
static bool listed_children(pid_t parent, pid_t *children, size_t max, size_t *found)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
    if (fs_read_small("", path, text, sizeof text) < 0)
        return false;
    char *rest = text;
    *found = 0;
    for (long pid; *found < max && (pid = strtol(rest, &rest, 10)) > 0;)
        children[(*found)++] = (pid_t)pid;
    return true;
}

size_t fault_children(pid_t parent, pid_t *children, size_t max)
{
    size_t listed = 0;
    if (listed_children(parent, children, max, &listed))
        return listed;
    size_t count = 0, found = 0;
    struct process *all = process_list(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].parent == parent && all[i].state != 'Z' && found < max)
            children[found++] = all[i].pid;
    free(all);
    return found;
}

pid_t fault_runner(pid_t supervisor)
{
    pid_t children[16];
    size_t count = fault_children(supervisor, children, sizeof children / sizeof *children);
    struct process p;
    for (size_t i = 0; i < count; i++)
        if (process_read(children[i], &p) && p.session == p.pid)
            return p.pid;
    return 0;
}
