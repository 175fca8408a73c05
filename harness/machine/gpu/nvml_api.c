#include "nvml_api.h"

#include "vendor_library.h"

#include <dlfcn.h>
#include <string.h>

/* The library reads and writes these: their sizes are part of its interface. */
_Static_assert(sizeof(struct nvml_memory) == 24, "nvmlMemory_t");
_Static_assert(sizeof(struct nvml_memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(sizeof(struct nvml_temperature) == 12, "nvmlTemperature_v1_t");
_Static_assert(sizeof(struct nvml_field) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct nvml_process) == 24, "nvmlProcessInfo_t");
_Static_assert(sizeof(struct nvml_process_v1) == 16, "nvmlProcessInfo_v1_t");

#define SYMBOL(member, needed, ...) VENDOR_SYMBOL(struct nvml_api, member, needed, __VA_ARGS__)

/* The newest version of a function first, unless the one before does the same and is the safer. */
static const struct vendor_symbol symbols[] = {
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

/* The loader's own paths; then containers, NixOS and Windows' Linux, which may be outside them. */
static const char *const places[] = {"libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
    "/run/opengl-driver/lib/libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"};

static const struct vendor_library nvml = {.name = "libnvidia-ml.so.1",
    .places = places,
    .place_count = sizeof places / sizeof *places,
    .symbols = symbols,
    .symbol_count = sizeof symbols / sizeof *symbols};

bool nvml_api_load(struct nvml_api *api, const char *path, char *why, size_t size)
{
    memset(api, 0, sizeof *api);
    api->library = vendor_library_open(&nvml, path, api, why, size);
    if (!api->library)
        memset(api, 0, sizeof *api);
    return api->library != NULL;
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
