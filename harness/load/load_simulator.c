#include "load_simulator.h"

#include <string.h>

/* A server has several models and is asked once. */
static bool is_due(const struct load_choice *choices, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (choices[k].simulated && strcmp(choices[k].access.url, choices[i].access.url) == 0)
            return false;
    return choices[i].simulated;
}

void load_simulator_begin(const struct load_choice *choices, size_t count, struct load_simulator *sim)
{
    struct simulator_lateness before;
    *sim = (struct load_simulator){.state = SIMULATOR_NONE};
    for (size_t i = 0; i < count; i++)
        if (is_due(choices, i) &&
            simulator_lateness_ask(&choices[i].access, true, &before, &sim->why) != STATUS_OK)
            sim->state = SIMULATOR_SILENT;
}

static void add(struct load_simulator *sim, const struct simulator_lateness *late)
{
    if (sim->state == SIMULATOR_NONE || late->p99_s > sim->late.p99_s)
        sim->late = *late;
    sim->state = SIMULATOR_SAID;
}

/* One that does not say leaves it open, whatever the others say. */
void load_simulator_end(const struct load_choice *choices, size_t count, struct load_simulator *sim)
{
    struct simulator_lateness late;
    for (size_t i = 0; i < count && sim->state != SIMULATOR_SILENT; i++) {
        if (!is_due(choices, i))
            continue;
        if (simulator_lateness_ask(&choices[i].access, false, &late, &sim->why) == STATUS_OK)
            add(sim, &late);
        else
            sim->state = SIMULATOR_SILENT;
    }
}
