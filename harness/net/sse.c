#include "sse.h"

#include <string.h>

enum { BOM_LENGTH = 3, BOM_PAST = 4 };
static const unsigned char byte_order_mark[BOM_LENGTH] = {0xef, 0xbb, 0xbf};

void sse_init(struct sse *sse, size_t max_event_bytes,
    void (*on_event)(const struct sse_event *event, void *arg), void *arg)
{
    *sse = (struct sse){.on_event = on_event, .arg = arg, .limit = max_event_bytes, .retry_ms = -1};
    buf_init(&sse->line, max_event_bytes);
    buf_init(&sse->data, max_event_bytes);
    buf_init(&sse->name, max_event_bytes);
    buf_init(&sse->id, max_event_bytes);
}

void sse_fini(struct sse *sse)
{
    buf_fini(&sse->line);
    buf_fini(&sse->data);
    buf_fini(&sse->name);
    buf_fini(&sse->id);
}

static void sse_fail(struct sse *sse, enum status status)
{
    if (status != STATUS_OK && sse->failed == STATUS_OK)
        sse->failed = status;
}

static void sse_dispatch(struct sse *sse)
{
    if (sse->has_data) {
        struct sse_event event = {.name = buf_text(&sse->name),
            .data = sse->view ? sse->view : buf_text(&sse->data),
            .len = sse->view ? sse->view_len : sse->data.len,
            .id = buf_text(&sse->id),
            .t_ns = sse->t_ns};
        sse->on_event(&event, sse->arg);
    }
    if (sse->data.len)
        buf_clear(&sse->data);
    if (sse->name.len)
        buf_clear(&sse->name);
    sse->view = NULL;
    sse->has_data = false;
}

/* What lies in bytes that are not ours for longer is copied. */
static void sse_keep_view(struct sse *sse)
{
    if (sse->view)
        sse_fail(sse, buf_append(&sse->data, sse->view, sse->view_len));
    sse->view = NULL;
}

static void sse_take_data(struct sse *sse, const char *value, size_t len)
{
    if (!sse->has_data && sse->line.len == 0) {
        sse->has_data = true;
        sse->view = value;
        sse->view_len = len;
        return;
    }
    sse_keep_view(sse);
    if (sse->has_data)
        sse_fail(sse, buf_append_char(&sse->data, '\n'));
    sse->has_data = true;
    sse_fail(sse, buf_append(&sse->data, value, len));
}

static void sse_take_name(struct sse *sse, const char *value, size_t len)
{
    buf_clear(&sse->name);
    sse_fail(sse, buf_append(&sse->name, value, len));
}

static void sse_take_id(struct sse *sse, const char *value, size_t len)
{
    if (memchr(value, '\0', len))
        return; /* the standard: ignore it */
    buf_clear(&sse->id);
    sse_fail(sse, buf_append(&sse->id, value, len));
}

static void sse_take_retry(struct sse *sse, const char *value, size_t len)
{
    int64_t ms = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9' || ms > INT64_MAX / 16)
            return;
        ms = ms * 10 + (value[i] - '0');
    }
    if (len)
        sse->retry_ms = ms;
}

static const struct {
    const char *name;
    void (*take)(struct sse *, const char *, size_t);
} sse_fields[] = {
    {"data", sse_take_data},
    {"event", sse_take_name},
    {"id", sse_take_id},
    {"retry", sse_take_retry},
};

/* Nearly every line of a stream is one of data. */
static bool sse_take_data_line(struct sse *sse, const char *line, size_t len)
{
    static const char name[] = "data:";
    size_t skip = sizeof name - 1;
    if (len < skip || memcmp(line, name, skip) != 0)
        return false;
    skip += len > skip && line[skip] == ' ';
    sse_take_data(sse, line + skip, len - skip);
    return true;
}

