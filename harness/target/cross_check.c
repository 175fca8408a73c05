#include "cross_check.h"
#include "exchange_json.h"

#include <math.h>
#include <string.h>

const struct cross_limits cross_limits_usual = {.share = 0.05, .slack_s = 0.005};

double cross_difference(double client, double server)
{
    if (server == 0)
        return client == 0 ? 0 : copysign(1, client);
    return (client - server) / server;
}

/* The pairs of one exchange while they are gathered. */
struct comparison {
    const struct exchange *x;
    const struct cross_limits *limits;
    struct cross_pair *pairs;
    size_t count;
};

/* apart: the difference as a time. */
static void add_time(
    struct comparison *c, const char *metric, double client, double server, double apart_s, const char *cause)
{
    double share = fabs(cross_difference(client, server));
    bool differs = share > c->limits->share && fabs(apart_s) > c->limits->slack_s;
    c->pairs[c->count++] = (struct cross_pair){.metric = metric,
        .client = client,
        .server = server,
        .source = c->x->native.source,
        .differs = differs,
        .cause = differs ? cause : NULL};
}

static void add_count(struct comparison *c, const char *metric, int64_t client, int64_t server,
    const char *source, const char *cause)
{
    double apart = fabs((double)client - (double)server);
    c->pairs[c->count++] = (struct cross_pair){.metric = metric,
        .client = (double)client,
        .server = (double)server,
        .source = source,
        .differs = apart > 1 && fabs(cross_difference((double)client, (double)server)) > c->limits->share,
        .cause = apart > 0 ? cause : NULL};
}

/* ---- times ---- */

/* Until the first token, as the server accounts for it: loading, then the prompt. Negative: it does not. */
static double server_ttft_s(const struct exchange_native *n)
{
    if (n->ttft_s >= 0)
        return n->ttft_s + (n->load_s > 0 ? n->load_s : 0);
    if (n->prompt_s < 0)
        return -1;
    return n->prompt_s + (n->load_s > 0 ? n->load_s : 0);
}

static const char *cause_of_ttft(const struct comparison *c, double apart_s)
{
    const struct exchange_native *n = &c->x->native;
    if (fabs(apart_s) <= c->limits->slack_s)
        return NULL;
    if (apart_s < 0)
        return "the server counts more than the way to the first token";
    if (n->total_s > 0)
        return "work that the server's figure of the prompt leaves out: queue, template, pictures, first "
               "token";
    return "waiting before the prompt: queue, template, network";
}

static void compare_ttft(struct comparison *c)
{
    double server = server_ttft_s(&c->x->native), client;
    if (server < 0 || !c->x->streamed || !exchange_ttft_s(c->x, &client))
        return;
    double apart_s = client - server;
    add_time(c, "ttft_s", client, server, apart_s, cause_of_ttft(c, apart_s));
}

/* From the first token to the last there are n - 1 steps; the servers whose duration we know count so. */
static double server_decode_per_s(const struct exchange *x)
{
    const struct exchange_native *n = &x->native;
    int64_t tokens = n->decode_n >= 0 ? n->decode_n : x->tokens.completion;
    if (n->decode_s > 0 && tokens > 1)
        return (double)(tokens - 1) / n->decode_s;
    return n->decode_per_s;
}

/* The answer was made over a time and came in a fraction of it. */
static const char *cause_of_decode(const struct comparison *c, double client, double server, double steps)
{
    double apart_s = steps / client - steps / server;
    bool events_are_tokens = exchange_events_are_tokens(c->x);
    if (fabs(apart_s) <= c->limits->slack_s)
        return NULL;
    if (client > server && exchange_token_events(c->x) > 1 && client > 2 * server)
        return "the answer arrived in bursts: held back between the model and us";
    if (!events_are_tokens)
        return "several tokens per event: where the first event ends is not known";
    return client > server ? "the first tokens were held back, and came at once"
                           : "the way to us took longer than the model: network, server or client busy";
}

static void compare_decode(struct comparison *c)
{
    double server = server_decode_per_s(c->x), client;
    if (server <= 0 || !exchange_decode_per_s(c->x, &client))
        return;
    double steps = c->x->tokens.completion > 1 ? (double)(c->x->tokens.completion - 1) : 1;
    add_time(c, "decode_tokens_per_s", client, server, steps / client - steps / server,
        cause_of_decode(c, client, server, steps));
}

static double server_prefill_per_s(const struct exchange_native *n)
{
    if (n->prefill_per_s >= 0)
        return n->prefill_per_s;
    return n->prompt_n > 0 && n->prompt_s > 0 ? (double)n->prompt_n / n->prompt_s : -1;
}

