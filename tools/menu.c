#include "menu.h"

#include "model_table.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum status menu_add(struct menu *m, const char *group, const char *text, bool ticked)
{
    struct buf clean = BUF_INIT(4096);
    text_sanitise_line(&clean, text, strlen(text), 300);
    struct menu_item *items = realloc(m->items, (m->count + 1) * sizeof *items);
    char *copy = items ? strdup(buf_text(&clean)) : NULL;
    buf_fini(&clean);
    if (items)
        m->items = items;
    if (!copy)
        return STATUS_NO_MEMORY;
    m->items[m->count++] = (struct menu_item){group, copy, ticked};
    return STATUS_OK;
}

void menu_fini(struct menu *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->items[i].text);
    free(m->items);
    *m = (struct menu){0};
}

/* ---- keys ---- */

static bool is_shown(const struct menu *m, size_t i)
{
    return !m->filter[0] || strcasestr(m->items[i].text, m->filter) != NULL;
}

/* The cursor goes on by steps among what is shown; it stays where there is nothing further. */
static void move(struct menu *m, long steps)
{
    size_t at = m->cursor;
    while (steps != 0) {
        size_t next = steps > 0 ? at + 1 : at - 1; /* below 0 it is beyond the count */
        if (next >= m->count)
            break;
        at = next;
        if (is_shown(m, at)) {
            m->cursor = at;
            steps += steps > 0 ? -1 : 1;
        }
    }
}

static void keep_on_shown(struct menu *m)
{
    if (m->count > 0 && is_shown(m, m->cursor))
        return;
    size_t before = m->cursor;
    move(m, 1);
    if (m->cursor == before)
        move(m, -1);
}

static bool toggle(struct menu *m)
{
    if (m->cursor >= m->count || !is_shown(m, m->cursor))
        return false;
    m->items[m->cursor].ticked = !m->items[m->cursor].ticked;
    return true;
}

/* All that are shown of the cursor's group; where all are ticked, none. */
static bool toggle_all(struct menu *m)
{
    bool all = true;
    if (m->count == 0)
        return false;
    const char *group = m->items[m->cursor].group;
    for (size_t i = 0; i < m->count; i++)
        if (is_shown(m, i) && strcmp(m->items[i].group, group) == 0)
            all &= m->items[i].ticked;
    for (size_t i = 0; i < m->count; i++)
        if (is_shown(m, i) && strcmp(m->items[i].group, group) == 0)
            m->items[i].ticked = !all;
    return true;
}

static void edit_filter(struct menu *m, int key)
{
    size_t n = strlen(m->filter);
    if (key == '\r' || key == '\n' || key == MENU_ESCAPE) {
        m->filtering = false;
        if (key == MENU_ESCAPE)
            m->filter[0] = '\0';
    } else if ((key == 127 || key == '\b') && n > 0) {
        m->filter[n - 1] = '\0';
    } else if (key >= ' ' && key < 127 && n + 1 < sizeof m->filter) {
        m->filter[n] = (char)key;
        m->filter[n + 1] = '\0';
    }
    keep_on_shown(m);
}

bool menu_press(struct menu *m, int key)
{
    static const struct {
        int key;
        long steps;
    } moves[] = {{MENU_UP, -1}, {'k', -1}, {MENU_DOWN, 1}, {'j', 1}, {MENU_PAGE_UP, -10},
        {MENU_PAGE_DOWN, 10}, {MENU_FIRST, -1000000}, {'g', -1000000}, {MENU_LAST, 1000000}, {'G', 1000000}};
    bool arrow = key >= MENU_UP && key <= MENU_LAST;
    if (m->filtering && !arrow) {
        edit_filter(m, key);
        return false;
    }
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].key == key)
            move(m, moves[i].steps);
    if (key == '\r' || key == '\n')
        m->end = MENU_ACCEPTED;
    else if (key == 'q' || key == 3) /* Ctrl-C */
        m->end = MENU_LEFT;
    else if (key == '/')
        m->filtering = true;
    else if (key == MENU_ESCAPE)
        edit_filter(m, key);
    return key == ' ' ? toggle(m) : key == 'a' ? toggle_all(m) : false;
}

static const struct {
    const char *bytes; /* behind the escape */
    int key;
} sequences[] = {{"[A", MENU_UP}, {"[B", MENU_DOWN}, {"OA", MENU_UP}, {"OB", MENU_DOWN},
    {"[5~", MENU_PAGE_UP}, {"[6~", MENU_PAGE_DOWN}, {"[H", MENU_FIRST}, {"[F", MENU_LAST}, {"OH", MENU_FIRST},
    {"OF", MENU_LAST}, {"[1~", MENU_FIRST}, {"[4~", MENU_LAST}};

