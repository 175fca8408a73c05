#include "control_group.h"

#include "fs.h"
#include "proc_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_MAX = 64 * 1024 }; /* mountinfo of a machine with many containers */

static bool read_text(const char *root, const char *path, char *text, size_t size)
{
    return fs_read_small(root, path, text, size) > 0;
}

static bool folder_exists(const char *root, const char *path)
{
    char full[1024];
    struct stat info;
    return (size_t)snprintf(full, sizeof full, "%s%s", root, path) < sizeof full && stat(full, &info) == 0 &&
           S_ISDIR(info.st_mode);
}

/* The mount of the v1 controller, or with controller "" of the v2 hierarchy. */
static bool find_mount(const char *mountinfo, const char *controller, struct proc_mount *mount)
{
    bool v2 = controller[0] == '\0';
    for (const char *line = mountinfo; line; line = proc_next_line(line)) {
        if (proc_parse_mount(line, mount) && strcmp(mount->type, v2 ? "cgroup2" : "cgroup") == 0 &&
            (v2 || proc_list_has(mount->options, controller)))
            return true;
    }
    return false;
}

/*
 * Where the group at path lies below the mount. A mount shows the hierarchy from its own root downwards; a
 * path that is not below it is seen from outside a container, whose group is then the mount itself; so it is
 * where the path leads out of a namespace ("/..").
 */
static void group_folder(
    const char *root, const struct proc_mount *mount, const char *path, char folder[GROUP_PATH_MAX])
{
    const char *rest = path;
    size_t len = strlen(mount->root);
    if (strcmp(mount->root, "/") != 0) {
        bool below = strncmp(path, mount->root, len) == 0 && (path[len] == '/' || path[len] == '\0');
        rest = below ? path + len : "";
    }
    if (strcmp(rest, "/") == 0 || strncmp(rest, "/..", 3) == 0)
        rest = "";
    int wrote = snprintf(folder, GROUP_PATH_MAX, "%s%s", mount->point, rest);
    if (wrote >= GROUP_PATH_MAX || !folder_exists(root, folder))
        snprintf(folder, GROUP_PATH_MAX, "%s", mount->point);
}

static uint64_t read_limit(const char *root, const char *folder, const char *name)
{
    char path[768], text[64];
    uint64_t value;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!read_text(root, path, text, sizeof text) || !proc_parse_limit(text, &value))
        return UINT64_MAX;
    return value;
}

/* CPUs that one folder grants; 0 without a limit. */
static double read_quota(const char *root, const char *folder, int version)
{
    char path[768], text[64];
    unsigned long long quota = 0, period = 0;
    if (version == 1) {
        quota = read_limit(root, folder, "cpu.cfs_quota_us"); /* -1 without a limit: not a number to us */
        period = read_limit(root, folder, "cpu.cfs_period_us");
        return quota == UINT64_MAX || period == UINT64_MAX || period == 0 ? 0
                                                                          : (double)quota / (double)period;
    }
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_text(root, path, text, sizeof text))
        return 0;
    char *end;
    quota = strtoull(text, &end, 10);
    period = end != text && *end == ' ' ? strtoull(end, NULL, 10) : 0;
    return period == 0 ? 0 : (double)quota / (double)period;
}

/* Shortens folder to its parent; false at the mount point. */
static bool climb(char *folder, size_t mount_len)
{
    char *slash = strrchr(folder, '/');
    if (strlen(folder) <= mount_len || !slash || (size_t)(slash - folder) < mount_len)
        return false;
    *slash = '\0';
    return true;
}

/* Beyond "high" of version 2 nobody is killed, but whoever wants memory is made to free some first. */
static uint64_t read_memory_limit(const char *root, const char *folder, int version)
{
    if (version == 1)
        return read_limit(root, folder, "memory.limit_in_bytes");
    uint64_t most = read_limit(root, folder, "memory.max"), high = read_limit(root, folder, "memory.high");
    return high < most ? high : most;
}

static void find_memory_limit(const char *root, struct control_group *group, size_t mount_len)
{
    char folder[GROUP_PATH_MAX];
    memcpy(folder, group->memory, sizeof folder);
    do {
        uint64_t limit = read_memory_limit(root, folder, group->version);
        if (limit < group->memory_limit_bytes) {
            group->memory_limit_bytes = limit;
            memcpy(group->limiting, folder, sizeof folder);
        }
    } while (climb(folder, mount_len));
    /* version 1 writes "no limit" as the largest multiple of the page size */
    if (group->memory_limit_bytes > UINT64_C(1) << 62) {
        group->memory_limit_bytes = UINT64_MAX;
        group->limiting[0] = '\0';
    }
}

static void find_cpu_quota(const char *root, struct control_group *group, size_t mount_len)
{
    char folder[GROUP_PATH_MAX];
    memcpy(folder, group->cpu, sizeof folder);
    do {
        double quota = read_quota(root, folder, group->cpu_version);
        if (quota > 0 && (group->cpu_quota == 0 || quota < group->cpu_quota)) {
            group->cpu_quota = quota;
            memcpy(group->cpu_limiting, folder, sizeof folder);
        }
    } while (climb(folder, mount_len));
}

/* Finds the folder of a controller in version 1, else in version 2; returns the version, 0 if neither. */
static int find_controller(const char *root, const char *groups, const char *mounts, const char *controller,
    char folder[GROUP_PATH_MAX], size_t *mount_len)
{
    struct proc_mount *mount = malloc(sizeof *mount);
    char path[GROUP_PATH_MAX];
    int version = 0;
    if (!mount)
        return 0;
    if (proc_parse_group(groups, controller, path, sizeof path) && find_mount(mounts, controller, mount))
        version = 1;
    else if (proc_parse_group(groups, "", path, sizeof path) && find_mount(mounts, "", mount))
        version = 2;
    if (version) {
        group_folder(root, mount, path, folder);
        *mount_len = strlen(mount->point);
    }
    free(mount);
    return version;
}

/* The root of the hierarchy, which is the whole machine, has no events. */
static bool is_group(const char *root, const char *folder)
{
    char path[768], text[256];
    snprintf(path, sizeof path, "%s/cgroup.events", folder);
    return read_text(root, path, text, sizeof text);
}

bool control_group_find(const char *root, struct control_group *group)
{
    size_t mount_len = 0;
    char *text = malloc(2 * TEXT_MAX);
    memset(group, 0, sizeof *group);
    group->memory_limit_bytes = UINT64_MAX;
    if (text && read_text(root, "/proc/self/cgroup", text, TEXT_MAX) &&
        read_text(root, "/proc/self/mountinfo", text + TEXT_MAX, TEXT_MAX)) {
        group->version = find_controller(root, text, text + TEXT_MAX, "memory", group->memory, &mount_len);
        if (group->version)
            find_memory_limit(root, group, mount_len);
        group->cpu_version = find_controller(root, text, text + TEXT_MAX, "cpu", group->cpu, &mount_len);
        if (group->cpu_version)
            find_cpu_quota(root, group, mount_len);
        if (find_controller(root, text, text + TEXT_MAX, "", group->unified, &mount_len) == 0 ||
            !is_group(root, group->unified))
            group->unified[0] = '\0';
    }
    free(text);
    return group->version != 0;
}
