/* How long it takes to make plans, up to the largest, and to write their prompts. */
#include "clock.h"
#include "load_plan.h"
#include "load_prompts.h"

#include <stdio.h>

static double seconds_since(int64_t t0_ns)
{
    return (double)(clock_mono_ns(clock_system()) - t0_ns) * 1e-9;
}

static struct load_plan_options options_of(enum arrivals_kind kind, size_t count)
{
    static const double shares[] = {3, 1};
    return (struct load_plan_options){
        .arrivals = {.kind = kind, .rate_per_s = 5000, .cv = 2, .streams = 64},
        .count = count,
        .prompt_tokens = {.kind = LENGTH_LOGNORMAL, .mean = 500, .stddev = 400},
        .output_tokens = {.kind = LENGTH_NORMAL, .mean = 100, .stddev = 30},
        .shares = shares,
        .share_count = 2,
        .seed = 1,
    };
}

static int bench_plan(const char *name, enum arrivals_kind kind, size_t count)
{
    struct load_plan_options o = options_of(kind, count);
    struct load_plan plan;
    struct error why = {0};
    int64_t t0_ns = clock_mono_ns(clock_system());
    if (load_plan_make(&o, &plan, &why) != STATUS_OK) {
        fprintf(stderr, "%s\n", error_text(&why));
        return 1;
    }
    double s = seconds_since(t0_ns);
    printf("%-8s %9zu requests: %6.3f s, %4.0f ns each, %zu bytes each\n", name, plan.count, s,
        s * 1e9 / (double)plan.count, sizeof *plan.items);
    load_plan_fini(&plan);
    return 0;
}

static int bench_prompts(uint32_t tokens)
{
    enum { PROMPTS = 2000 };
    struct load_item item = {.prompt_tokens = tokens, .prefix = LOAD_NO_PREFIX};
    struct load_plan plan = {.items = &item, .count = 1};
    struct load_prompts prompts;
    struct buf text = BUF_INIT(1 << 24);
    size_t bytes = 0;
    load_prompts_init(&prompts, &plan, 1);
    int64_t t0_ns = clock_mono_ns(clock_system());
    for (size_t i = 0; i < PROMPTS; i++) {
        buf_clear(&text);
        if (load_prompts_write(&prompts, &item, i, &text) != STATUS_OK)
            return 1;
        bytes += text.len;
    }
    double s = seconds_since(t0_ns);
    printf("prompts of %6u tokens: %8.2f us each, %.0f MB/s\n", tokens, s * 1e6 / PROMPTS,
        (double)bytes / s / 1e6);
    buf_fini(&text);
    return 0;
}

int main(void)
{
    int failed = bench_plan("closed", ARRIVALS_CLOSED, 1000000);
    failed |= bench_plan("constant", ARRIVALS_CONSTANT, 1000000);
    failed |= bench_plan("poisson", ARRIVALS_POISSON, 1000000);
    failed |= bench_plan("gamma", ARRIVALS_GAMMA, 1000000);
    failed |= bench_plan("poisson", ARRIVALS_POISSON, LOAD_ITEMS_MAX);
    failed |= bench_prompts(64) | bench_prompts(1000) | bench_prompts(100000);
    return failed ? 4 : 0;
}
