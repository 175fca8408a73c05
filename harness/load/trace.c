#include "trace.h"

#include "fs.h"
#include "text.h"
#include "trace_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const size_t file_max = (size_t)2 << 30;
enum { LINE_MAX_BYTES = 16 << 20 };

static enum status make_room(struct trace_reader *r, struct error *e)
{
    if (r->trace->count < r->room)
        return STATUS_OK;
    if (r->trace->count >= LOAD_ITEMS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d requests; cut the trace", LOAD_ITEMS_MAX);
    size_t room = r->room ? r->room * 2 : 1024;
    struct trace_request *requests = realloc(r->trace->requests, room * sizeof *requests);
    if (!requests)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a trace of %zu requests", room);
    r->trace->requests = requests;
    r->room = room;
    return STATUS_OK;
}

static const char *const what_of[TRACE_FIELDS] = {
    "moment", "number of prompt tokens", "number of output tokens"};

/* Either all lines say a length, or none. */
static enum status check_presence(const struct trace_reader *r, const struct trace_row *row, struct error *e)
{
    const bool before[TRACE_FIELDS] = {true, r->trace->has_prompts, r->trace->has_outputs};
    for (enum trace_field_kind kind = TRACE_TIME; kind < TRACE_FIELDS; kind++) {
        bool wanted = before[kind] || (kind != TRACE_TIME && r->trace->count == 0);
        if (row->has[kind] ? wanted : !before[kind])
            continue;
        if (!row->has[kind] && kind == TRACE_TIME && r->form == TRACE_JSON)
            return error_set(e, STATUS_INVALID,
                "no moment: name it timestamp (milliseconds), timestamp_ms or timestamp_s");
        if (!row->has[kind])
            return error_set(e, STATUS_INVALID, "no %s, which the lines before it have", what_of[kind]);
        return error_set(e, STATUS_INVALID, "a %s, which the lines before it do not have", what_of[kind]);
    }
    return STATUS_OK;
}

static enum status check_tokens(const struct trace_row *row, struct error *e)
{
    for (enum trace_field_kind kind = TRACE_PROMPT; kind < TRACE_FIELDS; kind++) {
        if (!row->has[kind] || (row->values[kind] >= 1 && row->values[kind] <= LOAD_TOKENS_MAX))
            continue;
        return error_set(e, STATUS_INVALID, "a %s of %" PRId64 "; it must be between 1 and %d%s",
            what_of[kind], row->values[kind], LOAD_TOKENS_MAX,
            row->values[kind] == 0 ? ": leave out requests that failed" : "");
    }
    return STATUS_OK;
}

static enum status add_blocks(struct trace_reader *r, const struct trace_row *row, struct error *e)
{
    if (!row->has[TRACE_PROMPT])
        return error_set(e, STATUS_INVALID, "hash_ids without a number of prompt tokens");
    if (!r->blocks)
        r->blocks = trace_blocks_new();
    if (!r->blocks)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the prompts' blocks");
    return trace_blocks_add(r->blocks, r->trace->count, row, r->line, e);
}

enum status trace_add_row(struct trace_reader *r, const struct trace_row *row, struct error *e)
{
    enum status s = check_presence(r, row, e);
    if (s == STATUS_OK)
        s = check_tokens(row, e);
    if (s == STATUS_OK)
        s = make_room(r, e);
    if (s == STATUS_OK && row->block_count > 0)
        s = add_blocks(r, row, e);
    if (s != STATUS_OK)
        return s;
    if (r->trace->count == 0) {
        r->trace->has_prompts = row->has[TRACE_PROMPT];
        r->trace->has_outputs = row->has[TRACE_OUTPUT];
    }
    r->trace->requests[r->trace->count++] = (struct trace_request){.at_ns = row->at_ns,
        .prompt_tokens = (uint32_t)row->values[TRACE_PROMPT],
        .output_tokens = (uint32_t)row->values[TRACE_OUTPUT],
        .prefix = LOAD_NO_PREFIX};
    return STATUS_OK;
}

static enum status read_list_line(struct trace_reader *r, const char *text, struct error *e)
{
    struct trace_row row = {.has = {[TRACE_TIME] = true}};
    double seconds;
    if (!text_parse_double(text, &seconds) || !trace_scale_moment(seconds, 1e9, &row.at_ns))
        return error_set(e, STATUS_INVALID, "'%.80s' is no number of seconds, which the first line is", text);
    return trace_add_row(r, &row, e);
}

/* The first line that is not empty says what the file is. */
static enum status read_first_line(struct trace_reader *r, char *text, size_t len, struct error *e)
{
    double number;
    if (strncmp(text, "version https://git-lfs", 23) == 0)
        return error_set(e, STATUS_INVALID,
            "this is where Git LFS keeps the trace, not the trace; get it with: git lfs pull");
    if (text[0] == '{') {
        r->form = TRACE_JSON;
        return trace_read_json_line(r, text, len, e);
    }
    if (text_parse_double(text, &number)) {
        r->form = TRACE_LIST;
        return read_list_line(r, text, e);
    }
    r->form = TRACE_CSV;
    return trace_read_csv_head(r, text, e);
}

static enum status read_line(struct trace_reader *r, char *text, size_t len, bool first, struct error *e)
{
    if (len > LINE_MAX_BYTES)
        return error_set(e, STATUS_LIMIT, "the line has more than %d bytes", LINE_MAX_BYTES);
    if (strlen(text) != len)
        return error_set(e, STATUS_INVALID, "a zero byte is in the line; traces are text");
    if (first)
        return read_first_line(r, text, len, e);
    if (r->form == TRACE_JSON)
        return trace_read_json_line(r, text, len, e);
    if (r->form == TRACE_LIST)
        return read_list_line(r, text, e);
    return trace_read_csv_line(r, text, e);
}

/* Without blanks at either end. */
static char *trim(char *line, size_t *len)
{
    while (*len > 0 && strchr(" \t\r", line[*len - 1]) && line[*len - 1])
        (*len)--;
    line[*len] = 0;
    while (*line == ' ' || *line == '\t') {
        line++;
        (*len)--;
    }
    return line;
}

/* Ends each line with a NUL where its newline was. */
static enum status read_lines(struct trace_reader *r, char *text, size_t len, struct error *e)
{
    enum status s = STATUS_OK;
    char *end = text + len;
    bool first = true;
    for (char *at = text; s == STATUS_OK && at < end; r->line++) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line_len = (size_t)((newline ? newline : end) - at);
        char *line = trim(at, &line_len);
        at = newline ? newline + 1 : end;
        if (line_len == 0)
            continue;
        s = read_line(r, line, line_len, first, e);
        first = false;
    }
    if (s != STATUS_OK)
        r->line--; /* the loop has gone on */
    return s;
}

