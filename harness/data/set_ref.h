/*
 * set_ref.h - public sets by name: what the user wrote, and what is known of it.
 *
 *     imdb   imdb:train   hallusionbench   awesome-chatgpt-prompts@main
 *     hf:OWNER/NAME[:SPLIT][@REVISION][#prompt=COLUMN,answer=COLUMN,image=COLUMN,kind=KIND,config=CONFIG,file=PATH]
 *
 *     if (set_ref_is_one("imdb")) ...                         // rather than a path
 *     struct set_ref ref;
 *     if (set_ref_parse("imdb:train", &ref, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_SET_REF_H
#define ASSAY_SET_REF_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

/* How rows become tasks. */
enum set_kind {
    SET_UNKNOWN, /* text where there is an answer, else none */
    SET_NONE,    /* no reference: asked for its speed alone */
    SET_TEXT,
    SET_NUMBER,
    SET_CHOICE, /* one of set_known.options */
    SET_YES_NO,
};

/* One that users know, as a row of a table. Columns: NULL is none. */
struct set_known {
    const char *name, *about;
    const char *dataset, *config, *split; /* on the hub; config NULL: the only one */
    const char *file;                     /* a file of the dataset instead of its rows: "prompts.csv" */
    const char *prompt, *answer, *image;  /* columns */
    enum set_kind kind;
    const char *before, *after; /* around the prompt */
    const char *const *options; /* of SET_CHOICE, NULL-terminated: how the model is to say it */
    const char *const *labels;  /* how the column says it, in the same order */
    int max_tokens;             /* 0: what is usual */
    int count;                  /* rows where the user names no number */
    bool spread;                /* the rows are sorted by their answer: taken from all over the split */
};
extern const struct set_known set_table[]; /* ends with name NULL */

struct set_ref {
    char text[320];         /* as given */
    char category[64];      /* of the tasks: [a-z0-9_] */
    struct set_known known; /* the row of the table, or made up; its texts may point into `own` */
    char revision[80];      /* "" without */
    char own[7][160];
};

/* "hf:..." or a name of the table. */
bool set_ref_is_one(const char *text);

/* STATUS_USAGE with what is wrong. ref must not be copied: it points into itself. */
enum status set_ref_parse(const char *text, struct set_ref *ref, struct error *e) ASSAY_MUST_CHECK;

#endif
