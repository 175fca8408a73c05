/*
 * process.h - who a process is: told apart from a later one with the same number, and found by its
 * relations.
 *
 *     int64_t ticks = process_start_ticks(pid);           // kept in the intent beside pid and boot id
 *     if (process_is(pid, ticks, boot_id)) ...            // the very same process still runs
 */
#ifndef ASSAY_PROCESS_H
#define ASSAY_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_BOOT_ID_SIZE 64

struct process {
    pid_t pid, parent, session;
    char state; /* 'R', 'S', 'Z', ... */
    int64_t start_ticks;
};

/* False where there is no such process, or where this system does not tell. */
bool process_read(pid_t pid, struct process *p);

/* All processes that can be seen. NULL: none, or no memory. The caller frees the array. */
struct process *process_list(size_t *count);

int64_t process_start_ticks(pid_t pid);              /* -1 where unknown */
void process_boot_id(char id[PROCESS_BOOT_ID_SIZE]); /* "" where unknown */

/*
 * True while that very process lives (a zombie does not). start_ticks -1 and boot_id NULL or "" are not
 * compared.
 */
bool process_is(pid_t pid, int64_t start_ticks, const char *boot_id);

#endif
