#include "log.h"

#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 4096 };

static bool notes_are_shown(void)
{
    const char *asked = getenv("ASSAY_LOG");
    return asked == NULL || strcmp(asked, "warning") != 0;
}

/* One line, one write: lines of two processes on one terminal do not mix. */
static void log_line(const char *prefix, const char *format, va_list args)
{
    struct buf raw = BUF_INIT(1 << 20), line = BUF_INIT(2 * LINE_BYTES);
    (void)buf_vprintf(&raw, format, args);
    (void)buf_printf(&line, "assay: %s", prefix);
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

void log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line("warning: ", format, args);
    va_end(args);
}

void log_note(const char *format, ...)
{
    if (!notes_are_shown())
        return;
    va_list args;
    va_start(args, format);
    log_line("", format, args);
    va_end(args);
}
