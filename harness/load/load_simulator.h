/*
 * load_simulator.h - the simulators among the servers of a load test, asked how late they were themselves.
 *
 *     struct load_simulator simulator;
 *     load_simulator_begin(choices, count, &simulator);         // they count anew from here
 *     ... the test ...
 *     load_simulator_end(choices, count, &simulator);
 *     if (simulator.state == SIMULATOR_SAID) judge(simulator.late.p99_s);
 */
#ifndef ASSAY_LOAD_SIMULATOR_H
#define ASSAY_LOAD_SIMULATOR_H

#include "load_client.h"
#include "simulator_lateness.h"

enum simulator_state {
    SIMULATOR_NONE,   /* no server says to be one */
    SIMULATOR_SILENT, /* one does, and did not say how late it was: why */
    SIMULATOR_SAID,
};

struct load_simulator {
    enum simulator_state state;
    struct simulator_lateness late; /* of the one with the greatest p99 */
    struct error why;
};

void load_simulator_begin(const struct load_choice *choices, size_t count, struct load_simulator *sim);
void load_simulator_end(const struct load_choice *choices, size_t count, struct load_simulator *sim);

#endif
