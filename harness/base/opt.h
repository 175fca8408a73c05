/*
 * opt.h - one table per command: parser, --help and documentation all walk it.
 *
 *     struct sim_options { int port; const char *scenario; bool verbose; int64_t for_ns; };
 *     static const struct opt options[] = {
 *         {"port", 'p', OPT_INT, offsetof(struct sim_options, port), "N", "port, 0 = any free one", .min = 0,
 *          .max = 65535},
 *         {"scenario", 0, OPT_TEXT, offsetof(struct sim_options, scenario), "FILE", "scenario to play"},
 *         {"for", 0, OPT_DURATION, offsetof(struct sim_options, for_ns), "TIME", "stop after this time"},
 *         {0},
 *     };
 *     struct sim_options o = {.port = 0};          // defaults are what stands there before
 *     enum status s = opt_parse(options, &o, argc, argv, &first_operand, &why);
 *
 * GNU long options: --name VALUE, --name=VALUE, --no-name for a flag, -n VALUE, "--" ends options, operands
 * may stand between options. A row with `optional` is a flag that may have a value, behind "=" only: --name,
 * --name=VALUE, --no-name. An unknown name is answered with the nearest known one. Values point into argv:
 * nothing is copied.
 */
#ifndef ASSAY_OPT_H
#define ASSAY_OPT_H

#include "buf.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum opt_kind {
    OPT_FLAG,     /* bool */
    OPT_INT,      /* int64_t, within min and max where max > min */
    OPT_REAL,     /* double, within min and max where max > min */
    OPT_TEXT,     /* const char * */
    OPT_DURATION, /* int64_t ns; text_parse_duration_ns */
    OPT_BYTES,    /* int64_t; text_parse_bytes */
    OPT_LIST,     /* struct opt_list: the option may be given several times; a comma does not split */
};

#define OPT_NONE (-1) /* the value of an optional row that is switched off */

#define OPT_LIST_MAX 64
struct opt_list {
    const char *items[OPT_LIST_MAX];
    size_t count;
};

struct opt {
    const char *name; /* long name without dashes; NULL ends the table */
    char letter;      /* short name, or 0 */
    enum opt_kind kind;
    size_t offset;    /* of the field in the options struct: offsetof() */
    const char *arg;  /* how help names the value; NULL for a flag */
    const char *help; /* one line, lower case, no full stop */
    double min, max;  /* OPT_INT, OPT_REAL */
    bool optional;    /* OPT_INT, OPT_DURATION: --name alone is `alone`, --no-name is OPT_NONE */
    int64_t alone;
    bool hidden;        /* works, but is not shown in --help */
    bool positive;      /* OPT_DURATION: 0 is refused */
    bool flag_only;     /* has no place in a configuration file or the environment (opt_key) */
    const char *values; /* what a shell offers for the value: words with "|" between them, or NULL */
};

/* The words of a command's --help. */
struct opt_usage {
    const char *program;  /* NULL: "assay" */
    const char *verb;     /* "sim" */
    const char *operands; /* "RUN...", or "" */
    const char *summary;  /* one sentence */
    const char *details;  /* paragraphs (their lines are joined and wrapped), and examples: lines that begin
                             with a  blank stay as they are; or NULL */
};

/*
 * STATUS_OK and operands gathered behind the options: argv[*first_operand .. argc-1] (argv is permuted, the
 * strings are not touched). STATUS_USAGE with a sentence that names the option. --help is not handled here:
 * see opt_help_asked.
 */
enum status opt_parse(const struct opt *table, void *options, int argc, char **argv, int *first_operand,
    struct error *e) ASSAY_MUST_CHECK;

/*
 * One layer of several that lie over each other (file, environment, command line): seen[i] is raised for the
 * i-th row that this layer sets, and the first value of a list drops those of the layers below.
 */
#define OPT_TABLE_MAX 64
enum status opt_parse_layer(const struct opt *table, void *options, int argc, char **argv, int *first_operand,
    bool *seen, struct error *e) ASSAY_MUST_CHECK;

/* One value by the option's name, as --name=value would; a flag takes true, false, yes, no, 1 and 0, an
 * optional value the same words but 1. */
enum status opt_set(const struct opt *table, void *options, const char *name, const char *value, bool *seen,
    struct error *e) ASSAY_MUST_CHECK;

/*
 * How a configuration file names the option: "max-tokens" -> "max_tokens", the list "model" -> "models", "modality" ->
 * "modalities".
 * Writes at most size bytes.
 */
void opt_key(const struct opt *o, char *key, size_t size);

/* What --help says of an option: its words, its range as far as that tells anything, that it may be repeated. */
void opt_describe(const struct opt *o, struct buf *text);

/* A summary as a sentence: "play a server" -> "Play a server." */
void opt_write_sentence(const char *summary, struct buf *text);

/* A part of opt_usage.details. */
struct opt_block {
    const char *text;
    size_t len;
    bool as_is; /* an example, a row of a list, an empty line: one line; else a paragraph, to be wrapped */
};

/* Takes the next part off *details; false at the end. */
bool opt_next_block(const char **details, struct opt_block *block);

bool opt_help_asked(int argc, char **argv); /* --help or -h before "--" */
void opt_print_help(FILE *out, const struct opt_usage *usage, const struct opt *table);

/* Columns to wrap at: the terminal's, within 40 and 100, or 80 where out is none. */
int opt_help_width(FILE *out);

/* Prints text wrapped at width, the first line from `column` on (already printed up to there), later ones
 * indented. */
void opt_print_wrapped(FILE *out, const char *text, size_t len, int column, int indent, int width);

#endif
