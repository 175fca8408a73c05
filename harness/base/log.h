/*
 * log.h - what the program says beside its results: to stderr, one line each, never on stdout.
 *
 * Only tools/ and the supervisor log; library code returns errors instead. Levels: error < warning < note <
 * debug. ASSAY_LOG=debug in the environment or log_set_level() sets what is shown (default note). Text is
 * sanitised.
 */
#ifndef ASSAY_LOG_H
#define ASSAY_LOG_H

#include "status.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTE, LOG_DEBUG };

void log_set_level(enum log_level level);
void log_error(const char *format, ...) ASSAY_PRINTF(1, 2);
void log_warning(const char *format, ...) ASSAY_PRINTF(1, 2);
void log_note(const char *format, ...) ASSAY_PRINTF(1, 2);
void log_debug(const char *format, ...) ASSAY_PRINTF(1, 2);

#endif
