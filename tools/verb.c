#include "verb.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

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

bool verb_begin(const struct opt_usage *usage, const struct opt *table, void *options, int argc, char **argv,
    int *first_operand, int *exit_code)
{
    if (opt_help_asked(argc, argv)) {
        opt_print_help(stdout, usage, table);
        *exit_code = EXIT_FINE;
        return false;
    }
    struct error e = {0};
    if (opt_parse(table, options, argc, argv, first_operand, &e) == STATUS_OK)
        return true;
    *exit_code = verb_fail(usage->verb, &e);
    fprintf(stderr, "See assay %s --help.\n", usage->verb);
    return false;
}

int verb_fail(const char *verb, struct error *e)
{
    struct buf line = BUF_INIT(8192);
    const char *text = error_text(e);
    (void)text_sanitise(&line, text, strlen(text), 4096);
    fprintf(stderr, "assay %s: %s\n", verb, buf_text(&line));
    buf_fini(&line);
    size_t i = (size_t)e->status;
    return i < sizeof exit_codes / sizeof exit_codes[0] && i > 0 ? exit_codes[i] : EXIT_OWN_FAILURE;
}