static void sse_take_field(struct sse *sse, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon ? (size_t)(colon - line) : len;
    const char *value = colon ? colon + 1 : line + len;
    size_t value_len = (size_t)(line + len - value);
    if (value_len && *value == ' ')
        value++, value_len--;
    for (size_t i = 0; i < sizeof sse_fields / sizeof sse_fields[0]; i++)
        if (strlen(sse_fields[i].name) == name_len && memcmp(sse_fields[i].name, line, name_len) == 0)
            sse_fields[i].take(sse, value, value_len);
}

static void sse_take_bare_line(struct sse *sse, const char *line, size_t len)
{
    sse->view = line; /* also where it was put together: it is not needed for longer */
    sse->view_len = len;
    sse->has_data = true;
    sse_dispatch(sse);
}

static void sse_take_line(struct sse *sse, const char *line, size_t len)
{
    if (len > sse->limit)
        sse_fail(sse, STATUS_LIMIT); /* also where the line came whole, so that the result is the same */
    else if (sse->lines && len > 0)
        sse_take_bare_line(sse, line, len);
    else if (len == 0)
        sse_dispatch(sse);
    else if (*line == ':')
        sse->comments++;
    else if (!sse_take_data_line(sse, line, len))
        sse_take_field(sse, line, len);
}

/* The line's last piece has arrived; the pieces before it, if any, wait in sse->line. */
static void sse_end_line(struct sse *sse, const char *piece, size_t len)
{
    if (sse->line.len == 0) {
        sse_take_line(sse, piece, len);
        return;
    }
    sse_fail(sse, buf_append(&sse->line, piece, len));
    if (sse->failed == STATUS_OK)
        sse_take_line(sse, buf_text(&sse->line), sse->line.len);
    buf_clear(&sse->line);
}

/* First '\n' or '\r' of s, or NULL. */
static const char *sse_find_line_end(const char *s, size_t len)
{
    const char *lf = memchr(s, '\n', len);
    const char *cr = memchr(s, '\r', lf ? (size_t)(lf - s) : len);
    return cr ? cr : lf;
}

/* Bytes to leave out at the very start of the stream; a mark that turns out not to be one is given back to
 * the line. */
static size_t sse_skip_mark(struct sse *sse, const char *s, size_t len)
{
    size_t used = 0;
    while (
        used < len && sse->bom_seen < BOM_LENGTH && (unsigned char)s[used] == byte_order_mark[sse->bom_seen])
        sse->bom_seen++, used++;
    if (used == len && sse->bom_seen < BOM_LENGTH)
        return used;
    if (sse->bom_seen < BOM_LENGTH)
        sse_fail(sse, buf_append(&sse->line, byte_order_mark, sse->bom_seen));
    sse->bom_seen = BOM_PAST;
    return used;
}

enum status sse_push(struct sse *sse, const void *bytes, size_t len, int64_t t_ns)
{
    const char *s = bytes, *end = s + len;
    if (len)
        sse->t_ns = t_ns;
    if (len && sse->bom_seen < BOM_PAST)
        s += sse_skip_mark(sse, s, len);
    while (s < end && sse->failed == STATUS_OK) {
        if (sse->after_cr && *s == '\n')
            s++;
        sse->after_cr = false;
        const char *stop = s < end ? sse_find_line_end(s, (size_t)(end - s)) : NULL;
        if (!stop) {
            sse_fail(sse, buf_append(&sse->line, s, (size_t)(end - s)));
            break;
        }
        sse_end_line(sse, s, (size_t)(stop - s));
        sse->after_cr = *stop == '\r';
        s = stop + 1;
    }
    sse_keep_view(sse);
    return sse->failed;
}

enum status sse_finish(struct sse *sse)
{
    if (sse->failed == STATUS_OK && sse->bom_seen < BOM_LENGTH)
        sse_fail(sse, buf_append(&sse->line, byte_order_mark, sse->bom_seen));
    if (sse->failed == STATUS_OK && sse->line.len)
        sse_end_line(sse, "", 0);
    if (sse->failed == STATUS_OK)
        sse_dispatch(sse);
    return sse->failed;
}
