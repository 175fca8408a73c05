#include "gpu_finder.h"

#include "mac_gpu_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t make_gpus(const struct mac_frameworks *f, struct gpu_device *gpus[GPUS_MAX])
{
    struct mac_gpu found[MAC_GPUS_MAX];
    size_t made = 0, count = mac_gpus_find(f, found, MAC_GPUS_MAX);
    for (size_t i = 0; i < count; i++) {
        gpus[made] = mac_gpu_device_new(f, &found[i]);
        made += gpus[made] != NULL;
    }
    return made;
}

bool gpu_find_is_likely(const char *root, const struct gpu_libraries *libraries)
{
    (void)root;
    (void)libraries;
    return true;
}

/* The last driver of NVIDIA's for macOS has no such library. */
size_t gpu_find(const char *root, const struct gpu_libraries *libraries, struct gpu_device *gpus[GPUS_MAX],
    struct gpu_search *search)
{
    size_t count = 0;
    (void)root;
    (void)libraries;
    memset(search, 0, sizeof *search);
    search->source = "ioreg IOAccelerator";
    struct mac_frameworks *f = malloc(sizeof *f);
    search->session = f;
    if (!f)
        snprintf(search->reason, sizeof search->reason, "no memory");
    else if (mac_frameworks_load(f, &mac_paths_system, search->reason))
        count = make_gpus(f, gpus);
    if (!search->reason[0])
        snprintf(search->reason, sizeof search->reason, "no GPU in sight");
    return count;
}

void gpu_find_end(struct gpu_search *search)
{
    free(search->session);
}
