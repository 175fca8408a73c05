#include "gpu_finder.h"

#include "amd_gpu.h"
#include "intel_gpu.h"
#include "nvml.h"

#include <stdio.h>
#include <string.h>

struct found {
    struct gpu_device **gpus;
    size_t count;
};

static void add_gpu(struct found *found, struct gpu_device *gpu)
{
    if (gpu)
        found->gpus[found->count++] = gpu;
}

static void add_nvidia(struct found *found, struct gpu_search *search, const char *library)
{
    char why[sizeof search->reason];
    struct nvml *nvml = nvml_open(library, why, sizeof why);
    search->session = nvml;
    if (!nvml) {
        search->source = "NVML";
        memcpy(search->reason, why, sizeof why);
        return;
    }
    for (size_t i = 0; i < nvml_gpu_count(nvml); i++)
        add_gpu(found, nvml_gpu_new(nvml, i));
}

static void add_cards(struct found *found, const char *root)
{
    struct gpu_card cards[GPUS_MAX];
    size_t count = gpu_cards_find(root, cards, GPUS_MAX);
    for (size_t i = 0; i < count && found->count < GPUS_MAX; i++) {
        if (strcmp(cards[i].vendor, "AMD") == 0)
            add_gpu(found, amd_gpu_new(root, &cards[i]));
        else if (strcmp(cards[i].vendor, "Intel") == 0)
            add_gpu(found, intel_gpu_new(root, &cards[i]));
    }
}

static bool nvidia_is_likely(const char *root, const char *nvml_library)
{
    return nvml_library || (root[0] == '\0' && nvml_is_likely());
}

bool gpu_find_is_likely(const char *root, const char *nvml_library)
{
    struct gpu_card cards[GPUS_MAX];
    return nvidia_is_likely(root, nvml_library) || gpu_cards_find(root, cards, GPUS_MAX) > 0;
}

size_t gpu_find(
    const char *root, const char *nvml_library, struct gpu_device *gpus[GPUS_MAX], struct gpu_search *search)
{
    struct found found = {.gpus = gpus};
    memset(search, 0, sizeof *search);
    search->source = "NVML, /sys/class/drm";
    snprintf(search->reason, sizeof search->reason, "no GPU in sight");
    if (nvidia_is_likely(root, nvml_library))
        add_nvidia(&found, search, nvml_library);
    add_cards(&found, root);
    return found.count;
}

void gpu_find_end(struct gpu_search *search)
{
    nvml_close(search->session);
}
