#include "old_members.h"

#include "migration.h"

#include "buf.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum { VALUES_MAX = 1000, FIGURES_MAX = 64, NAME_MAX_BYTES = 200, POINTER_MAX = 1024 };

struct walk {
    struct migration *m;
    const struct old_member *members;
    const char *prefix;
    struct json_object *figures;
    struct buf pointer; /* to the member at hand, relative to the part */
};

static const struct old_member *member_of(const struct walk *w)
{
    const struct old_member *row = w->members;
    while (row->pointer != NULL && !text_match(row->pointer, buf_text(&w->pointer)))
        row++;
    return row->pointer != NULL ? row : NULL;
}

/* row: its pattern stands for all members that it fits; NULL: the pointer as it is. */
static bool lose(const struct walk *w, const struct old_member *row, const char *why)
{
    struct buf safe = BUF_INIT(8 * POINTER_MAX);
    struct buf whole = BUF_INIT(1 << 24);
    buf_append_text(&whole, w->prefix);
    buf_append_text(&whole, row != NULL ? row->pointer : buf_text(&w->pointer));
    bool ok = buf_status(&whole) == STATUS_OK &&
              text_sanitise_line(&safe, buf_text(&whole), whole.len, POINTER_MAX / 2) == STATUS_OK;
    for (size_t i = 0; ok && i < safe.len; i++)
        if (safe.data[i] == '#' && safe.data[i - 1] == '/')
            safe.data[i] = '*';
    if (ok)
        migration_lose(w->m, buf_text(&safe), why);
    buf_fini(&whole);
    buf_fini(&safe);
    return ok;
}

/* "/model/runs/#/per_prompt_details/#/ttft_s" is "per_prompt_details.ttft_s": what stands behind the first index. */
static bool name_figure(const struct walk *w, struct buf *out)
{
    struct buf name = BUF_INIT(1 << 24);
    const char *at = strstr(buf_text(&w->pointer), "/#/");
    at = at != NULL ? at + 3 : strrchr(buf_text(&w->pointer), '/') + 1;
    for (; *at != '\0'; at++) {
        if (strncmp(at, "/#/", 3) == 0)
            at += 2;
        buf_append_char(&name, *at == '/' ? '.' : *at);
    }
    bool ok = buf_status(&name) == STATUS_OK &&
              text_sanitise_line(out, buf_text(&name), name.len, NAME_MAX_BYTES) == STATUS_OK;
    buf_fini(&name);
    return ok;
}

struct json_object *old_members_figure(struct json_object *figures, const char *name)
{
    for (size_t i = 0; i < json_object_array_length(figures); i++) {
        struct json_object *figure = json_object_array_get_idx(figures, i);
        const char *known = json_get_text(figure, "/name");
        if (known != NULL && strcmp(known, name) == 0)
            return figure;
    }
    return NULL;
}

static struct json_object *figure_new(const struct walk *w, const char *name, const struct old_member *row)
{
    struct json_object *figure = json_object_new_object();
    if (json_set_text(figure, "name", name) && json_set_text(figure, "unit", row->unit) &&
        json_set_text(figure, "definition", row->text) &&
        json_set(figure, "values", json_object_new_array()) &&
        json_add(w->figures, json_object_get(figure))) {
        json_object_put(figure); /* figures own it */
        return figure;
    }
    json_object_put(figure);
    return NULL;
}

static bool add_value(struct walk *w, const struct old_member *row, struct json_object *number)
{
    struct buf name = BUF_INIT(1 << 20);
    struct json_object *figure = NULL;
    bool ok = name_figure(w, &name);
    bool full = json_object_array_length(w->figures) >= FIGURES_MAX;
    if (ok && (figure = old_members_figure(w->figures, buf_text(&name))) == NULL && !full)
        figure = figure_new(w, buf_text(&name), row);
    struct json_object *values = figure != NULL ? json_get_array(figure, "/values") : NULL;
    ok = ok && (full || values != NULL);
    if (ok && values == NULL)
        ok = lose(w, row, "beyond the first 64 figures of the test");
    else if (ok && json_object_array_length(values) >= VALUES_MAX)
        ok = lose(w, row, "beyond the first 1000 values of the figure");
    else if (ok)
        ok = json_add(values, json_object_get(number));
    buf_fini(&name);
    return ok;
}

static bool is_number(const struct json_object *value)
{
    return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
}

static bool take_leaf(struct walk *w, struct json_object *value)
{
    if (value == NULL)
        return true; /* null says nothing */
    const struct old_member *row = member_of(w);
    if (row == NULL)
        return lose(w, NULL, "no version of that program is known to write it");
    if (row->home == OLD_KEPT)
        return lose(w, row, row->text);
    if (row->home == OLD_TYPED)
        return true;
    if (!is_number(value) || w->figures == NULL)
        return lose(w, NULL, "not a number");
    return add_value(w, row, value);
}

static bool take(struct walk *w, struct json_object *value);

static bool take_member(struct walk *w, const char *key, struct json_object *value)
{
    size_t len = w->pointer.len;
    if (json_pointer_append(&w->pointer, key) != STATUS_OK)
        return false;
    bool ok = take(w, value);
    w->pointer.len = len;
    w->pointer.data[len] = '\0';
    return ok;
}

static bool take(struct walk *w, struct json_object *value)
{
    bool ok = true;
    if (json_object_is_type(value, json_type_object) && json_object_object_length(value) > 0) {
        json_object_object_foreach(value, key, member) ok = ok && take_member(w, key, member);
        return ok;
    }
    if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0)
        return take_leaf(w, value);
    for (size_t i = 0; i < json_object_array_length(value) && ok; i++)
        ok = take_member(w, "#", json_object_array_get_idx(value, i));
    return ok;
}

bool old_members_take(struct migration *m, const struct old_member *members, struct json_object *part,
    const char *prefix, struct json_object *figures)
{
    struct walk w = {.m = m, .members = members, .prefix = prefix, .figures = figures};
    buf_init(&w.pointer, (size_t)1 << 24);
    bool ok = buf_append_text(&w.pointer, "") == STATUS_OK && take(&w, part);
    buf_fini(&w.pointer);
    return ok;
}