/* Tokens that are known to be cached are in neither figure: they explain nothing. */
static const char *cause_of_prefill(const struct exchange *x)
{
    int64_t known_cached = x->tokens.cached > 0 ? x->tokens.cached : 0;
    if (x->native.prompt_n >= 0 && x->tokens.prompt - known_cached > x->native.prompt_n)
        return "cached prompt: the server worked on a part of it";
    return "the time to first token holds more than the prompt";
}

static void compare_prefill(struct comparison *c)
{
    double server = server_prefill_per_s(&c->x->native), client, ttft_s;
    if (server <= 0 || !c->x->streamed || !exchange_prefill_per_s(c->x, &client) ||
        !exchange_ttft_s(c->x, &ttft_s))
        return;
    double apart_s = ttft_s - ttft_s * client / server;
    const char *cause = fabs(apart_s) > c->limits->slack_s ? cause_of_prefill(c->x) : NULL;
    add_time(c, "prefill_tokens_per_s", client, server, apart_s, cause);
}

static void compare_latency(struct comparison *c)
{
    double server = c->x->native.total_s, client;
    if (server <= 0 || !exchange_latency_s(c->x, &client))
        return;
    double apart_s = client - server;
    const char *cause = fabs(apart_s) <= c->limits->slack_s ? NULL
                        : apart_s > 0 ? "waiting outside of the server's own time: queue, network"
                                      : "the server's total holds what came before or after the answer";
    add_time(c, "latency_s", client, server, apart_s, cause);
}

/* ---- counts ---- */

/* What of the answer we can count ourselves: the tokens that events say they have, or at least one each. */
static int64_t counted_tokens(const struct exchange *x, bool *exact)
{
    int64_t sum = 0, events = 0;
    *exact = true;
    for (size_t i = 0; i < x->event_count; i++) {
        if (!(x->events[i].kinds & EVENT_TOKEN_KINDS))
            continue;
        *exact &= x->events[i].tokens >= 0;
        sum += x->events[i].tokens > 0 ? x->events[i].tokens : 0;
        events++;
    }
    *exact &= events > 0;
    return *exact ? sum : events;
}

/* Fewer events than tokens are usual; more events than tokens cannot be. */
static void compare_events(struct comparison *c)
{
    const struct exchange *x = c->x;
    bool exact = false;
    int64_t counted = x->tokens.completion >= 0 ? counted_tokens(x, &exact) : 0;
    if (x->tokens.source == TOKENS_NONE || counted == 0 || (!exact && counted <= x->tokens.completion))
        return;
    add_count(c, "completion_tokens", counted, x->tokens.completion, token_source_name(x->tokens.source),
        counted == x->tokens.completion - 1 ? "a stop token is counted that is never sent"
                                            : "the count is wrong: more came than it says, or less");
}

static void compare_tokenizer(struct comparison *c)
{
    const struct exchange *x = c->x;
    if (x->tokenized >= 0 && x->tokens.completion >= 0)
        add_count(c, "completion_tokens", x->tokens.completion, x->tokenized, "tokenizer",
            x->tokens.completion > x->tokenized ? "stop token or marks that are counted and not in the text"
                                                : "fewer tokens are counted than the text has");
}

static void compare_usage(struct comparison *c)
{
    const struct exchange *x = c->x;
    const struct exchange_native *n = &x->native;
    if (x->tokens.source != TOKENS_SERVER_USAGE || !n->source)
        return;
    if (n->decode_n >= 0 && x->tokens.completion >= 0 && n->decode_n != x->tokens.completion)
        add_count(c, "completion_tokens", x->tokens.completion, n->decode_n, n->source,
            "usage and the server's own figures differ: stop token, or reasoning left out");
    int64_t prompt = n->prompt_n < 0 ? -1 : n->prompt_n + (n->cached_n > 0 ? n->cached_n : 0);
    if (prompt >= 0 && x->tokens.prompt >= 0)
        add_count(c, "prompt_tokens", x->tokens.prompt, prompt, n->source,
            prompt < x->tokens.prompt
                ? "cached prompt: only what was computed is counted"
                : "tokens of the chat template are counted by one and not by the other");
}

size_t cross_check(const struct exchange *x, const struct cross_limits *limits, struct cross_pair *pairs)
{
    struct comparison c = {.x = x, .limits = limits, .pairs = pairs};
    if (x->error != EXCHANGE_OK)
        return 0;
    if (x->native.source) {
        compare_ttft(&c);
        compare_decode(&c);
        compare_prefill(&c);
        compare_latency(&c);
    }
    compare_usage(&c);
    compare_tokenizer(&c);
    if (x->tokens.source != TOKENS_NONE && x->streamed)
        compare_events(&c);
    return c.count;
}
