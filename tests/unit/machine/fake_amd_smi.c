#include "fake_amd_smi.h"

#include "amd_smi_api.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Exported by name, as ROCm's library does. */
#define AMDSMI(function, ...)                                                                                \
    int function(__VA_ARGS__);                                                                               \
    int function(__VA_ARGS__)

#ifdef FAKE_AMD_SMI_OLD
enum { MAJOR = 23, MINOR = 4, ERRORS_BYTES = 32, NAME_BYTES = 64, NAMES_BYTES = 296 };
#else
enum { MAJOR = 26, MINOR = 2, ERRORS_BYTES = 64, NAME_BYTES = 256, NAMES_BYTES = 912 };
#endif

/* In 2^-16 J, as all GPUs count. */
static const float microjoules = 15.259F;

/* clang-format off */
#define AT_FIRST {.major = MAJOR, .minor = MINOR, .count = 1,                                                \
    .gpus = {{.address = 0x300, .name = "Fake Radeon PRO W7900", .percent = 41, .bytes = 5000000000,         \
        .hottest = 66, .edge = 55, .count = 6553600000, .watts = 200, .corrected = 7, .uncorrected = 1}}}
/* clang-format on */
static const struct fake_amd_smi at_first = AT_FIRST;
static struct fake_amd_smi state = AT_FIRST;
static int socket_handle;

struct fake_amd_smi *fake_amd_smi_reset(void)
{
    state = at_first;
    return &state;
}

static int answer(const char *function)
{
    if (state.hangs && strcmp(state.hangs, function) == 0) {
        while (access(state.hangs_while, F_OK) == 0)
            usleep(1000);
    }
    state.calls++;
    for (size_t i = 0; i < FAKE_AMD_REFUSALS && state.refusals[i].function; i++) {
        if (strcmp(state.refusals[i].function, function) == 0)
            return state.refusals[i].code;
    }
    return state.sessions > 0 ? AMD_SMI_SUCCESS : 32; /* not initialised */
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

AMDSMI(amdsmi_init, uint64_t flags)
{
    int code = answer(__func__);
    if (flags != AMD_SMI_GPUS)
        return AMD_SMI_INVALID;
    if (state.init_code == AMD_SMI_SUCCESS)
        state.sessions++;
    return code == 32 ? state.init_code : code;
}

AMDSMI(amdsmi_shut_down, void)
{
    state.sessions--;
    return AMD_SMI_SUCCESS;
}

/* The year came first as long as there was one: four numbers and a text, later three and a text. */
AMDSMI(amdsmi_get_lib_version, void *version)
{
    static const char *const build = "fake";
    uint32_t numbers[4] = {state.major, state.minor, 1, 0};
    memcpy(version, numbers, MAJOR < 25 ? sizeof numbers : 3 * sizeof *numbers);
    memcpy((char *)version + 16, &build, sizeof build);
    return answer(__func__);
}

AMDSMI(amdsmi_get_socket_handles, uint32_t *count, void **sockets)
{
    if (sockets && *count > 0)
        sockets[0] = &socket_handle;
    *count = 1;
    return answer(__func__);
}

AMDSMI(amdsmi_get_processor_handles, void *socket, uint32_t *count, void **processors)
{
    if (socket != &socket_handle)
        return AMD_SMI_INVALID;
    for (uint32_t i = 0; processors && i < *count && i < state.count; i++)
        processors[i] = &state.gpus[i];
    *count = state.count;
    return answer(__func__);
}

AMDSMI(amdsmi_get_gpu_device_bdf, const struct fake_amd_gpu *gpu, uint64_t *address)
{
    *address = gpu->address;
    return answer(__func__);
}

AMDSMI(amdsmi_status_code_to_string, int code, const char **text)
{
    *text = code == AMD_SMI_NOT_SUPPORTED   ? "AMDSMI_STATUS_NOT_SUPPORTED: not supported"
            : code == AMD_SMI_NO_PERMISSION ? "AMDSMI_STATUS_NO_PERM: permission denied"
                                            : "AMDSMI_STATUS_OTHER: something else";
    return AMD_SMI_SUCCESS;
}

AMDSMI(amdsmi_get_energy_count, const struct fake_amd_gpu *gpu, uint64_t *count, float *each, uint64_t *t_ns)
{
    static uint64_t start_ns;
    *t_ns = now_ns();
    start_ns = start_ns ? start_ns : *t_ns;
    double seconds = (double)(*t_ns - start_ns) / 1e9;
    if (gpu->step_s > 0)
        seconds = gpu->step_s * (double)(uint64_t)(seconds / gpu->step_s);
    double joules = gpu->watts * seconds;
    *count = gpu->count + (uint64_t)(joules * 1e6 / (double)microjoules);
    *each = microjoules;
    return answer(__func__);
}

AMDSMI(amdsmi_get_gpu_activity, const struct fake_amd_gpu *gpu, void *activity)
{
    const uint32_t numbers[16] = {gpu->percent, 12, 0};
    memcpy(activity, numbers, sizeof numbers);
    return answer(__func__);
}

AMDSMI(amdsmi_get_gpu_memory_usage, const struct fake_amd_gpu *gpu, int kind, uint64_t *bytes)
{
    *bytes = kind == AMD_SMI_CARD_MEMORY ? gpu->bytes : 0;
    return answer(__func__);
}

AMDSMI(amdsmi_get_temp_metric, const struct fake_amd_gpu *gpu, int place, int metric, int64_t *celsius)
{
    *celsius = place == AMD_SMI_HOTTEST ? gpu->hottest : gpu->edge;
    if (metric != AMD_SMI_NOW || place > AMD_SMI_HOTTEST || *celsius < 0)
        return AMD_SMI_NOT_SUPPORTED;
    return answer(__func__);
}

#ifndef FAKE_AMD_SMI_OLD
/* Adds to what is there, as the real one does. */
AMDSMI(amdsmi_get_gpu_total_ecc_count, const struct fake_amd_gpu *gpu, uint64_t *errors)
{
    errors[0] += gpu->corrected;
    errors[1] += gpu->uncorrected;
    memset(errors + 2, 0, ERRORS_BYTES - 2 * sizeof *errors);
    return answer(__func__);
}
#endif

AMDSMI(amdsmi_get_gpu_asic_info, const struct fake_amd_gpu *gpu, char *info)
{
    memset(info, 0x55, NAMES_BYTES);
    memset(info, 0, NAME_BYTES);
    snprintf(info, NAME_BYTES, "%s", gpu->name);
    return answer(__func__);
}
