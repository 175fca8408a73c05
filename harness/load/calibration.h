/*
 * calibration.h - what this machine's client gets wrong by itself, by load: measured against a simulator that
 * knows the truth, kept as $XDG_DATA_HOME/assay/calibration.json (schemas/calibration.schema.json), cited by
 * every load test.
 *
 *     struct calibration c = {0};
 *     if (calibration_load(path, &c, &why) == STATUS_OK && calibration_error_at(&c, &need, &error, NULL))
 *         printf("at such a load TTFT is wrong by %g s (p99)\n", error.ttft_error_p99_s);
 */
#ifndef ASSAY_CALIBRATION_H
#define ASSAY_CALIBRATION_H

#include "buf.h"

#include <stdint.h>

struct json_object;

/* One rung of the ladder. What is not known is NAN. */
struct calibration_rung {
    int64_t streams;
    double gap_s, ttft_s; /* of the simulator: between tokens, to the first */
    int64_t tokens;       /* of each answer */
    double ttft_error_mean_s, ttft_error_p99_s, ttft_error_max_s; /* measured less true */
    double itl_p99_error_s;
    double tokens_share; /* tokens per second of the ideal ones */
    double cpu_s_per_100k_events;
    double rss_bytes;             /* peak */
    double server_lateness_p99_s; /* the simulator's own */
    bool valid;                   /* the simulator kept its schedule, the client lost nothing */
};

enum { CALIBRATION_RUNGS_MAX = 64 };

struct calibration {
    int64_t made_unix_ns;
    char assay_version[64], host[256], kernel[256], architecture[64], cpu[256];
    int64_t cpus;    /* logical */
    int64_t threads; /* of the client */
    bool tls;
    size_t count;
    struct calibration_rung rungs[CALIBRATION_RUNGS_MAX];
};

/* Version and machine (machine_identity_to_json), as they are now. */
void calibration_set_machine(
    struct calibration *c, const char *assay_version, const struct json_object *machine);

/* $XDG_DATA_HOME/assay/calibration.json, else ~/.local/share/assay/calibration.json. */
enum status calibration_path(struct buf *path, struct error *e) ASSAY_MUST_CHECK;

/* STATUS_NOT_FOUND: never calibrated; STATUS_INVALID: not such a file. */
enum status calibration_load(const char *path, struct calibration *c, struct error *e) ASSAY_MUST_CHECK;
/* Makes the folder; STATUS_INVALID: against the schema, without rungs for one. */
enum status calibration_save(const char *path, const struct calibration *c, struct error *e) ASSAY_MUST_CHECK;
enum status calibration_to_json(
    const struct calibration *c, struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;

/* What a test asks of the client. */
struct calibration_need {
    int64_t streams;
    double events_per_s; /* of all streams together; 0: not known */
};

/*
 * The errors to expect, never too small: of the least rung that has both as many streams and as many events
 * per second, and each error the worst of that rung and all below it. False: no valid rung is so high, and
 * *highest (may be NULL) is the highest number of streams that was calibrated, or 0.
 */
bool calibration_error_at(const struct calibration *c, const struct calibration_need *need,
    struct calibration_rung *error, int64_t *highest);

/* Appends why a calibration does not speak for this machine now, a line each; false: it does. */
bool calibration_is_stale(const struct calibration *c, const struct calibration *now, struct buf *why);

#endif
