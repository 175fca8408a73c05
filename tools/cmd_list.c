/* assay list - the cases of this program, the servers that answer, the models they offer. */
#include "verb.h"

#include "clock.h"
#include "json.h"
#include "metric.h"
#include "model_table.h"
#include "plan.h"
#include "program_suite.h"
#include "run_options.h"
#include "server_list.h"
#include "text.h"

#include <string.h>

struct list_options {
    bool cases, targets, models, metrics, json, markdown;
    const char *config, *min_size, *max_size;
    struct opt_list urls, patterns, modalities;
    int64_t limit_ns;
    struct transport_options transport;
};

static const struct opt options_table[] = {
    {"cases", 0, OPT_FLAG, offsetof(struct list_options, cases), NULL, "only the cases", .flag_only = true},
    {"targets", 0, OPT_FLAG, offsetof(struct list_options, targets), NULL, "only the servers that answer",
        .flag_only = true},
    {"models", 0, OPT_FLAG, offsetof(struct list_options, models), NULL, "only the models they offer",
        .flag_only = true},
    {"metrics", 0, OPT_FLAG, offsetof(struct list_options, metrics), NULL,
        "only the metrics and their definitions", .flag_only = true},
    {"target", 't', OPT_LIST, offsetof(struct list_options, urls), "URL",
        "ask this server (again for more); sim: is a simulator, lms: LM Studio by its program",
        .values = OPT_TARGETS},
    TRANSPORT_OPTIONS(struct list_options, transport),
    {"model", 'm', OPT_LIST, offsetof(struct list_options, patterns), "PATTERN",
        "only models whose id matches (* and ?); !PATTERN: only others"},
    {"modality", 0, OPT_LIST, offsetof(struct list_options, modalities), "KIND",
        "only models of this kind: text, vision, audio, embedding, image, speech, rerank, tools",
        .values = "text|vision|audio|embedding|image|speech|rerank|tools"},
    {"min-size", 0, OPT_TEXT, offsetof(struct list_options, min_size), "SIZE",
        "only models of at least 3B parameters, or 2GB"},
    {"max-size", 0, OPT_TEXT, offsetof(struct list_options, max_size), "SIZE",
        "only models of at most 8B parameters, or 6GB"},
    {"limit", 0, OPT_DURATION, offsetof(struct list_options, limit_ns), "TIME",
        "give up on silent servers after this (default 3 s)"},
    {"config", 0, OPT_TEXT, offsetof(struct list_options, config), "FILE",
        "read this instead of assay.yaml; none reads neither it nor .env", .flag_only = true},
    {"json", 0, OPT_FLAG, offsetof(struct list_options, json), NULL, "print JSON", .flag_only = true},
    {"markdown", 0, OPT_FLAG, offsetof(struct list_options, markdown), NULL,
        "print the metrics as the table of docs/metrics.md", .flag_only = true},
    {0},
};

static const struct opt_usage usage = {
    .verb = "list",
    .operands = "",
    .summary =
        "Lists the cases of this program, the servers that answer, the models they offer, or the metrics.",
    .details =
        "Servers are those of --target, else of ASSAY_TARGETS, else of assay.yaml, else the usual "
        "ports of this machine.\n\n"
        "All servers are asked at the same time, and whatever they do the list is there within --limit:\n"
        "what is missing is said, and a server that was named and does not answer makes the exit code "
        "3.\n\n"
        "  assay list --cases\n"
        "  assay list --models --target http://127.0.0.1:8080\n",
};

static const char *kind(const struct assay_case *c)
{
    return c->no_target ? "once" : c->per_model ? "per model" : "per target";
}

static void print_cases(void)
{
    printf("%-40s %-11s %s\n", "CASE", "RUNS", "WHAT IT DOES");
    for (const struct assay_case *c = program_suite()->cases; c->id; c++)
        printf("%-40s %-11s %s%s\n", c->id, kind(c), c->summary, c->on_request ? " (on request)" : "");
}

static void print_metrics(void)
{
    printf("%-22s %-12s %-7s %s\n", "METRIC", "UNIT", "BETTER", "DEFINITION");
    for (const struct metric *m = metrics_all; m->name; m++)
        printf("%-22s %-12s %-7s %s\n", m->name, m->unit, better_name(m->better), m->definition);
}

static int print_metrics_table(void)
{
    printf("| metric | unit | better | taken over | definition |\n|---|---|---|---|---|\n");
    for (const struct metric *m = metrics_all; m->name; m++)
        printf("| `%s` | %s | %s | %s | %s |\n", m->name, m->unit, better_name(m->better),
            m->pooled ? "all samples" : "repeats", m->definition);
    return EXIT_FINE;
}

