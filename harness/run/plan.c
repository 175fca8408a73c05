#include "plan.h"

#include "json.h"
#include "model_guess.h"
#include "rng.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 512 };

enum status plan_test_name(struct buf *out, const char *case_id, const char *target, const char *model)
{
    if (!target)
        return buf_append_text(out, case_id);
    if (!model)
        return buf_printf(out, "%s[%s]", case_id, target);
    return buf_printf(out, "%s[%s/%s]", case_id, target, model);
}

const struct assay_case *plan_find_case(const struct assay_case *cases, const char *id)
{
    for (const struct assay_case *c = cases; c && c->id; c++)
        if (strcmp(c->id, id) == 0)
            return c;
    return NULL;
}

/* Optional members: left out where the server did not say. */
static bool set_known_text(struct json_object *o, const char *key, const char *text)
{
    return !text[0] || json_set_text(o, key, text);
}

static bool set_known_count(struct json_object *o, const char *key, int64_t value)
{
    return value <= 0 || json_set_int(o, key, value);
}

struct json_object *plan_target_to_json(const struct target_info *info)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "name", info->name) && json_set_text(o, "protocol", info->protocol) &&
              set_known_text(o, "server", info->server) &&
              set_known_text(o, "server_version", info->server_version) &&
              json_set_text(o, "endpoint", info->endpoint) && json_set_bool(o, "managed", info->managed) &&
              json_set_bool(o, "simulated", info->simulated) && set_known_text(o, "via", info->via);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static const struct {
    unsigned bit;
    const char *name;
} modality_names[] = {{MODALITY_TEXT, "text"}, {MODALITY_VISION, "vision"}, {MODALITY_AUDIO, "audio"},
    {MODALITY_EMBEDDING, "embedding"}, {MODALITY_IMAGE, "image"}, {MODALITY_SPEECH, "speech"},
    {MODALITY_RERANK, "rerank"}, {MODALITY_TOOLS, "tools"}};

static const char *const state_names[] = {
    [MODEL_STATE_UNKNOWN] = "", [MODEL_LOADED] = "loaded", [MODEL_NOT_LOADED] = "not_loaded"};

static bool set_modalities(struct json_object *o, unsigned modalities)
{
    if (modalities == 0)
        return true;
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < sizeof modality_names / sizeof modality_names[0]; i++)
        if (modalities & modality_names[i].bit)
            ok = json_add_text(list, modality_names[i].name);
    return json_set(o, "modalities", list) && ok;
}

static bool set_guessed(struct json_object *o, unsigned guessed)
{
    if (guessed == 0)
        return true;
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (unsigned bit = 1; ok && bit <= guessed; bit <<= 1)
        if (guessed & bit)
            ok = json_add_text(list, model_field_name(bit));
    return json_set(o, "guessed", list) && ok;
}

struct json_object *plan_model_to_json(const struct model_info *m)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "id", m->id) && set_known_text(o, "digest", m->digest) &&
              set_known_text(o, "family", m->family) && set_known_text(o, "variant", m->variant) &&
              set_known_text(o, "framework", m->framework) && set_known_text(o, "format", m->format) &&
              set_known_text(o, "quantization", m->quantization) &&
              set_known_count(o, "parameters", m->parameters) &&
              set_known_count(o, "context_length", m->context_length) && set_modalities(o, m->modalities) &&
              set_known_text(o, "state", state_names[m->state]) &&
              set_known_count(o, "loaded_context", m->loaded_context) && set_guessed(o, m->guessed);
    if (ok && m->size_bytes > 0)
        ok = json_set_real(o, "size_gb", (double)m->size_bytes / 1e9);
    if (ok && m->memory_bytes > 0)
        ok = json_set_real(o, "memory_gb", (double)m->memory_bytes / 1e9);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static void copy_text(char *to, size_t size, const struct json_object *o, const char *pointer)
{
    const char *text = json_get_text(o, pointer);
    size_t n = text ? text_utf8_cut(text, strlen(text), size - 1) : 0;
    if (n > 0)
        memcpy(to, text, n);
    to[n] = '\0';
}

void plan_target_from_json(const struct json_object *json, struct target_info *info)
{
    *info = (struct target_info){0};
    copy_text(info->name, sizeof info->name, json, "/name");
    copy_text(info->protocol, sizeof info->protocol, json, "/protocol");
    copy_text(info->server, sizeof info->server, json, "/server");
    copy_text(info->server_version, sizeof info->server_version, json, "/server_version");
    copy_text(info->endpoint, sizeof info->endpoint, json, "/endpoint");
    copy_text(info->via, sizeof info->via, json, "/via");
    json_get_bool(json, "/managed", &info->managed);
    json_get_bool(json, "/simulated", &info->simulated);
}

static int64_t gigabytes(const struct json_object *json, const char *pointer)
{
    double gb = 0;
    return json_get_real(json, pointer, &gb) && gb > 0 && gb < (double)INT64_MAX / 1e9 ? (int64_t)(gb * 1e9)
                                                                                       : 0;
}

