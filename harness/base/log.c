#include "log.h"

#include "text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 4096, LEVEL_UNSET = -1 };

static const struct {
    const char *name;
    const char *prefix;
} levels[] = {
    [LOG_ERROR] = {"error", "error: "},
    [LOG_WARNING] = {"warning", "warning: "},
    [LOG_NOTE] = {"note", ""},
    [LOG_DEBUG] = {"debug", "debug: "},
};

static atomic_int shown_level = LEVEL_UNSET;

static int level_from_environment(void)
{
    const char *asked = getenv("ASSAY_LOG");
    for (int i = 0; asked != NULL && i <= LOG_DEBUG; i++)
        if (strcmp(asked, levels[i].name) == 0)
            return i;
    return LOG_NOTE;
}

void log_set_level(enum log_level level)
{
    atomic_store(&shown_level, (int)level);
}

static bool is_shown(enum log_level level)
{
    int shown = atomic_load(&shown_level);
    if (shown == LEVEL_UNSET) {
        shown = level_from_environment();
        atomic_store(&shown_level, shown);
    }
    return (int)level <= shown;
}

/* One line, one write: lines of two processes on one terminal do not mix. */
static void log_line(enum log_level level, const char *format, va_list args)
{
    if (!is_shown(level))
        return;
    struct buf raw = BUF_INIT(1 << 20), line = BUF_INIT(2 * LINE_BYTES);
    (void)buf_vprintf(&raw, format, args);
    (void)buf_printf(&line, "assay: %s", levels[level].prefix);
    (void)text_sanitise(&line, buf_text(&raw), raw.len, LINE_BYTES);
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '\n')
            line.data[i] = ' ';
    (void)buf_append_char(&line, '\n');
    (void)fwrite(buf_text(&line), 1, line.len, stderr);
    (void)fflush(stderr);
    buf_fini(&line);
    buf_fini(&raw);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_ERROR, format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_WARNING, format, args);
    va_end(args);
}

void log_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_NOTE, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_DEBUG, format, args);
    va_end(args);
}
