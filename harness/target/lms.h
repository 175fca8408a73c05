/*
 * lms.h - `lms`, LM Studio's own program, where it is installed: what its older servers cannot be asked over HTTP.
 *
 * Run without a shell, with no input, and ended with all its children when its time is up. It prints answers on
 * its standard output and what it is doing on standard error; both are hostile text. It finishes with 0 also
 * where it did not find what it was to unload: nothing is believed but what a list says afterwards.
 *
 *     bool running;
 *     int port;
 *     if (lms_is_installed() && lms_server_status(&running, &port, &why) == STATUS_OK && !running) ...
 *
 * STATUS_UNAVAILABLE: it is not installed; STATUS_TIMEOUT: killed; STATUS_INTERNAL: it failed, and how it says so.
 * port is that of the server that is meant, 0 for the one that lms finds by itself.
 */
#ifndef ASSAY_LMS_H
#define ASSAY_LMS_H

#include "target.h"

struct json_object;

/* ASSAY_LMS names it; else it is looked for in PATH, then where LM Studio puts it: ~/.lmstudio/bin. */
bool lms_is_installed(void);

enum status lms_server_status(bool *running, int *port, struct error *e) ASSAY_MUST_CHECK;
/* Starts it and says its port, which is the given one, or with 0 the one it had last. */
enum status lms_server_start(int port, int *started, struct error *e) ASSAY_MUST_CHECK;
enum status lms_server_stop(struct error *e) ASSAY_MUST_CHECK;

/* The loaded instances, an array to be put: {"identifier", "modelKey", "type", "contextLength", ...}. */
enum status lms_ps(int port, struct json_object **list, struct error *e) ASSAY_MUST_CHECK;
const char *lms_instance_of(
    struct json_object *list, const char *model); /* its identifier; NULL: not loaded */

/* context, stay_s: 0 leaves it to LM Studio. Loaded is what the model's exact key names, or STATUS_NOT_FOUND. */
enum status lms_load(
    int port, const char *model, int64_t context, int64_t stay_s, struct error *e) ASSAY_MUST_CHECK;
enum status lms_unload(int port, const char *model, struct error *e) ASSAY_MUST_CHECK;

/* Downloads a model; what it says of its progress goes to progress, which may be NULL; false ends it. */
enum status lms_get(int port, const char *model, int64_t limit_ns, pull_progress_fn progress, void *arg,
    struct error *e) ASSAY_MUST_CHECK;

#endif
