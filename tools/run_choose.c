#include "run_choose.h"

#include "fs.h"
#include "identity.h"
#include "json.h"
#include "menu_terminal.h"
#include "program_suite.h"
#include "run_data.h"
#include "run_estimate.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char targets_group[] = "Targets", models_group[] = "Models", suites_group[] = "Suites";

/* What an item of the menu stands for. */
struct meaning {
    size_t target, model; /* of the portfolio */
    char suite[64];
    bool on_request; /* every case of the suite */
};

struct chooser {
    struct portfolio *portfolio;
    struct run_request *request;
    struct run_choice *choice;
    struct meaning *meanings; /* one for each item of the menu */
    struct menu menu;
    struct json_object *run; /* parameters, for the estimate */
    struct run_data before;
    bool knows_before;
    struct buf words;
};

static enum status add(
    struct chooser *c, const char *group, const char *text, bool ticked, struct meaning means)
{
    struct meaning *all = realloc(c->meanings, (c->menu.count + 1) * sizeof *all);
    if (!all)
        return STATUS_NO_MEMORY;
    c->meanings = all;
    all[c->menu.count] = means;
    return menu_add(&c->menu, group, text, ticked);
}

static enum status add_targets(struct chooser *c)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < c->portfolio->count; i++) {
        const struct portfolio_target *t = &c->portfolio->targets[i];
        buf_clear(&c->words);
        buf_printf(&c->words, "%s  %s  %zu model%s", t->info.name, t->info.endpoint, t->models.count,
            t->models.count == 1 ? "" : "s");
        s = add(c, targets_group, buf_text(&c->words), t->status == STATUS_OK, (struct meaning){.target = i});
    }
    return s;
}

/* A model that the machine's memory cannot hold is shown with the reason, and not ticked. */
static enum status add_model(struct chooser *c, size_t target, size_t model)
{
    const struct portfolio_target *t = &c->portfolio->targets[target];
    const struct model_info *m = &t->models.items[model];
    const struct plan_request *plan = &c->request->plan;
    struct model_filter filter = plan->filter;
    char why[256] = "", size[32] = "";
    filter.patterns = &plan->models;
    if (!model_filter_takes(&filter, m, why, sizeof why))
        return STATUS_OK;
    bool fits = !model_filter_is_local(t->info.endpoint) || t->info.simulated ||
                model_filter_fits(&filter, m, why, sizeof why);
    if (m->size_bytes > 0)
        text_format_bytes(size, sizeof size, (double)m->size_bytes);
    buf_clear(&c->words);
    buf_printf(&c->words, "%s/%s  %s %s%s%s", t->info.name, m->id, m->quantization, size,
        m->state == MODEL_LOADED ? "  loaded" : "", fits ? "" : "  too large for this machine's memory");
    return add(
        c, models_group, buf_text(&c->words), fits, (struct meaning){.target = target, .model = model});
}

static enum status add_models(struct chooser *c)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; i < c->portfolio->count; i++)
        for (size_t j = 0; s == STATUS_OK && j < c->portfolio->targets[i].models.count; j++)
            s = add_model(c, i, j);
    return s;
}

static bool is_of_suite(const struct assay_case *c, const char *suite)
{
    size_t len = strlen(suite);
    return strncmp(c->id, suite, len) == 0 && c->id[len] == '.';
}

static enum status add_suite(struct chooser *c, const char *suite)
{
    size_t cases = 0, on_request = 0;
    struct meaning means = {0};
    for (const struct assay_case *k = program_suite()->cases; k->id; k++)
        if (is_of_suite(k, suite))
            cases++, on_request += k->on_request;
    snprintf(means.suite, sizeof means.suite, "%s", suite);
    means.on_request = cases == on_request;
    const struct opt_list *asked = &c->request->plan.suites;
    bool ticked = asked->count > 0 ? model_filter_matches(asked, suite) : !means.on_request;
    buf_clear(&c->words);
    buf_printf(&c->words, "%s  %zu case%s", suite, cases, cases == 1 ? "" : "s");
    return add(c, suites_group, buf_text(&c->words), ticked, means);
}

static enum status add_suites(struct chooser *c)
{
    char last[62] = "", suite[62];
    enum status s = STATUS_OK;
    for (const struct assay_case *k = program_suite()->cases; s == STATUS_OK && k->id; k++) {
        snprintf(suite, sizeof suite, "%.*s", (int)strcspn(k->id, "."), k->id);
        if (strcmp(suite, last) != 0)
            s = add_suite(c, suite);
        memcpy(last, suite, sizeof last);
    }
    return s;
}

/* ---- what is ticked ---- */

/* Suites that run by themselves are chosen by keeping out the others, so that their cases on request stay out
 * unless somebody names them. */
