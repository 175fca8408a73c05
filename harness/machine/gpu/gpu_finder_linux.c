#include "gpu_finder.h"

#include "amd_gpu.h"
#include "intel_gpu.h"
#include "nvml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gpu_libraries of_this_machine;

struct found {
    struct gpu_device **gpus, *of_amd[GPUS_MAX];
    size_t count, amd_count;
};

/* What is to be closed behind the GPUs. */
struct sessions {
    struct nvml *nvml;
    struct amd_smi *amd_smi;
};

static void add_gpu(struct found *found, struct gpu_device *gpu)
{
    if (gpu)
        found->gpus[found->count++] = gpu;
}

static void add_nvidia(
    struct found *found, struct gpu_search *search, struct sessions *sessions, const char *library)
{
    char why[sizeof search->reason];
    struct nvml *nvml = nvml_open(library, why, sizeof why);
    sessions->nvml = nvml;
    if (!nvml) {
        search->source = "NVML";
        memcpy(search->reason, why, sizeof why);
        return;
    }
    for (size_t i = 0; i < nvml_gpu_count(nvml); i++)
        add_gpu(found, nvml_gpu_new(nvml, i));
}

static void add_amd(struct found *found, const char *root, const struct gpu_card *card)
{
    struct gpu_device *gpu = amd_gpu_new(root, card);
    add_gpu(found, gpu);
    if (gpu)
        found->of_amd[found->amd_count++] = gpu;
}

static void add_cards(struct found *found, const char *root)
{
    struct gpu_card cards[GPUS_MAX];
    size_t count = gpu_cards_find(root, cards, GPUS_MAX);
    for (size_t i = 0; i < count && found->count < GPUS_MAX; i++) {
        if (strcmp(cards[i].vendor, "AMD") == 0)
            add_amd(found, root, &cards[i]);
        else if (strcmp(cards[i].vendor, "Intel") == 0)
            add_gpu(found, intel_gpu_new(root, &cards[i]));
    }
}

/* AMD's library opens all GPUs of its, so that it is only asked where none sleeps; and where it is of use. */
static void ask_amd_library(struct found *found, struct sessions *sessions, const char *library)
{
    char why[128] = "it is asked where no GPU sleeps, which it would wake";
    bool lacking = false, sleeping = false;
    for (size_t i = 0; i < found->amd_count; i++) {
        sleeping |= amd_gpu_is_asleep(found->of_amd[i]);
        lacking |= amd_gpu_lacks_figures(found->of_amd[i]);
    }
    if (lacking && !sleeping)
        sessions->amd_smi = amd_smi_open(library, why, sizeof why);
    for (size_t i = 0; i < found->amd_count && lacking; i++)
        amd_gpu_ask_library(found->of_amd[i], sessions->amd_smi, why);
}

static bool nvidia_is_likely(const char *root, const struct gpu_libraries *libraries)
{
    return libraries->nvml || (root[0] == '\0' && nvml_is_likely());
}

bool gpu_find_is_likely(const char *root, const struct gpu_libraries *libraries)
{
    struct gpu_card cards[GPUS_MAX];
    libraries = libraries ? libraries : &of_this_machine;
    return nvidia_is_likely(root, libraries) || gpu_cards_find(root, cards, GPUS_MAX) > 0;
}

size_t gpu_find(const char *root, const struct gpu_libraries *libraries, struct gpu_device *gpus[GPUS_MAX],
    struct gpu_search *search)
{
    struct found found = {.gpus = gpus};
    struct sessions *sessions = calloc(1, sizeof *sessions);
    libraries = libraries ? libraries : &of_this_machine;
    memset(search, 0, sizeof *search);
    search->session = sessions;
    search->source = "NVML, /sys/class/drm";
    snprintf(search->reason, sizeof search->reason, "no GPU in sight");
    if (sessions && nvidia_is_likely(root, libraries))
        add_nvidia(&found, search, sessions, libraries->nvml);
    add_cards(&found, root);
    if (sessions && (libraries->amd_smi || root[0] == '\0'))
        ask_amd_library(&found, sessions, libraries->amd_smi);
    return found.count;
}

void gpu_find_end(struct gpu_search *search)
{
    struct sessions *sessions = search->session;
    if (!sessions)
        return;
    nvml_close(sessions->nvml);
    amd_smi_close(sessions->amd_smi);
    free(sessions);
}
