/*
 * drm_clients.h - what GPUs do for some processes, by the descriptors of graphics devices that these have open.
 *
 *     struct drm_clients *c = drm_clients_new();
 *     drm_clients_begin(c, t_ns);
 *     drm_clients_note(c, root, pid, "17");           // each descriptor that is a graphics device
 *     drm_clients_end(c);
 *     use(c->memory_bytes, c->busy_s);
 *
 * Time that engines worked counts from the first look on; what a client used that has ended since stays used. Of
 * drivers that tell cycles the share of the cycles between two looks counts, of a new client from its second look on.
 */
#ifndef ASSAY_DRM_CLIENTS_H
#define ASSAY_DRM_CLIENTS_H

#include "drm_fdinfo.h"

#include <sys/types.h>

enum { DRM_CLIENTS_MAX = 64 };

struct drm_client_list {
    struct drm_client clients[DRM_CLIENTS_MAX];
    size_t count;
    int64_t t_ns;
};

struct drm_clients {
    struct drm_client_list before, now;
    bool looked;
    bool memory_told, engines_told; /* by some client at the last look */
    double memory_bytes, busy_s;
};

/* NULL: no memory. */
struct drm_clients *drm_clients_new(void);
void drm_clients_free(struct drm_clients *c);

void drm_clients_begin(struct drm_clients *c, int64_t t_ns);
void drm_clients_note(struct drm_clients *c, const char *root, pid_t pid, const char *descriptor);
void drm_clients_end(struct drm_clients *c);

#endif
