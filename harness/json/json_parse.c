#include "json.h"

#include "fs.h"
#include "json_number.h"
#include "json_text.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * json-c's own tokener lets pass what RFC 8259 forbids (comments, single quotes, NaN, control characters,
 * duplicate keys, saturated integers, bytes behind the value), even with its strict flag. This parser builds
 * the same trees.
 */
struct parser {
    const char *start, *at, *end;
    int depth;
    uint64_t tree_bytes; /* that the tree takes, about */
    struct buf text;     /* the string just read, unescaped */
    struct buf keys;     /* keys of the objects that are open, NUL-terminated, one behind the other */
    struct error *e;
};

static enum status parse_value(struct parser *p, struct json_object **value);

void json_count_lines(const char *text, const char *at, long *line, long *column)
{
    *line = *column = 1;
    for (const char *c = text; c < at; c++) {
        if (*c == '\n') {
            (*line)++;
            *column = 1;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}

static enum status refuse_at(struct parser *p, const char *at, enum status status, const char *why)
{
    long line, column;
    json_count_lines(p->start, at, &line, &column);
    error_set(p->e, status, "%s", why);
    error_locate(p->e, NULL, line, column, NULL);
    return status;
}

/* What other writers put where a value belongs, and JSON does not have. */
static enum status refuse_value(struct parser *p)
{
    static const char *const words[] = {
        "NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "None", "True", "False", "undefined"};
    char why[96] = "a value was expected";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(p->end - p->at) >= len && memcmp(p->at, words[i], len) == 0) {
            snprintf(why, sizeof why, "a value was expected, and %s is none in JSON", words[i]);
            break;
        }
    }
    return refuse_at(p, p->at, STATUS_INVALID, why);
}

static enum status refuse(struct parser *p, const char *why)
{
    return refuse_at(p, p->at, STATUS_INVALID, p->at < p->end ? why : "the text ends too early");
}

static enum status no_memory(struct parser *p)
{
    return refuse_at(p, p->at, STATUS_NO_MEMORY, "out of memory");
}

static void skip_space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
        p->at++;
}

static bool peek_is(const struct parser *p, char c)
{
    return p->at < p->end && *p->at == c;
}

static bool skip_char(struct parser *p, char c)
{
    bool there = peek_is(p, c);
    p->at += there;
    return there;
}

static enum status parse_literal(
    struct parser *p, const char *word, struct json_object *made, struct json_object **value)
{
    size_t len = strlen(word);
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0) {
        json_object_put(made);
        return refuse_at(p, p->at, STATUS_INVALID, "a value was expected");
    }
    p->at += len;
    *value = made;
    return made != NULL || word[0] == 'n' ? STATUS_OK : no_memory(p);
}

static bool skip_digits(struct parser *p)
{
    const char *first = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at > first;
}

static enum status parse_number(struct parser *p, struct json_object **value)
{
    const char *first = p->at;
    if (skip_char(p, '-') && (peek_is(p, 'I') || peek_is(p, 'i'))) {
        p->at = first;
        return refuse_value(p);
    }
    if (skip_char(p, '0')) {
        if (p->at < p->end && *p->at >= '0' && *p->at <= '9')
            return refuse_at(p, first, STATUS_INVALID, "a number may not begin with 0 and another digit");
    } else if (!skip_digits(p)) {
        return refuse(p, "a digit was expected");
    }
    if (skip_char(p, '.') && !skip_digits(p))
        return refuse(p, "a digit was expected behind the decimal point");
    if (skip_char(p, 'e') || skip_char(p, 'E')) {
        if (!skip_char(p, '+'))
            skip_char(p, '-');
        if (!skip_digits(p))
            return refuse(p, "a digit was expected in the exponent");
    }
    enum status s = json_number_parse(first, (size_t)(p->at - first), value);
    if (s == STATUS_INVALID)
        return refuse_at(p, first, s, "the number is too large");
    return s == STATUS_OK ? s : no_memory(p);
}

