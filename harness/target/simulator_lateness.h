/*
 * simulator_lateness.h - what a simulator says of itself: how late it was against its own schedule. Whoever asks
 * it for load asks it this too, since its lateness would be taken for the client's or the model's.
 *
 * Only a server that says to be a simulator is asked (target_info.simulated); an answer is taken as it is where it
 * makes sense, and one that claims to be one and is none does no harm: it has 3 s and 64 KiB, and may say a number.
 *
 *     struct simulator_lateness late;
 *     if (simulator_lateness_ask(&access, true, &late, &why) == STATUS_OK) ...   // from now on anew
 *     if (simulator_lateness_ask(&access, false, &late, &why) == STATUS_OK && late.events > 0) use(late.p99_s);
 */
#ifndef ASSAY_SIMULATOR_LATENESS_H
#define ASSAY_SIMULATOR_LATENESS_H

#include "target.h"

struct simulator_lateness {
    int64_t events;         /* that left; 0: none, and the times below say nothing */
    int64_t blocked_events; /* of them because the client was not reading, which is not its lateness */
    double p50_s, p99_s, max_s;
    double stalled_s; /* that it was asked to stand still; left out above */
};

/* anew: it forgets what it counted after this. STATUS_UNAVAILABLE, _TIMEOUT: no answer; _INVALID: none that says
 * how late it was. */
enum status simulator_lateness_ask(const struct target_access *access, bool anew,
    struct simulator_lateness *out, struct error *e) ASSAY_MUST_CHECK;

#endif