void plan_model_from_json(const struct json_object *json, struct model_info *m)
{
    *m = (struct model_info){0};
    copy_text(m->id, sizeof m->id, json, "/id");
    copy_text(m->digest, sizeof m->digest, json, "/digest");
    copy_text(m->family, sizeof m->family, json, "/family");
    copy_text(m->variant, sizeof m->variant, json, "/variant");
    copy_text(m->framework, sizeof m->framework, json, "/framework");
    copy_text(m->format, sizeof m->format, json, "/format");
    copy_text(m->quantization, sizeof m->quantization, json, "/quantization");
    json_get_int(json, "/parameters", &m->parameters);
    json_get_int(json, "/context_length", &m->context_length);
    json_get_int(json, "/loaded_context", &m->loaded_context);
    m->size_bytes = gigabytes(json, "/size_gb");
    m->memory_bytes = gigabytes(json, "/memory_gb");
    const char *state = json_get_text(json, "/state");
    for (size_t i = 1; state && i < sizeof state_names / sizeof state_names[0]; i++)
        if (strcmp(state, state_names[i]) == 0)
            m->state = (enum model_state)i;
    struct json_object *list = json_get_array(json, "/guessed");
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        m->guessed |= model_field_of(json_object_get_string(json_object_array_get_idx(list, i)));
    list = json_get_array(json, "/modalities");
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        for (size_t k = 0; k < sizeof modality_names / sizeof modality_names[0]; k++)
            if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), modality_names[k].name) ==
                0)
                m->modalities |= modality_names[k].bit;
}

/* Keeping others out names nothing. */
static bool names_any(const struct opt_list *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (patterns->items[i][0] != '!')
            return true;
    return false;
}

static bool some_are_named(const struct plan_request *r)
{
    return names_any(&r->suites) || names_any(&r->case_ids);
}

static bool case_wanted(const struct plan_request *r, const struct assay_case *c)
{
    char suite[64];
    size_t n = strcspn(c->id, ".");
    n = n < sizeof suite ? n : sizeof suite - 1;
    memcpy(suite, c->id, n);
    suite[n] = '\0';
    return (some_are_named(r) || !c->on_request) && (names_any(&r->case_ids) || !c->by_name) &&
           model_filter_matches(&r->suites, suite) && model_filter_matches(&r->case_ids, c->id);
}

/* What the tests are run on; skip says why they are not, NULL where they are. */
struct place {
    const char *target, *model, *skip;
    bool unknown; /* nobody says what the model can do, and nobody named what to try on it */
};

/* A server of text alone, asked for pictures and sound as well, would only be asked in vain. */
static const char *skip_reason(const struct assay_case *c, const struct place *on)
{
    if (on->skip || !c->where_known || !on->unknown)
        return on->skip;
    return "neither the server nor the model's name says what the model can do; it is tried where the suite "
           "or "
           "the case is named";
}

static bool add_test(struct json_object *plan, const struct assay_case *c, const struct place *on)
{
    const char *target = on->target, *model = on->model, *skip = skip_reason(c, on);
    struct buf name = BUF_INIT(NAME_MAX_BYTES);
    plan_test_name(&name, c->id, target, model);
    struct json_object *o = json_object_new_object();
    bool ok = buf_status(&name) == STATUS_OK && json_set_text(o, "test", buf_text(&name)) &&
              json_set_text(o, "case", c->id) && (!target || json_set_text(o, "target", target)) &&
              (!model || json_set_text(o, "model", model)) && (!skip || json_set_text(o, "skip", skip));
    buf_fini(&name);
    return json_add(plan, o) && ok;
}

/* The wanted cases of one kind, shuffled: a kind is what a case is run on - nothing, a target, a model. */
enum kind { ON_NOTHING, ON_TARGET, ON_MODEL };

static enum kind kind_of(const struct assay_case *c)
{
    return c->no_target ? ON_NOTHING : c->per_model ? ON_MODEL : ON_TARGET;
}

static size_t choose_cases(const struct plan_request *r, enum kind kind, const struct assay_case **chosen)
{
    size_t n = 0;
    for (const struct assay_case *c = r->cases; c->id; c++)
        if (kind_of(c) == kind && case_wanted(r, c))
            chosen[n++] = c;
    return n;
}

static bool add_tests(struct json_object *plan, const struct plan_request *r, enum kind kind,
    const struct assay_case **scratch, const struct place *on)
{
    size_t n = choose_cases(r, kind, scratch);
    if (kind == ON_MODEL) {
        struct rng rng;
        rng_seed_text(&rng, r->seed, on->model);
        rng_shuffle(&rng, scratch, n, sizeof *scratch);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = add_test(plan, scratch[i], on);
    return ok;
}

static bool add_model(struct json_object *models, const char *target, const struct model_info *m)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "target", target) && json_set(o, "model", plan_model_to_json(m));
    return json_add(models, o) && ok;
}

