/*
 * menu_terminal.h - a menu (menu.h) on the terminal of standard input and output.
 *
 * The terminal is put back in every case: accepted, left, an error, and a signal that ends the program
 * (INT, TERM, HUP, QUIT), which is raised again once it is back.
 *
 *     if (menu_on_terminal(&menu, "What shall be measured?", footer, arg, &why) == STATUS_OK &&
 *         menu.end == MENU_ACCEPTED) ...
 */
#ifndef ASSAY_MENU_TERMINAL_H
#define ASSAY_MENU_TERMINAL_H

#include "menu.h"

/* The words below the list, asked for again whenever a tick changed. */
typedef void (*menu_footer_fn)(const struct menu *menu, char *words, size_t size, void *arg);

/* STATUS_USAGE where standard input or output is no terminal. */
enum status menu_on_terminal(
    struct menu *menu, const char *title, menu_footer_fn footer, void *arg, struct error *e) ASSAY_MUST_CHECK;

#endif
