#include "fake_nvml.h"

#include "nvml_api.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Exported by name, as the driver's library does. */
#define NVML(function, ...)                                                                                  \
    int function(__VA_ARGS__);                                                                               \
    int function(__VA_ARGS__)

/* Two GPUs that work, with figures of their own. */
#define GPU(gpu_name, factor)                                                                                \
    {                                                                                                        \
        .name = gpu_name, .percent = 40 * (factor), .milliwatts = 100000 * (factor),                         \
        .celsius = 50 + (factor), .megahertz = 1000 * (factor), .cores = 16896, .limit_milliwatts = 700000,  \
        .millijoules = 5000000ull * (factor), .used_bytes = 1000000000ull * (factor),                        \
        .total_bytes = 150000000000ull                                                                       \
    }
static const struct fake_nvml at_first = {.count = 2, .gpus = {GPU("Fake H200", 1), GPU("Fake L4", 2)}};
static struct fake_nvml state = {.count = 2, .gpus = {GPU("Fake H200", 1), GPU("Fake L4", 2)}};

struct fake_nvml *fake_nvml_reset(void)
{
    state = at_first;
    return &state;
}

static struct fake_gpu *gpu_of(struct nvml_device *device)
{
    return (void *)device;
}

static void hang(const char *function)
{
    if (!state.hangs || (strcmp(state.hangs, "*") != 0 && strcmp(state.hangs, function) != 0))
        return;
    while (access(state.hangs_while, F_OK) == 0)
        usleep(1000);
}

static int answer(struct nvml_device *device, const char *function)
{
    hang(function);
    state.calls++;
    if (state.sleep_us)
        usleep(state.sleep_us);
    for (size_t i = 0; i < FAKE_REFUSALS && state.refusals[i].function; i++) {
        if (strcmp(state.refusals[i].function, function) == 0)
            return state.refusals[i].code;
    }
    return gpu_of(device)->code;
}

static int start(void)
{
    hang("nvmlInit");
    if (state.init_code == NVML_SUCCESS)
        state.sessions++;
    return state.init_code;
}

static int count_gpus(unsigned *count)
{
    hang("nvmlDeviceGetCount");
    *count = state.count;
    return NVML_SUCCESS;
}

static int give_handle(unsigned index, struct nvml_device **device)
{
    if (index >= state.count)
        return 2;
    *device = (void *)&state.gpus[index];
    return state.gpus[index].code;
}

static int give_reasons(struct nvml_device *device, const char *function, unsigned long long *reasons)
{
    *reasons = gpu_of(device)->reasons;
    return answer(device, function);
}

NVML(nvmlShutdown, void)
{
    state.sessions--;
    return NVML_SUCCESS;
}

NVML(nvmlSystemGetDriverVersion, char *text, unsigned size)
{
    snprintf(text, size, "570.86.15");
    return NVML_SUCCESS;
}

NVML(nvmlDeviceGetName, struct nvml_device *device, char *text, unsigned size)
{
    snprintf(text, size, "%s", gpu_of(device)->name);
    return answer(device, __func__);
}

NVML(nvmlDeviceGetUtilizationRates, struct nvml_device *device, struct nvml_utilisation *utilisation)
{
    utilisation->gpu = gpu_of(device)->percent;
    utilisation->memory = 1;
    return answer(device, __func__);
}

/* What the driver keeps for itself is in use for version 1 of the question. */
NVML(nvmlDeviceGetMemoryInfo, struct nvml_device *device, struct nvml_memory *memory)
{
    const struct fake_gpu *gpu = gpu_of(device);
    memory->total = gpu->total_bytes;
    memory->used = gpu->used_bytes + 1000;
    memory->free = memory->total - memory->used;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetPowerUsage, struct nvml_device *device, unsigned *milliwatts)
{
    *milliwatts = gpu_of(device)->milliwatts;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetTemperature, struct nvml_device *device, unsigned sensor, unsigned *celsius)
{
    *celsius = sensor == NVML_TEMPERATURE_GPU ? gpu_of(device)->celsius : 0;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetClockInfo, struct nvml_device *device, unsigned which, unsigned *megahertz)
{
    *megahertz = which == NVML_CLOCK_SM ? gpu_of(device)->megahertz : 0;
    return answer(device, __func__);
}

#ifdef FAKE_NVML_OLD

NVML(nvmlInit, void)
{
    return start();
}

NVML(nvmlDeviceGetCount, unsigned *count)
{
    return count_gpus(count);
}

NVML(nvmlDeviceGetHandleByIndex, unsigned index, struct nvml_device **device)
{
    return give_handle(index, device);
}

NVML(nvmlDeviceGetCurrentClocksThrottleReasons, struct nvml_device *device, unsigned long long *reasons)
{
    return give_reasons(device, __func__, reasons);
}

NVML(nvmlDeviceGetComputeRunningProcesses, struct nvml_device *device, unsigned *count,
    struct nvml_process_v1 *processes)
{
    const struct fake_gpu *gpu = gpu_of(device);
    for (unsigned i = 0; i < gpu->process_count; i++)
        processes[i] = (struct nvml_process_v1){gpu->processes[i].pid, gpu->processes[i].bytes};
    *count = gpu->process_count;
    return answer(device, __func__);
}

