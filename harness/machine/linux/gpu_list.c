#include "gpu_list.h"

#include "fs.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct listing {
    const char *root;
    struct json_object *gpus;
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
    listing->ok &= json_set_text(gpu, "name", name);
    if (vendor)
        listing->ok &= json_set_text(gpu, "vendor", vendor);
    return gpu;
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
        listing->ok &= json_set_text(gpu, "driver", version);
    listing->ok &= json_add(listing->gpus, gpu);
    listing->nvidia_listed = true;
    return 0;
}

static const char *vendor_of(const char *id)
{
    static const struct {
        const char *id, *name;
    } vendors[] = {{"0x1002", "AMD"}, {"0x10de", "NVIDIA"}, {"0x8086", "Intel"}};
    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++) {
        if (strcmp(vendors[i].id, id) == 0)
            return vendors[i].name;
    }
    return NULL;
}

/* The driver's name is the last part of where device/driver points to. */
static bool driver_of(const char *root, const char *card, char *driver, size_t size)
{
    char path[1024], link[512];
    snprintf(path, sizeof path, "%s/sys/class/drm/%.100s/device/driver", root, card);
    ssize_t len = readlink(path, link, sizeof link - 1);
    if (len <= 0)
        return false;
    link[len] = '\0';
    const char *slash = strrchr(link, '/'), *name = slash ? slash + 1 : link;
    if (*name == '\0' || strlen(name) >= size)
        return false;
    memcpy(driver, name, strlen(name) + 1);
    return true;
}

static void add_memory(struct listing *listing, const char *card, struct json_object *gpu)
{
    char path[256], text[64];
    snprintf(path, sizeof path, "/sys/class/drm/%.100s/device/mem_info_vram_total", card);
    if (!read_word(listing->root, path, text, sizeof text))
        return;
    long long bytes = strtoll(text, NULL, 10);
    if (bytes > 0)
        listing->ok &= json_set_int(gpu, "memory_bytes", bytes);
}

/* cardN, but not its connectors (cardN-HDMI-A-1). Display chips of servers and virtual machines are not GPUs.
 */
static int visit_card(const char *card, void *arg)
{
    struct listing *listing = arg;
    char path[256], id[64], device[64], name[256], driver[128];
    if (strncmp(card, "card", 4) != 0 || !card[4] || card[4 + strspn(card + 4, "0123456789")])
        return 0;
    snprintf(path, sizeof path, "/sys/class/drm/%.100s/device/vendor", card);
    const char *vendor = read_word(listing->root, path, id, sizeof id) ? vendor_of(id) : NULL;
    if (!vendor || (listing->nvidia_listed && strcmp(vendor, "NVIDIA") == 0))
        return 0;
    snprintf(path, sizeof path, "/sys/class/drm/%.100s/device/product_name", card);
    if (!read_word(listing->root, path, name, sizeof name)) {
        snprintf(path, sizeof path, "/sys/class/drm/%.100s/device/device", card);
        bool known = read_word(listing->root, path, device, sizeof device);
        snprintf(name, sizeof name, "%s device %s", vendor, known ? device : "unknown");
    }
    struct json_object *gpu = new_gpu(listing, name, vendor);
    if (driver_of(listing->root, card, driver, sizeof driver))
        listing->ok &= json_set_text(gpu, "driver", driver);
    add_memory(listing, card, gpu);
    listing->ok &= json_add(listing->gpus, gpu);
    return 0;
}

static void visit_folder(struct listing *listing, const char *path, int (*visit)(const char *, void *))
{
    char full[1024];
    struct error absent = {0};
    snprintf(full, sizeof full, "%s%s", listing->root, path);
    if (fs_list(full, visit, listing, &absent) != STATUS_OK)
        return; /* no such driver here */
}

struct json_object *gpu_list_to_json(const char *root)
{
    struct listing listing = {.root = root, .gpus = json_object_new_array(), .ok = true};
    if (!listing.gpus)
        return NULL;
    visit_folder(&listing, "/proc/driver/nvidia/gpus", visit_nvidia);
    visit_folder(&listing, "/sys/class/drm", visit_card);
    if (listing.ok)
        return listing.gpus;
    json_object_put(listing.gpus);
    return NULL;
}
