#include "trace_parts.h"

#include "json.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 1 << 20 };

static enum status read_moment(
    struct json_object *value, double unit_ns, struct trace_row *row, struct error *e)
{
    bool fine = false;
    if (json_object_is_type(value, json_type_string))
        fine = trace_parse_date(json_object_get_string(value), &row->at_ns);
    else if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
        fine = trace_scale_moment(json_object_get_double(value), unit_ns, &row->at_ns);
    row->has[TRACE_TIME] = true;
    return fine ? STATUS_OK
                : error_set(
                      e, STATUS_INVALID, "its moment is neither a number nor a date as 2024-05-10T00:00:00Z");
}

static enum status read_tokens(
    struct json_object *value, const struct trace_field *field, struct trace_row *row, struct error *e)
{
    double number = NAN;
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
        number = json_object_get_double(value);
    if (!(number == floor(number) && fabs(number) < 9e18))
        return error_set(e, STATUS_INVALID, "%s is not a whole number", field->name);
    row->values[field->kind] = (int64_t)number;
    row->has[field->kind] = true;
    return STATUS_OK;
}

/* Numbers as they are, texts by their hash. */
static enum status read_blocks(struct json_object *array, uint64_t **blocks, size_t *count, struct error *e)
{
    if (!json_object_is_type(array, json_type_array))
        return error_set(e, STATUS_INVALID, "hash_ids is not an array");
    *count = json_object_array_length(array);
    if (*count > BLOCKS_MAX)
        return error_set(e, STATUS_LIMIT, "hash_ids has more than %d numbers", BLOCKS_MAX);
    *blocks = calloc(*count + 1, sizeof **blocks);
    if (!*blocks)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu hash_ids", *count);
    for (size_t i = 0; i < *count; i++) {
        struct json_object *id = json_object_array_get_idx(array, i);
        if (json_object_is_type(id, json_type_int))
            (*blocks)[i] = (uint64_t)json_object_get_int64(id);
        else if (json_object_is_type(id, json_type_string))
            (*blocks)[i] = text_hash(json_object_get_string(id), (size_t)json_object_get_string_len(id));
        else
            return error_set(
                e, STATUS_INVALID, "number %zu of hash_ids is neither a number nor a text", i + 1);
    }
    return STATUS_OK;
}

static enum status read_member(const char *name, struct json_object *value, double timestamp_unit_ns,
    struct trace_row *row, struct error *e)
{
    const struct trace_field *field = trace_field_find(name, strlen(name));
    if (!field)
        return STATUS_OK;
    if (row->has[field->kind])
        return error_set(e, STATUS_INVALID, "'%s' says again what another member says; leave one of them out",
            field->name);
    if (field->kind != TRACE_TIME)
        return read_tokens(value, field, row, e);
    bool plain = strcmp(field->name, "timestamp") == 0;
    return read_moment(value, plain ? timestamp_unit_ns : field->json_unit_ns, row, e);
}

/* Lines with a chat_id are of the Bailian traces, whose timestamp counts seconds; Mooncake's counts
 * milliseconds. */
static double unit_of_timestamp(const struct json_object *tree)
{
    struct json_object *unused;
    return json_find(tree, "/chat_id", &unused) ? 1e9 : 1e6;
}

enum status trace_read_json_line(struct trace_reader *r, const char *text, size_t len, struct error *e)
{
    struct json_object *tree = NULL, *ids = NULL;
    struct trace_row row = {0};
    uint64_t *blocks = NULL;
    enum status s = json_parse(text, len, &tree, e);
    if (s != STATUS_OK) {
        if (e)
            e->line = r->line; /* not that of its own text, which has but one */
        goto out;
    }
    if (!json_object_is_type(tree, json_type_object)) {
        s = error_set(e, STATUS_INVALID, "the line is not a JSON object");
        goto out;
    }
    double unit_ns = unit_of_timestamp(tree);
    json_object_object_foreach(tree, name, value)
    {
        if (s == STATUS_OK && value)
            s = read_member(name, value, unit_ns, &row, e);
    }
    if (s == STATUS_OK && json_find(tree, "/hash_ids", &ids) && ids)
        s = read_blocks(ids, &blocks, &row.block_count, e);
    row.blocks = blocks;
    if (s == STATUS_OK)
        s = trace_add_row(r, &row, e);
out:
    free(blocks);
    json_object_put(tree);
    return s;
}
