#include "memory_group.h"

#include "control_group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status memory_group_probe(char folder[MEMORY_GROUP_PATH_MAX], struct error *e)
{
    struct control_group group;
    char child[GROUP_PATH_MAX + 64], limit[GROUP_PATH_MAX + 96];
    folder[0] = '\0';
    if (!control_group_find("", &group))
        return error_set(e, STATUS_UNAVAILABLE, "no memory control group in sight");
    snprintf(folder, MEMORY_GROUP_PATH_MAX, "%s", group.memory);
    snprintf(child, sizeof child, "%s/assay-probe-%ld", group.memory, (long)getpid());
    if (mkdir(child, 0755) != 0)
        return error_set(
            e, STATUS_UNAVAILABLE, "cannot make a group in %s: %s", group.memory, strerror(errno));
    snprintf(
        limit, sizeof limit, "%s/%s", child, group.version == 1 ? "memory.limit_in_bytes" : "memory.max");
    bool limited = access(limit, W_OK) == 0;
    rmdir(child);
    if (!limited)
        return error_set(e, STATUS_UNAVAILABLE,
            "groups in %s have no memory limit (the memory controller is not passed on)", group.memory);
    return STATUS_OK;
}
