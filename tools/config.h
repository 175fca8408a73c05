/*
 * config.h - what the command line does not say: assay.yaml, .env and the environment.
 *
 * defaults < assay.yaml < .env < environment < command line. An option --max-tokens is the key max_tokens of
 * assay.yaml and the variable ASSAY_MAX_TOKENS; a list option --model is models: [a, b] and
 * ASSAY_MODELS="a b". Variables of .env are put into the environment of this process where they are not set
 * there already, so keys that it holds reach requests and nothing else.
 *
 *     struct config config;
 *     struct config_origins origins;
 *     if (config_open(NULL, &config, &why) != STATUS_OK ||
 *         config_apply(&config, table, &options, &origins, &why) != STATUS_OK) return verb_fail("run", &why);
 *     ... the command line is applied after it: opt_parse_layer ...
 *     config_fini(&config);                          // options borrow texts from it
 */
#ifndef ASSAY_CONFIG_H
#define ASSAY_CONFIG_H

#include "dotenv.h"
#include "opt.h"
#include "target.h"
#include "transport_options.h"
#include "yamldoc.h"

#define CONFIG_FILE "assay.yaml"
#define CONFIG_NONE "none" /* as a path: no file, no .env */

#define CONFIG_COMMAND_LINE "command line" /* as an origin */

enum { CONFIG_WORDS_MAX = 256 };

struct config {
    struct yamldoc file;
    struct dotenv env;
    bool *from_env;                /* which entries of env were put into the environment */
    char *words[CONFIG_WORDS_MAX]; /* texts that options borrow, owned */
    size_t word_count;
};

/* Where each row of an option table got its value; "" is the default. */
struct config_origins {
    char rows[OPT_TABLE_MAX][320]; /* "assay.yaml:4", ".env:2", "environment ASSAY_REPEATS", "command line" */
};

/* path: NULL for ASSAY_CONFIG, else ./assay.yaml where it exists; CONFIG_NONE for nothing at all.
 * STATUS_INVALID names file, line, key. */
enum status config_open(const char *path, struct config *config, struct error *e) ASSAY_MUST_CHECK;
void config_fini(struct config *config); /* also of a zeroed one */

/* Applies file and environment to the options of a table; keys of the file that the table lacks are not for
 * it. */
enum status config_apply(struct config *config, const struct opt *table, void *options,
    struct config_origins *origins, struct error *e) ASSAY_MUST_CHECK;

/*
 * The start of a verb that is configurable, as verb_begin for the others: help printed, or all layers
 * applied, or the error printed. config is to be closed in every case.
 */
bool config_begin(const struct opt_usage *usage, const struct opt *table, void *options, int argc,
    char **argv, int *first_operand, int *exit_code, struct config *config, struct config_origins *origins);

/* What assay.yaml says of one target beside its URL; all of it owned. */
struct config_target {
    char *name, *api_key; /* NULL: none */
    struct http_transport transport;
};

/*
 * What assay.yaml gives to the target with this URL, over what the options say of all targets (usual; NULL:
 * nothing). STATUS_NOT_FOUND: the variable or file of a key or a header is not there. said is to be closed in
 * every case.
 */
enum status config_target(const struct config *config, const char *url, const struct transport_options *usual,
    struct config_target *said, struct error *e) ASSAY_MUST_CHECK;
void config_target_fini(struct config_target *said); /* also of a zeroed one; overwrites what is secret */

#endif
