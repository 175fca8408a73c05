#include "yamldoc.h"

#include "fs.h"
#include "text.h"
#include "yaml_scalar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* An anchored value, copied wherever an alias names it. */
struct anchor {
    char *name;
    struct json_object *value; /* owned reference */
    bool open;                 /* still being read: an alias to it would be a cycle */
};

struct reader {
    yaml_parser_t parser;
    struct yamldoc *doc;
    struct buf pointer; /* of the value being read */
    struct anchor *anchors;
    size_t anchor_count;
    size_t nodes;
    int depth;
    struct error *e;
};

static enum status read_value(struct reader *r, const yaml_event_t *event, struct json_object **value);

static enum status refuse(struct reader *r, enum status status, yaml_mark_t at, const char *what)
{
    error_set(r->e, status, "%s", what);
    error_locate(r->e, r->doc->name, (long)at.line + 1, (long)at.column + 1, buf_text(&r->pointer));
    return status;
}

static enum status next_event(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return STATUS_OK;
    enum status s = r->parser.error == YAML_MEMORY_ERROR ? STATUS_NO_MEMORY : STATUS_INVALID;
    yaml_mark_t at = r->parser.problem_mark;
    if (r->parser.error == YAML_READER_ERROR)
        at = r->parser.mark;
    return refuse(r, s, at, r->parser.problem ? r->parser.problem : "not YAML");
}

static enum status remember_place(struct reader *r, yaml_mark_t at)
{
    struct yamldoc *doc = r->doc;
    if (++r->nodes > YAMLDOC_NODES_MAX)
        return refuse(r, STATUS_LIMIT, at, "more values than any configuration needs");
    if (doc->place_count == doc->place_cap) {
        size_t cap = doc->place_cap ? 2 * doc->place_cap : 64;
        struct yamldoc_place *places = realloc(doc->places, cap * sizeof *places);
        if (!places)
            return refuse(r, STATUS_NO_MEMORY, at, "no memory for the places of values");
        doc->places = places;
        doc->place_cap = cap;
    }
    char *pointer = strdup(buf_text(&r->pointer));
    if (!pointer)
        return refuse(r, STATUS_NO_MEMORY, at, "no memory for the places of values");
    doc->places[doc->place_count++] = (struct yamldoc_place){pointer, (long)at.line + 1, (long)at.column + 1};
    return STATUS_OK;
}

static struct anchor *find_anchor(struct reader *r, const char *name)
{
    for (size_t i = r->anchor_count; i > 0; i--)
        if (strcmp(r->anchors[i - 1].name, name) == 0)
            return &r->anchors[i - 1];
    return NULL;
}

/* *index is SIZE_MAX where the value has no anchor. */
static enum status open_anchor(struct reader *r, const yaml_char_t *name, yaml_mark_t at, size_t *index)
{
    *index = SIZE_MAX;
    if (!name)
        return STATUS_OK;
    struct anchor *anchors = realloc(r->anchors, (r->anchor_count + 1) * sizeof *anchors);
    char *copy = strdup((const char *)name);
    if (anchors)
        r->anchors = anchors;
    if (!anchors || !copy) {
        free(copy);
        return refuse(r, STATUS_NO_MEMORY, at, "no memory for an anchor");
    }
    r->anchors[r->anchor_count] = (struct anchor){.name = copy, .open = true};
    *index = r->anchor_count++;
    return STATUS_OK;
}

static void close_anchor(struct reader *r, size_t index, struct json_object *value)
{
    if (index == SIZE_MAX)
        return;
    r->anchors[index].value = json_object_get(value);
    r->anchors[index].open = false;
}

static size_t count_nodes(const struct json_object *value)
{
    size_t n = 1;
    if (json_object_is_type(value, json_type_array))
        for (size_t i = 0; i < json_object_array_length(value); i++)
            n += count_nodes(json_object_array_get_idx(value, i));
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            n += count_nodes(member);
        }
    }
    return n;
}

/* A copy, so that the tree stays a tree; copies count, so that aliases of aliases cannot explode. */
static enum status read_alias(struct reader *r, const yaml_event_t *event, struct json_object **value)
{
    const struct anchor *anchor = find_anchor(r, (const char *)event->data.alias.anchor);
    if (!anchor || anchor->open)
        return refuse(r, STATUS_INVALID, event->start_mark,
            anchor ? "an alias inside the value that it names" : "an alias without an anchor before it");
    r->nodes += count_nodes(anchor->value);
    if (r->nodes > YAMLDOC_NODES_MAX)
        return refuse(r, STATUS_LIMIT, event->start_mark, "more values than any configuration needs");
    if (anchor->value && json_object_deep_copy(anchor->value, value, NULL) != 0)
        return refuse(r, STATUS_NO_MEMORY, event->start_mark, "no memory for an alias");
    return STATUS_OK;
}

