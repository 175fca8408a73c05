/*
 * lifecycle.h - the models of a run into memory before their tests, and out of it behind them.
 *
 *     struct model_loading loading;
 *     lifecycle_before(&folder, &test, subject, &access, LIFECYCLE_LIMIT_NS, &loading);
 *     ...                                                    // the test; its record says what loading says
 *     lifecycle_end(&folder, access_of, arg);                // no test of the run is left
 *
 * A model is loaded before a test of it where its server can be told to and does not have it already, and before
 * the test's own time begins. Before the test of another model, and at the end, it is unloaded again: by itself
 * only if the run found it unloaded, or as run.json's `unload` says. What was done stands in run.json as
 * `model_events`, and nowhere else is remembered what is ours: so it holds for every process of a run, and for one
 * that is resumed. Whoever calls has folder->run for itself.
 */
#ifndef ASSAY_LIFECYCLE_H
#define ASSAY_LIFECYCLE_H

#include "assay.h"
#include "planned.h"
#include "run_folder.h"
#include "target.h"

#define LIFECYCLE_LIMIT_NS (1800 * INT64_C(1000000000))

/* A model that was loaded for a test, for its record. */
struct model_loading {
    bool tried;
    int64_t start_ns, end_ns; /* monotonic: before the test's start */
    double server_s;          /* negative where the server does not say */
    char error[256];          /* "" where the model is loaded now */
};

void lifecycle_before(struct run_folder *folder, const struct planned *t, const struct assay_case *subject,
    const struct target_access *access, int64_t limit_ns, struct model_loading *loading);

/* access: the way to a target by its name; NULL, or returning NULL: the endpoint in run.json. */
void lifecycle_end(struct run_folder *folder,
    const struct target_access *(*access)(void *arg, const char *target), void *arg);

/* What `unload` may say; NULL-terminated, the usual one first. */
extern const char *const lifecycle_policies[];

/* The moments and the note in a record that has its times. False: no memory. */
bool lifecycle_into_record(
    const struct model_loading *loading, int64_t start_mono_ns, struct json_object *record);

#endif
