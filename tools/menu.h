/*
 * menu.h - a list of things to tick in a terminal, in groups: what it holds, what a key does, how it looks.
 * Nothing here touches a terminal (menu_terminal.h does), so tests press keys and read the picture.
 *
 *     struct menu m = {0};
 *     menu_add(&m, "Models", "llama3:8b", true);
 *     menu_press(&m, MENU_DOWN);
 *     menu_press(&m, ' ');
 *     menu_draw(&m, &(struct menu_look){.rows = 24, .columns = 80, .footer = "12 tests"}, &picture);
 *     menu_fini(&m);
 */
#ifndef ASSAY_MENU_H
#define ASSAY_MENU_H

#include "buf.h"

enum menu_end { MENU_OPEN, MENU_ACCEPTED, MENU_LEFT };

struct menu_item {
    const char *group; /* borrowed; items of one group stand together */
    char *text;        /* owned, safe to show */
    bool ticked;
};

struct menu {
    struct menu_item *items;
    size_t count, cursor, top; /* top: first line of the picture's body */
    char filter[64];           /* text that shown items contain; "" for all */
    bool filtering;            /* keys go into the filter */
    enum menu_end end;
};

/* Keys that are no character. */
enum menu_key {
    MENU_UP = 1000,
    MENU_DOWN,
    MENU_PAGE_UP,
    MENU_PAGE_DOWN,
    MENU_FIRST,
    MENU_LAST,
    MENU_ESCAPE,
};

struct menu_look {
    int rows, columns;
    bool colour;
    const char *title, *footer;
};

enum status menu_add(struct menu *menu, const char *group, const char *text, bool ticked) ASSAY_MUST_CHECK;
void menu_fini(struct menu *menu);

/* Up, down (k, j), page, first, last; blank ticks, a ticks all that are shown or none, / filters, Enter
 * accepts, q leaves. True where a tick changed. */
bool menu_press(struct menu *menu, int key);

/* The key at the start of what was read: its length, 0 where more is to come. more: whether anything can
 * come, so that a lone escape is told from the start of a sequence. */
size_t menu_read_key(const char *bytes, size_t len, bool more, int *key);

/* The whole picture, line ends "\r\n", every line within the columns; keeps the cursor in sight. */
enum status menu_draw(struct menu *menu, const struct menu_look *look, struct buf *out) ASSAY_MUST_CHECK;

#endif
