/*
 * assay live - the live tests of ctest, step by step. Hidden: CTest calls it (AssayLive.cmake).
 *
 *     live discover FOLDER     as ctest starts: finds servers and models, writes tests and plan
 *     live begin FOLDER        fixture: the run's folder, for the tests that ctest is going to run
 *     live test FOLDER SLUG    one test: its supervisor
 *     live end FOLDER          fixture: records, reports, the judgement
 *     live skip|fail REASON    a test that is only a reason
 */
#include "verb.h"

#include "live_discover.h"
#include "live_run.h"

#include <stdio.h>
#include <string.h>

static int discover(char **operands)
{
    return live_discover(operands[0]);
}

static int begin(char **operands)
{
    return live_begin(operands[0]);
}

static int test(char **operands)
{
    return live_test(operands[0], operands[1]);
}

static int end(char **operands)
{
    return live_end(operands[0]);
}

static int skip(char **operands)
{
    puts(operands[0]);
    return EXIT_SKIPPED;
}

static int fail(char **operands)
{
    puts(operands[0]);
    return EXIT_BAD;
}

static const struct {
    const char *name;
    int operands;
    int (*run)(char **operands);
} steps[] = {{"discover", 1, discover}, {"begin", 1, begin}, {"test", 2, test}, {"end", 1, end},
    {"skip", 1, skip}, {"fail", 1, fail}};

static const struct opt no_options[] = {{0}};
static const struct opt_usage usage = {.verb = "live",
    .operands = "discover|begin|test|end|skip|fail ...",
    .summary = "The live tests of ctest, step by step; CTest calls this."};

static int live_main(int argc, char **argv)
{
    int first, code;
    char unused;
    if (!verb_begin(&usage, no_options, &unused, argc, argv, &first, &code))
        return code;
    const char *step = first < argc ? argv[first] : "";
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (strcmp(steps[i].name, step) == 0 && argc - first - 1 == steps[i].operands)
            return steps[i].run(argv + first + 1);
    struct error why = {0};
    if (first >= argc)
        error_set(&why, STATUS_USAGE, "give a step: %s", usage.operands);
    else
        error_set(&why, STATUS_USAGE, "\"%s\" with %d operands is no step of the live tests", step,
            argc - first - 1);
    return verb_fail("live", &why);
}

const struct verb cmd_live = {.group = VERB_TOOLS,
    .name = "live",
    .summary = "the live tests of ctest, step by step",
    .hidden = true,
    .usage = &usage,
    .options = no_options,
    .main = live_main};
