#include "server_list.h"

#include "lms.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Takes what the configuration says of it, also on failure. */
static enum status add_server(
    struct server_list *servers, const char *url, struct config_target *said, struct error *e)
{
    char *copy = servers->count < SERVERS_MAX ? strdup(url) : NULL;
    if (copy) {
        struct config_target *kept = &servers->said[servers->count];
        *kept = *said;
        *said = (struct config_target){0};
        servers->servers[servers->count++] = (struct target_access){
            .url = copy, .name = kept->name, .api_key = kept->api_key, .transport = &kept->transport};
        return STATUS_OK;
    }
    config_target_fini(said);
    if (servers->count == SERVERS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d targets", SERVERS_MAX);
    return error_set(e, STATUS_NO_MEMORY, "no memory for the URL of a target");
}

/* Does not take what is said. A simulator is reached in the usual way. */
static enum status start_sim(
    struct server_list *servers, const char *scenario, const struct config_target *said, struct error *e)
{
    if (servers->sim_count == SIMS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d simulators", SIMS_MAX);
    if (strlen(scenario) >= sizeof servers->scenarios[0])
        return error_set(e, STATUS_USAGE, "\"%.40s...\" is no scenario: its name is too long", scenario);
    const char *models[] = {scenario[0] ? scenario : "sim-steady", NULL};
    struct sim_options options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process *sim = &servers->sims[servers->sim_count];
    memcpy(servers->scenarios[servers->sim_count], models[0], strlen(models[0]) + 1);
    struct config_target named = {0};
    enum status s = sim_spawn(&options, sim, e);
    if (s != STATUS_OK)
        return s;
    servers->sim_count++;
    if (said->name && !(named.name = strdup(said->name)))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the name of a target");
    return add_server(servers, sim->url, &named, e);
}

/* Started only where none runs: what others have started serves as well, and stays. */
static enum status find_or_start_lms(int wanted, int *port, bool *started, struct error *e)
{
    bool running = false;
    enum status s = lms_server_status(&running, port, e);
    *started = s == STATUS_OK && !running;
    if (*started)
        return lms_server_start(wanted, port, e);
    if (s == STATUS_OK && wanted > 0 && wanted != *port)
        s = error_set(
            e, STATUS_USAGE, "LM Studio's server runs on port %d already; lms: takes it as it is", *port);
    return s;
}

/* Does not take what is said. */
static enum status use_lms(
    struct server_list *servers, const char *rest, const struct config_target *said, struct error *e)
{
    struct config_target named = {0};
    int64_t wanted = 0;
    int port = 0;
    bool started = false;
    char url[64];
    if (*rest && (!text_parse_i64(rest, &wanted) || wanted < 1 || wanted > 65535))
        return error_set(e, STATUS_USAGE, "\"%.40s\" is no port: lms: or lms:PORT", rest);
    enum status s = find_or_start_lms((int)wanted, &port, &started, e);
    if (s != STATUS_OK)
        return s;
    snprintf(url, sizeof url, "lmstudio+http://127.0.0.1:%d", port);
    if (said->name && !(named.name = strdup(said->name)))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the name of a target");
    s = add_server(servers, url, &named, e);
    if (s == STATUS_OK && started)
        servers->lms_url = servers->servers[servers->count - 1].url;
    return s;
}

/* What is no URL may still hold a password: nothing before an @ is repeated. */
static enum status refuse(const char *word, struct error *e)
{
    const char *at = strrchr(word, '@');
    return error_set(e, STATUS_USAGE,
        "\"%s%s\" is no target: http://host:port, https://host, http+unix://%%2Fpath, sim: or lms: are",
        at ? "***@" : "", at ? at + 1 : word);
}

/* With or without the name of a protocol before it: "ollama+http://host". */
static bool is_url(const char *word)
{
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyz-");
    const char *url = word[name] == '+' && strncmp(word, "http+", 5) != 0 ? word + name + 1 : word;
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0 ||
           strncmp(url, "http+unix://", 12) == 0;
}

static enum status add(struct server_list *servers, const char *url, const struct config *config,
    const struct transport_options *usual, struct error *e)
{
    struct config_target said;
    enum status s = config_target(config, url, usual, &said, e);
    if (s == STATUS_OK && strncmp(url, "sim:", 4) == 0)
        s = start_sim(servers, url + 4, &said, e);
    else if (s == STATUS_OK && strncmp(url, "lms:", 4) == 0)
        s = use_lms(servers, url + 4, &said, e);
    else if (s == STATUS_OK && is_url(url))
        s = add_server(servers, url, &said, e);
    else if (s == STATUS_OK)
        s = refuse(url, e);
    config_target_fini(&said);
    return s;
}

/* One option may name several servers, as the variable does. */
static enum status add_words(struct server_list *servers, const char *text, const struct config *config,
    const struct transport_options *usual, struct error *e)
{
    static const char separators[] = " \t\n,";
    enum status s = STATUS_OK;
    if (!text[strspn(
            text, separators)]) /* --target "$URL" with URL unset must not measure whatever is found */
        return error_set(
            e, STATUS_USAGE, "a target is empty: http://host:port, https://host or sim: are targets");
    while (s == STATUS_OK && *(text += strspn(text, separators))) {
        size_t len = strcspn(text, separators);
        char *word = strndup(text, len);
        s = word ? add(servers, word, config, usual, e)
                 : error_set(e, STATUS_NO_MEMORY, "no memory for a target");
        free(word);
        text += len;
    }
    return s;
}

enum status server_list_open(const struct opt_list *urls, const struct config *config,
    const struct transport_options *usual, struct server_list *servers, struct error *e)
{
    *servers = (struct server_list){0};
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < urls->count; i++)
        s = add_words(servers, urls->items[i], config, usual, e);
    servers->asked = servers->count > 0;
    if (s != STATUS_OK)
        server_list_fini(servers);
    return s;
}

void server_list_fini(struct server_list *servers)
{
    struct error ignored = {0};
    if (servers->lms_url)
        (void)!lms_server_stop(&ignored);
    for (size_t i = 0; i < servers->sim_count; i++)
        sim_stop(&servers->sims[i]);
    for (size_t i = 0; i < servers->count; i++) {
        free((char *)servers->servers[i].url);
        config_target_fini(&servers->said[i]);
    }
    *servers = (struct server_list){0};
}

static bool is_ours(const struct server_list *servers, const char *url)
{
    for (size_t i = 0; i < servers->sim_count; i++)
        if (strcmp(servers->sims[i].url, url) == 0)
            return true;
    return servers->lms_url && strcmp(servers->lms_url, url) == 0;
}

enum status server_list_discover(
    const struct server_list *servers, int64_t limit_ns, struct portfolio *portfolio, struct error *e)
{
    struct portfolio_options options = {.servers = servers->asked ? servers->servers : NULL,
        .server_count = servers->count,
        .limit_ns = limit_ns};
    enum status s = portfolio_discover(&options, portfolio, e);
    for (size_t i = 0; s == STATUS_OK && i < portfolio->count; i++)
        portfolio->targets[i].info.managed = is_ours(servers, portfolio->targets[i].access.url);
    return s;
}

enum status server_list_check(const struct portfolio_target *target, struct error *e)
{
    struct error why = target->why;
    if (target->status == STATUS_OK)
        return STATUS_OK;
    const char *at = strrchr(target->access.url, '@');
    if (!target->info.endpoint[0])
        return error_set(e, STATUS_USAGE, "\"%s%s\": %s", at ? "***@" : "", at ? at + 1 : target->access.url,
            error_text(&why));
    return error_set(e, STATUS_UNAVAILABLE, "the server %s %s: %s%s", target->info.endpoint,
        target->status == STATUS_NOT_FOUND || target->status == STATUS_TIMEOUT ? "does not answer"
                                                                               : "is not usable",
        error_text(&why), target->status == STATUS_TIMEOUT ? "; --limit TIME waits longer" : "");
}
