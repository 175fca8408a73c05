#include "amd_processes.h"

#include "amd_node.h"
#include "errand.h"
#include "fs.h"
#include "gpu_processes.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define PROCESSES "/sys/class/kfd/kfd/proc"

enum { PROCESSES_MAX = 1024 };

static const char source[] = PROCESSES "/*/vram_*";

static bool read_number(const char *root, const char *path, int64_t *value)
{
    char text[64];
    errand_doing(path);
    if (fs_read_small(root, path, text, sizeof text) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return text_parse_i64(text, value);
}

void amd_processes_open(struct amd_processes *processes, const char *root, const char *slot)
{
    struct amd_node node;
    memset(processes, 0, sizeof *processes);
    if (strlen(root) >= sizeof processes->root || !amd_node_find(root, slot, &node))
        return;
    memcpy(processes->root, root, strlen(root) + 1);
    snprintf(processes->file, sizeof processes->file, "vram_%lld", (long long)node.id);
}

struct listing {
    const struct amd_processes *processes;
    struct gpu_process *list;
    size_t count;
};

/* A process has a file for each GPU that it may use; what it holds nothing of it does not use. */
static int visit_process(const char *name, void *arg)
{
    struct listing *listing = arg;
    char path[320];
    int64_t pid, bytes;
    snprintf(path, sizeof path, PROCESSES "/%.200s/%s", name, listing->processes->file);
    if (!text_parse_i64(name, &pid) || pid <= 0 || !read_number(listing->processes->root, path, &bytes) ||
        bytes <= 0)
        return 0;
    listing->list[listing->count++] = (struct gpu_process){.pid = (long)pid, .bytes = (double)bytes};
    return listing->count == PROCESSES_MAX;
}

void amd_processes_look(
    const struct amd_processes *processes, struct gpu_device *gpu, const struct gpu_owners *owners)
{
    static struct gpu_process list[PROCESSES_MAX];
    struct listing listing = {.processes = processes, .list = list};
    char folder[1024];
    struct error absent = {0};
    if (!processes->file[0])
        return;
    snprintf(folder, sizeof folder, "%s" PROCESSES, processes->root);
    if (fs_list(folder, visit_process, &listing, &absent) == STATUS_OK)
        gpu_processes_tell(gpu, source, list, listing.count, owners);
    else
        reading_unavailable(gpu_device_reading(gpu, SENSOR_GPU_PROCESSES_FOREIGN), source, absent.text);
}
