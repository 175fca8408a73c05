/* Scenario files: whatever is accepted must be drawable and keep to its ranges. */
#include "sim_scenario.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sim_scenario scenario;
    struct error why = {0};
    struct rng rng;
    enum status s = sim_scenario_parse((const char *)data, size, &scenario, &why);
    if (s != STATUS_OK) {
        if (!why.text[0])
            abort();
        return 0;
    }
    rng_seed(&rng, 1);
    if (sim_delay_draw_ns(&scenario.ttft, &rng) < 0 || sim_delay_draw_ns(&scenario.gap, &rng) < 0 ||
        scenario.tokens_per_event < 1 || scenario.fault_count > SIM_FAULTS_MAX || !scenario.name[0])
        abort();
    sim_scenario_fini(&scenario);
    return 0;
}
