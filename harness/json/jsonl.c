#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jsonl {
    int fd;
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

enum status jsonl_open(const char *path, struct jsonl **reader, struct error *e)
{
    *reader = NULL;
    struct jsonl *r = malloc(sizeof *r);
    if (r == NULL)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    memset(r, 0, offsetof(struct jsonl, block));
    bool is_stdin = strcmp(path, "-") == 0;
    buf_init(&r->text, JSONL_LINE_MAX);
    r->path = strdup(is_stdin ? "(stdin)" : path);
    r->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (r->path == NULL || r->fd < 0) {
        bool absent = r->fd < 0 && errno == ENOENT;
        enum status s = absent ? error_set(e, STATUS_NOT_FOUND, "there is no such file")
                               : error_set_errno(e, "cannot open the file");
        error_locate(e, path, 0, 0, NULL);
        jsonl_close(r, NULL);
        return s;
    }
    *reader = r;
    return STATUS_OK;
}

/* More bytes behind those that were consumed. False at the end of the file, or where reading failed. */
static bool fill_block(struct jsonl *r)
{
    ssize_t n;
    do
        n = read(r->fd, r->block, sizeof r->block);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        error_set_errno(&r->failure, "cannot read on");
        error_locate(&r->failure, r->path, r->number + 1, 0, NULL);
    }
    r->block_at = 0;
    r->block_len = n > 0 ? (size_t)n : 0;
    return n > 0;
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

static void parse_line(struct jsonl *r, struct jsonl_line *line)
{
    line->text = buf_text(&r->text);
    line->len = r->text.len;
    line->status = json_parse(line->text, line->len, &line->tree, &line->error);
    r->tree = line->tree;
    if (line->status != STATUS_INVALID)
        return;
    long column = line->error.column;
    char why[sizeof line->error.text];
    snprintf(why, sizeof why, "%s", line->error.text);
    line->error = (struct error){0};
    error_set(&line->error, STATUS_INVALID, "%s%s", why,
        line->torn ? " (the last line has no newline: its writing was cut short)" : "");
    error_locate(&line->error, r->path, line->number, column, NULL);
}

bool jsonl_next(struct jsonl *r, struct jsonl_line *line)
{
    do {
        forget_line(r);
        *line = (struct jsonl_line){.offset = r->offset};
        if (!read_line(r, line))
            return false;
        line->number = ++r->number;
    } while (line->status == STATUS_OK && is_blank(&r->text));
    if (line->status == STATUS_OK)
        parse_line(r, line);
    else
        refuse_long(line);
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
    if (r->fd > STDIN_FILENO)
        close(r->fd);
    free(r->path);
    free(r);
    return s;
}
