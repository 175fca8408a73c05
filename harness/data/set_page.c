/* The answer of the service's /rows. */
#include "set_rows.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

/* The words of a column of classes; NULL: it is none. */
static const struct json_object *names_of(const struct json_object *features, const char *column)
{
    for (size_t i = 0; features && i < json_object_array_length(features); i++) {
        const struct json_object *one = json_object_array_get_idx(features, i);
        const char *name = json_get_text(one, "/name"), *type = json_get_text(one, "/type/_type");
        if (name && type && strcmp(name, column) == 0 && strcmp(type, "ClassLabel") == 0)
            return json_get_array(one, "/type/names");
    }
    return NULL;
}

static bool say_classes(struct json_object *row, const struct json_object *features)
{
    for (size_t i = 0; features && i < json_object_array_length(features); i++) {
        const char *column = json_get_text(json_object_array_get_idx(features, i), "/name");
        const struct json_object *names = column ? names_of(features, column) : NULL;
        struct json_object *value = NULL;
        if (!names || !json_object_object_get_ex(row, column, &value) ||
            !json_object_is_type(value, json_type_int))
            continue;
        int64_t at = json_object_get_int64(value);
        struct json_object *name = at >= 0 ? json_object_array_get_idx(names, (size_t)at) : NULL;
        if (json_object_is_type(name, json_type_string) && !json_set(row, column, json_object_get(name)))
            return false;
    }
    return true;
}

static bool is_cut(const struct json_object *entry)
{
    const struct json_object *cut = json_get_array(entry, "/truncated_cells");
    return cut && json_object_array_length(cut) > 0;
}

static enum status take_rows(struct set_page *page, const struct json_object *list, struct error *e)
{
    const struct json_object *features = json_get_array(page->tree, "/features");
    size_t count = json_object_array_length(list);
    page->rows = calloc(count ? count : 1, sizeof *page->rows);
    page->numbers = calloc(count ? count : 1, sizeof *page->numbers);
    if (!page->rows || !page->numbers)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu rows", count);
    for (size_t i = 0; i < count; i++) {
        const struct json_object *entry = json_object_array_get_idx(list, i);
        struct json_object *row = json_get_object(entry, "/row");
        int64_t number = -1;
        if (!row || !json_get_int(entry, "/row_idx", &number) || number < 0)
            return error_set(e, STATUS_INVALID, "row %zu of the page has no row_idx and row", i);
        if (!say_classes(row, features))
            return error_set(e, STATUS_NO_MEMORY, "no memory for the labels");
        page->rows[page->count] = is_cut(entry) ? NULL : row;
        page->numbers[page->count++] = number;
    }
    return STATUS_OK;
}

enum status set_page_parse(const char *text, size_t len, struct set_page *page, struct error *e)
{
    *page = (struct set_page){.total = -1};
    enum status s = json_parse(text, len, &page->tree, e);
    if (s != STATUS_OK)
        return s;
    const struct json_object *rows = json_get_array(page->tree, "/rows");
    if (!rows)
        s = error_set(e, STATUS_INVALID, "the answer has no rows");
    else if (json_object_array_length(rows) > SET_PAGE_ROWS)
        s = error_set(e, STATUS_INVALID, "the answer has %zu rows, more than the %d that a page can have",
            json_object_array_length(rows), SET_PAGE_ROWS);
    if (s == STATUS_OK)
        s = take_rows(page, rows, e);
    (void)json_get_int(page->tree, "/num_rows_total", &page->total);
    if (s != STATUS_OK)
        set_page_fini(page);
    return s;
}

void set_page_fini(struct set_page *page)
{
    json_object_put(page->tree);
    free(page->rows);
    free(page->numbers);
    *page = (struct set_page){0};
}
