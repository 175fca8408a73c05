#include "status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [STATUS_OK] = "ok",
    [STATUS_INVALID] = "invalid",
    [STATUS_USAGE] = "usage",
    [STATUS_NOT_FOUND] = "not_found",
    [STATUS_IO] = "io",
    [STATUS_NO_MEMORY] = "no_memory",
    [STATUS_LIMIT] = "limit",
    [STATUS_TIMEOUT] = "timeout",
    [STATUS_UNAVAILABLE] = "unavailable",
    [STATUS_BUSY] = "busy",
    [STATUS_INTERNAL] = "internal",
};

/* The arguments may point into *e itself (adding context to an error), hence the text of its own. */
static void fill(struct error *e, enum status status, const char *text)
{
    e->status = status;
    e->file[0] = '\0';
    e->line = 0;
    e->column = 0;
    e->pointer[0] = '\0';
    (void)snprintf(e->text, sizeof e->text, "%s", text);
}

enum status error_set(struct error *e, enum status status, const char *format, ...)
{
    if (e == NULL)
        return status;
    char text[sizeof e->text];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fill(e, status, text);
    return status;
}

enum status error_set_errno(struct error *e, const char *format, ...)
{
    int code = errno;
    enum status status = code == ENOMEM ? STATUS_NO_MEMORY : STATUS_IO;
    if (e == NULL)
        return status;
    char text[sizeof e->text];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len;
    if (used < sizeof text)
        (void)snprintf(text + used, sizeof text - used, ": %s", strerror(code));
    fill(e, status, text);
    errno = code;
    return status;
}

void error_locate(struct error *e, const char *file, long line, long column, const char *pointer)
{
    if (e == NULL)
        return;
    if (e->file[0] == '\0' && file != NULL)
        (void)snprintf(e->file, sizeof e->file, "%s", file);
    if (e->line == 0 && line > 0) {
        e->line = line;
        e->column = column > 0 ? column : 0;
    }
    if (e->pointer[0] == '\0' && pointer != NULL)
        (void)snprintf(e->pointer, sizeof e->pointer, "%s", pointer);
}

static void render(struct error *e, size_t *used, const char *format, ...) ASSAY_PRINTF(3, 4);

static void render(struct error *e, size_t *used, const char *format, ...)
{
    size_t room = sizeof e->rendered - *used;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(e->rendered + *used, room, format, args);
    va_end(args);
    if (len > 0)
        *used += (size_t)len < room ? (size_t)len : room - 1;
}

const char *error_text(struct error *e)
{
    size_t used = 0;
    if (e->file[0] != '\0')
        render(e, &used, "%s:", e->file);
    if (e->line > 0)
        render(e, &used, e->file[0] != '\0' ? "%ld:" : "line %ld:", e->line);
    if (e->line > 0 && e->column > 0)
        render(e, &used, "%ld:", e->column);
    if (e->pointer[0] != '\0')
        render(e, &used, "%s%s:", used > 0 ? " " : "", e->pointer);
    render(e, &used, "%s%s", used > 0 ? " " : "", e->text[0] != '\0' ? e->text : status_name(e->status));
    return e->rendered;
}

const char *status_name(enum status status)
{
    size_t i = (size_t)status;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}
