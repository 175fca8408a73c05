/* The program, with assay's cases or another's: finds the verb and hands over. */
#include "assay.h"

#include "one_check.h"
#include "program_suite.h"
#include "verb.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *nearest_verb(const char *name)
{
    const char *nearest = NULL;
    size_t distance, best = (size_t)-1;
    for (size_t i = 0; verbs_all[i] != NULL; i++) {
        if (!verbs_all[i]->hidden && text_is_near(name, verbs_all[i]->name, &distance) && distance < best) {
            nearest = verbs_all[i]->name;
            best = distance;
        }
    }
    return nearest;
}

static void print_group(FILE *out, enum verb_group group, int width)
{
    bool any = false;
    for (size_t i = 0; verbs_all[i] != NULL; i++) {
        const struct verb *v = verbs_all[i];
        if (v->hidden || v->group != group)
            continue;
        if (!any)
            fprintf(out, "\n%s:\n", verb_group_heading(group));
        any = true;
        int column = fprintf(out, "  %-11s ", v->name);
        opt_print_wrapped(out, v->summary, strlen(v->summary), column, 14, width);
    }
}

static void print_help(FILE *out)
{
    fprintf(out,
        "Usage: %s VERB [options]\n\nA benchmark suite for AI model servers that knows its own error.\n",
        program_name());
    for (int group = 0; group < VERB_GROUP_COUNT; group++)
        print_group(out, (enum verb_group)group, opt_help_width(out));
    fprintf(out, "\n`%s VERB --help` or `%s help VERB` tells more.\n", program_name(), program_name());
}

static void print_version(void)
{
    const struct assay_suite *suite = program_suite();
    if (suite->name)
        printf("%s %s (assay %s)\n", suite->name, suite->version ? suite->version : "without a version",
            ASSAY_VERSION);
    else
        printf("assay %s\n", ASSAY_VERSION);
}

static int unknown_verb(const char *name)
{
    struct buf shown = BUF_INIT(256);
    const char *nearest = nearest_verb(name);
    (void)text_sanitise(&shown, name, strlen(name), 64);
    if (name[0] == '-')
        fprintf(stderr, "%s: there is no option %s before the verb; see %s --help\n", program_name(),
            buf_text(&shown), program_name());
    else if (nearest != NULL)
        fprintf(stderr, "%s: there is no verb \"%s\"; did you mean \"%s\"?\n", program_name(),
            buf_text(&shown), nearest);
    else
        fprintf(stderr, "%s: there is no verb \"%s\"; see %s --help\n", program_name(), buf_text(&shown),
            program_name());
    buf_fini(&shown);
    return EXIT_USAGE;
}

static int run_verb(int argc, char **argv)
{
    const struct verb *verb = verb_find(verbs_all, argv[0]);
    return verb != NULL ? verb->main(argc, argv) : unknown_verb(argv[0]);
}

static int dispatch(int argc, char **argv)
{
    static char help_option[] = "--help";
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    bool asks_help =
        strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    if (asks_help && argc > 2) {
        char *help_of[] = {argv[2], help_option, NULL};
        return run_verb(2, help_of);
    }
    if (asks_help)
        print_help(stdout);
    else if (strcmp(argv[1], "--version") == 0)
        print_version();
    else
        return run_verb(argc - 1, argv + 1);
    return EXIT_FINE;
}

/* A descriptor that the caller closed would be given to the next file opened, and our words would go into it.
 * What is put in its place fails as a closed one does. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void nothing(int signal_number)
{
    (void)signal_number;
}

/* A lost reader and a file grown to its limit (ulimit -f) are errors of write(). A handler, not SIG_IGN:
 * programs that we start get the default back. */
static void catch_signals_of_write(void)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL);
}

/* What could not be written to standard output (a full disk) must not look like success. */
static int finish_output(int code)
{
    int failure = verb_output_failure();
    if (failure == 0)
        return code;
    if (failure == EPIPE)
        return 128 + SIGPIPE; /* `assay list | head`: no complaint */
    fprintf(stderr, "assay: standard output could not be written: %s\n",
        failure > 0 ? strerror(failure) : "not all of it arrived");
    return code == EXIT_FINE ? EXIT_OWN_FAILURE : code;
}

int assay_main(int argc, char **argv, const struct assay_suite *suite)
{
    struct error why = {0};
    hold_standard_streams();
    catch_signals_of_write();
    enum status s = program_suite_use(suite, &why);
    if (s == STATUS_OK && !check_is_one())
        s = error_set(&why, STATUS_INVALID,
            "Check is in this program twice, so what fails could not be told: link libassay before libcheck");
    if (s == STATUS_OK)
        return finish_output(dispatch(argc, argv));
    fprintf(stderr, "%s: %s\n", suite && suite->name ? suite->name : "assay", error_text(&why));
    return s == STATUS_INVALID ? EXIT_USAGE : EXIT_OWN_FAILURE;
}