static enum status read_scalar(struct reader *r, const yaml_event_t *event, struct json_object **value)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length, anchor;
    enum status s = open_anchor(r, event->data.scalar.anchor, event->start_mark, &anchor);
    if (s != STATUS_OK)
        return s;
    if (event->data.scalar.tag)
        return refuse(r, STATUS_INVALID, event->start_mark, "tags are not understood here");
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        struct error why = {0};
        s = yaml_scalar_plain(text, len, value, &why);
        if (s != STATUS_OK)
            return refuse(r, s, event->start_mark, why.text);
    } else {
        *value = json_object_new_string_len(text, (int)len);
        if (!*value)
            return refuse(r, STATUS_NO_MEMORY, event->start_mark, "no memory for a scalar");
    }
    close_anchor(r, anchor, *value);
    return STATUS_OK;
}

static enum status read_item(struct reader *r, const yaml_event_t *event, struct json_object *array)
{
    size_t outside = r->pointer.len;
    struct json_object *item = NULL;
    buf_printf(&r->pointer, "/%zu", json_object_array_length(array));
    enum status s = read_value(r, event, &item);
    if (s == STATUS_OK && json_object_array_add(array, item) != 0)
        s = refuse(r, STATUS_NO_MEMORY, event->start_mark, "no memory for a list");
    if (s != STATUS_OK)
        json_object_put(item);
    r->pointer.len = outside;
    r->pointer.data[outside] = '\0';
    return s;
}

static enum status read_sequence(struct reader *r, const yaml_event_t *start, struct json_object **value)
{
    size_t anchor;
    bool end = false;
    enum status s = open_anchor(r, start->data.sequence_start.anchor, start->start_mark, &anchor);
    if (s == STATUS_OK && start->data.sequence_start.tag)
        s = refuse(r, STATUS_INVALID, start->start_mark, "tags are not understood here");
    *value = json_object_new_array();
    if (s == STATUS_OK && !*value)
        s = refuse(r, STATUS_NO_MEMORY, start->start_mark, "no memory for a list");
    while (s == STATUS_OK && !end) {
        yaml_event_t event;
        s = next_event(r, &event);
        if (s != STATUS_OK)
            break;
        end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!end)
            s = read_item(r, &event, *value);
        yaml_event_delete(&event);
    }
    if (s == STATUS_OK)
        close_anchor(r, anchor, *value);
    return s;
}

static enum status check_key(struct reader *r, const yaml_event_t *event, const struct json_object *object)
{
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(r, STATUS_INVALID, event->start_mark, "a key must be plain text");
    const char *key = (const char *)event->data.scalar.value;
    if (event->data.scalar.tag || event->data.scalar.anchor)
        return refuse(r, STATUS_INVALID, event->start_mark, "a key must have neither tag nor anchor");
    if (strlen(key) != event->data.scalar.length)
        return refuse(r, STATUS_INVALID, event->start_mark, "a key must not hold a NUL");
    if (strcmp(key, "<<") == 0)
        return refuse(r, STATUS_INVALID, event->start_mark, "merge keys (<<) are not understood here");
    if (json_object_object_get_ex(object, key, NULL))
        return refuse(r, STATUS_INVALID, event->start_mark, "the key stands here twice");
    return STATUS_OK;
}

static enum status read_member(struct reader *r, const yaml_event_t *key_event, struct json_object *object)
{
    size_t outside = r->pointer.len;
    const char *key = (const char *)key_event->data.scalar.value;
    struct json_object *member = NULL;
    yaml_event_t event;
    enum status s = check_key(r, key_event, object);
    if (s == STATUS_OK && json_pointer_append(&r->pointer, key) != STATUS_OK)
        s = refuse(r, STATUS_LIMIT, key_event->start_mark, "the keys are too long");
    if (s == STATUS_OK)
        s = next_event(r, &event);
    else
        return s;
    if (s == STATUS_OK) {
        s = read_value(r, &event, &member);
        yaml_event_delete(&event);
    }
    if (s == STATUS_OK && json_object_object_add(object, key, member) != 0)
        s = refuse(r, STATUS_NO_MEMORY, key_event->start_mark, "no memory for a mapping");
    if (s != STATUS_OK)
        json_object_put(member);
    if (r->pointer.data) {
        r->pointer.len = outside;
        r->pointer.data[outside] = '\0';
    }
    return s;
}

