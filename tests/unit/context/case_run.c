#include "case_run.h"

#include "clock.h"
#include "execute.h"
#include "finalise.h"
#include "fs.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "run_json.h"
#include "sim.h"
#include "testkit.h"

#include <stdio.h>

#define OK(call)                                                                                             \
    do {                                                                                                     \
        struct error why = {0};                                                                              \
        ck_assert_msg((call) == STATUS_OK, "%s: %s", #call, error_text(&why));                               \
    } while (0)

static struct json_object *read_lines(const char *folder, const char *file, const char *schema)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *lines = json_object_new_array();
    struct jsonl *reader = NULL;
    OK(fs_join(&path, folder, file));
    if (fs_exists(buf_text(&path))) {
        OK(jsonl_open(buf_text(&path), &reader, &why));
        for (struct jsonl_line line; jsonl_next(reader, &line);) {
            ck_assert_msg(line.status == STATUS_OK, "%s:%ld: %s", file, line.number, line.error.text);
            OK(schema_check(schema_for(schema), line.tree, &why));
            ck_assert(json_add(lines, json_object_get(line.tree)));
        }
        OK(jsonl_close(reader, &why));
    }
    buf_fini(&path);
    return lines;
}

static struct json_object *make_run(const struct assay_case *cases, const char *id, const char *url)
{
    struct target_access server = {.url = url};
    struct portfolio_options ask = {.servers = &server, .server_count = 1};
    struct portfolio portfolio;
    struct run_request request = {
        .settings = RUN_SETTINGS_DEFAULT, .plan = {.cases = cases, .case_ids = {{id}, 1}}, .driver = "assay"};
    struct json_object *run = NULL;
    request.settings.seed = 7;
    request.settings.repeats = 3;
    request.settings.warmup = 2;
    request.settings.timeout_s = 60;
    OK(portfolio_discover(&ask, &portfolio, &why));
    OK(run_json_new(&request, &portfolio, &run, &why));
    portfolio_fini(&portfolio);
    return run;
}

void case_run_open(
    struct case_run *run, const struct assay_suite *suite, const char *id, const char *scenario)
{
    const char *models[] = {scenario, NULL};
    struct sim_options sim_options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process sim;
    OK(sim_spawn(&sim_options, &sim, &why));
    case_run_open_at(run, suite, id, sim.url);
    sim_stop(&sim);
}

void case_run_make(
    struct run_folder *folder, const struct assay_suite *suite, const char *id, const char *url)
{
    OK(run_json_create_folder(testkit_tmp(), make_run(suite->cases, id, url), folder, &why));
}

struct json_object *case_run_records(const struct run_folder *folder)
{
    return read_lines(folder->path, "benchmark.jsonl", "record");
}

void case_run_open_at(struct case_run *run, const struct assay_suite *suite, const char *id, const char *url)
{
    struct run_folder folder = {0};
    struct executed done;
    struct finalised sum;
    case_run_make(&folder, suite, id, url);
    struct execute_options options = {.folder = &folder, .suite = suite, .timeout_s = 100};
    OK(execute_plan(&options, &done, &why));
    OK(finalise_run(folder.path, &sum, &why));
    struct json_object *records = case_run_records(&folder);
    ck_assert_uint_eq(case_run_count(records), 1);
    *run = (struct case_run){.record = json_object_get(case_run_at(records, 0)),
        .exchanges = read_lines(folder.path, "exchanges.jsonl", "exchange"),
        .answers = read_lines(folder.path, "answers.jsonl", "answer")};
    json_object_put(records);
    run_folder_fini(&folder);
}

void case_run_close(struct case_run *run)
{
    json_object_put(run->record);
    json_object_put(run->exchanges);
    json_object_put(run->answers);
}

size_t case_run_count(const struct json_object *lines)
{
    return json_object_array_length(lines);
}

struct json_object *case_run_at(struct json_object *lines, size_t i)
{
    return json_object_array_get_idx(lines, i);
}
