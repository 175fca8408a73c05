/*
 * memory_macos.h - memory, swap and compressor by the kernel's virtual memory statistics. Read with every sample.
 *
 *     struct memory_macos m;
 *     memory_macos_open(&m);
 *     memory_macos_read(&m, &sample);
 */
#ifndef ASSAY_MEMORY_MACOS_H
#define ASSAY_MEMORY_MACOS_H

#include "sensor.h"

struct memory_macos {
    double page_bytes, total_bytes;
};

void memory_macos_open(struct memory_macos *m);
void memory_macos_read(const struct memory_macos *m, struct sample *sample);

#endif
