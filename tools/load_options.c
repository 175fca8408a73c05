#include "load_options.h"

#include "clock.h"
#include "load_words.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct load_options, field)
#define DURATION_NS (30 * NS_PER_S)
#define WARMUP_NS (5 * NS_PER_S) /* but no more than a fifth of the test */

const struct opt load_options_table[] = {
    {"target", 't', OPT_LIST, AT(targets), "URL",
        "load this server (again for more); sim: is a simulator, lms: LM Studio by its program",
        .values = OPT_TARGETS},
    TRANSPORT_OPTIONS(struct load_options, transport),
    {"model", 'm', OPT_LIST, AT(models), "PATTERN", "the model or models to ask (* and ?)"},
    {"share", 0, OPT_LIST, AT(shares), "N",
        "so much for the first model, the second, ... (default: all alike)"},
    {"streams", 'n', OPT_TEXT, AT(streams), "N", "closed loop: so many at any time (default 1)"},
    {"rate", 'r', OPT_TEXT, AT(rate), "RATE", "open loop: so many a second, whatever comes back; 30/min"},
    {"arrivals", 0, OPT_TEXT, AT(arrivals), "KIND", "poisson (default), constant, gamma:CV, trace:FILE",
        .values = "poisson|constant|gamma:|trace:"},
    {"speed", 0, OPT_TEXT, AT(speed), "FACTOR", "play a trace faster or slower"},
    {"stages", 0, OPT_TEXT, AT(stages), "LIST", "closed loop in steps: 1x10s,4x10s,16x30s"},
    {"ramp", 0, OPT_DURATION, AT(ramp_ns), "TIME",
        "reach the load in a straight line; left out of the figures"},
    {"duration", 'd', OPT_DURATION, AT(duration_ns), "TIME",
        "start nothing after this (default 30 s without --count)", .positive = true},
    {"count", 'c', OPT_INT, AT(count), "N", "so many requests in all", .min = 1, .max = LOAD_ITEMS_MAX},
    {"prompt", 0, OPT_TEXT, AT(prompt), "LENGTH",
        "tokens of a prompt (default 128): 128, 100-200, normal:500,100, lognormal:500,400, @FILE"},
    {"output", 0, OPT_TEXT, AT(output), "LENGTH", "tokens of an answer, likewise (default 128)"},
    {"turns", 0, OPT_TEXT, AT(turns), "LENGTH", "turns of a conversation, likewise (default 1)"},
    {"pause", 0, OPT_TEXT, AT(pause), "TIME", "how long a user thinks before a later turn: 2s, 500ms-3s"},
    {"prefix", 0, OPT_TEXT, AT(prefix), "LENGTH", "tokens that prompts have in common"},
    {"prefixes", 0, OPT_INT, AT(prefixes), "N", "so many different ones (default 1)", .min = 1, .max = 65534},
    {"warmup", 0, OPT_DURATION, AT(warmup_ns), "TIME",
        "leave out what begins earlier (default 5 s, or a fifth of --duration)"},
    {"drain", 0, OPT_DURATION, AT(drain_ns), "TIME", "wait so long for the last answers (default 60 s)"},
    {"slo", 0, OPT_TEXT, AT(slo), "WORDS",
        "objectives: ttft_p99<2s,tpot_p99<200ms,errors<1%, or a name as mlperf-llama2-70b"},
    {"find", 'f', OPT_TEXT, AT(find), "WHAT",
        "try loads: highest (that keeps the --slo), knee, sweep (up to saturation)",
        .values = "highest|knee|sweep"},
    {"from", 0, OPT_TEXT, AT(from), "LOAD", "the lowest load to try (default 1)"},
    {"to", 0, OPT_TEXT, AT(to), "LOAD", "the highest (default 1024 streams, 10000 a second)"},
    {"abort", 0, OPT_REAL, AT(abort_percent), "P",
        "give up when more percent of at least 100 requests failed (default 50; 0: never)", .min = 0,
        .max = 100},
    {"timeout", 0, OPT_DURATION, AT(timeout_ns), "TIME", "give up on one request after this (default 10 min)",
        .positive = true},
    {"threads", 0, OPT_INT, AT(threads), "N", "threads of the client (default 1)", .min = 1, .max = 64},
    {"fresh-connections", 0, OPT_FLAG, AT(fresh_connections), NULL,
        "a connection of its own for each request (default: they are used again)"},
    {"unstreamed", 0, OPT_FLAG, AT(unstreamed), NULL, "ask for whole answers"},
    {"completion", 0, OPT_FLAG, AT(completion), NULL, "send raw prompts instead of chats"},
    {"keep-eos", 0, OPT_FLAG, AT(keep_eos), NULL,
        "let answers end early (default: servers that can are told to go on to the length asked for)"},
    {"seed", 0, OPT_INT, AT(seed), "N", "of all that is drawn (default 1)", .min = 0,
        .max = 9007199254740991.0},
    {"limit", 0, OPT_DURATION, AT(limit_ns), "TIME", "give up on silent servers after this (default 3 s)"},
    {"wait", 0, OPT_DURATION, AT(wait_ns), "TIME", "wait this long for another measurement to end"},
    {"out", 'o', OPT_TEXT, AT(out), "FILE", "write the result as JSON here too"},
    {"samples", 0, OPT_TEXT, AT(samples), "FILE",
        "write each request with its times as JSON lines; .zst compresses them"},
    {"config", 0, OPT_TEXT, AT(config), "FILE",
        "read this instead of assay.yaml; none reads neither it nor .env", .flag_only = true},
    {"json", 0, OPT_FLAG, AT(json), NULL, "print the result as JSON", .flag_only = true},
    {0},
};

