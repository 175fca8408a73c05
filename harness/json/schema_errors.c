#include "schema_parts.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_DEFAULT 20
#define TEXT_MAX (SIZE_MAX / 4)

static void append_place(struct buf *pointer, const struct place *at)
{
    if (at->up == NULL)
        return;
    append_place(pointer, at->up);
    if (at->key != NULL)
        json_pointer_append(pointer, at->key);
    else
        buf_printf(pointer, "/%zu", at->index);
}

static void append_keyword(struct buf *out, const struct node *node, const char *keyword)
{
    buf_printf(out, "%s#", node->document_uri);
    node_append_location(node, out);
    if (keyword[0] != '\0')
        json_pointer_append(out, keyword);
}

static bool add_fault(struct schema_report *report, struct schema_fault f)
{
    if (f.instance == NULL || f.schema == NULL || f.text == NULL)
        return false;
    struct schema_fault *more = realloc(report->faults, (report->count + 1) * sizeof f);
    if (more == NULL)
        return false;
    report->faults = more;
    report->faults[report->count++] = f;
    return true;
}

static void free_fault(struct schema_fault *f)
{
    free(f->instance);
    free(f->schema);
    free(f->text);
}

/* The bytes of a buf that may never have been filled. */
static char *take_text(struct buf *b)
{
    buf_append_text(b, "");
    return b->data == NULL && buf_status(b) == STATUS_OK ? strdup("") : buf_take(b);
}

static bool is_full(struct schema_report *report)
{
    bool full = report->count >= (report->max > 0 ? report->max : FAULTS_DEFAULT);
    report->more |= full;
    return full;
}

/* Stores or frees the fault. */
static void keep_fault(struct run *run, struct schema_fault f)
{
    if (is_full(run->report)) {
        free_fault(&f);
    } else if (!add_fault(run->report, f)) {
        free_fault(&f);
        give_up(run, STATUS_NO_MEMORY, NULL);
    }
}

bool fault(struct run *run, const struct node *node, const char *keyword, const struct place *at,
    const char *format, ...)
{
    if (run->report == NULL || is_full(run->report))
        return false;
    struct buf instance = BUF_INIT(TEXT_MAX), schema = BUF_INIT(TEXT_MAX), text = BUF_INIT(TEXT_MAX);
    va_list args;
    append_place(&instance, at);
    append_keyword(&schema, node, keyword);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    keep_fault(run, (struct schema_fault){take_text(&instance), take_text(&schema), take_text(&text)});
    buf_fini(&instance);
    buf_fini(&schema);
    buf_fini(&text);
    return false;
}

void report_take(struct run *run, struct schema_report *from)
{
    for (size_t i = 0; i < from->count; i++)
        keep_fault(run, from->faults[i]);
    free(from->faults);
}

void schema_report_fini(struct schema_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free_fault(&report->faults[i]);
    free(report->faults);
    *report = (struct schema_report){.max = report->max};
}

const char *value_kind(const struct json_object *value)
{
    static const char *const kinds[] = {[json_type_null] = "null",
        [json_type_boolean] = "a boolean",
        [json_type_double] = "a number",
        [json_type_int] = "an integer",
        [json_type_object] = "an object",
        [json_type_array] = "an array",
        [json_type_string] = "a string"};
    return kinds[json_object_get_type(value)];
}

struct shown text_show(const char *text, size_t len)
{
    struct shown shown = {""};
    struct buf b = BUF_INIT(400);
    size_t cut = text_utf8_cut(text, len, 50);
    text_sanitise(&b, text, cut, 300);
    size_t fits = text_utf8_cut(buf_text(&b), b.len, 70);
    snprintf(shown.text, sizeof shown.text, "%.*s%s", (int)fits, buf_text(&b),
        cut < len || fits < b.len ? "..." : "");
    buf_fini(&b);
    return shown;
}

struct shown value_show(const struct json_object *value)
{
    struct shown shown = {""};
    struct buf b = BUF_INIT(TEXT_MAX);
    enum json_type type = json_object_get_type(value);
    if (type == json_type_string) {
        struct json_object *text = (struct json_object *)value;
        size_t len = (size_t)json_object_get_string_len(text),
               cut = text_utf8_cut(json_object_get_string(text), len, 50);
        json_write_text(json_object_get_string(text), cut, &b);
        struct shown inner = text_show(buf_text(&b), b.len);
        snprintf(shown.text, sizeof shown.text, "%.70s%s", inner.text, cut < len ? "..." : "");
    } else if (type == json_type_object || type == json_type_array) {
        snprintf(shown.text, sizeof shown.text, "%s", value_kind(value));
    } else if (json_write(value, &b, NULL) == STATUS_OK) {
        snprintf(shown.text, sizeof shown.text, "%s", buf_text(&b));
    }
    buf_fini(&b);
    return shown;
}

void kinds_show(unsigned types, char *text, size_t size)
{
    static const struct {
        unsigned type;
        const char *name;
    } kinds[] = {{TYPE_NULL, "null"}, {TYPE_BOOLEAN, "a boolean"}, {TYPE_OBJECT, "an object"},
        {TYPE_ARRAY, "an array"}, {TYPE_NUMBER, "a number"}, {TYPE_INTEGER, "an integer"},
        {TYPE_STRING, "a string"}};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if ((types & kinds[i].type) == 0 || used >= size)
            continue;
        int n = snprintf(text + used, size - used, "%s%s", used > 0 ? " or " : "", kinds[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
}
