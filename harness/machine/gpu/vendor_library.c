#include "vendor_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* Where one place after the other fails the first says why. */
static void *open_first(const char *const *places, size_t count, char *why, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        void *handle = dlopen(places[i], RTLD_NOW | RTLD_LOCAL);
        if (handle)
            return handle;
        const char *error = dlerror();
        if (i == 0)
            snprintf(why, size, "%s", error ? error : "the library cannot be opened");
    }
    return NULL;
}

static bool find_symbol(void *handle, const struct vendor_symbol *symbol, void *api)
{
    void *address = NULL;
    for (size_t i = 0; i < sizeof symbol->names / sizeof *symbol->names && symbol->names[i] && !address; i++)
        address = dlsym(handle, symbol->names[i]);
    memcpy((char *)api + symbol->offset, &address, sizeof address); /* POSIX: a function fits into void * */
    return address || !symbol->needed;
}

void *vendor_library_open(
    const struct vendor_library *library, const char *path, void *api, char *why, size_t size)
{
    void *handle =
        path ? open_first(&path, 1, why, size) : open_first(library->places, library->place_count, why, size);
    for (size_t i = 0; handle && i < library->symbol_count; i++) {
        const struct vendor_symbol *symbol = &library->symbols[i];
        if (find_symbol(handle, symbol, api))
            continue;
        snprintf(why, size, "%s has no %s", library->name, symbol->names[0]);
        dlclose(handle);
        return NULL;
    }
    return handle;
}
