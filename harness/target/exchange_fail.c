#include "exchange_fail.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

void exchange_copy_text(char *field, size_t size, const char *text, size_t len)
{
    struct buf safe = BUF_INIT(1 << 20);
    text_sanitise_line(&safe, text, len, size * 4);
    size_t cut = text_utf8_cut(buf_text(&safe), safe.len, size - 1);
    memcpy(field, buf_text(&safe), cut);
    field[cut] = '\0';
    buf_fini(&safe);
}

void exchange_fail(struct exchange *x, enum exchange_error error, const char *format, ...)
{
    char text[sizeof x->error_text];
    va_list args;
    if (x->error != EXCHANGE_OK)
        return;
    x->error = error;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    exchange_copy_text(x->error_text, sizeof x->error_text, text, len < 0 ? 0 : strlen(text));
}
