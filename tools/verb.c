#include "verb.h"

#include "program_suite.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int exit_codes[] = {
    [STATUS_OK] = EXIT_FINE,
    [STATUS_INVALID] = EXIT_BAD,
    [STATUS_USAGE] = EXIT_USAGE,
    [STATUS_NOT_FOUND] = EXIT_USAGE,
    [STATUS_IO] = EXIT_OWN_FAILURE,
    [STATUS_NO_MEMORY] = EXIT_OWN_FAILURE,
    [STATUS_LIMIT] = EXIT_BAD,
    [STATUS_TIMEOUT] = EXIT_OWN_FAILURE,
    [STATUS_UNAVAILABLE] = EXIT_CANNOT_JUDGE,
    [STATUS_BUSY] = EXIT_OWN_FAILURE,
    [STATUS_INTERNAL] = EXIT_OWN_FAILURE,
};

const char *verb_group_heading(enum verb_group group)
{
    static const char *const headings[VERB_GROUP_COUNT] = {
        [VERB_MEASURE] = "Measure",
        [VERB_RESULTS] = "Look at results and judge them",
        [VERB_TOOLS] = "Servers and machine",
    };
    return headings[group];
}

const struct verb *verb_find(const struct verb *const *verbs, const char *name)
{
    for (; *verbs != NULL; verbs++)
        if (strcmp((*verbs)->name, name) == 0)
            return *verbs;
    return NULL;
}

void verb_print_help(const struct opt_usage *usage, const struct opt *table)
{
    struct opt_usage ours = *usage;
    ours.program = program_name();
    opt_print_help(stdout, &ours, table);
}

bool verb_begin(const struct opt_usage *usage, const struct opt *table, void *options, int argc, char **argv,
    int *first_operand, int *exit_code)
{
    if (opt_help_asked(argc, argv)) {
        verb_print_help(usage, table);
        *exit_code = EXIT_FINE;
        return false;
    }
    struct error e = {0};
    if (opt_parse(table, options, argc, argv, first_operand, &e) == STATUS_OK)
        return true;
    *exit_code = verb_fail(usage->verb, &e);
    fprintf(stderr, "See %s %s --help.\n", program_name(), usage->verb);
    return false;
}

/* "http://box:8080", "sim:", "127.0.0.1:8080", "localhost" */
static bool looks_like_server(const char *word)
{
    const char *colon = strchr(word, ':');
    return strncmp(word, "http", 4) == 0 || strncmp(word, "sim:", 4) == 0 || strncmp(word, "lms:", 4) == 0 ||
           strncmp(word, "localhost", 9) == 0 || (colon && colon[1] >= '0' && colon[1] <= '9');
}

bool verb_refuses_operand(
    const struct opt_usage *usage, int argc, char **argv, int first_operand, int *exit_code)
{
    struct error e = {0};
    if (first_operand >= argc)
        return false;
    const char *word = argv[first_operand], *at = strrchr(word, '@'); /* before it, perhaps a password */
    const char *hidden = at ? "***@" : "", *shown = at ? at + 1 : word;
    if (looks_like_server(shown) || looks_like_server(word))
        (void)error_set(&e, STATUS_USAGE,
            "takes no operand, but there is %s%s; a server is named with --target", hidden, shown);
    else
        (void)error_set(&e, STATUS_USAGE, "takes no operand, but there is %s%s", hidden, shown);
    *exit_code = verb_fail(usage->verb, &e);
    fprintf(stderr, "See %s %s --help.\n", program_name(), usage->verb);
    return true;
}

/* What failed in the middle of a long output left no errno behind. */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

int verb_output_failure(void)
{
    static int failure; /* stdio does not keep it, and what it could not write may be gone from its buffer */
    if (failure != 0)
        return failure;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    failure = errno != 0 ? errno : reader_is_gone() ? EPIPE : -1;
    return failure;
}

int verb_fail(const char *verb, struct error *e)
{
    struct buf line = BUF_INIT(8192);
    const char *text = error_text(e);
    (void)text_sanitise_line(&line, text, strlen(text), 4096);
    fprintf(stderr, "%s %s: %s\n", program_name(), verb, buf_text(&line));
    buf_fini(&line);
    size_t i = (size_t)e->status;
    return i < sizeof exit_codes / sizeof exit_codes[0] && i > 0 ? exit_codes[i] : EXIT_OWN_FAILURE;
}
