#include "amd_smi.h"

#include "errand.h"
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A processor with parts of its own each of which is a GPU has some dozens. */
enum { SOCKETS_MAX = 64, PROCESSORS_MAX = 256 };

struct amd_smi {
    struct amd_smi_api api;
    size_t count;
    void *processors[PROCESSORS_MAX];
    uint64_t addresses[PROCESSORS_MAX];
};

static bool fail(const struct amd_smi *smi, const char *function, int code, char *why, size_t size)
{
    snprintf(why, size, "%s: %s", function, amd_smi_api_explain(&smi->api, code));
    return false;
}

/* Of all versions the first number says which it is. */
static bool version_is_known(const struct amd_smi *smi, char *why, size_t size)
{
    struct amd_smi_version version = {0};
    errand_doing("amdsmi_get_lib_version");
    int code = smi->api.version(&version);
    if (code != AMD_SMI_SUCCESS)
        return fail(smi, "amdsmi_get_lib_version", code, why, size);
    if (version.major >= AMD_SMI_OLDEST && version.major <= AMD_SMI_NEWEST)
        return true;
    snprintf(why, size, "libamd_smi.so is of version %u.%u, and only %d to %d are known", version.major,
        version.minor, AMD_SMI_OLDEST, AMD_SMI_NEWEST);
    return false;
}

/* What has no address on the bus is no GPU that the kernel shows. */
static void add_processors(struct amd_smi *smi, void *socket)
{
    uint32_t count = 0;
    void *found[PROCESSORS_MAX] = {0};
    if (smi->api.processors(socket, &count, NULL) != AMD_SMI_SUCCESS)
        return;
    count = count < PROCESSORS_MAX ? count : PROCESSORS_MAX;
    if (count == 0 || smi->api.processors(socket, &count, found) != AMD_SMI_SUCCESS)
        return;
    for (uint32_t i = 0; i < count && i < PROCESSORS_MAX && smi->count < PROCESSORS_MAX; i++) {
        uint64_t room[4] = {0};
        if (!found[i] || smi->api.address(found[i], room) != AMD_SMI_SUCCESS)
            continue;
        smi->processors[smi->count] = found[i];
        smi->addresses[smi->count++] = room[0];
    }
}

static bool find_processors(struct amd_smi *smi, char *why, size_t size)
{
    uint32_t count = 0;
    void *sockets[SOCKETS_MAX] = {0};
    errand_doing("amdsmi_get_socket_handles");
    int code = smi->api.sockets(&count, NULL);
    if (code != AMD_SMI_SUCCESS)
        return fail(smi, "amdsmi_get_socket_handles", code, why, size);
    count = count < SOCKETS_MAX ? count : SOCKETS_MAX;
    code = count > 0 ? smi->api.sockets(&count, sockets) : AMD_SMI_SUCCESS;
    if (code != AMD_SMI_SUCCESS)
        return fail(smi, "amdsmi_get_socket_handles", code, why, size);
    errand_doing("amdsmi_get_processor_handles");
    for (uint32_t i = 0; i < count && i < SOCKETS_MAX; i++)
        add_processors(smi, sockets[i]);
    return true;
}

/* Without a session the library does not even tell its version. */
static bool begin_session(struct amd_smi *smi, char *why, size_t size)
{
    errand_doing("amdsmi_init");
    int code = smi->api.init(AMD_SMI_GPUS);
    if (code != AMD_SMI_SUCCESS)
        return fail(smi, "amdsmi_init", code, why, size);
    if (version_is_known(smi, why, size) && find_processors(smi, why, size))
        return true;
    smi->api.shutdown();
    return false;
}

struct amd_smi *amd_smi_open(const char *library, char *why, size_t size)
{
    struct amd_smi *smi = calloc(1, sizeof *smi);
    if (!smi) {
        snprintf(why, size, "no memory");
        return NULL;
    }
    errand_doing("loading libamd_smi.so");
    if (!amd_smi_api_load(&smi->api, library, why, size)) {
        free(smi);
        return NULL;
    }
    if (!begin_session(smi, why, size)) {
        amd_smi_api_unload(&smi->api);
        free(smi);
        return NULL;
    }
    return smi;
}

void amd_smi_close(struct amd_smi *smi)
{
    if (!smi)
        return;
    errand_doing("amdsmi_shut_down");
    smi->api.shutdown();
    amd_smi_api_unload(&smi->api);
    free(smi);
}

const struct amd_smi_api *amd_smi_api(const struct amd_smi *smi)
{
    return &smi->api;
}

void *amd_smi_find(const struct amd_smi *smi, const char *slot)
{
    unsigned domain, bus, device, function;
    if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
        return NULL;
    uint64_t address = (uint64_t)domain << 16 | (bus & 0xff) << 8 | (device & 0x1f) << 3 | (function & 7);
    for (size_t i = 0; i < smi->count; i++) {
        if (smi->addresses[i] == address)
            return smi->processors[i];
    }
    return NULL;
}

bool amd_smi_name(const struct amd_smi *smi, void *processor, char *name, size_t size)
{
    struct amd_smi_names names = {.market_name = ""};
    errand_doing("amdsmi_get_gpu_asic_info");
    if (!smi->api.names || smi->api.names(processor, &names) != AMD_SMI_SUCCESS)
        return false;
    names.market_name[sizeof names.market_name - 1] = '\0';
    snprintf(name, size, "%.255s", names.market_name);
    return name[0] != '\0' && strcmp(name, "N/A") != 0;
}
