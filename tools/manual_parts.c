#include "manual_parts.h"

#include "roff.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void manual_write_head(struct buf *page, const char *name, const char *date, const char *summary)
{
    char title[64], version[64];
    (void)snprintf(title, sizeof title, "%s", name);
    for (char *c = title; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    (void)snprintf(version, sizeof version, "assay %s", ASSAY_VERSION);
    (void)buf_append_text(page, ".TH \"");
    roff_text(page, title);
    (void)buf_printf(page, "\" 1 \"%s\" \"%s\" \"User Commands\"\n.nh\n.ad l\n", date, version);
    roff_macro(page, "SH", "NAME");
    roff_text(page, name);
    (void)buf_append_text(page, " \\- ");
    roff_text(page, summary);
    (void)buf_append_char(page, '\n');
}

void manual_write_item(struct buf *page, const char *name, size_t name_len, const char *text, size_t len)
{
    (void)buf_append_text(page, ".TP\n\\fB");
    roff_append(page, name, name_len);
    (void)buf_append_text(page, "\\fR\n");
    roff_fill(page, text, len);
}

bool manual_write_facts(
    struct buf *page, const char *heading, const struct manual_fact *facts, const char *verb, bool open)
{
    for (const struct manual_fact *f = facts; f->name != NULL; f++) {
        if (verb != NULL && !manual_fact_is_of(f, verb))
            continue;
        if (!open)
            roff_macro(page, "SH", heading);
        open = true;
        manual_write_item(page, f->name, strlen(f->name), f->text, strlen(f->text));
    }
    return open;
}
