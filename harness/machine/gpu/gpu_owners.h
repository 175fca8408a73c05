/*
 * gpu_owners.h - whose a process on a GPU is, as the reader's last pass over all processes knows it.
 *
 *     struct gpu_owners owners = {.of = owner_of, .arg = reader, .unknown = NULL};
 *     if (!owners.unknown && owners.of(owners.arg, pid) == GPU_OWNER_FOREIGN) ...
 */
#ifndef ASSAY_GPU_OWNERS_H
#define ASSAY_GPU_OWNERS_H

#include <stddef.h>

enum gpu_owner {
    GPU_OWNER_UNSEEN, /* no such process here: its number is that of another namespace, or it has just ended */
    GPU_OWNER_KNOWN,  /* ours */
    GPU_OWNER_TARGET, /* the measured server's */
    GPU_OWNER_FOREIGN,
};

struct gpu_owners {
    enum gpu_owner (*of)(void *arg, long pid);
    size_t (*pids)(void *arg, long *pids, size_t max); /* all that are known, ascending; how many there are */
    void *arg;
    const char *unknown; /* why nobody can tell; NULL where it is known */
};

#endif
