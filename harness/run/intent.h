/*
 * intent.h - what a test is about to be: written before it starts (schemas/intent.schema.json), and what
 * its record begins with.
 *
 *     struct intent_spec spec = {.run = run, .planned = &t, .attempt = 1, .start_unix_ns = now};
 *     struct json_object *intent = intent_new(&spec);
 *     if (spool_write(folder, t.test, 1, SPOOL_INTENT, intent, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_INTENT_H
#define ASSAY_INTENT_H

#include "planned.h"

#include <stdint.h>

struct intent_spec {
    const struct json_object *run;
    const struct planned *planned;
    int case_version; /* 0 where the case is not known */
    int attempt;
    int64_t start_unix_ns, start_mono_ns;
    double timeout_s; /* 0: left out */
};

/* The caller is the supervisor: its pid, start and boot go in. NULL: no memory. */
struct json_object *intent_new(const struct intent_spec *spec);

/* `identity` with these parameters instead of the run's. NULL: no memory. */
struct json_object *intent_identity(const struct intent_spec *spec, const struct json_object *parameters);

/* True while the supervisor that wrote the intent lives. */
bool intent_is_live(const struct json_object *intent);

#endif