#else

const char *nvmlErrorString(int code);
const char *nvmlErrorString(int code)
{
    return code == NVML_NOT_SUPPORTED ? "Not Supported" : code == 15 ? "GPU is lost" : "Unknown Error";
}

NVML(nvmlInit_v2, void)
{
    return start();
}

NVML(nvmlDeviceGetCount_v2, unsigned *count)
{
    return count_gpus(count);
}

NVML(nvmlDeviceGetHandleByIndex_v2, unsigned index, struct nvml_device **device)
{
    return give_handle(index, device);
}

NVML(nvmlDeviceGetNumGpuCores, struct nvml_device *device, unsigned *count)
{
    *count = gpu_of(device)->cores;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetCudaComputeCapability, struct nvml_device *device, int *major, int *minor)
{
    *major = 9;
    *minor = 0;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetEnforcedPowerLimit, struct nvml_device *device, unsigned *milliwatts)
{
    *milliwatts = gpu_of(device)->limit_milliwatts;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetMemoryInfo_v2, struct nvml_device *device, struct nvml_memory_v2 *memory)
{
    const struct fake_gpu *gpu = gpu_of(device);
    if (memory->version != (40u | 2u << 24))
        return NVML_ARGUMENT_VERSION_MISMATCH;
    memory->total = gpu->total_bytes;
    memory->reserved = 1000;
    memory->used = gpu->used_bytes;
    memory->free = memory->total - memory->used - memory->reserved;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetTotalEnergyConsumption, struct nvml_device *device, unsigned long long *millijoules)
{
    *millijoules = gpu_of(device)->millijoules;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetCurrentClocksEventReasons, struct nvml_device *device, unsigned long long *reasons)
{
    return give_reasons(device, __func__, reasons);
}

NVML(nvmlDeviceGetFieldValues, struct nvml_device *device, int count, struct nvml_field *fields)
{
    const struct fake_gpu *gpu = gpu_of(device);
    for (int i = 0; i < count; i++) {
        fields[i].code = NVML_NOT_SUPPORTED;
        for (size_t f = 0; f < FAKE_FIELDS && gpu->fields[f].id; f++) {
            if (gpu->fields[f].id != fields[i].id)
                continue;
            fields[i].code = NVML_SUCCESS;
            fields[i].type = 3;
            fields[i].value.u64 = gpu->fields[f].ns;
        }
    }
    return answer(device, __func__);
}

NVML(nvmlDeviceGetTotalEccErrors, struct nvml_device *device, unsigned kind, unsigned counter,
    unsigned long long *count)
{
    *count = counter == NVML_ECC_SINCE_LOAD && kind < 2 ? gpu_of(device)->ecc[kind] : 0;
    return answer(device, __func__);
}

/* As some drivers have it: entries with a number more than those of the same function before and after them. */
struct longer_process {
    struct nvml_process process;
    unsigned long long protected_bytes;
};
NVML(nvmlDeviceGetComputeRunningProcesses_v3, struct nvml_device *device, unsigned *count,
    struct longer_process *processes)
{
    const struct fake_gpu *gpu = gpu_of(device);
    for (unsigned i = 0; i < gpu->process_count; i++)
        processes[i] = (struct longer_process){
            {gpu->processes[i].pid, gpu->processes[i].bytes, ~0u, ~0u}, gpu->processes[i].bytes};
    *count = gpu->process_count;
    return answer(device, __func__);
}

NVML(nvmlDeviceGetComputeRunningProcesses_v2, struct nvml_device *device, unsigned *count,
    struct nvml_process *processes)
{
    const struct fake_gpu *gpu = gpu_of(device);
    for (unsigned i = 0; i < gpu->process_count; i++)
        processes[i] = (struct nvml_process){gpu->processes[i].pid, gpu->processes[i].bytes, ~0u, ~0u};
    *count = gpu->process_count;
    return answer(device, __func__);
}

NVML(nvmlEventSetCreate, struct nvml_event_set **set)
{
    state.event_sets++;
    *set = (void *)state.events;
    return NVML_SUCCESS;
}

NVML(nvmlEventSetFree, struct nvml_event_set *set)
{
    (void)set;
    state.event_sets--;
    return NVML_SUCCESS;
}

NVML(nvmlDeviceRegisterEvents, struct nvml_device *device, unsigned long long types,
    struct nvml_event_set *set)
{
    (void)set;
    return types == NVML_EVENT_XID ? answer(device, __func__) : 2;
}

NVML(nvmlEventSetWait_v2, struct nvml_event_set *set, struct nvml_event *event, unsigned timeout_ms)
{
    (void)set;
    if (state.event_count == 0 || timeout_ms != 0)
        return NVML_TIMEOUT;
    *event = (struct nvml_event){
        .device = (void *)&state.gpus[state.events[0].gpu], .type = state.events[0].type, .data = 79};
    state.event_count--;
    memmove(&state.events[0], &state.events[1], state.event_count * sizeof state.events[0]);
    return NVML_SUCCESS;
}

#endif