static void take_suites(struct chooser *c, const struct menu *menu, struct opt_list *suites)
{
    bool named = false;
    size_t n = 0;
    for (size_t i = 0; i < menu->count; i++)
        named |= menu->items[i].group == suites_group && menu->items[i].ticked && c->meanings[i].on_request;
    suites->count = 0;
    for (size_t i = 0; i < menu->count && n < CHOICE_SUITES_MAX; i++) {
        if (menu->items[i].group != suites_group || menu->items[i].ticked != named)
            continue;
        snprintf(c->choice->suites[n], sizeof c->choice->suites[n], "%s%.62s", named ? "" : "!",
            c->meanings[i].suite);
        suites->items[n] = c->choice->suites[n];
        suites->count = ++n;
    }
}

static bool target_is_ticked(const struct chooser *c, const struct menu *menu, size_t target)
{
    for (size_t i = 0; i < menu->count; i++)
        if (menu->items[i].group == targets_group && c->meanings[i].target == target)
            return menu->items[i].ticked;
    return false;
}

/* A copy of the portfolio with what is ticked; its model lists are the caller's to free. */
static enum status chosen(const struct chooser *c, const struct menu *menu, struct portfolio *p)
{
    const struct portfolio *all = c->portfolio;
    *p = (struct portfolio){.targets = calloc(all->count + 1, sizeof *p->targets)};
    if (!p->targets)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < all->count; i++) {
        if (!target_is_ticked(c, menu, i))
            continue;
        struct portfolio_target *t = &p->targets[p->count++];
        *t = all->targets[i];
        t->models.count = 0;
        t->models.items = calloc(all->targets[i].models.count + 1, sizeof *t->models.items);
        if (!t->models.items)
            return STATUS_NO_MEMORY;
        for (size_t k = 0; k < menu->count; k++)
            if (menu->items[k].group == models_group && menu->items[k].ticked && c->meanings[k].target == i)
                t->models.items[t->models.count++] = all->targets[i].models.items[c->meanings[k].model];
    }
    return STATUS_OK;
}

static struct plan_request plan_of(struct chooser *c, const struct menu *menu)
{
    struct plan_request plan = c->request->plan;
    take_suites(c, menu, &plan.suites);
    plan.models.count = 0; /* they have done their work */
    plan.seed = c->request->settings.seed;
    return plan;
}

static void show_estimate(const struct menu *menu, char *words, size_t size, void *arg)
{
    struct chooser *c = arg;
    struct plan_request plan = plan_of(c, menu);
    struct portfolio p;
    struct error why = {0};
    enum status s = chosen(c, menu, &p);
    if (s == STATUS_OK)
        s = plan_into_run_json(&plan, &p, c->run, &why);
    if (s == STATUS_OK)
        run_estimate_words(c->run, c->knows_before ? &c->before : NULL, words, size);
    else
        snprintf(words, size, "nothing to run");
    portfolio_fini(&p);
}

static enum status take_choice(struct chooser *c, struct error *e)
{
    struct portfolio p;
    enum status s = chosen(c, &c->menu, &p);
    if (s != STATUS_OK) {
        portfolio_fini(&p);
        return error_set(e, s, "no memory for the choice");
    }
    c->request->plan = plan_of(c, &c->menu);
    portfolio_fini(c->portfolio);
    *c->portfolio = p;
    return p.count > 0 ? STATUS_OK : error_set(e, STATUS_UNAVAILABLE, "no target was ticked: nothing to run");
}

static enum status open_chooser(struct chooser *c, const char *runs)
{
    buf_printf(&c->words, "%s/latest", runs);
    c->knows_before =
        fs_exists(buf_text(&c->words)) && run_data_load(buf_text(&c->words), &c->before, NULL) == STATUS_OK;
    c->run = json_object_new_object();
    struct json_object *machine = machine_identity_to_json("");
    c->request->plan.filter.memory_bytes = run_json_memory(machine);
    json_object_put(machine);
    enum status s = json_set(c->run, "parameters", settings_to_json(&c->request->settings))
                        ? add_targets(c)
                        : STATUS_NO_MEMORY;
    if (s == STATUS_OK)
        s = add_models(c);
    return s == STATUS_OK ? add_suites(c) : s;
}

enum status run_choose(struct portfolio *portfolio, struct run_request *request, const char *runs,
    struct run_choice *choice, struct error *e)
{
    struct chooser c = {
        .portfolio = portfolio, .request = request, .choice = choice, .words = BUF_INIT(8192)};
    enum status s = open_chooser(&c, runs);
    if (s != STATUS_OK)
        s = error_set(e, s, "no memory for the menu");
    else
        s = menu_on_terminal(&c.menu, "What shall be measured?", show_estimate, &c, e);
    if (s == STATUS_OK && c.menu.end != MENU_ACCEPTED)
        s = error_set(e, STATUS_UNAVAILABLE, "the menu was left: nothing was run");
    if (s == STATUS_OK)
        s = take_choice(&c, e);
    menu_fini(&c.menu);
    free(c.meanings);
    if (c.knows_before)
        run_data_fini(&c.before);
    json_object_put(c.run);
    buf_fini(&c.words);
    return s;
}
