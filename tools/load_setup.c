#include "load_setup.h"

enum status load_setup_run(
    const struct load_setup *setup, int lengthen, struct load_test *test, struct error *e)
{
    const struct load_options *o = setup->options;
    struct load_test_options asked = {.plan = setup->wish->plan,
        .client = {.choices = setup->choices,
            .choice_count = setup->choice_count,
            .threads = (int)o->threads,
            .warmup_ns = setup->wish->warmup_ns,
            .drain_ns = o->drain_ns,
            .timeout_ns = o->timeout_ns,
            .fresh_connections = o->fresh_connections,
            .unstreamed = o->unstreamed,
            .completion = o->completion,
            .temperature = 0,
            .abort_fraction = o->abort_percent / 100,
            .tick = setup->tick,
            .tick_arg = setup->tick_arg,
            .stop = setup->stop},
        .slo = &setup->wish->slo,
        .scale = setup->scale};
    asked.plan.duration_ns *= lengthen > 1 ? lengthen : 1;
    asked.plan.count *= lengthen > 1 ? (size_t)lengthen : 1;
    return load_test_run(&asked, test, e);
}
