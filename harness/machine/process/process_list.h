/*
 * process_list.h - how a platform lists its processes: linux/process_list_linux.c, macos/process_list_macos.c.
 *
 *     struct process_list list;
 *     if (process_list_open(&list, root, reason, sizeof reason))
 *         process_list_each(&list, note, arg, &unreadable);
 *     process_list_close(&list);
 */
#ifndef ASSAY_PROCESS_LIST_H
#define ASSAY_PROCESS_LIST_H

#include "proc_stat.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_list {
    void *handle; /* NULL: processes cannot be listed */
    size_t size;
};

/* False with the reason; the others may be called all the same. */
bool process_list_open(struct process_list *list, const char *root, char *reason, size_t size);
void process_list_close(struct process_list *list);

/* All that can be seen, in any order, until one is not taken: false then. unreadable: how many could not be. */
bool process_list_each(struct process_list *list, bool (*take)(const struct proc_stat *process, void *arg),
    void *arg, size_t *unreadable);

/* One of them as it is now; false where it has ended or is hidden. */
bool process_list_one(const struct process_list *list, pid_t pid, struct proc_stat *process);

#endif
