/*
 * proc_parse.h - the text formats of Linux's /proc and control groups, as pure functions of a NUL-terminated
 * text.
 *
 * All of them answer false (and leave the result alone) for what is absent, malformed, out of range or cut
 * off: a number counts only when the line it stands in is complete. They take any input whatever (fuzzed).
 *
 *     uint64_t pages;
 *     if (proc_find_count(vmstat, "pswpin", &pages)) ...
 */
#ifndef ASSAY_PROC_PARSE_H
#define ASSAY_PROC_PARSE_H

#include "proc_stat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "key 123\n" at the start of a line: vmstat, memory.events, memory.stat, memory.oom_control, cpu.stat. */
bool proc_find_count(const char *text, const char *key, uint64_t *value);

/* The sum of all such lines whose key begins with prefix: "allocstall_dma 0\nallocstall_normal 3\n". */
bool proc_sum_counts(const char *text, const char *prefix, uint64_t *sum);

/* "MemTotal:       24684084 kB\n" */
bool proc_find_meminfo(const char *text, const char *key, uint64_t *bytes);

/* /proc/PID/limits: how many files the process may have open, as it is now; "unlimited" is UINT64_MAX. */
bool proc_parse_files_limit(const char *text, uint64_t *count);

/* A file that is one number and a newline; "max" is UINT64_MAX. */
bool proc_parse_limit(const char *text, uint64_t *value);

/* /proc/pressure/<resource>: the total of line "some" or "full". */
bool proc_parse_pressure(const char *text, const char *line, uint64_t *total_us);

/* The line "cpu " of /proc/stat, in ticks. Old kernels have fewer columns: those behind the last are 0. */
struct proc_cpu {
    uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
    bool has_steal;
};
bool proc_parse_cpu(const char *text, struct proc_cpu *cpu);

/* A line "cpu7 ..." of the same file; false for any other. */
bool proc_parse_one_cpu(const char *line, uint64_t *number, struct proc_cpu *cpu);

/* /proc/PID/stat. The name may hold anything, ") " included: it ends at the last ')'. */
bool proc_parse_stat(const char *text, struct proc_stat *stat);

/* One line of /proc/net/tcp or tcp6. The address is IPv6, or IPv4 mapped into it, in network order. */
struct proc_listener {
    unsigned char address[16];
    uint16_t port;
    uint32_t uid;
    uint64_t inode;
};
bool proc_parse_listener(const char *line, struct proc_listener *listener); /* false unless listening */

/* The path in /proc/self/cgroup of a v1 controller ("memory"), or of the v2 hierarchy (""). */
bool proc_parse_group(const char *text, const char *controller, char *path, size_t size);

/* One line of /proc/self/mountinfo, octal escapes undone; *mount is scratch where the answer is false. */
struct proc_mount {
    char root[512], point[512], type[32], options[256]; /* options of the super block */
};
bool proc_parse_mount(const char *line, struct proc_mount *mount);

/* True if a comma-separated list holds the word. */
bool proc_list_has(const char *list, const char *word);

/* Start of the line behind this one, or NULL at the end. */
const char *proc_next_line(const char *line);

#endif
