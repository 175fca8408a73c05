#include "gpu_list.h"

#include "amd_names.h"
#include "amd_node.h"
#include "errand.h"
#include "fs.h"
#include "gpu_cards.h"
#include "json.h"
#include "nvml.h"
#include "told_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    const char *root;
    struct json_object *gpus;
    size_t read_count;  /* GPUs so far that the monitor reads, too */
    bool nvidia_listed; /* by its own driver, which knows the name */
    bool ok;
};

static bool read_word(const char *root, const char *path, char *text, size_t size)
{
    if (fs_read_small(root, path, text, size) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return text[0] != '\0';
}

static struct json_object *new_gpu(struct listing *listing, const char *name, const char *vendor)
{
    struct json_object *gpu = json_object_new_object();
    listing->ok &= told_text_set(gpu, "name", name);
    if (vendor)
        listing->ok &= json_set_text(gpu, "vendor", vendor);
    return gpu;
}

/* The name that its readings have in samples: those that are read are counted, the others have none. */
static void set_id(struct listing *listing, struct json_object *gpu)
{
    char id[32];
    if (listing->read_count >= GPUS_MAX)
        return;
    snprintf(id, sizeof id, "gpu%zu", listing->read_count++);
    listing->ok &= json_set_text(gpu, "id", id);
}

static void set_bytes(struct listing *listing, struct json_object *gpu, uint64_t bytes)
{
    if (bytes > 0)
        listing->ok &= json_set_int(gpu, "memory_bytes", bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
}

static void add_identity(struct listing *listing, const struct nvml_identity *identity)
{
    char version[32];
    struct json_object *gpu = new_gpu(listing, identity->name[0] ? identity->name : "NVIDIA GPU", "NVIDIA");
    set_id(listing, gpu);
    if (identity->driver[0])
        listing->ok &= told_text_set(gpu, "driver", identity->driver);
    set_bytes(listing, gpu, identity->memory_bytes);
    if (identity->cores > 0)
        listing->ok &= json_set_int(gpu, "cores", identity->cores);
    snprintf(version, sizeof version, "%d.%d", identity->major, identity->minor);
    if (identity->major > 0)
        listing->ok &= json_set_text(gpu, "compute_capability", version);
    if (identity->power_limit_w > 0)
        listing->ok &= json_set_real(gpu, "power_limit_w", identity->power_limit_w);
    listing->ok &= json_add(listing->gpus, gpu);
    listing->nvidia_listed = true;
}

/* What NVIDIA's library says, asked in one go. */
struct nvidia {
    bool there;
    size_t count;
    struct nvml_identity gpus[GPUS_MAX];
};

static void ask_nvml(const char *library, struct nvidia *nvidia)
{
    char why[160];
    struct nvml *nvml = nvml_open(library, why, sizeof why);
    if (!nvml)
        return;
    nvidia->there = true;
    nvidia->count = nvml_gpu_count(nvml);
    for (size_t i = 0; i < nvidia->count; i++)
        nvml_gpu_identify(nvml, i, &nvidia->gpus[i]);
    nvml_close(nvml);
}

static void serve_nvml(struct errand_side *side, void *memory, const void *library)
{
    if (!errand_next(side))
        return;
    ask_nvml(library, memory);
    (void)errand_next(side);
}

/* A driver that hangs is one that is not there. */
static void ask_nvml_apart(const char *library, int64_t deadline_ns, struct nvidia *nvidia)
{
    struct errand_plan plan = {.kind = ERRAND_GPUS,
        .serve = serve_nvml,
        .arg = library,
        .size = sizeof *nvidia,
        .deadline_ns = deadline_ns};
    struct errand *errand = errand_start(&plan);
    if (errand && errand_ask_first(errand, ERRAND_WAKING * deadline_ns) == ERRAND_TOLD)
        *nvidia = *(const struct nvidia *)errand_memory(errand);
    errand_end(errand);
}

/* NVIDIA's own library knows more than the kernel shows; false where it is not there. */
static bool add_nvml(struct listing *listing, const char *library)
{
    struct nvidia nvidia = {.there = false};
    int64_t deadline_ns = errand_deadline(listing->root, 0);
    if (deadline_ns > 0)
        ask_nvml_apart(library, deadline_ns, &nvidia);
    else
        ask_nvml(library, &nvidia);
    for (size_t i = 0; i < nvidia.count; i++)
        add_identity(listing, &nvidia.gpus[i]);
    return nvidia.there;
}

/* "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 ..." -> the first word with a digit
 * and a point */
static bool nvidia_version(const char *root, char *version, size_t size)
{
    char text[512];
    if (!read_word(root, "/proc/driver/nvidia/version", text, sizeof text))
        return false;
    for (const char *at = text; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (at[0] >= '0' && at[0] <= '9' && memchr(at, '.', len) && len < size) {
            memcpy(version, at, len);
            version[len] = '\0';
            return true;
        }
        at += len;
    }
    return false;
}

/* /proc/driver/nvidia/gpus/<bus>/information: "Model: \t\t NVIDIA H200\n..." */
static int visit_nvidia(const char *bus, void *arg)
{
    struct listing *listing = arg;
    char path[512], text[4096], version[64];
    snprintf(path, sizeof path, "/proc/driver/nvidia/gpus/%.300s/information", bus);
    if (fs_read_small(listing->root, path, text, sizeof text) <= 0)
        return 0;
    const char *model = strstr(text, "Model:");
    if (!model)
        return 0;
    model += strlen("Model:");
    model += strspn(model, " \t");
    snprintf(path, sizeof path, "%.*s", (int)strcspn(model, "\n"), model);
    struct json_object *gpu = new_gpu(listing, path, "NVIDIA");
    if (nvidia_version(listing->root, version, sizeof version))
        listing->ok &= told_text_set(gpu, "driver", version);
    listing->ok &= json_add(listing->gpus, gpu);
    listing->nvidia_listed = true;
    return 0;
}

static void add_limits(struct listing *listing, const struct gpu_card *card, struct json_object *gpu)
{
    char folder[64], path[128], text[64];
    if (gpu_card_word(listing->root, card, "device/mem_info_vram_total", text, sizeof text))
        set_bytes(listing, gpu, strtoull(text, NULL, 10));
    if (!gpu_card_hwmon(listing->root, card, folder, sizeof folder))
        return;
    snprintf(path, sizeof path, "%s/power1_cap", folder);
    double microwatts = gpu_card_word(listing->root, card, path, text, sizeof text) ? strtod(text, NULL) : 0;
    if (microwatts > 0)
        listing->ok &= json_set_real(gpu, "power_limit_w", microwatts / 1e6);
}

/* "amdgpu 6.10.5": a driver that is not the kernel's own has a version. */
static void set_driver(struct listing *listing, const struct gpu_card *card, struct json_object *gpu)
{
    char path[128], version[64], text[128];
    snprintf(path, sizeof path, "/sys/module/%s/version", card->driver);
    bool told = read_word(listing->root, path, version, sizeof version);
    snprintf(text, sizeof text, "%s%s%s", card->driver, told ? " " : "", told ? version : "");
    listing->ok &= told_text_set(gpu, "driver", text);
}

/* sold_as: "" where only the card itself may know its name. */
static void add_card(struct listing *listing, const struct gpu_card *card, const char *sold_as)
{
    char name[256], device[64], slot[32];
    struct amd_node node = {.id = 0};
    bool of_nvidia = strcmp(card->vendor, "NVIDIA") == 0;
    if (listing->nvidia_listed && of_nvidia)
        return;
    if (gpu_card_slot(listing->root, card, slot, sizeof slot))
        (void)amd_node_find(listing->root, slot, &node);
    if (!gpu_card_word(listing->root, card, "device/product_name", name, sizeof name)) {
        bool known = gpu_card_word(listing->root, card, "device/device", device, sizeof device);
        snprintf(name, sizeof name, "%s device %s%s%s%s", card->vendor, known ? device : "unknown",
            node.kind[0] ? " (" : "", node.kind, node.kind[0] ? ")" : "");
        if (sold_as[0])
            snprintf(name, sizeof name, "%s", sold_as);
    }
    struct json_object *gpu = new_gpu(listing, name, card->vendor);
    if (!of_nvidia)
        set_id(listing, gpu);
    if (card->driver[0])
        set_driver(listing, card, gpu);
    if (node.compute_units > 0)
        listing->ok &= json_set_int(gpu, "cores", node.compute_units);
    add_limits(listing, card, gpu);
    listing->ok &= json_add(listing->gpus, gpu);
}

static void list_nvidia(struct listing *listing, const char *library)
{
    char full[1024];
    struct error absent = {0};
    bool here = listing->root[0] == '\0' && nvml_is_likely();
    if ((library || here) && add_nvml(listing, library))
        return;
    snprintf(full, sizeof full, "%s/proc/driver/nvidia/gpus", listing->root);
    if (fs_list(full, visit_nvidia, listing, &absent) != STATUS_OK)
        return; /* no such driver here */
}

struct json_object *gpu_list_to_json(const char *root, const struct gpu_libraries *libraries)
{
    struct gpu_card cards[GPUS_MAX];
    struct amd_names names;
    struct listing listing = {.root = root, .gpus = json_object_new_array(), .ok = true};
    if (!listing.gpus)
        return NULL;
    list_nvidia(&listing, libraries ? libraries->nvml : NULL);
    size_t count = gpu_cards_find(root, cards, GPUS_MAX);
    amd_names_ask(root, libraries ? libraries->amd_smi : NULL, cards, count, &names);
    for (size_t i = 0; i < count; i++)
        add_card(&listing, &cards[i], names.of[i]);
    if (listing.ok)
        return listing.gpus;
    json_object_put(listing.gpus);
    return NULL;
}
