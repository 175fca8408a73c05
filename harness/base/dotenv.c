#include "dotenv.h"

#include "fs.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

/* What is left of one line while it is taken apart. */
struct line {
    const char *at, *end;
    const char *fault; /* why the line is not understood, or NULL */
};

static void skip_blanks(struct line *l)
{
    while (l->at < l->end && strchr(blanks, *l->at))
        l->at++;
}

static size_t name_length(const struct line *l)
{
    size_t n = 0;
    for (const char *p = l->at; p < l->end; p++, n++) {
        bool letter = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '_';
        if (!letter && (n == 0 || *p < '0' || *p > '9'))
            break;
    }
    return n;
}

static void skip_export(struct line *l)
{
    size_t n = name_length(l);
    if (n == 6 && strncmp(l->at, "export", 6) == 0 && l->at + 6 < l->end && strchr(blanks, l->at[6])) {
        l->at += 6;
        skip_blanks(l);
    }
}

static void take_single_quoted(struct line *l, struct buf *value)
{
    const char *close = memchr(l->at, '\'', (size_t)(l->end - l->at));
    if (!close) {
        l->fault = "the closing ' is missing";
        return;
    }
    buf_append(value, l->at, (size_t)(close - l->at));
    l->at = close + 1;
}

static void take_double_quoted(struct line *l, struct buf *value)
{
    static const char escapes[] = "n\nt\tr\r\\\\\"\"$$";
    for (; l->at < l->end && *l->at != '"'; l->at++) {
        if (*l->at != '\\') {
            buf_append_char(value, *l->at);
            continue;
        }
        const char *known = NULL;
        if (++l->at < l->end)
            for (const char *p = escapes; *p && !known; p += 2)
                known = *p == *l->at ? p + 1 : NULL;
        if (!known) {
            l->fault = "only \\n \\t \\r \\\\ \\\" and \\$ may follow a backslash";
            return;
        }
        buf_append_char(value, *known);
    }
    if (l->at == l->end)
        l->fault = "the closing \" is missing";
    else
        l->at++;
}

static void take_plain(struct line *l, struct buf *value)
{
    const char *end = l->at;
    while (end < l->end && !(*end == '#' && (end == l->at || strchr(blanks, end[-1]))))
        end++;
    const char *rest = end;
    while (end > l->at && strchr(blanks, end[-1]))
        end--;
    buf_append(value, l->at, (size_t)(end - l->at));
    l->at = rest;
}

static void take_value(struct line *l, struct buf *value)
{
    skip_blanks(l);
    char first = l->at < l->end ? *l->at : '\0';
    if (first != '\'' && first != '"') {
        take_plain(l, value);
    } else {
        l->at++;
        if (first == '\'')
            take_single_quoted(l, value);
        else
            take_double_quoted(l, value);
    }
    skip_blanks(l);
    if (!l->fault && l->at < l->end && *l->at != '#')
        l->fault = "something stands behind the closing quote";
}

static void forget(char *secret)
{
    volatile char *p = secret;
    while (p && *p)
        *p++ = '\0';
    free(secret);
}

static enum status keep(
    struct dotenv *env, const char *name, size_t name_len, const struct buf *value, long number)
{
    char *copy = strndup(name, name_len), *text = strndup(buf_text(value), value->len);
    struct dotenv_entry *known = copy ? (struct dotenv_entry *)dotenv_find(env, copy) : NULL;
    if (copy && text && known) {
        forget(known->value);
        free(copy);
        known->value = text;
        known->line = number;
        return STATUS_OK;
    }
    struct dotenv_entry *entries =
        copy && text ? realloc(env->entries, (env->count + 1) * sizeof *entries) : NULL;
    if (!entries) {
        free(copy);
        forget(text);
        return STATUS_NO_MEMORY;
    }
    env->entries = entries;
    env->entries[env->count++] = (struct dotenv_entry){copy, text, number};
    return STATUS_OK;
}

/* The fault never shows the line: it may hold a key. */
static enum status take_line(struct dotenv *env, struct line *l, long number)
{
    struct buf value = BUF_INIT(DOTENV_BYTES_MAX);
    enum status s = STATUS_OK;
    skip_blanks(l);
    if (l->at == l->end || *l->at == '#')
        return STATUS_OK;
    skip_export(l);
    const char *name = l->at;
    size_t name_len = name_length(l);
    l->at += name_len;
    skip_blanks(l);
    if (name_len == 0 || l->at == l->end || *l->at != '=')
        l->fault = "NAME=value was expected";
    else
        l->at++, take_value(l, &value);
    if (!l->fault)
        s = buf_status(&value) == STATUS_OK ? keep(env, name, name_len, &value, number) : STATUS_NO_MEMORY;
    if (value.data)
        memset(value.data, 0, value.cap);
    buf_fini(&value);
    return l->fault ? STATUS_INVALID : s;
}

static enum status fail(
    struct dotenv *env, enum status s, const char *file, long line, const char *text, struct error *e)
{
    dotenv_fini(env);
    error_set(e, s, "%s", text);
    error_locate(e, file, line, 0, NULL);
    return s;
}

enum status dotenv_parse(const char *text, size_t len, const char *name, struct dotenv *env, struct error *e)
{
    *env = (struct dotenv){0};
    if (memchr(text, '\0', len) || !text_utf8_valid(text, len))
        return fail(env, STATUS_INVALID, name, 0, "not UTF-8 text", e);
    const char *end = text + len;
    long number = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct line l = {.at = text, .end = newline ? newline : end};
        text = newline ? newline + 1 : end;
        if (l.end > l.at && l.end[-1] == '\r')
            l.end--;
        enum status s = take_line(env, &l, ++number);
        if (s != STATUS_OK)
            return fail(env, s, name, number, l.fault ? l.fault : "no memory for a value", e);
    }
    return STATUS_OK;
}

enum status dotenv_read_file(const char *path, struct dotenv *env, struct error *e)
{
    struct buf text = BUF_INIT(DOTENV_BYTES_MAX);
    *env = (struct dotenv){0};
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK)
        s = dotenv_parse(buf_text(&text), text.len, path, env, e);
    if (text.data)
        memset(text.data, 0, text.cap);
    buf_fini(&text);
    return s;
}

void dotenv_fini(struct dotenv *env)
{
    for (size_t i = 0; i < env->count; i++) {
        free(env->entries[i].name);
        forget(env->entries[i].value);
    }
    free(env->entries);
    *env = (struct dotenv){0};
}

const struct dotenv_entry *dotenv_find(const struct dotenv *env, const char *name)
{
    for (size_t i = 0; i < env->count; i++)
        if (strcmp(env->entries[i].name, name) == 0)
            return &env->entries[i];
    return NULL;
}
