#include "live_discover.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "live_ctest.h"
#include "live_script.h"
#include "live_setup.h"
#include "program_suite.h"
#include "run_json.h"
#include "server_list.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISCOVER_LIMIT_NS (900 * NS_PER_MS) /* ctest starts within a second, however many servers hang */

/* The suites of the program, for label filters; NULL-terminated, static. */
static const char *const *suite_names(void)
{
    static char names[32][32];
    static const char *list[33];
    size_t n = 0;
    for (const struct assay_case *c = program_suite()->cases; c && c->id && n < 32; c++) {
        size_t len = strcspn(c->id, ".");
        if (n > 0 && strlen(names[n - 1]) == len && strncmp(names[n - 1], c->id, len) == 0)
            continue;
        snprintf(names[n], sizeof names[n], "%.*s", (int)len, c->id);
        list[n] = names[n];
        n++;
    }
    return list;
}

/* What `assay run` would do with the same file and environment. */
static enum status live_request(const struct run_options *o, struct run_request *r, struct error *e)
{
    *r = (struct run_request){.driver = "ctest",
        .notes = o->notes,
        .unload = o->unload,
        .plan = {.cases = program_suite()->cases,
            .suites = o->suites,
            .case_ids = o->cases,
            .models = o->models,
            .filter = {.memory_percent = o->max_memory_share}}};
    run_options_settings(o, &r->settings);
    return run_options_filter(&o->modalities, o->min_size, o->max_size, &r->plan.filter, e);
}

static char *own_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    return strdup(path);
}

/* plan.json: run.json as far as it is known, and where each target was found ("sim:NAME" for one to be
 * started). */
static enum status save_plan(const char *folder, const struct server_list *servers, const struct portfolio *p,
    struct json_object *run, struct error *e)
{
    struct buf text = BUF_INIT(64 << 20), path = BUF_INIT(8192);
    struct json_object *scenarios = json_object_new_object(), *places = json_object_new_object();
    bool ok = scenarios != NULL && places != NULL;
    for (size_t i = 0; ok && servers->asked && i < p->count; i++)
        ok = json_set_int(places, p->targets[i].info.name, (int64_t)i);
    for (size_t i = 0; ok && i < p->count; i++)
        for (size_t k = 0; ok && k < servers->sim_count; k++)
            if (p->targets[i].status == STATUS_OK &&
                strcmp(p->targets[i].access.url, servers->sims[k].url) == 0)
                ok = json_set_text(scenarios, p->targets[i].info.name, servers->scenarios[k]);
    struct json_object *plan = json_object_new_object();
    ok = json_set(plan, "scenarios", scenarios) && ok;
    ok = json_set(plan, "places", places) && ok && json_set(plan, "run", json_object_get(run));
    enum status s =
        ok ? json_write(plan, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the plan");
    if (s == STATUS_OK)
        s = fs_write_atomic(live_path(&path, folder, LIVE_PLAN), buf_text(&text), text.len, e);
    json_object_put(plan);
    buf_fini(&text);
    buf_fini(&path);
    return s;
}

/* The script for a portfolio: its tests, a failing one for each server that was asked for and is silent. */
static enum status compose(struct buf *script, const struct live_place *place,
    const struct run_options *options, const struct server_list *servers, struct portfolio *p,
    struct error *e)
{
    struct run_request request;
    struct json_object *run = NULL;
    enum status s = live_request(options, &request, e);
    if (s == STATUS_OK)
        s = run_json_new(&request, p, &run, e);
    if (s == STATUS_OK)
        s = save_plan(place->folder, servers, p, run, e);
    if (s == STATUS_OK)
        s = live_script_tests(script, place, request.plan.cases, run);
    for (size_t i = 0; s == STATUS_OK && i < p->count; i++) {
        struct error why = {0};
        if (server_list_check(&p->targets[i], &why) != STATUS_OK)
            s = live_script_problem(script, place, p->targets[i].info.name, LIVE_FAILS, error_text(&why));
    }
    if (s == STATUS_OK && p->count == 0)
        s = live_script_problem(script, place, "no_server", LIVE_SKIPS,
            "no model server answers on the usual ports and neither ASSAY_TARGETS nor assay.yaml names one; "
            "ASSAY_TARGETS=sim: runs the live tests on a simulator");
    json_object_put(run);
    return s;
}

static enum status discover_into(struct buf *script, const struct live_place *place, struct error *e)
{
    struct live_config c;
    struct server_list servers = {0};
    struct portfolio portfolio = {0};
    enum status s = live_config_open(&c, e);
    if (s == STATUS_OK)
        s = server_list_open(&c.options.targets, &c.config, &c.options.transport, &servers, e);
    if (s == STATUS_OK)
        s = server_list_discover(&servers, DISCOVER_LIMIT_NS, &portfolio, e);
    if (s == STATUS_OK)
        s = compose(script, place, &c.options, &servers, &portfolio, e);
    portfolio_fini(&portfolio);
    server_list_fini(&servers);
    config_fini(&c.config);
    return s;
}

/* Discovery that fails is a test that fails: ctest must not come out green because nothing was found. */
static enum status write_tests(const struct live_place *place, const char *path, struct error *e)
{
    struct live_ctest ctest;
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
    struct error why = {0};
    live_ctest_read(getppid(), &ctest);
    enum status s = fs_make_dirs(place->folder, e);
    if (s == STATUS_OK)
        s = live_script_begin(&script, place);
    if (s == STATUS_OK && live_ctest_wants_live(&ctest, suite_names()) &&
        discover_into(&script, place, &why) != STATUS_OK) {
        buf_clear(&script);
        (void)live_script_begin(&script, place);
        s = live_script_problem(&script, place, "discovery", LIVE_FAILS, error_text(&why));
    }
    if (s == STATUS_OK)
        s = fs_write_atomic(path, buf_text(&script), script.len, e);
    live_ctest_fini(&ctest);
    buf_fini(&script);
    return s;
}

int live_discover(const char *folder)
{
    struct buf path = BUF_INIT(8192);
    struct error why = {0};
    char working[4096] = ".", *program = own_path();
    struct live_place place = {.program = program ? program : "assay",
        .suite = program_suite()->name,
        .name = program_suite()->name ? live_script_name(folder) : NULL,
        .folder = folder,
        .working = working};
    const char *reuse = getenv("ASSAY_LIVE_REUSE"); /* live_ctest_selected() asks what is known already */
    enum status s = STATUS_OK;
    (void)!getcwd(working, sizeof working);
    live_path(&path, folder, LIVE_TESTS);
    if (!reuse || !reuse[0] || !fs_exists(buf_text(&path)))
        s = write_tests(&place, buf_text(&path), &why);
    free(program);
    buf_fini(&path);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("live", &why);
}
