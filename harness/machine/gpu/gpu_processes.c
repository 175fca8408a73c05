#include "gpu_processes.h"

/* What some of the processes hold. */
struct held_by {
    unsigned count;
    double bytes;
    bool untold; /* by one of them */
};

struct sorted {
    struct held_by foreign, target;
    unsigned unseen;
};

static void add_process(struct held_by *held, const struct gpu_process *process)
{
    held->count++;
    if (process->untold)
        held->untold = true;
    else
        held->bytes += process->bytes;
}

static struct sorted sort_processes(
    const struct gpu_process *list, size_t count, const struct gpu_owners *owners)
{
    struct sorted found = {0};
    for (size_t i = 0; i < count; i++) {
        enum gpu_owner owner = owners->of(owners->arg, list[i].pid);
        found.unseen += owner == GPU_OWNER_UNSEEN;
        if (owner == GPU_OWNER_FOREIGN)
            add_process(&found.foreign, &list[i]);
        else if (owner == GPU_OWNER_TARGET)
            add_process(&found.target, &list[i]);
    }
    return found;
}

static void set_held(struct reading *r, const struct held_by *held, const char *source)
{
    if (held->untold)
        reading_unavailable(r, source, "the driver does not say how much each process holds");
    else
        reading_set(r, held->bytes, source);
}

void gpu_processes_tell(struct gpu_device *gpu, const char *source, const struct gpu_process *list,
    size_t count, const struct gpu_owners *owners)
{
    struct reading *processes = gpu_device_reading(gpu, SENSOR_GPU_PROCESSES_FOREIGN);
    struct reading *memory = gpu_device_reading(gpu, SENSOR_GPU_MEMORY_FOREIGN);
    struct sorted found = owners->unknown ? (struct sorted){0} : sort_processes(list, count, owners);
    gpu->unattributed = count > 0 && (owners->unknown || found.unseen > 0);
    if (gpu->unattributed) {
        reading_unavailable(processes, source,
            owners->unknown ? owners->unknown
                            : "processes have numbers that are not known here: a container");
        *memory = gpu->target_memory = *processes;
        return;
    }
    reading_set(processes, found.foreign.count, source);
    set_held(memory, &found.foreign, source);
    set_held(&gpu->target_memory, &found.target, source);
}