struct lists {
    struct json_object *targets, *models, *left_out, *plan;
};

/* Named by nobody is no news; refused by another filter is. */
static bool add_left_out(struct lists *l, const char *target, const char *model, const char *why)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "target", target) && json_set_text(o, "model", model) &&
              json_set_text(o, "reason", why);
    return json_add(l->left_out, o) && ok;
}

static bool add_model_tests(struct lists *l, const struct plan_request *r, const struct assay_case **scratch,
    const struct target_info *target, const struct model_info *m)
{
    char why[256] = "";
    bool ours = model_filter_is_local(target->endpoint) && !target->simulated;
    bool fits = !ours || model_filter_fits(&r->filter, m, why, sizeof why);
    struct place on = {target->name, m->id, fits ? NULL : why, m->modalities == 0 && !some_are_named(r)};
    return add_model(l->models, target->name, m) && add_tests(l->plan, r, ON_MODEL, scratch, &on);
}

static bool add_target(struct lists *l, const struct plan_request *r, const struct assay_case **scratch,
    const struct portfolio_target *t)
{
    struct model_filter filter = r->filter;
    struct place on = {.target = t->info.name};
    char why[256];
    filter.patterns = NULL;
    bool ok =
        json_add(l->targets, plan_target_to_json(&t->info)) && add_tests(l->plan, r, ON_TARGET, scratch, &on);
    for (size_t i = 0; ok && i < t->models.count; i++) {
        const struct model_info *m = &t->models.items[i];
        if (!model_filter_matches(&r->models, m->id))
            continue;
        ok = model_filter_takes(&filter, m, why, sizeof why) ? add_model_tests(l, r, scratch, &t->info, m)
                                                             : add_left_out(l, t->info.name, m->id, why);
    }
    return ok;
}

/* A pattern that matches nothing is a typing error, not a wish for nothing. */
static enum status check_case_patterns(const struct plan_request *r, struct error *e)
{
    for (size_t i = 0; i < r->suites.count + r->case_ids.count; i++) {
        bool is_suite = i < r->suites.count;
        struct plan_request one = {.cases = r->cases};
        struct opt_list *list = is_suite ? &one.suites : &one.case_ids;
        const char *pattern = is_suite ? r->suites.items[i] : r->case_ids.items[i - r->suites.count];
        list->items[list->count++] = pattern + (*pattern == '!');
        bool any = false;
        for (const struct assay_case *c = r->cases; c->id && !any; c++)
            any = case_wanted(&one, c);
        if (!any)
            return error_set(e, STATUS_NOT_FOUND, "no %s matches \"%s\"; `assay list --cases` shows them all",
                is_suite ? "suite" : "case", list->items[0]);
    }
    return STATUS_OK;
}

static enum status check_model_patterns(
    const struct plan_request *r, const struct portfolio *p, struct error *e)
{
    for (size_t k = 0; k < r->models.count; k++) {
        bool any = false;
        for (size_t i = 0; i < p->count && !any; i++)
            for (size_t j = 0; j < p->targets[i].models.count && !any; j++)
                any = text_match(
                    r->models.items[k] + (r->models.items[k][0] == '!'), p->targets[i].models.items[j].id);
        if (!any)
            return error_set(e, STATUS_UNAVAILABLE,
                "no model matches \"%s\"; `assay list --models` shows them all", r->models.items[k]);
    }
    return STATUS_OK;
}

static size_t count_cases(const struct assay_case *cases)
{
    size_t n = 0;
    while (cases[n].id)
        n++;
    return n;
}

enum status plan_into_run_json(
    const struct plan_request *r, const struct portfolio *portfolio, struct json_object *run, struct error *e)
{
    enum status s = check_case_patterns(r, e);
    if (s == STATUS_OK)
        s = check_model_patterns(r, portfolio, e);
    if (s != STATUS_OK)
        return s;
    struct lists l = {
        json_object_new_array(), json_object_new_array(), json_object_new_array(), json_object_new_array()};
    static const struct place nowhere = {0};
    const struct assay_case **scratch = calloc(count_cases(r->cases) + 1, sizeof *scratch);
    bool ok = json_set(run, "targets", l.targets);
    ok &= json_set(run, "models", l.models);
    ok &= json_set(run, "plan", l.plan);
    ok = ok && scratch && add_tests(l.plan, r, ON_NOTHING, scratch, &nowhere);
    for (size_t i = 0; ok && i < portfolio->count; i++)
        if (portfolio->targets[i].status == STATUS_OK)
            ok = add_target(&l, r, scratch, &portfolio->targets[i]);
    free(scratch);
    if (ok && json_object_array_length(l.left_out) > 0)
        ok = json_set(run, "left_out", l.left_out);
    else
        json_object_put(l.left_out);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for the plan");
}
