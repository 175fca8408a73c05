/* Tasks of NOBS: per model a record, with the figures of its runs. */
#include "nobs_parts.h"

#include "buf.h"
#include "clock.h"
#include "json.h"

#include <math.h>
#include <string.h>

/* One model of one task on its way into a record; its tree is the task with that model as "model". */
struct part {
    struct old_part old;
    const struct nobs_file *file;
    const char *task; /* "llms" */
    const char *name; /* of the model, where its object has none; may be NULL */
};

const char *nobs_generation(const struct json_object *task)
{
    static const struct {
        const char *pointer, *generation;
    } signs[] = {
        {"/model/runs/0/p50_latency_s", "percentiles"},
        {"/model/runs/0/e2e_latency_s", "percentiles"},
        {"/model/final_p50_e2e_latency_s", "percentiles"},
        {"/model/final_50p_latency_s", "medians_std"},
        {"/model/final_50p_ttft_s", "medians_std"},
        {"/model/runs/0/median_latency_s", "medians"},
        {"/model/runs/0/encoding_time_seconds", "medians"},
        {"/model/final_median_latency_s", "medians"},
        {"/model/encoding_time_seconds", "single"},
        {"/model/median_rows_per_second", "medians"},
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (json_get(task, signs[i].pointer) != NULL)
            return signs[i].generation;
    return NULL;
}

/* ---- who, on what ---- */

static bool embeds(const struct part *p)
{
    return strcmp(p->task, "embeddings") == 0;
}

static const char *text_or(const struct part *p, const char *pointer, const char *otherwise)
{
    const char *text = json_get_text(p->old.tree, pointer);
    return text != NULL && text[0] != '\0' ? text : otherwise;
}

static bool set_names(struct part *p)
{
    return old_part_name(&p->old, NOBS_SUITE, p->task,
        embeds(p) ? NOBS_IN_PROCESS : text_or(p, "/backend", "unknown"),
        text_or(p, "/model/model_name", p->name != NULL && p->name[0] != '\0' ? p->name : NULL));
}

/* What has a typed member, but not for this value; the members of arrays and objects are told one by one. */
static void lose_odd(const struct part *p, const char *pointer, const char *told, const char *why)
{
    struct json_object *value = json_get(p->old.tree, pointer);
    if (value != NULL && !json_object_is_type(value, json_type_array) &&
        !json_object_is_type(value, json_type_object))
        migration_lose(p->old.m, told, why);
}

static bool set_parameters(struct part *p)
{
    static const char *const texts[][2] = {{"/dataset", "/tasks/*/dataset"}, {"/backend", "/tasks/*/backend"},
        {"/model/model_name", "/tasks/*/model/model_name"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_get_text(p->old.tree, texts[i][0]) == NULL)
            lose_odd(p, texts[i][0], texts[i][1], "not a text");
    struct json_object *parameters = json_object_new_object();
    const char *dataset = json_get_text(p->old.tree, "/dataset");
    int64_t runs;
    bool ok = dataset == NULL || old_set_line(parameters, "prompt_set", dataset);
    if (json_get_int(p->old.tree, "/model/num_runs", &runs) && runs >= 0)
        ok = ok && json_set_int(parameters, "repeats", runs);
    else
        lose_odd(p, "/model/num_runs", "/tasks/*/model/num_runs", "not a count");
    return json_set(p->old.record, "parameters", parameters) && ok;
}

/* What must be the same before two such results may be held against each other. */
static bool set_identity(struct part *p)
{
    static const char *const members[] = {"/dataset", "/dataset_size", "/num_prompts", "/num_questions",
        "/model/batch_size", "/model/max_seq_length", "/model/dtype", "/model/actual_dataset_size"};
    const char *generation = nobs_generation(p->old.tree);
    struct json_object *facts = json_object_new_object();
    bool ok = json_set_text(facts, "task", p->task) &&
              json_set_text(facts, "generation", generation != NULL ? generation : "unknown");
    for (size_t i = 0; i < sizeof members / sizeof *members && ok; i++) {
        struct json_object *value = json_get(p->old.tree, members[i]);
        ok = value == NULL || json_set(facts, members[i], json_object_get(value));
    }
    return migration_set_identity(p->old.m, p->old.record, facts) && ok;
}

/* ---- tokens ---- */

enum { PROMPT, COMPLETION };

/* The sum of a count over all prompts of all runs; false where one is missing, or the runs' own sums differ. */
static bool count_tokens(const struct part *p, int which, int64_t *sum)
{
    static const char *const of_prompt[] = {"/input_tokens", "/output_tokens"};
    static const char *const of_run[] = {"/total_input_tokens", "/total_output_tokens"};
    struct json_object *runs = json_get_array(p->old.tree, "/model/runs");
    size_t prompts = 0;
    *sum = 0;
    for (size_t i = 0; runs != NULL && i < json_object_array_length(runs); i++) {
        struct json_object *run = json_object_array_get_idx(runs, i);
        struct json_object *details = json_get_array(run, "/per_prompt_details");
        int64_t of_this_run = 0, n, told;
        for (size_t k = 0; details != NULL && k < json_object_array_length(details); k++, prompts++) {
            if (!json_get_int(json_object_array_get_idx(details, k), of_prompt[which], &n) || n < 0 ||
                n > INT32_MAX)
                return false;
            of_this_run += n;
        }
        if (!json_get_int(run, of_run[which], &told) || told != of_this_run)
            return false;
        *sum += of_this_run;
    }
    return prompts > 0;
}

static bool set_tokens(struct part *p)
{
    static const struct {
        const char *name, *lost;
    } kinds[] = {{"prompt", "/tasks/*/model/runs/*/total_input_tokens"},
        {"completion", "/tasks/*/model/runs/*/total_output_tokens"}};
    struct json_object *tokens = json_object_new_object();
    bool ok = true;
    for (int which = PROMPT; which <= COMPLETION; which++) {
        int64_t n;
        if (!count_tokens(p, which, &n)) {
            if (json_get_array(p->old.tree, "/model/runs") != NULL && !embeds(p))
                migration_lose(p->old.m, kinds[which].lost,
                    "whether the server counted every prompt is not known: others are left out of it in "
                    "silence");
            continue;
        }
        struct json_object *count = json_object_new_object();
        ok = json_set_int(count, "n", n) && json_set_text(count, "source", "server_usage") &&
             json_set_null(count, "agrees") && ok;
        ok = json_set(tokens, kinds[which].name, count) && ok;
    }
    if (json_object_object_length(tokens) > 0)
        return json_set(p->old.record, "tokens", tokens) && ok;
    json_object_put(tokens);
    return ok;
}

/* ---- figures ---- */

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 0.005 * fabs(b) + 0.001; /* they are rounded to four digits */
}

/* How many prompts fit the rate of each generation. */
static void weigh_rates(const struct part *p, size_t *whole, size_t *after, size_t *neither)
{
    struct json_object *runs = json_get_array(p->old.tree, "/model/runs");
    *whole = *after = *neither = 0;
    for (size_t i = 0; runs != NULL && i < json_object_array_length(runs); i++) {
        struct json_object *details =
            json_get_array(json_object_array_get_idx(runs, i), "/per_prompt_details");
        for (size_t k = 0; details != NULL && k < json_object_array_length(details); k++) {
            struct json_object *prompt = json_object_array_get_idx(details, k);
            double tokens, latency_s, after_s, rate;
            if (!json_get_real(prompt, "/output_tokens", &tokens) ||
                !json_get_real(prompt, "/total_latency_s", &latency_s) ||
                !json_get_real(prompt, "/tg_s", &after_s) ||
                !json_get_real(prompt, "/tokens_per_sec", &rate) || latency_s <= 0 || after_s <= 0)
                continue;
            bool is_whole = is_near(rate, tokens / latency_s), is_after = is_near(rate, tokens / after_s);
            *whole += is_whole && !is_after;
            *after += is_after && !is_whole;
            *neither += !is_after && !is_whole;
        }
    }
}

/* No version says how it came by tokens per second; the numbers do, where each prompt has them. */
static const char *rate_definition(const struct part *p)
{
    size_t whole, after, neither;
    const char *generation = nobs_generation(p->old.tree);
    weigh_rates(p, &whole, &after, &neither);
    if (neither == 0 && whole > 0 && after == 0)
        return nobs_rate_whole;
    if (neither == 0 && after > 0 && whole == 0)
        return nobs_rate_after_first;
    if (whole + after + neither == 0 && generation != NULL && strcmp(generation, "medians") == 0)
        return nobs_rate_after_first;
    return nobs_rate_unknown;
}

/* Some versions keep the runs, and some only what was computed from them. */
static const struct old_member *members_of(const struct part *p)
{
    static const char *const of_runs[] = {"/model/runs/0/p50_latency_s", "/model/runs/0/p95_latency_s",
        "/model/runs/0/median_latency_s", "/model/runs/0/e2e_latency_s", "/model/runs/0/rps",
        "/model/runs/0/encoding_time_seconds", "/model/encoding_time_seconds"};
    struct json_object *any;
    for (size_t i = 0; i < sizeof of_runs / sizeof *of_runs; i++)
        if (json_find(p->old.tree, of_runs[i], &any))
            return embeds(p) ? nobs_embedding_members : nobs_asking_members;
    return nobs_final_members;
}

static bool set_figures(struct part *p)
{
    if (!old_members_take(p->old.m, members_of(p), p->old.tree, "/tasks/#", p->old.figures))
        return false;
    struct json_object *rate = old_members_figure(p->old.figures, "median_tokens_per_sec");
    return rate == NULL || json_set_text(rate, "definition", rate_definition(p));
}

/* Requests that brought no answer text: failed, or all of it reasoning; the program kept no errors. */
static bool note_unanswered(struct part *p)
{
    struct json_object *runs = json_get_array(p->old.tree, "/model/runs");
    size_t prompts = 0, unanswered = 0;
    for (size_t i = 0; runs != NULL && i < json_object_array_length(runs); i++) {
        struct json_object *details =
            json_get_array(json_object_array_get_idx(runs, i), "/per_prompt_details");
        for (size_t k = 0; details != NULL && k < json_object_array_length(details); k++, prompts++)
            unanswered += json_get(json_object_array_get_idx(details, k), "/ttft_s") == NULL;
    }
    if (unanswered == 0)
        return true;
    struct buf text = BUF_INIT(4096);
    buf_printf(&text,
        "%zu of its %zu requests brought no answer text; why is not known, and their latency is in the "
        "figures",
        unanswered, prompts);
    bool ok = old_part_note(&p->old, buf_text(&text));
    buf_fini(&text);
    return ok;
}

/* ---- the record ---- */

static bool set_outcome(struct part *p)
{
    if (json_object_array_length(p->old.figures) > 0)
        return json_set_text(p->old.record, "outcome", "passed") &&
               old_part_note(&p->old,
                   "passed: that program gave figures for it; it checked no answer and kept no errors");
    return json_set_text(p->old.record, "outcome", "error") &&
           json_set_text(p->old.record, "message", "the original has no figures for it");
}

static bool set_moment(struct part *p)
{
    char moment[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(p->file->unix_ns, moment);
    return json_set_text(p->old.record, "timestamp", moment) &&
           migration_set_derived(p->old.record, "timestamp", p->file->moment);
}

static enum status lift_part(const struct nobs_file *file, struct json_object *tree, const char *pointer,
    const char *name, struct error *e)
{
    struct part p = {.file = file, .task = json_get_text(tree, "/task"), .name = name};
    bool ok = old_part_begin(&p.old, file->m, file->value, tree, pointer, nobs_generation(tree)) &&
              set_names(&p) && set_moment(&p) && set_parameters(&p) && set_identity(&p) && set_tokens(&p) &&
              set_figures(&p) && set_outcome(&p) && note_unanswered(&p);
    return old_part_end(&p.old, ok, e);
}

/* A copy of the task without its models, with this one as "model". */
static struct json_object *with_model(struct json_object *task, struct json_object *model)
{
    struct json_object *copy = json_object_new_object();
    bool ok = copy != NULL;
    json_object_object_foreach(task, key, value)
    {
        if (strcmp(key, "models") == 0 || strcmp(key, "model") == 0)
            continue;
        ok = ok && (value != NULL ? json_set(copy, key, json_object_get(value)) : json_set_null(copy, key));
    }
    if (ok && json_set(copy, "model", json_object_get(model)))
        return copy;
    json_object_put(copy);
    return NULL;
}

static enum status lift_model(const struct nobs_file *file, struct json_object *task,
    struct json_object *model, const char *pointer, const char *name, struct error *e)
{
    if (!json_object_is_type(model, json_type_object))
        return error_set(e, STATUS_INVALID, "%s: an object was expected", pointer);
    struct json_object *copy = with_model(task, model);
    enum status s = copy != NULL ? lift_part(file, copy, pointer, name, e)
                                 : error_set(e, STATUS_NO_MEMORY, "no memory for a task");
    json_object_put(copy);
    return s;
}

static bool is_task_name(const char *name)
{
    return name != NULL &&
           (strcmp(name, "embeddings") == 0 || strcmp(name, "llms") == 0 || strcmp(name, "vlms") == 0);
}

enum status nobs_lift_task(
    const struct nobs_file *file, struct json_object *task, const char *pointer, struct error *e)
{
    struct json_object *models = json_get_object(task, "/models");
    if (!is_task_name(json_get_text(task, "/task")))
        return error_set(e, STATUS_INVALID, "%s: a task embeddings, llms or vlms was expected", pointer);
    if (models == NULL)
        return lift_model(file, task, json_get(task, "/model"), pointer, NULL, e);
    enum status s = STATUS_OK;
    struct buf of_model = BUF_INIT((size_t)1 << 24);
    json_object_object_foreach(models, name, model)
    {
        buf_clear(&of_model);
        buf_printf(&of_model, "%s/models", pointer);
        if (s == STATUS_OK && json_pointer_append(&of_model, name) == STATUS_OK)
            s = lift_model(file, task, model, buf_text(&of_model), name, e);
    }
    buf_fini(&of_model);
    return s;
}
