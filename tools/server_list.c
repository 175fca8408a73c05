#include "server_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char separators[] = " \t\n,";

static enum status add_url(struct server_list *servers, const char *url, size_t len, struct error *e)
{
    if (servers->count == SERVERS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d targets", SERVERS_MAX);
    char *copy = strndup(url, len);
    if (!copy)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the URL of a target");
    servers->urls[servers->count++] = copy;
    return STATUS_OK;
}

static enum status start_sim(struct server_list *servers, const char *scenario, struct error *e)
{
    if (servers->sim_count == SIMS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d simulators", SIMS_MAX);
    const char *models[] = {scenario[0] ? scenario : "sim-steady", NULL};
    struct sim_options options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process *sim = &servers->sims[servers->sim_count];
    snprintf(servers->scenarios[servers->sim_count], sizeof servers->scenarios[0], "%s", models[0]);
    enum status s = sim_spawn(&options, sim, e);
    if (s != STATUS_OK)
        return s;
    servers->sim_count++;
    return add_url(servers, sim->url, strlen(sim->url), e);
}

/* What is no URL may still hold a password: nothing before an @ is repeated. */
static enum status refuse(const char *word, size_t len, struct error *e)
{
    size_t at = len;
    while (at > 0 && word[at - 1] != '@')
        at--;
    return error_set(e, STATUS_USAGE, "\"%s%.*s\" is no target: http://host:port, https://host or sim: are",
        at > 0 ? "***@" : "", (int)(len - at), word + at);
}

static enum status add(struct server_list *servers, const char *word, size_t len, struct error *e)
{
    char start[128];
    snprintf(start, sizeof start, "%.*s", (int)(len < sizeof start ? len : sizeof start - 1), word);
    if (strncmp(start, "sim:", 4) == 0)
        return start_sim(servers, start + 4, e);
    if (strncmp(start, "http://", 7) == 0 || strncmp(start, "https://", 8) == 0)
        return add_url(servers, word, len, e);
    return refuse(word, len, e);
}

static enum status add_words(struct server_list *servers, const char *text, struct error *e)
{
    enum status s = STATUS_OK;
    while (s == STATUS_OK && *(text += strspn(text, separators))) {
        size_t len = strcspn(text, separators);
        s = add(servers, text, len, e);
        text += len;
    }
    return s;
}

enum status server_list_open(const struct opt_list *flags, struct server_list *servers, struct error *e)
{
    *servers = (struct server_list){0};
    const char *env = getenv("ASSAY_TARGETS");
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < flags->count; i++)
        s = add_words(servers, flags->items[i], e);
    if (s == STATUS_OK && flags->count == 0 && env)
        s = add_words(servers, env, e);
    servers->asked = servers->count > 0;
    if (s != STATUS_OK)
        server_list_fini(servers);
    return s;
}

void server_list_fini(struct server_list *servers)
{
    for (size_t i = 0; i < servers->sim_count; i++)
        sim_stop(&servers->sims[i]);
    for (size_t i = 0; i < servers->count; i++)
        free(servers->urls[i]);
    *servers = (struct server_list){0};
}

static bool is_ours(const struct server_list *servers, const char *url)
{
    for (size_t i = 0; i < servers->sim_count; i++)
        if (strcmp(servers->sims[i].url, url) == 0)
            return true;
    return false;
}

enum status server_list_discover(
    const struct server_list *servers, int64_t limit_ns, struct portfolio *portfolio, struct error *e)
{
    struct portfolio_options options = {.urls = servers->asked ? (const char *const *)servers->urls : NULL,
        .url_count = servers->count,
        .limit_ns = limit_ns};
    enum status s = portfolio_discover(&options, portfolio, e);
    for (size_t i = 0; s == STATUS_OK && i < portfolio->count; i++)
        portfolio->targets[i].info.managed = is_ours(servers, portfolio->targets[i].url);
    return s;
}

enum status server_list_check(const struct portfolio_target *target, struct error *e)
{
    struct error why = target->why;
    if (target->status == STATUS_OK)
        return STATUS_OK;
    if (!target->info.endpoint[0])
        return error_set(e, STATUS_USAGE, "%s", error_text(&why));
    return error_set(
        e, STATUS_UNAVAILABLE, "the server %s does not answer: %s", target->info.endpoint, error_text(&why));
}