/* An unknown sequence is dropped as a whole: up to its final letter or '~'. */
static size_t skip_sequence(const char *bytes, size_t len)
{
    size_t i = 2;
    if (len < 2 || (bytes[1] != '[' && bytes[1] != 'O'))
        return 1;
    while (i < len && (unsigned char)bytes[i] < 0x40)
        i++;
    return i < len ? i + 1 : 0;
}

size_t menu_read_key(const char *bytes, size_t len, bool more, int *key)
{
    *key = 0;
    if (len == 0)
        return 0;
    if (bytes[0] != '\x1b') {
        *key = (unsigned char)bytes[0];
        return 1;
    }
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        size_t n = strlen(sequences[i].bytes);
        if (len > n && memcmp(bytes + 1, sequences[i].bytes, n) == 0) {
            *key = sequences[i].key;
            return n + 1;
        }
    }
    if (len == 1) {
        *key = MENU_ESCAPE;
        return more ? 0 : 1;
    }
    size_t n = skip_sequence(bytes, len);
    if (n == 1)
        *key = MENU_ESCAPE;
    return n == 0 && !more ? len : n;
}

/* ---- the picture ---- */

enum { LINES_AROUND = 4 }; /* title, filter, footer, keys */

static void put_line(struct buf *out, const char *text, const struct menu_look *look, const char *style)
{
    if (look->colour && style)
        buf_append_text(out, style);
    model_table_append_cut(out, text, look->columns - 1, false);
    if (look->colour && style)
        buf_append_text(out, "\x1b[0m");
    buf_append_text(out, "\x1b[K\r\n");
}

static void put_item(const struct menu *m, size_t i, const struct menu_look *look, struct buf *out)
{
    char line[512];
    bool here = i == m->cursor;
    snprintf(line, sizeof line, "%s [%c] %.480s", here ? ">" : " ", m->items[i].ticked ? 'x' : ' ',
        m->items[i].text);
    put_line(out, line, look, here ? "\x1b[7m" : NULL);
}

/* One line of the body: a group's head, or an item. */
struct row {
    size_t item;
    bool head;
};

static size_t list_rows(const struct menu *m, struct row *rows, size_t *cursor_row)
{
    size_t n = 0;
    const char *group = NULL;
    *cursor_row = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (!is_shown(m, i))
            continue;
        if (!group || strcmp(group, m->items[i].group) != 0)
            rows[n++] = (struct row){i, true};
        group = m->items[i].group;
        if (i == m->cursor)
            *cursor_row = n;
        rows[n++] = (struct row){i, false};
    }
    return n;
}

static void put_head(const struct menu *m, size_t first, const struct menu_look *look, struct buf *out)
{
    char line[128];
    size_t ticked = 0, all = 0;
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->items[i].group, m->items[first].group) == 0)
            all++, ticked += m->items[i].ticked;
    snprintf(line, sizeof line, "%s (%zu of %zu)", m->items[first].group, ticked, all);
    put_line(out, line, look, "\x1b[1m");
}

static void put_body(struct menu *m, const struct menu_look *look, struct row *rows, struct buf *out)
{
    size_t cursor_row, count = list_rows(m, rows, &cursor_row);
    size_t height = look->rows > LINES_AROUND + 1 ? (size_t)(look->rows - LINES_AROUND) : 1;
    if (cursor_row < m->top + 1)
        m->top = cursor_row > 0 && height > 1 ? cursor_row - 1 : cursor_row; /* its head with it */
    if (cursor_row >= m->top + height)
        m->top = cursor_row - height + 1;
    if (m->top + height > count)
        m->top = count > height ? count - height : 0;
    for (size_t i = m->top; i < count && i < m->top + height; i++) {
        if (rows[i].head)
            put_head(m, rows[i].item, look, out);
        else
            put_item(m, rows[i].item, look, out);
    }
    if (count == 0)
        put_line(out, "  (nothing contains this; Esc shows all)", look, NULL);
}

enum status menu_draw(struct menu *m, const struct menu_look *look, struct buf *out)
{
    char line[128];
    struct row *rows = calloc(2 * m->count + 1, sizeof *rows);
    if (!rows)
        return STATUS_NO_MEMORY;
    buf_append_text(out, "\x1b[H");
    put_line(out, look->title ? look->title : "", look, "\x1b[1m");
    put_body(m, look, rows, out);
    free(rows);
    snprintf(line, sizeof line, "/%s%s", m->filter, m->filtering ? "_" : "");
    put_line(out, m->filtering || m->filter[0] ? line : "", look, NULL);
    put_line(out, look->footer ? look->footer : "", look, NULL);
    /* No line end behind the last line: it would scroll. */
    model_table_append_cut(out,
        m->filtering ? "type to filter, Enter keeps it, Esc drops it"
                     : "up/down move, space tick, a all of a group, / filter, Enter run, q quit",
        look->columns - 1, false);
    buf_append_text(out, "\x1b[K\x1b[J");
    return buf_status(out);
}
