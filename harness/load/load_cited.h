/*
 * load_cited.h - what the newest calibration of this machine says about a load test: the client's own error at
 * such a load.
 *
 *     struct load_cited cited;
 *     load_cited_find(&(struct load_cited_need){.streams = 1000, .events_per_s = rate, .threads = 1}, &cited);
 *     puts(cited.words);          // "Calibrated on 2026-11-21 with 1000 streams: its own error of ..."
 */
#ifndef ASSAY_LOAD_CITED_H
#define ASSAY_LOAD_CITED_H

#include <stdbool.h>
#include <stddef.h>

struct load_cited {
    double error_s; /* of the time to first token, p99 (the greatest where there are too few); NAN: unknown */
    char words[1024];
};

/* What the test was. */
struct load_cited_need {
    size_t streams;
    double events_per_s; /* 0: not known */
    int threads;         /* of the client */
    bool tls, http_2;
};

/* Never fails: what is missing or stale is said in the words, and that a calibration is of another transport, whose
 * error is not this one's. */
void load_cited_find(const struct load_cited_need *need, struct load_cited *out);

#endif
