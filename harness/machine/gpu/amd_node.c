#include "amd_node.h"

#include "errand.h"
#include "fs.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES "/sys/class/kfd/kfd/topology/nodes"

struct search {
    const char *root;
    uint64_t domain, location;
    struct amd_node *found;
};

/* "location_id 768\n", a line of many; 0 where there is none of that name. */
static uint64_t property(const char *text, const char *key)
{
    size_t len = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return strtoull(line + len + 1, NULL, 10);
    }
    return 0;
}

/* 110000 is gfx1100, and 90010 is gfx90a: the parts behind the first have a digit of sixteen each. */
static void name_kind(uint64_t version, char *kind, size_t size)
{
    if (version >= 10000 && version < 1000000)
        snprintf(kind, size, "gfx%u%x%x", (unsigned)(version / 10000), (unsigned)(version / 100 % 100),
            (unsigned)(version % 100));
}

static bool read_id(const struct search *search, const char *name, int64_t *id)
{
    char path[320], text[64];
    snprintf(path, sizeof path, NODES "/%.200s/gpu_id", name);
    errand_doing(path);
    if (fs_read_small(search->root, path, text, sizeof text) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return text_parse_i64(text, id) && *id > 0; /* 0 is a processor */
}

static int visit_node(const char *name, void *arg)
{
    struct search *search = arg;
    char path[320], text[8192];
    snprintf(path, sizeof path, NODES "/%.200s/properties", name);
    errand_doing(path);
    if (fs_read_small(search->root, path, text, sizeof text) <= 0)
        return 0;
    /* older kernels know but one domain and do not name it */
    if (property(text, "location_id") != search->location || property(text, "domain") != search->domain ||
        !read_id(search, name, &search->found->id))
        return 0;
    uint64_t simds = property(text, "simd_count"), each = property(text, "simd_per_cu");
    search->found->compute_units = each > 0 && simds / each < 65536 ? (unsigned)(simds / each) : 0;
    name_kind(property(text, "gfx_target_version"), search->found->kind, sizeof search->found->kind);
    return 1;
}

bool amd_node_find(const char *root, const char *slot, struct amd_node *node)
{
    char nodes[1024];
    struct error absent = {0};
    unsigned domain, bus, device, function;
    memset(node, 0, sizeof *node);
    if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4 ||
        (size_t)snprintf(nodes, sizeof nodes, "%s" NODES, root) >= sizeof nodes)
        return false;
    struct search search = {
        .root = root, .domain = domain, .location = bus << 8 | device << 3 | function, .found = node};
    return fs_list(nodes, visit_node, &search, &absent) == STATUS_OK && node->id > 0;
}
