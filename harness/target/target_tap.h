/*
 * target_tap.h - somebody who looks on: every request of a target and the bytes of its answer, as our client saw them,
 * at the moment of each read and before anything is made of them.
 *
 *     static const struct target_tap tap = {.request = note, .headers = ..., .data = ..., .end = ..., .arg = &mine};
 *     struct target_options o = {.url = url, .tap = &tap};        // outlives the target
 *
 * Bytes are those of the body: libcurl has taken the transfer coding off. Secrets are not taken out; call target_redact
 * of target_private.h, or keep the bytes no longer than needed. What the case reads is not touched.
 */
#ifndef ASSAY_TARGET_TAP_H
#define ASSAY_TARGET_TAP_H

#include <stddef.h>
#include <stdint.h>

struct exchange;

/* Called from the loop, one request at a time where the target is asked one at a time. All of them are set. */
struct target_tap {
    void (*request)(const char *method, const char *url, const char *content_type, const void *body,
        size_t len, void *arg);
    void (*header)(const char *name, const char *value, void *arg); /* each, before the first data */
    void (*data)(const void *bytes, size_t len, int64_t t_ns, void *arg);
    void (*end)(const struct exchange *x, void *arg); /* times, status and error are known */
    void *arg;
};

#endif