static bool is_sorted(const struct trace_request *requests, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (requests[i].at_ns < requests[i - 1].at_ns)
            return false;
    return true;
}

static void merge(
    const struct trace_request *from, size_t low, size_t middle, size_t high, struct trace_request *to)
{
    for (size_t a = low, b = middle; low < high; low++)
        to[low] = a < middle && (b == high || from[a].at_ns <= from[b].at_ns) ? from[a++] : from[b++];
}

/* Merge sort from below: stable, which qsort is not. */
static enum status sort_requests(struct trace *trace, struct error *e)
{
    size_t count = trace->count;
    if (is_sorted(trace->requests, count))
        return STATUS_OK;
    struct trace_request *other = malloc(count * sizeof *other);
    if (!other)
        return error_set(e, STATUS_NO_MEMORY, "no memory to sort the trace");
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count;
            size_t high = middle + width < count ? middle + width : count;
            merge(trace->requests, low, middle, high, other);
        }
        struct trace_request *sorted = other;
        other = trace->requests;
        trace->requests = sorted;
    }
    free(other);
    return STATUS_OK;
}

/* The first at 0. A trace of more than a year is a slip in its dates. */
static enum status shift_moments(struct trace *trace, struct error *e)
{
    static const double span_max_ns = 366.0 * 86400 * 1e9;
    double span_ns = (double)trace->requests[trace->count - 1].at_ns - (double)trace->requests[0].at_ns;
    if (span_ns > span_max_ns)
        return error_set(e, STATUS_INVALID,
            "from the first request to the last is more than a year; is the unit of time right?");
    int64_t first_ns = trace->requests[0].at_ns;
    for (size_t i = 0; i < trace->count; i++)
        trace->requests[i].at_ns -= first_ns;
    return STATUS_OK;
}

static enum status finish(struct trace_reader *r, struct error *e)
{
    r->line = 0; /* from here on it is the whole file that is wrong */
    if (r->trace->count == 0)
        return error_set(e, STATUS_INVALID, "no request is in it");
    enum status s = r->blocks ? trace_blocks_finish(r->blocks, r->trace, e) : STATUS_OK;
    if (s == STATUS_OK)
        s = sort_requests(r->trace, e);
    if (s == STATUS_OK)
        s = shift_moments(r->trace, e);
    return s;
}

static enum status parse_text(const char *path, char *text, size_t len, struct trace *trace, struct error *e)
{
    *trace = (struct trace){0};
    struct trace_reader r = {.path = path, .line = 1, .trace = trace};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* what Excel writes before CSV */
        text += 3;
        len -= 3;
    }
    enum status s = read_lines(&r, text, len, e);
    if (s == STATUS_OK)
        s = finish(&r, e);
    if (s != STATUS_OK) {
        error_locate(e, path, r.line, 0, NULL);
        trace_fini(trace);
    }
    trace_blocks_free(r.blocks);
    return s;
}

enum status trace_parse(const char *path, const char *text, size_t len, struct trace *trace, struct error *e)
{
    *trace = (struct trace){0};
    char *copy = malloc(len + 1);
    if (!copy)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu bytes of trace", len);
    memcpy(copy, text, len);
    copy[len] = 0;
    enum status s = parse_text(path, copy, len, trace, e);
    free(copy);
    return s;
}

enum status trace_read(const char *path, struct trace *trace, struct error *e)
{
    *trace = (struct trace){0};
    struct buf text = BUF_INIT(file_max);
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK && text.len == 0)
        s = parse_text(path, (char[]){""}, 0, trace, e);
    else if (s == STATUS_OK)
        s = parse_text(path, text.data, text.len, trace, e);
    buf_fini(&text);
    return s;
}

void trace_fini(struct trace *trace)
{
    free(trace->requests);
    free(trace->prefix_lengths);
    free(trace->prefix_parents);
    *trace = (struct trace){0};
}
