/*
 * cpu_topology.h - how many processors of which kind: logical, cores, performance and efficiency cores,
 * allowed ones.
 */
#ifndef ASSAY_CPU_TOPOLOGY_H
#define ASSAY_CPU_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

enum { CPU_COUNT_MAX = 4096 };

struct cpu_set {
    bool has[CPU_COUNT_MAX];
    size_t count;
};

/* "0-3,8,10-11\n". False and an empty set for anything else. */
bool cpu_set_parse(const char *text, struct cpu_set *set);

/* The same of a file below root; false and empty where it is absent or says nothing. */
bool cpu_set_read(const char *root, const char *path, struct cpu_set *set);

/* The processors of the lesser kind; false and empty where there is one kind. */
bool cpu_efficiency_read(const char *root, struct cpu_set *set);

struct cpu_topology {
    size_t logical, physical;       /* 0 where unknown */
    size_t performance, efficiency; /* cores; both 0 where there is only one kind */
    size_t allowed;                 /* logical ones that this process may run on */
};

void cpu_topology_read(const char *root, struct cpu_topology *topology);

#endif