/* Names come from servers: hostile text. */
static const char *shown(struct buf *scratch, const char *text)
{
    buf_clear(scratch);
    text_sanitise_line(scratch, text, strlen(text), 200);
    return buf_text(scratch);
}

static void print_targets(const struct portfolio *p)
{
    struct buf a = BUF_INIT(1024), b = BUF_INIT(1024), c = BUF_INIT(4096);
    printf("%-20s %-24s %-36s %s\n", "TARGET", "SERVER", "ENDPOINT", "STATE");
    for (size_t i = 0; i < p->count; i++) {
        struct portfolio_target *t = &p->targets[i];
        printf("%-20s %-24s %-36s ", shown(&a, t->info.name), shown(&b, t->info.server), t->info.endpoint);
        if (t->status == STATUS_OK)
            printf("%zu model%s%s\n", t->models.count, t->models.count == 1 ? "" : "s",
                t->info.simulated ? " (simulated)" : "");
        else
            printf("does not answer: %s\n", shown(&c, error_text(&t->why)));
    }
    if (p->count == 0)
        printf("(none: start a server, name one with --target URL, or try --target sim:)\n");
    buf_fini(&a);
    buf_fini(&b);
    buf_fini(&c);
}

/* Why a server has no line, or fewer lines than it lists models. */
static void print_no_models(const struct portfolio_target *t, struct buf *scratch)
{
    struct error why = t->why;
    if (t->status != STATUS_OK)
        printf("%-20s (none: %s)\n", t->info.name, shown(scratch, error_text(&why)));
    else if (t->models.count == 0 && t->models.filtered > 0)
        printf("%-20s (none of %zu models is of the kind asked for)\n", t->info.name, t->models.filtered);
    else if (t->models.count == 0 && t->models.unusable == 0)
        printf("%-20s (none: the server lists no model)\n", t->info.name);
    if (t->models.undescribed > 0)
        printf("%-20s (partial: %zu of these models not described in time)\n", t->info.name,
            t->models.undescribed);
    if (t->models.unusable > 0)
        printf("%-20s (%zu left out: without an id, or with one longer than %zu bytes)\n", t->info.name,
            t->models.unusable, sizeof t->models.items->id - 1);
}

static void print_models(const struct portfolio *p)
{
    struct buf scratch = BUF_INIT(1024);
    struct model_table table;
    model_table_measure(&table, p, stdout);
    model_table_print_head(&table, stdout);
    bool guessed = false;
    for (size_t i = 0; i < p->count; i++) {
        print_no_models(&p->targets[i], &scratch);
        for (size_t j = 0; j < p->targets[i].models.count; j++) {
            const struct model_info *m = &p->targets[i].models.items[j];
            model_table_print(&table, p->targets[i].info.name, m, stdout);
            guessed |= m->guessed != 0;
        }
    }
    if (guessed)
        printf("(~ is a guess from the model's name: the server does not say)\n");
    buf_fini(&scratch);
}

static struct json_object *cases_to_json(void)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (const struct assay_case *c = program_suite()->cases; ok && c->id; c++) {
        struct json_object *o = json_object_new_object();
        ok = json_set_text(o, "id", c->id) && json_set_text(o, "summary", c->summary) &&
             json_set_int(o, "version", c->version) && json_set_text(o, "runs", kind(c)) &&
             json_set_bool(o, "on_request", c->on_request);
        ok = json_add(list, o) && ok;
    }
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static struct json_object *metrics_to_json(void)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (const struct metric *m = metrics_all; ok && m->name; m++) {
        struct json_object *o = json_object_new_object();
        ok = json_set_text(o, "name", m->name) && json_set_text(o, "unit", m->unit) &&
             json_set_text(o, "better", better_name(m->better)) && json_set_bool(o, "pooled", m->pooled) &&
             json_set_text(o, "definition", m->definition);
        ok = json_add(list, o) && ok;
    }
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static struct json_object *target_to_json(struct portfolio_target *t)
{
    struct json_object *o = plan_target_to_json(&t->info), *models = json_object_new_array();
    bool ok = json_set_bool(o, "answers", t->status == STATUS_OK) &&
              (t->models.undescribed == 0 ||
                  json_set_int(o, "undescribed_models", (int64_t)t->models.undescribed)) &&
              (t->status == STATUS_OK || json_set_text(o, "reason", error_text(&t->why)));
    for (size_t i = 0; ok && i < t->models.count; i++)
        ok = json_add(models, plan_model_to_json(&t->models.items[i]));
    ok = json_set(o, "models", models) && ok;
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static struct json_object *targets_to_json(struct portfolio *p)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < p->count; i++)
        ok = json_add(list, target_to_json(&p->targets[i]));
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static int print_json(const struct list_options *o, struct portfolio *p)
{
    struct json_object *tree = json_object_new_object();
    struct buf text = BUF_INIT(64 << 20);
    struct error why = {0};
    bool ok = tree != NULL;
    if (ok && o->cases)
        ok = json_set(tree, "cases", cases_to_json());
    if (ok && o->metrics)
        ok = json_set(tree, "metrics", metrics_to_json());
    if (ok && (o->targets || o->models))
        ok = json_set(tree, "targets", targets_to_json(p));
    enum status s =
        ok ? json_write_pretty(tree, &text, &why) : error_set(&why, STATUS_NO_MEMORY, "no memory");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    json_object_put(tree);
    buf_fini(&text);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("list", &why);
}

