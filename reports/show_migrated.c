#include "show_migrated.h"

#include "migrated.h"
#include "show_text.h"

#include "json.h"
#include "line_check.h"

#include <stdio.h>
#include <string.h>

static void show_figures(struct buf *out, struct json_object *figures)
{
    buf_append_text(
        out, "\nFigures by the original's definitions: the median (least to most) of its values\n");
    for (size_t i = 0; i < json_object_array_length(figures); i++) {
        struct json_object *figure = json_object_array_get_idx(figures, i);
        struct buf text = BUF_INIT(4096);
        const char *name = json_get_text(figure, "/name"), *definition = json_get_text(figure, "/definition");
        migrated_append_figure(figure, &text);
        buf_append_text(out, "  ");
        show_safe(out, name ? name : "?", strlen(name ? name : "?"), 100);
        buf_append_text(out, ": ");
        show_safe(out, buf_text(&text), text.len, 200);
        buf_append_text(out, "\n    ");
        show_safe(out, definition ? definition : "", strlen(definition ? definition : ""), 1000);
        buf_append_char(out, '\n');
        buf_fini(&text);
    }
}

/* "timestamp: when that program wrote the file" */
static void show_derived(struct buf *out, struct json_object *derived)
{
    buf_append_text(out, "\nDerived\n");
    json_object_object_foreach(derived, member, how)
    {
        const char *text = json_object_get_string(how);
        buf_append_text(out, "  ");
        show_safe(out, member, strlen(member), 100);
        buf_append_text(out, ": ");
        show_safe(out, text ? text : "", strlen(text ? text : ""), 1000);
        buf_append_char(out, '\n');
    }
}

static void show_notes(struct buf *out, struct json_object *notes)
{
    for (size_t i = 0; i < json_object_array_length(notes); i++) {
        const char *text = line_item_text(notes, i);
        buf_append_text(out, i ? "  " : "\nNotes\n  ");
        show_safe(out, text, strlen(text), 1000);
        buf_append_char(out, '\n');
    }
}

static void show_original(struct buf *out, const struct json_object *original, bool all)
{
    struct buf text = BUF_INIT(SHOW_TEXT_SHOWN_ALL);
    if (json_write_pretty(original, &text, NULL) == STATUS_OK) {
        buf_append_char(out, '\n');
        show_block(out, "original", buf_text(&text), text.len, all ? SHOW_TEXT_SHOWN_ALL : 4096);
    }
    buf_fini(&text);
}

bool show_migrated(struct buf *out, const struct json_object *record, bool all)
{
    const struct json_object *migrated = json_get_object(record, "/metadata/migrated");
    struct json_object *part;
    if (!migrated)
        return false;
    buf_append_text(out, "\nMigrated: assay did not measure this; what is not said is unknown\n");
    show_row(out, "from", json_get_text(migrated, "/from"));
    show_row(out, "version", json_get_text(migrated, "/version"));
    show_row(out, "file", json_get_text(migrated, "/file"));
    show_row_count(out, "line", json_get_object(migrated, ""), "/line");
    show_row(out, "part", json_get_text(migrated, "/pointer"));
    show_row(out, "sha256", json_get_text(migrated, "/sha256"));
    if ((part = json_get_object(migrated, "/derived")) != NULL)
        show_derived(out, part);
    if ((part = json_get_array(migrated, "/notes")) != NULL)
        show_notes(out, part);
    if ((part = json_get_array(migrated, "/figures")) != NULL)
        show_figures(out, part);
    if ((part = json_get(migrated, "/original")) != NULL)
        show_original(out, part, all);
    return true;
}
