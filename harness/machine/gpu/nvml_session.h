/*
 * nvml_session.h - the inside of a session with NVIDIA's library, shared by nvml.c and nvml_gpu.c alone.
 *
 *     uint64_t errors;
 *     int code = nvml_session_xid(nvml, gpu, &errors);
 */
#ifndef ASSAY_NVML_SESSION_H
#define ASSAY_NVML_SESSION_H

#include "nvml_api.h"
#include "sensor.h"

struct nvml {
    struct nvml_api api;
    size_t count;
    struct nvml_device *devices[GPUS_MAX]; /* NULL where it could not be opened: codes says why */
    int codes[GPUS_MAX];
    bool listening; /* for events, from the first question on */
    struct nvml_event_set *events;
    int events_code, xid_codes[GPUS_MAX];
    uint64_t xid_errors[GPUS_MAX];
};

/* Errors that a GPU reported since the first call; takes what events there are, never waits. */
int nvml_session_xid(struct nvml *nvml, size_t index, uint64_t *count);

#endif
