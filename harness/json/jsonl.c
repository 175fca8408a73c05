#include "jsonl.h"

#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jsonl {
    struct byte_in *in;
    char *path;
    long number;
    int64_t offset; /* of the byte to be read next */
    struct buf text;
    struct json_object *tree;
    struct error failure; /* reading failed */
    size_t block_at, block_len;
    char block[64 << 10];
};

static void forget_line(struct jsonl *r)
{
    buf_clear(&r->text);
    json_object_put(r->tree);
    r->tree = NULL;
}

enum status jsonl_open_until(
    const char *path, const volatile sig_atomic_t *stop, struct jsonl **reader, struct error *e)
{
    *reader = NULL;
    struct jsonl *r = malloc(sizeof *r);
    if (r == NULL)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    memset(r, 0, offsetof(struct jsonl, block));
    buf_init(&r->text, JSONL_LINE_MAX);
    r->path = strdup(strcmp(path, "-") == 0 ? "(stdin)" : path);
    enum status s = r->path != NULL ? byte_in_open(path, stop, &r->in, e)
                                    : error_set(e, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK) {
        *reader = r;
        return STATUS_OK;
    }
    error_locate(e, path, 0, 0, NULL);
    jsonl_close(r, NULL);
    return s;
}

enum status jsonl_open(const char *path, struct jsonl **reader, struct error *e)
{
    return jsonl_open_until(path, NULL, reader, e);
}

const char *jsonl_packing(const struct jsonl *r)
{
    return byte_in_packing(r->in);
}

/* More bytes behind those that were consumed. False at the end of the file, or where reading failed. */
static bool fill_block(struct jsonl *r)
{
    r->block_at = r->block_len = 0;
    if (r->failure.status != STATUS_OK)
        return false;
    if (byte_in_read(r->in, r->block, sizeof r->block, &r->block_len, &r->failure) != STATUS_OK)
        error_locate(&r->failure, r->path, r->number + 1, 0, NULL);
    return r->block_len > 0;
}

/* Reads up to the next newline; what does not fit is read and dropped. False at the end of the file. */
static bool read_line(struct jsonl *r, struct jsonl_line *line)
{
    const char *newline = NULL;
    while (newline == NULL && (r->block_at < r->block_len || fill_block(r))) {
        const char *from = r->block + r->block_at;
        size_t len = r->block_len - r->block_at;
        newline = memchr(from, '\n', len);
        if (newline != NULL)
            len = (size_t)(newline - from);
        buf_append(&r->text, from, len);
        size_t taken = len + (newline != NULL);
        r->block_at += taken;
        r->offset += (int64_t)taken;
    }
    line->torn = newline == NULL;
    line->status = buf_status(&r->text);
    return r->failure.status == STATUS_OK && r->offset > line->offset;
}

static bool is_blank(const struct buf *text)
{
    return strspn(buf_text(text), " \t\r") == text->len;
}

static void refuse_long(struct jsonl_line *line)
{
    if (line->status == STATUS_LIMIT)
        error_set(&line->error, STATUS_LIMIT, "the line is longer than %zu bytes", JSONL_LINE_MAX);
    else
        error_set(&line->error, STATUS_NO_MEMORY, "out of memory");
}

/* In the middle of a pair of surrogates: no token that is cut is told from further away. */
enum { CUT_TOKEN_MAX = 12 };

static bool is_cut(const struct jsonl_line *line)
{
    long number, end;
    if (!line->torn || line->status != STATUS_INVALID)
        return false;
    json_count_lines(line->text, line->text + line->len, &number, &end);
    return end - line->error.column < CUT_TOKEN_MAX;
}

/* The parser's error, which counts the lines of its text, as one of this line of the file. */
static void refuse_text(struct jsonl_line *line, const char *path)
{
    char why[sizeof line->error.text];
    long column = line->error.column;
    snprintf(why, sizeof why, "%s", line->error.text);
    line->cut = is_cut(line);
    if (line->cut)
        error_set(
            &line->error, line->status, "the line is torn: its writer was stopped in the middle (%s)", why);
    else
        error_set(&line->error, line->status, "%s", why);
    error_locate(&line->error, path, line->number, column, NULL);
}

static void parse_line(struct jsonl *r, struct jsonl_line *line)
{
    static const char mark[] = "\xef\xbb\xbf";
    line->marked = line->number == 1 && r->text.len >= 3 && memcmp(buf_text(&r->text), mark, 3) == 0;
    line->text = buf_text(&r->text) + (line->marked ? 3 : 0);
    line->len = r->text.len - (line->marked ? 3 : 0);
    line->status = json_parse(line->text, line->len, &line->tree, &line->error);
    r->tree = line->tree;
    if (line->status != STATUS_OK)
        refuse_text(line, r->path);
}

/* The error is 3 KiB of text that nobody has written to: clearing all of it would show on a million lines. */
static void begin_line(struct jsonl *r, struct jsonl_line *line)
{
    line->text = NULL;
    line->tree = NULL;
    line->len = 0;
    line->offset = r->offset;
    line->torn = line->cut = line->marked = false;
    error_clear(&line->error);
}

bool jsonl_next(struct jsonl *r, struct jsonl_line *line)
{
    do {
        forget_line(r);
        begin_line(r, line);
        if (!read_line(r, line))
            return false;
        line->number = ++r->number;
    } while (line->status == STATUS_OK && is_blank(&r->text));
    if (line->status == STATUS_OK)
        parse_line(r, line);
    else
        refuse_long(line);
    if (line->status != STATUS_OK)
        error_locate(&line->error, r->path, line->number, 0, NULL);
    return true;
}

enum status jsonl_close(struct jsonl *r, struct error *e)
{
    if (r == NULL)
        return STATUS_OK;
    enum status s = r->failure.status;
    if (s != STATUS_OK && e != NULL)
        *e = r->failure;
    forget_line(r);
    buf_fini(&r->text);
    byte_in_close(r->in);
    free(r->path);
    free(r);
    return s;
}
