/*
 * evidence.h - what speaks against a measurement beside the machine's own sensors: the server's own figures,
 * a server that was restarted, caches in the wrong state.
 *
 *     struct evidence e = {.sensor = "cross_check", .flag = "degraded_cross_check", .raised = true,
 *         .value = 0.4, .threshold = 0.05, .unit = "1", .scope = "server", .reason = why};
 *     record_add_evidence(record, &e);
 *
 * A raised flag makes a clean verdict degraded; an invalid one stays, and an unknown one becomes degraded: it
 * is known now that something is wrong.
 */
#ifndef ASSAY_EVIDENCE_H
#define ASSAY_EVIDENCE_H

#include <stdbool.h>

struct json_object;

struct evidence {
    const char *sensor; /* its name among system_health.sensors */
    const char *flag;   /* of quality_flags */
    const char *unit;   /* "1", "s", "count" */
    const char *scope;  /* "client", "server", "host" */
    double value, threshold;
    bool raised, invalid; /* invalid: raised, and the figures mean nothing */
    const char *reason;   /* one sentence where raised, sanitised by the caller; else NULL */
};

/* record has its system_health already. False: no memory. */
bool record_add_evidence(struct json_object *record, const struct evidence *evidence);

#endif
