/*
 * load.* - many requests at once, or so many a second, made by the load client (docs/load.md) against the target
 * under test: closed loops at a ladder of streams, open loops at fixed rates, evenly and in bursts.
 *
 * Prompts and answers have one length each, so that runs compare; answers go on to it where the server can be told.
 */
#include "suite.h"

#include "answered.h"
#include "clock.h"
#include "context_load.h"

#include <math.h>

enum { PROMPT_TOKENS = 128, OUTPUT_TOKENS = 64, TEMPLATE_TOKENS = 64, CASE_TIMEOUT_S = 1800 };

/* Goodput: what MLPerf asks of a server that people talk to (slo_presets.c has the source). */
#define OBJECTIVES "mlperf-llama2-70b"

struct load_shape {
    int streams;       /* closed loop; 0: open */
    double rate_per_s; /* open loop */
    double burstiness; /* coefficient of variation of the gaps; 0: Poisson */
};

/* ---- how long ---- */

#define WINDOW_S 10  /* at least, closed loop: what a window should have (steady.h) */
#define OPEN_S 20    /* a rate has to bring some requests */
#define ROUNDS 4     /* of answers within a window, where they take long */
#define WARMUP_S 1.0 /* at least */
#define PLANNED 0.8  /* of the case's time its repeats may take as far as is known */
#define USABLE 0.9   /* and with what piled up in them; the rest is for the warm-up */

/* What a warm-up taught. It does not know what the server can do: that grows with what is asked at once. */
struct pace {
    double round_s; /* from one request of a stream to its next, at this load; 0: not known */
};

static double seconds_at_least(double least, double wanted)
{
    return wanted > least ? wanted : least;
}

static struct length fixed(int64_t tokens)
{
    return (struct length){.kind = LENGTH_FIXED, .mean = (double)tokens};
}

static int64_t output_tokens(struct assay_context *ctx)
{
    struct chat_request chat = assay_request_words(ctx, 1, "", OUTPUT_TOKENS);
    return chat.max_tokens;
}

static struct load_test_options options_of(
    struct assay_context *ctx, const struct load_shape *shape, const struct slo_set *slo)
{
    struct arrivals arrivals = {.kind = ARRIVALS_CLOSED, .streams = shape->streams};
    if (shape->streams == 0)
        arrivals = (struct arrivals){.kind = shape->burstiness > 0 ? ARRIVALS_GAMMA : ARRIVALS_POISSON,
            .rate_per_s = shape->rate_per_s,
            .cv = shape->burstiness};
    return (struct load_test_options){.plan = {.arrivals = arrivals,
                                          .prompt_tokens = fixed(PROMPT_TOKENS),
                                          .output_tokens = fixed(output_tokens(ctx))},
        .client = {.drain_ns = CASE_TIMEOUT_S * NS_PER_S}, /* of a warm-up, whose requests are counted */
        .slo = slo};
}

/* ---- warm-up ---- */

/* Two requests for each stream, one behind the other; of an open loop, for as many streams as its rate. */
static void warm_up(struct assay_context *ctx, struct load_test_options o, struct pace *pace)
{
    struct load_test test;
    int streams = o.plan.arrivals.streams;
    if (streams == 0)
        streams = o.plan.arrivals.rate_per_s > 4 ? (int)ceil(o.plan.arrivals.rate_per_s) : 4;
    o.plan.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .streams = streams};
    o.plan.count = 2 * (size_t)streams;
    assay_load_test(ctx, &o, &test);
    double seconds = (double)(test.outcome.t_end_ns - test.outcome.t_start_ns) / 1e9;
    pace->round_s = seconds / 2;
    load_test_fini(&test);
}

static void skip_where_it_takes_too_long(struct assay_context *ctx, double repeat_s)
{
    double whole_s = repeat_s * assay_repeats(ctx);
    if (whole_s > PLANNED * CASE_TIMEOUT_S)
        assay_skip(ctx,
            "on this server %d repeats would take about %s s: ask for fewer (--repeats) or shorter answers "
            "(--max-tokens)",
            assay_repeats(ctx), figure(round(whole_s)).text);
}

/* What began in the window may end. Where more was asked than the server can do that may take for ever: each
 * repeat has its share of the case's time, and what has not ended by then is cut off, and counted. */
