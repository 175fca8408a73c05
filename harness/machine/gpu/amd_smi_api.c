#include "amd_smi_api.h"

#include "vendor_library.h"

#include <dlfcn.h>
#include <string.h>

/* Room for all that any version writes: the largest of these structs had 656 bytes so far. */
_Static_assert(sizeof(struct amd_smi_version) == 256, "amdsmi_version_t has 24 bytes at most");
_Static_assert(sizeof(struct amd_smi_activity) == 256, "amdsmi_engine_usage_t has 64");
_Static_assert(sizeof(struct amd_smi_errors) == 512, "amdsmi_error_count_t has 64 at most");
_Static_assert(sizeof(struct amd_smi_names) == 4096, "amdsmi_asic_info_t has less than 1024");

#define SYMBOL(member, needed, name) VENDOR_SYMBOL(struct amd_smi_api, member, needed, name)

static const struct vendor_symbol symbols[] = {
    SYMBOL(init, true, "amdsmi_init"),
    SYMBOL(shutdown, true, "amdsmi_shut_down"),
    SYMBOL(version, true, "amdsmi_get_lib_version"),
    SYMBOL(sockets, true, "amdsmi_get_socket_handles"),
    SYMBOL(processors, true, "amdsmi_get_processor_handles"),
    SYMBOL(address, true, "amdsmi_get_gpu_device_bdf"),
    SYMBOL(explain, false, "amdsmi_status_code_to_string"),
    SYMBOL(energy, false, "amdsmi_get_energy_count"),
    SYMBOL(activity, false, "amdsmi_get_gpu_activity"),
    SYMBOL(memory_usage, false, "amdsmi_get_gpu_memory_usage"),
    SYMBOL(temperature, false, "amdsmi_get_temp_metric"),
    SYMBOL(errors, false, "amdsmi_get_gpu_total_ecc_count"),
    SYMBOL(names, false, "amdsmi_get_gpu_asic_info"),
};

/* The loader's own paths; then ROCm's, which is often outside them; names with a number need no -dev package. */
static const char *const places[] = {"libamd_smi.so", "libamd_smi.so.26", "libamd_smi.so.25",
    "libamd_smi.so.24", "libamd_smi.so.23", "/opt/rocm/lib/libamd_smi.so", "/opt/rocm/lib64/libamd_smi.so",
    "/opt/rocm/core/lib/libamd_smi.so"};

static const struct vendor_library amd_smi = {.name = "libamd_smi.so",
    .places = places,
    .place_count = sizeof places / sizeof *places,
    .symbols = symbols,
    .symbol_count = sizeof symbols / sizeof *symbols};

bool amd_smi_api_load(struct amd_smi_api *api, const char *path, char *why, size_t size)
{
    memset(api, 0, sizeof *api);
    api->library = vendor_library_open(&amd_smi, path, api, why, size);
    if (!api->library)
        memset(api, 0, sizeof *api);
    return api->library != NULL;
}

void amd_smi_api_unload(struct amd_smi_api *api)
{
    if (api->library)
        dlclose(api->library);
    memset(api, 0, sizeof *api);
}

const char *amd_smi_api_explain(const struct amd_smi_api *api, int code)
{
    const char *text = NULL;
    if (code == AMD_SMI_NO_FUNCTION)
        return "this version of libamd_smi.so cannot tell";
    if (api->explain && api->explain(code, &text) != AMD_SMI_SUCCESS)
        text = NULL;
    return text && text[0] ? text : "an error without a name";
}
