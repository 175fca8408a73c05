#include "mac_kit.h"

#include "testkit.h"

#include <dlfcn.h>
#include <string.h>

struct fake_mac *mac_kit_reset(void)
{
    struct fake_mac *(*reset)(void);
    void *library = dlopen(FAKE_MAC_PATH, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library != NULL, "%s", dlerror());
    void *symbol = dlsym(library, "fake_mac_reset");
    ck_assert_ptr_nonnull(symbol);
    memcpy(&reset, &symbol, sizeof reset);
    return reset();
}

const struct mac_paths *mac_kit_paths(void)
{
    static const struct mac_paths paths = {FAKE_MAC_PATH, FAKE_MAC_PATH, FAKE_MAC_PATH};
    return &paths;
}

const struct mac_frameworks *mac_kit_frameworks(void)
{
    static struct mac_frameworks frameworks;
    char why[MAC_REASON_SIZE];
    ck_assert_msg(mac_frameworks_load(&frameworks, mac_kit_paths(), why), "%s", why);
    return &frameworks;
}