static double drain_seconds(struct assay_context *ctx, double asking_s)
{
    return USABLE * CASE_TIMEOUT_S / assay_repeats(ctx) - asking_s;
}

/* ---- the case ---- */

static void skip_where_context_is_short(struct assay_context *ctx, int64_t output)
{
    int64_t context = assay_model(ctx)->context_length, needed = PROMPT_TOKENS + output + TEMPLATE_TOKENS;
    if (context > 0 && context < needed)
        assay_skip(ctx, "the model's context is %lld tokens, this needs %lld", (long long)context,
            (long long)needed);
}

static void measure(struct assay_context *ctx, struct load_test_options o, const struct pace *pace)
{
    struct load_test test;
    double least_s = o.plan.arrivals.kind == ARRIVALS_CLOSED ? WINDOW_S : OPEN_S;
    double warmup_s = seconds_at_least(WARMUP_S, pace->round_s);
    double window_s = seconds_at_least(least_s, ROUNDS * pace->round_s);
    skip_where_it_takes_too_long(ctx, warmup_s + window_s + pace->round_s);
    o.client.warmup_ns = clock_ns_of_seconds(warmup_s);
    o.plan.duration_ns = clock_ns_of_seconds(warmup_s + window_s);
    o.client.drain_ns = clock_ns_of_seconds(drain_seconds(ctx, warmup_s + window_s));
    assay_load_test(ctx, &o, &test);
    load_test_fini(&test);
}

static void load(struct assay_context *ctx)
{
    const struct load_shape *shape = assay_data(ctx);
    struct slo_set slo;
    struct pace pace = {0};
    struct error why = {0};
    ck_assert_msg(slo_parse(OBJECTIVES, &slo, &why) == STATUS_OK, "%s", error_text(&why));
    struct load_test_options o = options_of(ctx, shape, &slo);
    skip_where_context_is_short(ctx, (int64_t)o.plan.output_tokens.mean);
    assay_load_parameters(ctx, &o.plan);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        bool unknown =
            pace.round_s <= 0; /* --warmup 0: how long a window has to be is to be known all the same */
        assay_measure(ctx, false);
        if (repeat < 0 || unknown)
            warm_up(ctx, o, &pace);
        assay_measure(ctx, true);
        if (repeat >= 0)
            measure(ctx, o, &pace);
    }
}

/* Requests, tokens and seconds are for estimates: of a window of a server that ends 16 tokens a second and stream. */
#define CASE(name, text, only_by_name, at_once, window_s, ...)                                               \
    {                                                                                                        \
        .id = "load." name, .summary = text, .body = load, .version = 1, .on_request = true,                 \
        .by_name = (only_by_name), .per_model = true, .needs = MODALITY_TEXT, .timeout_s = CASE_TIMEOUT_S,   \
        .requests = (int)(at_once), .tokens = (int64_t)(at_once)*OUTPUT_TOKENS, .repeat_s = (window_s) + 2,  \
        .data = &(const struct load_shape)                                                                   \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }

#define CLOSED(number, only_by_name)                                                                         \
    CASE("closed_" #number, #number " streams, each of which asks again at once", only_by_name,              \
        3 * (number), WINDOW_S, .streams = (number))
#define OPEN(number, only_by_name)                                                                           \
    CASE("open_" #number, #number " requests a second at random moments, whatever comes back", only_by_name, \
        OPEN_S *(number), OPEN_S, .rate_per_s = (number))
#define BURST(number, only_by_name)                                                                          \
    CASE("burst_" #number, #number " requests a second in bursts, with pauses between them", only_by_name,   \
        OPEN_S *(number), OPEN_S, .rate_per_s = (number), .burstiness = 2)

const struct assay_case cases_load[] = {
    CLOSED(1, false),
    CLOSED(2, true),
    CLOSED(4, false),
    CLOSED(8, true),
    CLOSED(16, false),
    CLOSED(32, true),
    CLOSED(64, true),
    CLOSED(128, true),
    CLOSED(256, true),
    OPEN(1, false),
    OPEN(4, true),
    OPEN(16, true),
    OPEN(64, true),
    BURST(4, false),
    BURST(16, true),
    {0},
};
