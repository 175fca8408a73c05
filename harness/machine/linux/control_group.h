/*
 * control_group.h - the control group of this process: where its files are, and what it may use at most.
 *
 * Version 1, version 2, both at once (memory on 1 wins: only one of them has the controller), and containers
 * whose own group is mounted as the root. Limits of ancestors bind too, so the smallest on the way up counts.
 *
 *     struct control_group group;
 *     if (control_group_find(root, &group)) printf("%d %s\n", group.version, group.memory);
 */
#ifndef ASSAY_CONTROL_GROUP_H
#define ASSAY_CONTROL_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#define GROUP_PATH_MAX 640

struct control_group {
    int version;                 /* of the hierarchy with the memory controller: 1 or 2 */
    char memory[GROUP_PATH_MAX]; /* its folder, without the root */
    char cpu[GROUP_PATH_MAX];    /* the CPU controller's; "" where there is none */
    int cpu_version;
    char limiting[GROUP_PATH_MAX];     /* the folder whose memory limit binds; "" without a limit */
    uint64_t memory_limit_bytes;       /* UINT64_MAX without one */
    double cpu_quota;                  /* CPUs; 0 without one */
    char cpu_limiting[GROUP_PATH_MAX]; /* the folder whose quota binds; "" without one */
    /* its folder in version 2, whoever has the controllers; "" where it has none of its own there */
    char unified[GROUP_PATH_MAX];
};

/* False (and *group empty) where this process is in no control group that can be seen. */
bool control_group_find(const char *root, struct control_group *group);

#endif
