/*
 * amd_node.h - a GPU of AMD as the kernel's driver for computing (amdkfd) describes it to everybody.
 *
 *     struct amd_node node;
 *     if (amd_node_find(root, "0000:03:00.0", &node))
 *         printf("%lld: %u compute units of kind %s\n", (long long)node.id, node.compute_units, node.kind);
 */
#ifndef ASSAY_AMD_NODE_H
#define ASSAY_AMD_NODE_H

#include <stdbool.h>
#include <stdint.h>

struct amd_node {
    int64_t id;             /* the driver's own, a part of names of files: vram_51124 */
    unsigned compute_units; /* 0: it does not say */
    char kind[16];          /* "gfx1100", as compilers name it; "" likewise */
};

/* slot: of the GPU on the bus. False where the driver has no such GPU, as of one that only draws. */
bool amd_node_find(const char *root, const char *slot, struct amd_node *node);

#endif
