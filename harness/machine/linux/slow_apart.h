/*
 * slow_apart.h - the slow sensors, of which those that may hang are read by processes of their own (errand.h): one for
 * what drivers and firmware tell, one for the disk, so that a file server that is gone takes no thermometer with it.
 *
 *     struct slow_apart s;
 *     slow_apart_open(&s, root, "runs/x/samples.jsonl", deadline_ns);      // 0: all are read here
 *     slow_apart_read(&s, fresh, &sample);       // as slow_sensors_read; waits for a while, never for good
 *     slow_apart_close(&s);
 *
 * Without an answer a sample has what was read last; once the deadline has passed they are unavailable, with what it
 * was that did not answer, until it does.
 */
#ifndef ASSAY_SLOW_APART_H
#define ASSAY_SLOW_APART_H

#include "errand.h"
#include "slow_sensors.h"

enum { SLOW_ERRANDS = 2 };

struct slow_errand {
    unsigned part;
    struct errand *errand; /* NULL: it is read here */
    int64_t due_ns;
    struct sample told; /* last */
};

struct slow_apart {
    struct slow_sensors here;
    struct slow_errand apart[SLOW_ERRANDS];
};

void slow_apart_open(struct slow_apart *s, const char *root, const char *disk_path, int64_t deadline_ns);
void slow_apart_close(struct slow_apart *s);
void slow_apart_read(struct slow_apart *s, bool fresh, struct sample *sample);

#endif
