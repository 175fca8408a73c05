#include "run_session.h"

#include "fetch_models.h"
#include "fs.h"
#include "json.h"
#include "provenance_check.h"
#include "run_operand.h"
#include "schema_reading.h"
#include "sha256.h"
#include "text.h"

#include <string.h>

static enum status read_prompt(struct run_session *s, struct error *e)
{
    const char *path = s->options.prompt;
    if (!path)
        return STATUS_OK;
    enum status status = fs_read_file(path, &s->prompt, e);
    if (status != STATUS_OK)
        return status;
    if (s->prompt.len == 0 || !text_utf8_valid(buf_text(&s->prompt), s->prompt.len) ||
        strlen(buf_text(&s->prompt)) != s->prompt.len)
        return error_set(e, STATUS_USAGE, "the prompt in %s is empty or not UTF-8 text", path);
    char hex[65];
    sha256_hex(buf_text(&s->prompt), s->prompt.len, hex);
    snprintf(s->request.settings.prompt_set, sizeof s->request.settings.prompt_set, "user-%.16s", hex);
    snprintf(s->request.settings.prompt_file, sizeof s->request.settings.prompt_file, "prompt.txt");
    return STATUS_OK;
}

static enum status read_tasks(struct run_session *s, struct error *e)
{
    if (!s->options.tasks)
        return STATUS_OK;
    struct run_tasks_request request = {
        .name = s->options.tasks, .count = s->options.task_count, .offline = s->options.offline};
    enum status status = run_tasks_read(&request, &s->request.settings, &s->tasks, e);
    if (status == STATUS_INVALID) /* a slip in what was asked for is no test that failed */
        status = e->status = STATUS_USAGE;
    if (status == STATUS_OK && s->request.plan.suites.count == 0 && s->request.plan.case_ids.count == 0)
        s->request.plan.case_ids = (struct opt_list){.items = {"utility.own"}, .count = 1};
    return status;
}

/* A server that was asked for and is silent stops the run: whoever names a server wants it measured. */
static enum status check_portfolio(struct run_session *s, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < s->portfolio.count; i++)
        status = server_list_check(&s->portfolio.targets[i], e);
    if (status != STATUS_OK)
        return status;
    if (s->portfolio.count == 0)
        return error_set(e, STATUS_UNAVAILABLE,
            "no model server answers on the usual ports; start one, name one with --target URL, or try "
            "--target sim:");
    return STATUS_OK;
}

static enum status keep_failed(struct run_session *s, struct json_object *run, struct error *e)
{
    enum status status = run_subset_load(s->options.failed, SUBSET_FAILED, &s->subset, e);
    if (status == STATUS_OK && s->subset.count == 0)
        return error_set(
            e, STATUS_UNAVAILABLE, "no test of %s failed: there is nothing to run", s->options.failed);
    return status == STATUS_OK ? run_subset_keep(run, &s->subset, e) : status;
}

/* The servers' models; with --pull those that were named and were missing among them. */
static enum status discover(struct run_session *s, struct error *e)
{
    bool fetched = false;
    enum status status = server_list_discover(&s->servers, s->options.limit_ns, &s->portfolio, e);
    if (status == STATUS_OK)
        status = check_portfolio(s, e);
    if (status != STATUS_OK || !s->options.pull)
        return status;
    status = fetch_models(&s->options.models, &s->portfolio, &fetched, e);
    if (status != STATUS_OK || !fetched)
        return status;
    portfolio_fini(&s->portfolio);
    status = server_list_discover(&s->servers, s->options.limit_ns, &s->portfolio, e);
    return status == STATUS_OK ? check_portfolio(s, e) : status;
}

/* A case has to fit both options, so that each may be right and the two of them empty. */
static enum status nothing_to_run(const struct run_options *o, struct error *e)
{
    return error_set(e, STATUS_UNAVAILABLE, "there is nothing to run: %sthe servers offer no model that fits",
        o->suites.count && o->cases.count ? "no case fits --suite and --case alike, or " : "");
}

/* From the portfolio to run.json in memory; a dry run ends here. */
enum status run_prepare(struct run_session *s, struct json_object **run, struct error *e)
{
    enum status status =
        server_list_open(&s->options.targets, &s->config, &s->options.transport, &s->servers, e);
    if (status == STATUS_OK)
        status = discover(s, e);
    if (status == STATUS_OK)
        status = read_prompt(s, e);
    if (status == STATUS_OK)
        status = read_tasks(s, e);
    s->request.plan.filter.memory_percent = s->options.max_memory_share;
    if (status == STATUS_OK)
        status = run_options_filter(
            &s->options.modalities, s->options.min_size, s->options.max_size, &s->request.plan.filter, e);
    if (status == STATUS_OK && s->options.interactive)
        status = run_choose(&s->portfolio, &s->request, s->options.out, &s->choice, e);
    if (status == STATUS_OK)
        status = run_json_new(&s->request, &s->portfolio, run, e);
    if (status == STATUS_OK && s->options.failed)
        status = keep_failed(s, *run, e);
    if (status == STATUS_OK && run_json_plan_length(*run) == 0)
        status = nothing_to_run(&s->options, e);
    return status;
}

/*
 * The servers of a run that goes on: where they were, and simulators of ours anew. run.json does not say who
 * was named; on the usual ports it may be nobody.
 */
static enum status open_resumed_servers(struct run_session *s, struct error *e)
{
    struct opt_list urls = s->options.targets;
    const struct json_object *targets = json_get_array(s->folder.run, "/targets");
    const struct json_object *models = json_get_array(s->folder.run, "/models");
    char sims[OPT_LIST_MAX][80];
    for (size_t i = 0;
         urls.count == i && i < OPT_LIST_MAX && targets && i < json_object_array_length(targets); i++) {
        const struct json_object *t = json_object_array_get_idx(targets, i);
        bool managed = false;
        urls.items[urls.count++] = json_get_text(t, "/endpoint");
        if (!json_get_bool(t, "/managed", &managed) || !managed)
            continue;
        for (size_t k = 0; models && k < json_object_array_length(models); k++) {
            const struct json_object *m = json_object_array_get_idx(models, k);
            if (json_deep_equal(json_get(m, "/target"), json_get(t, "/name"))) {
                snprintf(sims[i], sizeof sims[i], "sim:%s", json_get_text(m, "/model/id"));
                urls.items[i] = sims[i];
            }
        }
    }
    enum status status = server_list_open(&urls, &s->config, &s->options.transport, &s->servers, e);
    for (size_t i = 0; s->options.targets.count == 0 && i < s->servers.count; i++)
        s->servers.servers[i].found = portfolio_is_default(s->servers.servers[i].url);
    return status;
}

enum status run_prepare_rest(struct run_session *s, struct error *e)
{
    struct buf folder = BUF_INIT(8192);
    enum status status = run_subset_load(s->options.resume, SUBSET_UNFINISHED, &s->subset, e);
    if (status == STATUS_OK)
        status = run_operand_find(s->options.resume, &folder, e);
    if (status == STATUS_OK)
        status = run_folder_open(buf_text(&folder), &s->folder, e);
    if (status == STATUS_OK)
        status = schema_check_for_writing_again("run", s->folder.run, e);
    if (status == STATUS_OK)
        status = provenance_check_before_change(s->folder.path, e);
    if (status == STATUS_OK)
        status = open_resumed_servers(s, e);
    buf_fini(&folder);
    return status;
}
