#include "amd_smi_kit.h"

#include "testkit.h"

#include <dlfcn.h>
#include <string.h>

const char *amd_smi_kit_path(enum amd_smi_kit_age age)
{
    return age == AMD_SMI_KIT_OLD ? FAKE_AMD_SMI_OLD_PATH : FAKE_AMD_SMI_PATH;
}

struct fake_amd_smi *amd_smi_kit_reset(enum amd_smi_kit_age age)
{
    struct fake_amd_smi *(*reset)(void);
    void *library = dlopen(amd_smi_kit_path(age), RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library != NULL, "%s", dlerror());
    void *symbol = dlsym(library, "fake_amd_smi_reset");
    ck_assert_ptr_nonnull(symbol);
    memcpy(&reset, &symbol, sizeof reset);
    return reset();
}

void amd_smi_kit_refuse(struct fake_amd_smi *fake, const char *function, int code)
{
    for (size_t i = 0; i < FAKE_AMD_REFUSALS; i++) {
        if (fake->refusals[i].function && strcmp(fake->refusals[i].function, function) != 0)
            continue;
        fake->refusals[i].function = function;
        fake->refusals[i].code = code;
        return;
    }
    ck_abort_msg("no room for another refusal");
}
