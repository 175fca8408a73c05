#include "json.h"

#include "json_number.h"
#include "json_plain.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct writer {
    struct buf *out;
    struct buf pointer; /* of the value being written, for errors */
    bool pretty;
    int depth;
    struct error *e;
};

static enum status write_value(struct writer *w, const struct json_object *value);

static void write_escaped(unsigned char c, struct buf *out)
{
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *name = c != '\0' ? strchr(names, c) : NULL;
    if (name != NULL) {
        buf_append_char(out, '\\');
        buf_append_char(out, letters[name - names]);
    } else {
        buf_printf(out, "\\u%04x", c);
    }
}

/* Bytes that may stand in a JSON string as they are. */
static size_t count_plain(const char *text, size_t len)
{
    size_t at = 0, n;
    for (;;) {
        while (at < len && json_is_plain(text[at]))
            at++;
        if (at == len || (unsigned char)text[at] < 0x80 ||
            (n = text_utf8_decode(text + at, len - at, NULL)) == 0)
            return at;
        at += n;
    }
}

enum status json_write_text(const char *text, size_t len, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t at = 0; at < len;) {
        size_t plain = count_plain(text + at, len - at);
        buf_append(out, text + at, plain);
        at += plain;
        if (at == len)
            break;
        if ((unsigned char)text[at] >= 0x80)
            buf_append_text(out, "\xef\xbf\xbd");
        else
            write_escaped((unsigned char)text[at], out);
        at++;
    }
    buf_append_char(out, '"');
    return buf_status(out);
}

static enum status write_number(struct writer *w, const struct json_object *number)
{
    int64_t small;
    uint64_t big;
    if (json_object_is_type(number, json_type_double)) {
        enum status s = json_write_real(json_object_get_double(number), w->out);
        if (s == STATUS_INVALID) {
            error_set(w->e, s, "a number that is not finite cannot be written as JSON");
            error_locate(w->e, NULL, 0, 0, buf_text(&w->pointer));
        }
        return s;
    }
    if (json_number_fits_i64(number, &small, &big))
        return buf_printf(w->out, "%lld", (long long)small);
    return buf_printf(w->out, "%llu", (unsigned long long)big);
}

static void start_line(struct writer *w)
{
    if (!w->pretty)
        return;
    buf_append_char(w->out, '\n');
    for (int i = 0; i < w->depth; i++)
        buf_append_text(w->out, "  ");
}

static enum status write_child(struct writer *w, const char *token, const struct json_object *value)
{
    size_t parent = w->pointer.len;
    json_pointer_append(&w->pointer, token);
    enum status s = write_value(w, value);
    if (w->pointer.len > parent) {
        w->pointer.len = parent;
        w->pointer.data[parent] = '\0';
    }
    return s;
}

static enum status write_items(struct writer *w, const struct json_object *array)
{
    size_t count = json_object_array_length(array);
    for (size_t i = 0; i < count; i++) {
        char token[24];
        snprintf(token, sizeof token, "%zu", i);
        if (i > 0)
            buf_append_char(w->out, ',');
        start_line(w);
        enum status s = write_child(w, token, json_object_array_get_idx(array, i));
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static enum status write_members(struct writer *w, const struct json_object *object)
{
    bool first = true;
    json_object_object_foreach(object, key, value)
    {
        if (!first)
            buf_append_char(w->out, ',');
        first = false;
        start_line(w);
        json_write_text(key, strlen(key), w->out);
        buf_append_text(w->out, w->pretty ? ": " : ":");
        enum status s = write_child(w, key, value);
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static enum status write_nested(struct writer *w, const struct json_object *value, const char *brackets,
    enum status (*write)(struct writer *, const struct json_object *), bool empty)
{
    if (++w->depth > JSON_DEPTH_MAX)
        return error_set(
            w->e, STATUS_LIMIT, "arrays and objects are nested more than %d deep", JSON_DEPTH_MAX);
    buf_append_char(w->out, brackets[0]);
    enum status s = write(w, value);
    w->depth--;
    if (!empty)
        start_line(w);
    buf_append_char(w->out, brackets[1]);
    return s;
}

static enum status write_value(struct writer *w, const struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_object:
        return write_nested(w, value, "{}", write_members, json_object_object_length(value) == 0);
    case json_type_array:
        return write_nested(w, value, "[]", write_items, json_object_array_length(value) == 0);
    case json_type_string:
        return json_write_text(json_object_get_string((struct json_object *)value),
            (size_t)json_object_get_string_len(value), w->out);
    case json_type_boolean:
        return buf_append_text(w->out, json_object_get_boolean(value) ? "true" : "false");
    case json_type_int:
    case json_type_double:
        return write_number(w, value);
    default:
        return buf_append_text(w->out, "null");
    }
}

static enum status write_tree(const struct json_object *tree, bool pretty, struct buf *out, struct error *e)
{
    struct writer w = {.out = out, .pointer = BUF_INIT(1 << 16), .pretty = pretty, .e = e};
    enum status s = write_value(&w, tree);
    if (s == STATUS_OK && pretty)
        s = buf_append_char(out, '\n');
    if (s == STATUS_OK)
        s = buf_status(out);
    if (s == STATUS_NO_MEMORY || (s == STATUS_LIMIT && buf_status(out) == STATUS_LIMIT))
        error_set(
            e, s, s == STATUS_LIMIT ? "the JSON text is longer than %zu bytes" : "out of memory", out->limit);
    buf_fini(&w.pointer);
    return s;
}

enum status json_write(const struct json_object *tree, struct buf *out, struct error *e)
{
    return write_tree(tree, false, out, e);
}

enum status json_write_pretty(const struct json_object *tree, struct buf *out, struct error *e)
{
    return write_tree(tree, true, out, e);
}