const struct opt_usage load_usage = {
    .verb = "load",
    .operands = "",
    .summary = "A load test: many requests at once, or so many a second, and what became of each.",
    .details =
        "What is asked, and when, is decided before the first request (docs/load.md). Figures are those of "
        "the steady part: warm-up, ramp and drain are left out, and said. Failures are never retried and "
        "never left out of a share. What the client itself cost and delayed is told beside them.\n\n"
        "  assay load -t http://127.0.0.1:8080 --streams 16 --duration 1m\n"
        "  assay load --rate 5 --arrivals poisson --prompt lognormal:500,400 --output 100-300\n"
        "  assay load --find highest --slo 'ttft_p99<2s,tpot_p99<100ms' --to 64\n"
        "  assay load --find knee --to 256 --duration 20s\n\n"
        "Exit code: 0 measured (and objectives kept, where there are); 1 an objective missed, or given up "
        "after too many errors; 2 usage; 3 nothing that could be judged; 4 own failure.",
};

/* ---- words ---- */

static enum status read_lengths(const struct load_options *o, struct load_plan_options *p, struct error *e)
{
    const struct {
        const char *option, *word;
        struct length *length;
        bool pause;
    } lengths[] = {{"--prompt", o->prompt, &p->prompt_tokens, false},
        {"--output", o->output, &p->output_tokens, false}, {"--turns", o->turns, &p->turns, false},
        {"--pause", o->pause, &p->pause_ms, true}, {"--prefix", o->prefix, &p->prefix_tokens, false}};
    enum status s = STATUS_OK;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && s == STATUS_OK; i++) {
        if (!lengths[i].word)
            continue;
        s = lengths[i].pause ? load_words_pause(lengths[i].option, lengths[i].word, lengths[i].length, e)
                             : load_words_length(lengths[i].option, lengths[i].word, lengths[i].length, e);
    }
    return s;
}

static enum status read_open_loop(const struct load_options *o, struct load_plan_options *p, struct error *e)
{
    enum status s = load_words_arrivals("--arrivals", o->arrivals ? o->arrivals : "poisson", &p->arrivals, e);
    if (s == STATUS_OK && o->rate)
        s = load_words_rate("--rate", o->rate, &p->arrivals.rate_per_s, e);
    if (s == STATUS_OK && o->speed)
        s = load_words_speed("--speed", o->speed, &p->arrivals.trace_speed, e);
    if (s == STATUS_OK && !o->rate && !o->find && p->arrivals.kind != ARRIVALS_TRACE)
        s = error_set(e, STATUS_USAGE, "--arrivals %s: say how many a second with --rate", o->arrivals);
    return s;
}

static enum status read_arrivals(const struct load_options *o, struct load_wish *w, struct error *e)
{
    struct load_plan_options *p = &w->plan;
    if ((o->rate || o->arrivals) && (o->streams || o->stages))
        return error_set(e, STATUS_USAGE,
            "--rate and --arrivals are an open loop, --streams and --stages a closed one: take one of both");
    if (o->stages && (o->streams || o->ramp_ns))
        return error_set(e, STATUS_USAGE,
            "--stages says how many streams there are when: no --streams or --ramp beside it");
    p->arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .streams = 1, .ramp_ns = o->ramp_ns};
    if (o->rate || o->arrivals)
        return read_open_loop(o, p, e);
    if (o->stages) {
        int64_t end_ns = 0;
        enum status s =
            load_words_stages("--stages", o->stages, &w->stages, &p->arrivals.stage_count, &end_ns, e);
        p->arrivals.stages = w->stages;
        if (s == STATUS_OK && p->duration_ns == 0 && p->count == 0)
            p->duration_ns = end_ns;
        return s;
    }
    return o->streams ? load_words_streams("--streams", o->streams, &p->arrivals.streams, e) : STATUS_OK;
}

