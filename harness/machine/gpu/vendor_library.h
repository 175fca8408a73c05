/*
 * vendor_library.h - a library of a GPU's maker, opened at run time: its functions by name into a struct of ours.
 *
 *     static const struct vendor_symbol symbols[] = {
 *         VENDOR_SYMBOL(struct nvml_api, init, true, "nvmlInit_v2", "nvmlInit"), ...
 *     };
 *     static const struct vendor_library nvml = {"libnvidia-ml.so.1", places, N, symbols, N};
 *     void *handle = vendor_library_open(&nvml, NULL, &api, why, sizeof why);
 */
#ifndef ASSAY_VENDOR_LIBRARY_H
#define ASSAY_VENDOR_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct vendor_symbol {
    size_t offset;        /* of the pointer to the function in the struct */
    bool needed;          /* false: the pointer is NULL where the library has none of the names */
    const char *names[3]; /* the first one that is there is taken */
};

#define VENDOR_SYMBOL(api, member, is_needed, ...)                                                           \
    {                                                                                                        \
        .offset = offsetof(api, member), .needed = (is_needed), .names = { __VA_ARGS__ }                     \
    }

struct vendor_library {
    const char *name;          /* for messages */
    const char *const *places; /* tried in this order; the first is the one that should have it */
    size_t place_count;
    const struct vendor_symbol *symbols;
    size_t symbol_count;
};

/*
 * path: the library itself; NULL: one of its places. api: the struct that gets the functions.
 * NULL where none can be opened or a needed function is absent; why says which. Ended by dlclose.
 */
void *vendor_library_open(
    const struct vendor_library *library, const char *path, void *api, char *why, size_t size);

#endif
