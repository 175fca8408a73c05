#include "exchange_write.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 4 << 20 };

/* Most texts need no care. */
static bool is_harmless(const char *text, size_t len)
{
    bool harmless = true;
    for (size_t i = 0; i < len; i++)
        harmless &= (unsigned char)text[i] >= 0x20 && (unsigned char)text[i] < 0x7f;
    return harmless;
}

void exchange_copy_text(char *field, size_t size, const char *text, size_t len)
{
    if (len < size && is_harmless(text, len)) {
        memcpy(field, text, len);
        field[len] = '\0';
        return;
    }
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

static void note_moments(struct exchange *x, const struct exchange_event *event)
{
    if (!x->t_event1_ns)
        x->t_event1_ns = event->t_ns;
    if (!(event->kinds & EVENT_TOKEN_KINDS))
        return;
    if (!x->t_first_token_ns)
        x->t_first_token_ns = event->t_ns;
    x->t_last_token_ns = event->t_ns;
    if ((event->kinds & EVENT_ANSWER) && !x->t_first_answer_ns)
        x->t_first_answer_ns = event->t_ns;
}

bool exchange_add_event(struct exchange *x, struct exchange_event event)
{
    note_moments(x, &event);
    if (x->event_count == x->event_cap) {
        size_t cap = x->event_cap ? x->event_cap * 2 : 32;
        struct exchange_event *grown = cap > EVENTS_MAX ? NULL : realloc(x->events, cap * sizeof *grown);
        if (!grown) {
            exchange_fail(x, EXCHANGE_TOO_LARGE, "more than %zu events in one answer", x->event_cap);
            return false;
        }
        x->events = grown;
        x->event_cap = cap;
    }
    x->events[x->event_count++] = event;
    return true;
}
