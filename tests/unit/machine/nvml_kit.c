#include "nvml_kit.h"

#include "testkit.h"

#include <dlfcn.h>
#include <string.h>

const char *nvml_kit_path(enum nvml_kit_age age)
{
    return age == NVML_KIT_OLD ? FAKE_NVML_OLD_PATH : FAKE_NVML_PATH;
}

struct fake_nvml *nvml_kit_reset(enum nvml_kit_age age)
{
    struct fake_nvml *(*reset)(void);
    void *library = dlopen(nvml_kit_path(age), RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library != NULL, "%s", dlerror());
    void *symbol = dlsym(library, "fake_nvml_reset");
    ck_assert_ptr_nonnull(symbol);
    memcpy(&reset, &symbol, sizeof reset);
    return reset();
}

void nvml_kit_refuse(struct fake_nvml *fake, const char *function, int code)
{
    for (size_t i = 0; i < FAKE_REFUSALS; i++) {
        if (fake->refusals[i].function && strcmp(fake->refusals[i].function, function) != 0)
            continue;
        fake->refusals[i].function = function;
        fake->refusals[i].code = code;
        return;
    }
    ck_abort_msg("no room for another refusal");
}

void nvml_kit_field(struct fake_gpu *gpu, unsigned id, unsigned long long ns)
{
    for (size_t i = 0; i < FAKE_FIELDS; i++) {
        if (gpu->fields[i].id && gpu->fields[i].id != id)
            continue;
        gpu->fields[i].id = id;
        gpu->fields[i].ns = ns;
        return;
    }
    ck_abort_msg("no room for another field");
}