static enum status read_mapping(struct reader *r, const yaml_event_t *start, struct json_object **value)
{
    size_t anchor;
    bool end = false;
    enum status s = open_anchor(r, start->data.mapping_start.anchor, start->start_mark, &anchor);
    if (s == STATUS_OK && start->data.mapping_start.tag)
        s = refuse(r, STATUS_INVALID, start->start_mark, "tags are not understood here");
    *value = json_object_new_object();
    if (s == STATUS_OK && !*value)
        s = refuse(r, STATUS_NO_MEMORY, start->start_mark, "no memory for a mapping");
    while (s == STATUS_OK && !end) {
        yaml_event_t event;
        s = next_event(r, &event);
        if (s != STATUS_OK)
            break;
        end = event.type == YAML_MAPPING_END_EVENT;
        if (!end)
            s = read_member(r, &event, *value);
        yaml_event_delete(&event);
    }
    if (s == STATUS_OK)
        close_anchor(r, anchor, *value);
    return s;
}

/* On failure *value may hold a part; the caller drops it. */
static enum status read_value(struct reader *r, const yaml_event_t *event, struct json_object **value)
{
    enum status s = remember_place(r, event->start_mark);
    if (s == STATUS_OK && ++r->depth > JSON_DEPTH_MAX)
        s = refuse(r, STATUS_LIMIT, event->start_mark, "nested too deeply");
    if (s == STATUS_OK) {
        switch (event->type) {
        case YAML_ALIAS_EVENT:
            s = read_alias(r, event, value);
            break;
        case YAML_SCALAR_EVENT:
            s = read_scalar(r, event, value);
            break;
        case YAML_SEQUENCE_START_EVENT:
            s = read_sequence(r, event, value);
            break;
        case YAML_MAPPING_START_EVENT:
            s = read_mapping(r, event, value);
            break;
        default:
            s = refuse(r, STATUS_INVALID, event->start_mark, "a value was expected");
        }
    }
    r->depth--;
    return s;
}

/* STREAM-START (DOCUMENT-START value DOCUMENT-END)? STREAM-END */
static enum status read_document(struct reader *r)
{
    bool seen = false, end = false;
    enum status s = STATUS_OK;
    while (s == STATUS_OK && !end) {
        yaml_event_t event;
        s = next_event(r, &event);
        if (s != STATUS_OK)
            break;
        if (event.type == YAML_STREAM_END_EVENT)
            end = true;
        else if (event.type == YAML_DOCUMENT_START_EVENT && seen)
            s = refuse(r, STATUS_INVALID, event.start_mark, "a second document begins here; one is allowed");
        else if (event.type == YAML_DOCUMENT_START_EVENT)
            seen = true;
        else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_END_EVENT)
            s = read_value(r, &event, &r->doc->tree);
        yaml_event_delete(&event);
    }
    return s;
}

enum status yamldoc_parse(
    const char *text, size_t len, const char *name, struct yamldoc *doc, struct error *e)
{
    struct error own = {0};
    struct reader r = {.doc = doc, .pointer = BUF_INIT(1 << 16), .e = e ? e : &own};
    *doc = (struct yamldoc){0};
    snprintf(doc->name, sizeof doc->name, "%s", name);
    buf_append_text(&r.pointer, "");
    if (!yaml_parser_initialize(&r.parser))
        return error_set(e, STATUS_NO_MEMORY, "no memory for YAML");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    enum status s = read_document(&r);
    yaml_parser_delete(&r.parser);
    for (size_t i = 0; i < r.anchor_count; i++) {
        free(r.anchors[i].name);
        json_object_put(r.anchors[i].value);
    }
    free(r.anchors);
    buf_fini(&r.pointer);
    if (s != STATUS_OK)
        yamldoc_fini(doc);
    return s;
}

enum status yamldoc_read_file(const char *path, struct yamldoc *doc, struct error *e)
{
    struct buf text = BUF_INIT(YAMLDOC_BYTES_MAX);
    *doc = (struct yamldoc){0};
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK)
        s = yamldoc_parse(buf_text(&text), text.len, path, doc, e);
    buf_fini(&text);
    return s;
}

void yamldoc_fini(struct yamldoc *doc)
{
    for (size_t i = 0; i < doc->place_count; i++)
        free(doc->places[i].pointer);
    free(doc->places);
    json_object_put(doc->tree);
    *doc = (struct yamldoc){0};
}

bool yamldoc_place_of(const struct yamldoc *doc, const char *pointer, long *line, long *column)
{
    const struct yamldoc_place *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < doc->place_count; i++) {
        const struct yamldoc_place *p = &doc->places[i];
        size_t len = strlen(p->pointer);
        bool around = strncmp(p->pointer, pointer, len) == 0 && (pointer[len] == '\0' || pointer[len] == '/');
        if (around && (!best || len >= best_len)) {
            best = p;
            best_len = len;
        }
    }
    if (best) {
        *line = best->line;
        *column = best->column;
    }
    return best != NULL;
}

void yamldoc_locate(const struct yamldoc *doc, struct error *e)
{
    long line = 0, column = 0;
    yamldoc_place_of(doc, e->pointer, &line, &column);
    error_locate(e, doc->name, line, column, NULL);
}
