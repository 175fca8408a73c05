/*
 * energy_idle.h - what the machine draws before a run does anything: the baseline that is taken off what its tests
 * use. run.json keeps it.
 *
 *     struct energy_idle_options options = {.length_ns = ENERGY_IDLE_NS};
 *     if (energy_idle_of_run(&options, &folder, &why) != STATUS_OK) ...
 *     const struct json_object *idle = json_get_object(folder.run, "/idle");      // NULL: nothing tells
 *     if (energy_idle_watts(idle, "package_0", &watts)) ...
 *
 * Servers have been started and asked what they offer by then, and are idle; models are loaded or not, as they
 * were found.
 */
#ifndef ASSAY_ENERGY_IDLE_H
#define ASSAY_ENERGY_IDLE_H

#include "energy_meter.h"

#define ENERGY_IDLE_NS (3 * NS_PER_S)

struct json_object;
struct run_folder;

struct energy_idle_options {
    const char *root;          /* NULL: this machine */
    const struct clock *clock; /* NULL: the machine's; else it is slept on, and no signal ends it */
    int64_t length_ns;
    bool told_elsewhere; /* another machine's monitor watches: wait also where nothing tells here */
};

/*
 * {start_unix_ns, seconds, sources: [{name, method, watts, low_watts, high_watts, samples}]} of what can be read;
 * *idle stays NULL, at once, where nothing can, and where we are told to stop meanwhile (stop.h). False: no memory.
 */
bool energy_idle_measure(const struct energy_idle_options *options, struct json_object **idle);

/* The same of readings that are there already. window: on the meter's clock. *idle stays NULL where none is good. */
bool energy_idle_between(
    const struct energy_meter *meter, struct energy_window window, struct json_object **idle);

/* The same for a run, once: saved in its run.json. One that goes on keeps the baseline that it began with. */
enum status energy_idle_of_run(
    const struct energy_idle_options *options, struct run_folder *folder, struct error *e) ASSAY_MUST_CHECK;

bool energy_idle_watts(const struct json_object *idle, const char *source, double *watts);

#endif