static enum status read_shares(
    const struct load_options *o, size_t choice_count, struct load_wish *w, struct error *e)
{
    if (o->shares.count && o->shares.count != choice_count)
        return error_set(
            e, STATUS_USAGE, "--share is given %zu times for %zu models", o->shares.count, choice_count);
    if (choice_count > sizeof w->shares / sizeof *w->shares)
        return error_set(
            e, STATUS_USAGE, "at most 64 models can be asked in one test, not %zu", choice_count);
    for (size_t i = 0; i < choice_count; i++) {
        w->shares[i] = 1;
        if (o->shares.count && (!text_parse_double(o->shares.items[i], &w->shares[i]) || w->shares[i] <= 0))
            return error_set(e, STATUS_USAGE, "--share %s: a number above 0 is wanted", o->shares.items[i]);
    }
    w->plan.shares = w->shares;
    w->plan.share_count = choice_count;
    return STATUS_OK;
}

/* ---- searches ---- */

static enum status read_bound(
    const char *option, const char *word, bool closed, double usual, double *bound, struct error *e)
{
    int streams = 0;
    enum status s = STATUS_OK;
    *bound = usual;
    if (word && closed) {
        s = load_words_streams(option, word, &streams, e);
        *bound = streams;
    } else if (word) {
        s = load_words_rate(option, word, bound, e);
    }
    return s;
}

static enum status read_search(const struct load_options *o, struct load_wish *w, struct error *e)
{
    static const char *const kinds[] = {
        [SEARCH_SWEEP] = "sweep", [SEARCH_HIGHEST] = "highest", [SEARCH_KNEE] = "knee"};
    bool closed = w->plan.arrivals.kind == ARRIVALS_CLOSED;
    if (!o->find && (o->from || o->to))
        return error_set(e, STATUS_USAGE, "--from and --to belong to --find");
    if (!o->find)
        return STATUS_OK;
    if (o->samples)
        return error_set(e, STATUS_USAGE,
            "--samples is of one test, and --find makes many: repeat the one of interest without --find");
    size_t kind = 0;
    while (kind < 3 && strcmp(kinds[kind], o->find) != 0)
        kind++;
    if (kind == 3)
        return error_set(e, STATUS_USAGE, "--find %s: highest, knee and sweep can be looked for", o->find);
    if (kind == SEARCH_HIGHEST && !o->slo)
        return error_set(e, STATUS_USAGE, "--find highest: say with --slo what a load has to keep");
    if (o->stages || w->plan.arrivals.kind == ARRIVALS_TRACE)
        return error_set(e, STATUS_USAGE, "--find tries loads of its own: no --stages or trace beside it");
    w->searches = true;
    w->search = (struct load_search_options){.kind = (enum load_search_kind)kind, .whole = closed};
    enum status s = read_bound("--from", o->from, closed, 1, &w->search.lowest, e);
    return s == STATUS_OK ? read_bound("--to", o->to, closed, closed ? 1024 : 10000, &w->search.highest, e)
                          : s;
}

/* ---- together ---- */

enum status load_wish_read(
    const struct load_options *o, size_t choice_count, struct load_wish *w, struct error *e)
{
    *w = (struct load_wish){0};
    w->plan = (struct load_plan_options){.count = (size_t)o->count,
        .duration_ns = o->duration_ns,
        .prefix_count = o->prefix ? (int)o->prefixes : 0,
        .seed = (uint64_t)o->seed};
    enum status s = read_arrivals(o, w, e);
    bool trace = w->plan.arrivals.kind == ARRIVALS_TRACE;
    if (s == STATUS_OK && !w->plan.duration_ns && !w->plan.count && !trace)
        w->plan.duration_ns = DURATION_NS;
    if (s == STATUS_OK)
        s = read_lengths(o, &w->plan, e);
    if (s == STATUS_OK)
        s = read_shares(o, choice_count, w, e);
    if (s == STATUS_OK && o->slo)
        s = slo_parse(o->slo, &w->slo, e);
    if (s == STATUS_OK)
        s = read_search(o, w, e);
    int64_t fifth_ns = w->plan.duration_ns / 5;
    w->warmup_ns = o->warmup_ns >= 0 ? o->warmup_ns : fifth_ns < WARMUP_NS ? fifth_ns : WARMUP_NS;
    if (s != STATUS_OK)
        load_wish_fini(w);
    return s;
}

void load_wish_fini(struct load_wish *w)
{
    load_words_length_fini(&w->plan.prompt_tokens);
    load_words_length_fini(&w->plan.output_tokens);
    load_words_length_fini(&w->plan.turns);
    load_words_length_fini(&w->plan.pause_ms);
    load_words_length_fini(&w->plan.prefix_tokens);
    free(w->stages);
    w->stages = NULL;
}

void load_wish_set_load(struct load_wish *w, double load)
{
    if (w->plan.arrivals.kind == ARRIVALS_CLOSED)
        w->plan.arrivals.streams = (int)lround(load);
    else
        w->plan.arrivals.rate_per_s = load;
}
