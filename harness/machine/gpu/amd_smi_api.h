/*
 * amd_smi_api.h - what we use of AMD's management library: prototypes of our own, symbols found at run time.
 *
 * The library belongs to ROCm and is there only where ROCm is. Its structs change from version to version, so that
 * only such functions are used whose arguments are numbers, or whose structs have had what we take of them at the same
 * place from version 23 (ROCm 5.7) to 26 (ROCm 7); a struct is given with far more room than any version fills.
 *
 *     struct amd_smi_api api;
 *     if (!amd_smi_api_load(&api, NULL, why, sizeof why)) ...   // why: "libamd_smi.so: cannot open ..."
 *     int code = api.init(AMD_SMI_GPUS);
 *     amd_smi_api_unload(&api);
 */
#ifndef ASSAY_AMD_SMI_API_H
#define ASSAY_AMD_SMI_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The versions whose headers were compared. */
enum { AMD_SMI_OLDEST = 23, AMD_SMI_NEWEST = 26 };

enum amd_smi_code {
    AMD_SMI_SUCCESS = 0,
    AMD_SMI_INVALID = 1, /* what older versions say of a sensor that a GPU does not have */
    AMD_SMI_NOT_SUPPORTED = 2,
    AMD_SMI_NOT_IMPLEMENTED = 3,
    AMD_SMI_NO_PERMISSION = 10,
    AMD_SMI_FILE_ERROR = 14,
    AMD_SMI_NOT_FOUND = 31,
    AMD_SMI_DRIVER_NOT_LOADED = 34,
    AMD_SMI_NO_DATA = 40,
    AMD_SMI_FILE_NOT_FOUND = 52,
    AMD_SMI_NO_FUNCTION = -1, /* our own: the installed version lacks it */
};

enum { AMD_SMI_GPUS = 2 };        /* for init() */
enum { AMD_SMI_CARD_MEMORY = 0 }; /* for memory_usage() */
enum {
    AMD_SMI_EDGE = 0,
    AMD_SMI_HOTTEST = 1,
    AMD_SMI_NOW = 0
}; /* for temperature(), in whole degrees Celsius */

/* Each begins with what we take; the rest is room. */
struct amd_smi_version {
    uint32_t major; /* the year's last digits, which later versions count on from */
    uint32_t minor;
    uint32_t room[62];
};
struct amd_smi_activity {
    uint32_t gpu, memory, media; /* per cent; more than 100 where it is not known */
    uint32_t room[61];
};
struct amd_smi_errors {
    uint64_t corrected, uncorrected;
    uint64_t room[62];
};
struct amd_smi_names {
    char market_name[4096]; /* of which other names are a part, behind its end */
};

struct amd_smi_api {
    void *library;
    int (*init)(uint64_t flags);
    int (*shutdown)(void);
    int (*version)(struct amd_smi_version *version);
    int (*sockets)(uint32_t *count, void **sockets);
    int (*processors)(void *socket, uint32_t *count, void **processors);
    /* domain << 16 | bus << 8 | device << 3 | function */
    int (*address)(void *processor, uint64_t *address);
    /* all below may be NULL */
    int (*explain)(int code, const char **text);
    int (*energy)(void *processor, uint64_t *count, float *microjoules_each, uint64_t *t_ns);
    int (*activity)(void *processor, struct amd_smi_activity *activity);
    int (*memory_usage)(void *processor, int kind, uint64_t *bytes);
    int (*temperature)(void *processor, int place, int metric, int64_t *celsius);
    int (*errors)(void *processor, struct amd_smi_errors *errors); /* adds to what is there */
    int (*names)(void *processor, struct amd_smi_names *names);
};

/* path: of the library; NULL: where ROCm installs it. False with the reason. */
bool amd_smi_api_load(struct amd_smi_api *api, const char *path, char *why, size_t size);
void amd_smi_api_unload(struct amd_smi_api *api);

/* What the library says about a code of its own, never NULL. */
const char *amd_smi_api_explain(const struct amd_smi_api *api, int code);

#endif
