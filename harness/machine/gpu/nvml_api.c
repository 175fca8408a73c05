#include "nvml_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The library reads and writes these: their sizes are part of its interface. */
_Static_assert(sizeof(struct nvml_memory) == 24, "nvmlMemory_t");
_Static_assert(sizeof(struct nvml_memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(sizeof(struct nvml_temperature) == 12, "nvmlTemperature_v1_t");
_Static_assert(sizeof(struct nvml_field) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct nvml_process) == 24, "nvmlProcessInfo_t");
_Static_assert(sizeof(struct nvml_process_v1) == 16, "nvmlProcessInfo_v1_t");

#define SYMBOL(member, is_needed, ...)                                                                       \
    {                                                                                                        \
        .offset = offsetof(struct nvml_api, member), .needed = (is_needed), .names = { __VA_ARGS__ }         \
    }

/* The newest version of a function first, unless the one before does the same and is the safer. */
static const struct symbol {
    size_t offset;
    bool needed;
    const char *names[3];
} symbols[] = {
    SYMBOL(init, true, "nvmlInit_v2", "nvmlInit"),
    SYMBOL(shutdown, true, "nvmlShutdown"),
    SYMBOL(device_count, true, "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"),
    SYMBOL(device_at, true, "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"),
    SYMBOL(error_string, false, "nvmlErrorString"),
    SYMBOL(driver_version, false, "nvmlSystemGetDriverVersion"),
    SYMBOL(name, false, "nvmlDeviceGetName"),
    SYMBOL(cores, false, "nvmlDeviceGetNumGpuCores"),
    SYMBOL(compute_capability, false, "nvmlDeviceGetCudaComputeCapability"),
    SYMBOL(power_limit, false, "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit"),
    SYMBOL(utilisation, false, "nvmlDeviceGetUtilizationRates"),
    SYMBOL(memory, false, "nvmlDeviceGetMemoryInfo"),
    SYMBOL(memory_v2, false, "nvmlDeviceGetMemoryInfo_v2"),
    SYMBOL(power, false, "nvmlDeviceGetPowerUsage"),
    SYMBOL(energy, false, "nvmlDeviceGetTotalEnergyConsumption"),
    SYMBOL(temperature, false, "nvmlDeviceGetTemperature"),
    SYMBOL(temperature_v, false, "nvmlDeviceGetTemperatureV"),
    SYMBOL(clock, false, "nvmlDeviceGetClockInfo"),
    SYMBOL(clocks_event_reasons, false, "nvmlDeviceGetCurrentClocksEventReasons",
        "nvmlDeviceGetCurrentClocksThrottleReasons"),
    SYMBOL(field_values, false, "nvmlDeviceGetFieldValues"),
    SYMBOL(ecc_errors, false, "nvmlDeviceGetTotalEccErrors"),
    /* drivers 535.43 to 535.86 gave the entries of version 3 another size, and took it back */
    SYMBOL(processes, false, "nvmlDeviceGetComputeRunningProcesses_v2",
        "nvmlDeviceGetComputeRunningProcesses_v3"),
    SYMBOL(processes_v1, false, "nvmlDeviceGetComputeRunningProcesses"),
    SYMBOL(event_set_new, false, "nvmlEventSetCreate"),
    SYMBOL(event_set_free, false, "nvmlEventSetFree"),
    SYMBOL(register_events, false, "nvmlDeviceRegisterEvents"),
    SYMBOL(event_wait, false, "nvmlEventSetWait_v2"),
};

/* Where one place after the other fails the first says why: it is the one that should have it. */
static void *open_library(const char *path, char *why, size_t size)
{
    /* the loader's own paths; then containers, NixOS and Windows' Linux, which may be outside them */
    static const char *const usual[] = {"libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
        "/run/opengl-driver/lib/libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"};
    size_t places = path ? 1 : sizeof usual / sizeof *usual;
    for (size_t i = 0; i < places; i++) {
        void *library = dlopen(path ? path : usual[i], RTLD_NOW | RTLD_LOCAL);
        if (library)
            return library;
        const char *error = dlerror();
        if (i == 0)
            snprintf(why, size, "%s", error ? error : "the library cannot be opened");
    }
    return NULL;
}

static bool find_symbol(struct nvml_api *api, const struct symbol *symbol)
{
    void *address = NULL;
    for (size_t i = 0; i < sizeof symbol->names / sizeof *symbol->names && symbol->names[i] && !address; i++)
        address = dlsym(api->library, symbol->names[i]);
    memcpy((char *)api + symbol->offset, &address, sizeof address); /* POSIX: a function fits into void * */
    return address || !symbol->needed;
}

bool nvml_api_load(struct nvml_api *api, const char *path, char *why, size_t size)
{
    memset(api, 0, sizeof *api);
    api->library = open_library(path, why, size);
    if (!api->library)
        return false;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        if (find_symbol(api, &symbols[i]))
            continue;
        snprintf(why, size, "libnvidia-ml.so.1 has no %s", symbols[i].names[0]);
        nvml_api_unload(api);
        return false;
    }
    return true;
}

void nvml_api_unload(struct nvml_api *api)
{
    if (api->library)
        dlclose(api->library);
    memset(api, 0, sizeof *api);
}

const char *nvml_api_explain(const struct nvml_api *api, int code)
{
    const char *text = NULL;
    if (code == NVML_FUNCTION_NOT_FOUND)
        return "this version of libnvidia-ml.so.1 cannot tell";
    if (code == NVML_VERSION_MISMATCH)
        return "library and kernel module of the driver differ: load the driver anew, or reboot";
    if (api->error_string)
        text = api->error_string(code);
    return text && text[0] ? text : "an error without a name";
}