/* Where something is missing: how long it was waited for. */
static void print_limit(const struct list_options *o, const struct portfolio *p)
{
    char time[64];
    bool missing = false;
    for (size_t i = 0; i < p->count; i++)
        missing |= p->targets[i].status == STATUS_TIMEOUT || p->targets[i].models.undescribed > 0;
    if (missing) {
        text_format_duration(time, sizeof time, (double)o->limit_ns / NS_PER_S);
        printf("(servers were asked for %s, and no longer: --limit TIME waits longer)\n", time);
    }
}

/* The parts that were asked for, an empty line between two. */
static int print_text(const struct list_options *o, const struct portfolio *p)
{
    const char *between = "";
    if (o->cases)
        print_cases(), between = "\n";
    if (o->targets)
        fputs(between, stdout), print_targets(p), between = "\n";
    if (o->models)
        fputs(between, stdout), print_models(p), between = "\n";
    if (o->targets || o->models)
        print_limit(o, p);
    if (o->metrics)
        fputs(between, stdout), print_metrics();
    return EXIT_FINE;
}

/* A list is printed whole all the same, but a script must see that a server is missing. */
static bool all_answer(const struct portfolio *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->targets[i].status != STATUS_OK)
            return false;
    return true;
}

/* Leaves the models that are wanted. */
static enum status choose_models(const struct list_options *o, struct portfolio *p, struct error *e)
{
    struct model_filter filter = {.patterns = &o->patterns};
    char why[256];
    enum status s = run_options_filter(&o->modalities, o->min_size, o->max_size, &filter, e);
    for (size_t i = 0; s == STATUS_OK && i < p->count; i++) {
        struct model_list *models = &p->targets[i].models;
        size_t kept = 0;
        for (size_t j = 0; j < models->count; j++)
            if (model_filter_takes(&filter, &models->items[j], why, sizeof why))
                models->items[kept++] = models->items[j];
        models->filtered += models->count - kept;
        models->count = kept;
    }
    return s;
}

static int list_main(int argc, char **argv)
{
    struct list_options o = {.limit_ns = 3 * NS_PER_S};
    struct server_list servers = {0};
    struct portfolio portfolio = {0};
    struct config config = {0};
    struct config_origins origins;
    struct error why = {0};
    int first, code;
    if (!config_begin(&usage, options_table, &o, argc, argv, &first, &code, &config, &origins) ||
        verb_refuses_operand(&usage, argc, argv, first, &code)) {
        config_fini(&config);
        return code;
    }
    if (o.markdown) {
        config_fini(&config);
        return print_metrics_table();
    }
    if (!o.cases && !o.targets && !o.models && !o.metrics)
        o.cases = o.targets = o.models = true;
    bool ask = o.targets || o.models;
    enum status s = ask ? server_list_open(&o.urls, &config, &o.transport, &servers, &why) : STATUS_OK;
    if (s == STATUS_OK && ask)
        s = server_list_discover(&servers, o.limit_ns, &portfolio, &why);
    if (s == STATUS_OK && ask)
        s = choose_models(&o, &portfolio, &why);
    if (s != STATUS_OK)
        code = verb_fail("list", &why);
    else
        code = o.json ? print_json(&o, &portfolio) : print_text(&o, &portfolio);
    if (code == EXIT_FINE && !all_answer(&portfolio))
        code = EXIT_CANNOT_JUDGE;
    portfolio_fini(&portfolio);
    server_list_fini(&servers);
    config_fini(&config);
    return code;
}

const struct verb cmd_list = {.group = VERB_MEASURE,
    .name = "list",
    .summary = "list cases, servers and models",
    .usage = &usage,
    .options = options_table,
    .main = list_main};
