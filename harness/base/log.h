/*
 * log.h - what the program says beside its results: to stderr, one line each, never on stdout.
 *
 * Only tools/ log; library code returns errors instead. ASSAY_LOG=warning in the environment leaves notes out.
 * Text is sanitised.
 *
 *     log_note("writing to %s", folder);           // "assay: writing to runs/..."
 */
#ifndef ASSAY_LOG_H
#define ASSAY_LOG_H

#include "status.h"

void log_warning(const char *format, ...) ASSAY_PRINTF(1, 2);
void log_note(const char *format, ...) ASSAY_PRINTF(1, 2);

#endif
