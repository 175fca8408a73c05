#include "process_list.h"

#include "mac_units.h"

#include <errno.h>
#include <libproc.h>
#include <mach/mach_time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

enum { ROOM_TO_SPARE = 64 }; /* processes that are started between asking how many there are and which */

bool process_list_open(struct process_list *list, const char *root, char *reason, size_t size)
{
    (void)root;
    list->size = ROOM_TO_SPARE * sizeof(struct kinfo_proc);
    list->handle = malloc(list->size);
    if (!list->handle)
        snprintf(reason, size, "no memory to list processes");
    return list->handle != NULL;
}

void process_list_close(struct process_list *list)
{
    free(list->handle);
    list->handle = NULL;
}

static struct mac_timebase timebase(void)
{
    mach_timebase_info_data_t info = {0, 0};
    (void)mach_timebase_info(&info);
    return (struct mac_timebase){.numer = info.numer, .denom = info.denom};
}

/* Of processes of other users the kernel tells neither time nor memory: zeros, which foreign time makes up for. */
static void add_usage(struct proc_stat *process)
{
    struct rusage_info_v2 usage;
    struct mac_timebase base = timebase();
    if (proc_pid_rusage(process->pid, RUSAGE_INFO_V2, (rusage_info_t *)(void *)&usage) != 0)
        return;
    process->ticks = mac_ticks_to_ns(
        usage.ri_user_time + usage.ri_system_time + usage.ri_child_user_time + usage.ri_child_system_time,
        base);
    process->rss_pages = usage.ri_phys_footprint;
    process->major_faults = usage.ri_pageins;
}

static struct proc_stat stat_of(const struct kinfo_proc *info)
{
    const struct timeval *start = &info->kp_proc.p_starttime;
    struct proc_stat process = {.pid = info->kp_proc.p_pid,
        .ppid = info->kp_eproc.e_ppid,
        .session = getsid(info->kp_proc.p_pid),
        .state = info->kp_proc.p_stat == SZOMB ? 'Z' : 'R',
        .start_ticks = (uint64_t)start->tv_sec * 1000000 + (uint64_t)start->tv_usec};
    add_usage(&process);
    return process;
}

/* Returns how many; processes may have become more than there was room for meanwhile, then again. */
static size_t fetch_all(struct process_list *list)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0};
    for (int tries = 0; tries < 8; tries++) {
        size_t bytes = list->size;
        if (sysctl(name, 4, list->handle, &bytes, NULL, 0) == 0)
            return bytes / sizeof(struct kinfo_proc);
        if (errno != ENOMEM || sysctl(name, 4, NULL, &bytes, NULL, 0) != 0)
            return 0;
        bytes += ROOM_TO_SPARE * sizeof(struct kinfo_proc);
        void *more = realloc(list->handle, bytes);
        if (!more)
            return 0;
        list->handle = more;
        list->size = bytes;
    }
    return 0;
}

bool process_list_each(struct process_list *list, bool (*take)(const struct proc_stat *process, void *arg),
    void *arg, size_t *unreadable)
{
    size_t count = fetch_all(list);
    const struct kinfo_proc *all = list->handle;
    (void)unreadable;
    for (size_t i = 0; i < count; i++) {
        struct proc_stat process = stat_of(&all[i]);
        if (!take(&process, arg))
            return false;
    }
    return true;
}

bool process_list_one(const struct process_list *list, pid_t pid, struct proc_stat *process)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid};
    struct kinfo_proc info;
    size_t bytes = sizeof info;
    (void)list;
    memset(&info, 0, sizeof info);
    if (sysctl(name, 4, &info, &bytes, NULL, 0) != 0 || bytes != sizeof info)
        return false;
    *process = stat_of(&info);
    return true;
}
