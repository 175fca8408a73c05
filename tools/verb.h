/*
 * verb.h - what a sub-command of `assay` is. One file per verb: tools/cmd_<verb>.c defines
 * `const struct verb cmd_<verb>`; tools/verbs.c lists them all.
 *
 *     static int sim_main(int argc, char **argv);      // argv[0] is the verb
 *     const struct verb cmd_sim = {.name = "sim",
 *         .summary = "play a simulated model server",
 *         .usage = &usage,                         // what verb_begin gets
 *         .options = options,
 *         .main = sim_main};
 *
 * main returns the exit code: 0 fine, 1 the thing checked is bad, 2 usage or configuration, 3 cannot judge,
 * 4 assay itself could not do its work, 77 skipped, 128 + signal.
 */
#ifndef ASSAY_VERB_H
#define ASSAY_VERB_H

#include "opt.h"

enum exit_code {
    EXIT_FINE = 0,
    EXIT_BAD = 1,
    EXIT_USAGE = 2,
    EXIT_CANNOT_JUDGE = 3,
    EXIT_OWN_FAILURE = 4,
    EXIT_SKIPPED = 77,
};

/* The headings of `assay --help`. */
enum verb_group { VERB_MEASURE, VERB_RESULTS, VERB_TOOLS, VERB_GROUP_COUNT };

const char *verb_group_heading(enum verb_group group);

struct verb {
    const char *name;
    const char *summary; /* for `assay --help`, one line */
    enum verb_group group;
    bool hidden; /* internal verbs that CTest calls */
    const struct opt_usage
        *usage; /* of `assay VERB --help`; manual pages and completions are made of it too */
    const struct opt *options;
    int (*main)(int argc, char **argv);
};

/* The one of this name, or NULL. */
const struct verb *verb_find(const struct verb *const *verbs, const char *name);

/* All verbs, in the order of `assay --help`; ends with a NULL pointer. */
extern const struct verb *const verbs_all[];

/* To stdout, in the name of this program. */
void verb_print_help(const struct opt_usage *usage, const struct opt *table);

/*
 * The common start of every verb: --help printed and *exit_code = 0, or options parsed, or the error printed
 * with a hint and *exit_code = 2. True if the verb should go on.
 */
bool verb_begin(const struct opt_usage *usage, const struct opt *table, void *options, int argc, char **argv,
    int *first_operand, int *exit_code);

/*
 * For a verb that takes no operands: false where there are none; else it is refused, with what was probably
 * meant where it looks like a server, and *exit_code is 2.
 */
bool verb_refuses_operand(
    const struct opt_usage *usage, int argc, char **argv, int first_operand, int *exit_code);

/*
 * Writes out what stands in stdout's buffer. 0: all of it was written, at any time; else the errno of what was not, -1
 * where nobody knows it any more, EPIPE where whoever read it has gone (`| head`), which is nothing to complain about.
 * The program asks at its end and says so; a verb asks where its exit code depends on it.
 */
int verb_output_failure(void);

/* Prints "assay <verb>: <error>" to stderr and returns the exit code that fits the status. */
int verb_fail(const char *verb, struct error *e);

#endif
