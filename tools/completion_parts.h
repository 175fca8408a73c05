/*
 * completion_parts.h - what the scripts of all shells need to know of options and operands.
 */
#ifndef ASSAY_COMPLETION_PARTS_H
#define ASSAY_COMPLETION_PARTS_H

#include "buf.h"
#include "verb.h"

/* What may stand somewhere; several may. */
enum completion_kind {
    COMPLETE_FILES = 1,
    COMPLETE_FOLDERS = 2,
    COMPLETE_RUNS = 4,
    COMPLETE_TESTS = 8, /* of the run before it */
    COMPLETE_COMMANDS = 16,
};

struct completion_value {
    unsigned kinds;
    const char *words; /* "ours|always", or NULL */
    const char *asked; /* "cases": what the program is asked for, or NULL */
};

/* The value of an option; a flag's is empty. */
struct completion_value completion_value_of(const struct opt *o);

/* True where the option must have a value, so that the next word is one. */
bool completion_takes_value(const struct opt *o);

enum { COMPLETION_OPERANDS_MAX = 4 };

struct completion_operands {
    struct completion_value at[COMPLETION_OPERANDS_MAX];
    size_t count;
    bool repeats; /* the last may come again */
    bool command; /* behind "--" stands a command */
};

/* What opt_usage.operands says: "RUN TEST", "FILE...|-", "[RUN] [-- COMMAND...]". */
struct completion_operands completion_operands_of(const char *operands);

/* The first clause of what --help says of an option, for a line in a menu. */
void completion_brief(const struct opt *o, struct buf *text);

/* text in '...' for a shell; fish quotes in another way than bash and zsh. */
void completion_quote(const char *text, bool fish, struct buf *script);

/* "a|b" -> "a b", each word for itself: words of ours need no quotes. */
void completion_spread(const char *words, struct buf *script);

/* The parts of the scripts that hold for all verbs: the files of tools/completion/, in the program. */
struct completion_file {
    const char *name, *text;
    size_t len;
};

extern const struct completion_file completion_files[]; /* ends with name NULL */

const char *completion_text(const char *name);

void completion_write_bash(const struct verb *const *verbs, struct buf *script);
void completion_write_zsh(const struct verb *const *verbs, struct buf *script);
void completion_write_fish(const struct verb *const *verbs, struct buf *script);

#endif
