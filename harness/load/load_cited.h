/*
 * load_cited.h - what the newest calibration of this machine says about a load test: the client's own error at
 * such a load.
 *
 *     struct load_cited cited;
 *     load_cited_find(streams, events_per_s, &cited);
 *     puts(cited.words);          // "Calibrated on 2026-11-21 with 1000 streams: its own error of ..."
 */
#ifndef ASSAY_LOAD_CITED_H
#define ASSAY_LOAD_CITED_H

#include <stddef.h>

struct load_cited {
    double error_s; /* of the time to first token, p99 (the greatest where there are too few); NAN: unknown */
    char words[1024];
};

/* Never fails: what is missing or stale is said in the words. events_per_s 0: not known. */
void load_cited_find(size_t streams, double events_per_s, struct load_cited *out);

#endif
