/*
 * assay finalise - makes finished runs of what their supervisors left; what every reader of a run does by
 * itself.
 */
#include "verb.h"

#include "finalise.h"

#include <stdio.h>

static const struct opt options_table[] = {{0}};

static const struct opt_usage usage = {
    .verb = "finalise",
    .operands = "RUN...",
    .summary = "Merges what the tests of a run left; what was lost or never run gets a record too.",
    .details = "Idempotent, and right after any crash. A run that still goes on is left alone.\n\n"
               "  assay finalise runs/latest\n",
};

static void print_sum(const char *run, const struct finalised *sum)
{
    printf("%s: %zu records", run, sum->records);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (sum->counts[i] > 0)
            printf(", %zu %s", sum->counts[i], outcome_name((enum outcome)i));
    if (sum->quarantined > 0)
        printf("; %zu unreadable files kept as *.bad", sum->quarantined);
    printf("\n");
}

static int finalise_main(int argc, char **argv)
{
    struct error why = {0};
    int first = 0, code = EXIT_FINE, nothing = 0;
    if (!verb_begin(&usage, options_table, &nothing, argc, argv, &first, &code))
        return code;
    if (first == argc) {
        (void)error_set(&why, STATUS_USAGE, "no run is named");
        return verb_fail("finalise", &why);
    }
    for (int i = first; i < argc; i++) {
        struct finalised sum;
        if (finalise_run(argv[i], &sum, &why) == STATUS_OK)
            print_sum(argv[i], &sum);
        else
            code = verb_fail("finalise", &why);
    }
    return code;
}

const struct verb cmd_finalise = {.name = "finalise",
    .summary = "merge what the tests of a run left",
    .hidden = true,
    .usage = &usage,
    .options = options_table,
    .main = finalise_main};
