#include "portfolio.h"

#include "clock.h"
#include "loop.h"
#include "model_guess.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct portfolio_default portfolio_defaults[] = {
    {"http://127.0.0.1:11434", "Ollama"},
    {"http://127.0.0.1:1234", "LM Studio"},
    {"http://127.0.0.1:8080", "llama.cpp, mlx_lm.server, LocalAI"},
    {"http://127.0.0.1:8000", "vLLM, mlx-knife"},
    {"http://127.0.0.1:30000", "SGLang"},
    {"http://127.0.0.1:5001", "KoboldCpp"},
    {NULL, NULL},
};

bool portfolio_is_default(const char *url)
{
    for (const struct portfolio_default *d = portfolio_defaults; d->url; d++) {
        size_t len = strlen(d->url);
        const char *rest = strncmp(url, d->url, len) == 0 ? url + len : "?";
        if (strcmp(rest, "") == 0 || strcmp(rest, "/") == 0 || strcmp(rest, "/v1") == 0 ||
            strcmp(rest, "/v1/") == 0)
            return true;
    }
    return false;
}

enum { TARGETS_MAX = 64 };
#define LIMIT_DEFAULT_NS (3 * NS_PER_S)

/* One thread's work. */
struct question {
    struct portfolio_target *answer;
    int64_t limit_ns;
    pthread_t thread;
    bool running;
};

static void *ask(void *arg)
{
    struct question *q = arg;
    struct portfolio_target *t = q->answer;
    struct target *target = NULL;
    /* A server that was named may use the limit as it likes. What nobody named is given up earlier: on a
     * usual port, a service of another kind may well accept and say nothing. */
    int64_t each_ns = t->access.found ? q->limit_ns / 3 : q->limit_ns;
    struct target_options options = {.url = t->access.url,
        .name = t->access.name,
        .api_key = t->access.api_key,
        .transport = t->access.transport,
        .found = t->access.found,
        .connect_timeout_ns = each_ns,
        .first_token_timeout_ns = each_ns,
        .idle_timeout_ns = each_ns,
        .total_timeout_ns = each_ns,
        .deadline_ns = loop_now_ns() + q->limit_ns};
    t->status = target_open(&options, &target, &t->why);
    if (t->status == STATUS_OK)
        t->status = target_probe(target, &t->why);
    if (target)
        t->info = *target_info(target);
    if (t->status == STATUS_OK)
        t->status = target_list_models(target, &t->models, &t->why);
    for (size_t i = 0; i < t->models.count; i++)
        model_guess_fill(&t->models.items[i]);
    target_close(target);
    return NULL;
}

static void ask_all(struct portfolio *p, struct question *questions, int64_t limit_ns)
{
    for (size_t i = 0; i < p->count; i++) {
        questions[i] = (struct question){.answer = &p->targets[i], .limit_ns = limit_ns};
        questions[i].running = pthread_create(&questions[i].thread, NULL, ask, &questions[i]) == 0;
        if (!questions[i].running)
            ask(&questions[i]); /* no thread to be had: one after the other still answers */
    }
    for (size_t i = 0; i < p->count; i++)
        if (questions[i].running)
            pthread_join(questions[i].thread, NULL);
}

static void target_fini(struct portfolio_target *t)
{
    model_list_fini(&t->models);
}

static void drop_silent(struct portfolio *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->targets[i].status == STATUS_OK)
            p->targets[kept++] = p->targets[i];
        else
            target_fini(&p->targets[i]);
    }
    p->count = kept;
}

static bool name_taken(const struct portfolio *p, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        if (strcmp(p->targets[i].info.name, name) == 0)
            return true;
    return false;
}

/* Two servers of one kind: the second becomes "llamacpp-2". */
static void make_names_unique(struct portfolio *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct target_info *info = &p->targets[i].info;
        char base[48];
        snprintf(base, sizeof base, "%.47s", info->name[0] ? info->name : "server");
        snprintf(info->name, sizeof info->name, "%s", base);
        for (unsigned n = 2; name_taken(p, i, info->name); n++)
            snprintf(info->name, sizeof info->name, "%s-%u", base, n);
    }
}

static enum status list_servers(const struct portfolio_options *o, struct portfolio *p, struct error *e)
{
    size_t count = o->server_count;
    if (!o->servers)
        for (count = 0; portfolio_defaults[count].url;)
            count++;
    if (count > TARGETS_MAX)
        return error_set(
            e, STATUS_LIMIT, "%zu targets are more than the %d that one run may have", count, TARGETS_MAX);
    p->targets = calloc(count ? count : 1, sizeof *p->targets);
    if (!p->targets)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu targets", count);
    for (size_t i = 0; i < count; i++)
        p->targets[i].access = o->servers
                                   ? o->servers[i]
                                   : (struct target_access){.url = portfolio_defaults[i].url, .found = true};
    p->count = count;
    return STATUS_OK;
}

enum status portfolio_discover(
    const struct portfolio_options *options, struct portfolio *portfolio, struct error *e)
{
    *portfolio = (struct portfolio){0};
    struct question *questions = NULL;
    enum status s = list_servers(options, portfolio, e);
    if (s != STATUS_OK)
        goto out;
    questions = calloc(portfolio->count ? portfolio->count : 1, sizeof *questions);
    if (!questions) {
        s = error_set(e, STATUS_NO_MEMORY, "no memory for discovery");
        goto out;
    }
    ask_all(portfolio, questions, options->limit_ns > 0 ? options->limit_ns : LIMIT_DEFAULT_NS);
    if (!options->servers)
        drop_silent(portfolio);
    make_names_unique(portfolio);
out:
    free(questions);
    if (s != STATUS_OK)
        portfolio_fini(portfolio);
    return s;
}

void portfolio_fini(struct portfolio *portfolio)
{
    for (size_t i = 0; i < portfolio->count; i++)
        target_fini(&portfolio->targets[i]);
    free(portfolio->targets);
    *portfolio = (struct portfolio){0};
}