/* The four digits behind \u at p->at + 2; -1 where they are not there. */
static long peek_escape(const struct parser *p)
{
    if (p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u')
        return -1;
    long code = 0;
    for (int i = 2; i < 6; i++) {
        int digit = text_hex_digit(p->at[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static void append_utf8(struct buf *out, unsigned long code)
{
    char bytes[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(lead[n] | code);
    buf_append(out, bytes, n);
}

static enum status parse_unicode_escape(struct parser *p)
{
    const char *first = p->at;
    long code = peek_escape(p);
    if (code < 0)
        return refuse_at(p, first, STATUS_INVALID, "four hexadecimal digits were expected behind \\u");
    p->at += 6;
    if (code >= 0xd800 && code <= 0xdfff) {
        long low = code < 0xdc00 ? peek_escape(p) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return refuse_at(p, first, STATUS_INVALID, "half of a surrogate pair stands alone");
        p->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(&p->text, (unsigned long)code);
    return STATUS_OK;
}

static enum status parse_escape(struct parser *p)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (p->end - p->at < 2)
        return refuse_at(p, p->end, STATUS_INVALID, "the text ends too early");
    if (p->at[1] == 'u')
        return parse_unicode_escape(p);
    const char *name = p->at[1] != '\0' ? strchr(names, p->at[1]) : NULL;
    if (name == NULL)
        return refuse_at(p, p->at, STATUS_INVALID, "there is no such escape sequence");
    buf_append_char(&p->text, values[name - names]);
    p->at += 2;
    return STATUS_OK;
}

/* The bytes up to the next quote, backslash or fault. */
static void copy_plain(struct parser *p)
{
    const char *first = p->at;
    while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20) {
        size_t n = (unsigned char)*p->at < 0x80 ? 1 : text_utf8_decode(p->at, (size_t)(p->end - p->at), NULL);
        if (n == 0)
            break;
        p->at += n;
    }
    buf_append(&p->text, first, (size_t)(p->at - first));
}

/* Reads a string, its opening quote included, into p->text. */
static enum status parse_string(struct parser *p)
{
    buf_clear(&p->text);
    for (p->at++;;) {
        copy_plain(p);
        if (skip_char(p, '"'))
            return buf_status(&p->text) == STATUS_OK ? STATUS_OK : no_memory(p);
        if (!peek_is(p, '\\'))
            return refuse(p, p->at < p->end && (unsigned char)*p->at < 0x20
                                 ? "a control character in a string must be escaped"
                                 : "the string is not valid UTF-8");
        enum status s = parse_escape(p);
        if (s != STATUS_OK)
            return s;
    }
}

static enum status parse_text_value(struct parser *p, struct json_object **value)
{
    enum status s = parse_string(p);
    if (s != STATUS_OK)
        return s;
    if (p->text.len > INT32_MAX)
        return refuse_at(p, p->at, STATUS_LIMIT, "the string is too long");
    *value = json_object_new_string_len(buf_text(&p->text), (int)p->text.len);
    return *value != NULL ? STATUS_OK : no_memory(p);
}

static enum status parse_items(struct parser *p, struct json_object *array)
{
    skip_space(p);
    if (skip_char(p, ']'))
        return STATUS_OK;
    for (;;) {
        struct json_object *item = NULL;
        enum status s = parse_value(p, &item);
        if (s != STATUS_OK)
            return s;
        if (json_object_array_add(array, item) != 0) {
            json_object_put(item);
            return no_memory(p);
        }
        skip_space(p);
        if (skip_char(p, ']'))
            return STATUS_OK;
        if (!skip_char(p, ','))
            return refuse(p, "a comma or ] was expected");
    }
}

static enum status refuse_twice(struct parser *p, const char *at)
{
    struct buf shown = BUF_INIT(512);
    char why[256];
    (void)text_sanitise(&shown, buf_text(&p->text), p->text.len, 200);
    snprintf(why, sizeof why, "the key \"%s\" is there twice", buf_text(&shown));
    buf_fini(&shown);
    return refuse_at(p, at, STATUS_INVALID, why);
}

/* Reads "key": and leaves the key at the end of p->keys, NUL included. */
static enum status parse_key(struct parser *p, struct json_object *object)
{
    skip_space(p);
    const char *first = p->at;
    if (!peek_is(p, '"'))
        return refuse(p, "a key in double quotes was expected");
    enum status s = parse_string(p);
    if (s != STATUS_OK)
        return s;
    if (memchr(buf_text(&p->text), '\0', p->text.len) != NULL)
        return refuse_at(p, first, STATUS_INVALID, "a key may not contain NUL");
    if (json_object_object_get_ex(object, buf_text(&p->text), NULL))
        return refuse_twice(p, first);
    if (buf_append(&p->keys, buf_text(&p->text), p->text.len + 1) != STATUS_OK)
        return no_memory(p);
    skip_space(p);
    return skip_char(p, ':') ? STATUS_OK : refuse(p, "a colon was expected");
}

static enum status parse_member(struct parser *p, struct json_object *object)
{
    size_t key_at = p->keys.len;
    enum status s = parse_key(p, object);
    struct json_object *value = NULL;
    if (s == STATUS_OK)
        s = parse_value(p, &value);
    if (s != STATUS_OK)
        return s;
    if (json_object_object_add_ex(object, p->keys.data + key_at, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) != 0) {
        json_object_put(value);
        return no_memory(p);
    }
    p->keys.data[key_at] = '\0';
    p->keys.len = key_at;
    return STATUS_OK;
}

static enum status parse_members(struct parser *p, struct json_object *object)
{
    skip_space(p);
    if (skip_char(p, '}'))
        return STATUS_OK;
    for (;;) {
        enum status s = parse_member(p, object);
        if (s != STATUS_OK)
            return s;
        skip_space(p);
        if (skip_char(p, '}'))
            return STATUS_OK;
        if (!skip_char(p, ','))
            return refuse(p, "a comma or } was expected");
    }
}

static enum status parse_nested(struct parser *p, struct json_object *made,
    enum status (*fill)(struct parser *, struct json_object *), struct json_object **value)
{
    if (made == NULL)
        return no_memory(p);
    enum status s;
    if (++p->depth > JSON_DEPTH_MAX)
        s = refuse_at(p, p->at, STATUS_LIMIT, "arrays and objects are nested more than 128 deep");
    else {
        p->at++;
        s = fill(p, made);
    }
    p->depth--;
    if (s == STATUS_OK)
        *value = made;
    else
        json_object_put(made);
    return s;
}

/* What json-c takes for a value that is empty: its object has room for 16 members from the start. */
static enum status count_value(struct parser *p)
{
    p->tree_bytes += *p->at == '{' ? 800 : *p->at == '[' ? 160 : 72;
    return p->tree_bytes <= JSON_TREE_MAX
               ? STATUS_OK
               : refuse_at(p, p->at, STATUS_LIMIT, "so many values take more than 4 GiB of memory");
}

static enum status parse_value(struct parser *p, struct json_object **value)
{
    skip_space(p);
    if (p->at == p->end)
        return refuse(p, "a value was expected");
    enum status s = count_value(p);
    if (s != STATUS_OK)
        return s;
    switch (*p->at) {
    case '{':
        return parse_nested(p, json_object_new_object(), parse_members, value);
    case '[':
        return parse_nested(p, json_object_new_array_ext(4), parse_items, value);
    case '"':
        return parse_text_value(p, value);
    case 't':
        return parse_literal(p, "true", json_object_new_boolean(1), value);
    case 'f':
        return parse_literal(p, "false", json_object_new_boolean(0), value);
    case 'n':
        return parse_literal(p, "null", NULL, value);
    default:
        if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))
            return parse_number(p, value);
        return refuse_value(p);
    }
}

enum status json_parse(const char *text, size_t len, struct json_object **tree, struct error *e)
{
    struct parser p = {.start = text, .at = text, .end = text + len, .e = e};
    p.text = (struct buf)BUF_INIT(SIZE_MAX / 4);
    p.keys = (struct buf)BUF_INIT(SIZE_MAX / 4);
    *tree = NULL;
    enum status s = parse_value(&p, tree);
    skip_space(&p);
    if (s == STATUS_OK && p.at < p.end) {
        s = refuse(&p, "something follows the value");
        json_object_put(*tree);
        *tree = NULL;
    }
    buf_fini(&p.text);
    buf_fini(&p.keys);
    return s;
}

enum status json_read_file(const char *path, struct json_object **tree, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    *tree = NULL;
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK)
        s = json_parse(buf_text(&text), text.len, tree, e);
    if (s != STATUS_OK)
        error_locate(e, path, 0, 0, NULL);
    buf_fini(&text);
    return s;
}
