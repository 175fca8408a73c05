#include "run_options.h"

#include <string.h>

#define AT(field) offsetof(struct run_options, field)

const struct opt run_options_table[] = {
    {"target", 't', OPT_LIST, AT(targets), "URL",
        "measure this server (again for more); sim: is a simulator"},
    {"model", 'm', OPT_LIST, AT(models), "PATTERN", "only models whose id matches (* and ?)"},
    {"suite", 's', OPT_LIST, AT(suites), "PATTERN", "only these suites"},
    {"case", 'c', OPT_LIST, AT(cases), "PATTERN", "only these cases, for example chat.short"},
    {"quick", 'q', OPT_FLAG, AT(quick), NULL, "5 repeats instead of 10"},
    {"repeats", 'r', OPT_INT, AT(repeats), "N", "measured repeats of each case", .min = 1, .max = 1000},
    {"warmup", 0, OPT_INT, AT(warmup), "N", "repeats before them that are not measured (default 1)", .min = 0,
        .max = 1000},
    {"prompt", 'p', OPT_TEXT, AT(prompt), "FILE",
        "your own prompt instead of the built-in ones; - is standard input"},
    {"max-tokens", 0, OPT_INT, AT(max_tokens), "N", "ask for at most this many tokens", .min = 1,
        .max = 1000000},
    {"temperature", 0, OPT_REAL, AT(temperature), "T", "sampling temperature (default 0: greedy)", .min = 0,
        .max = 100},
    {"seed", 0, OPT_INT, AT(request_seed), "N", "seed sent with each request (default 42)", .min = 0,
        .max = 2147483647},
    {"run-seed", 0, OPT_INT, AT(run_seed), "N", "repeat a run's order, salts and prompts (see its run.json)",
        .min = 0, .max = 9007199254740991.0},
    {"max-retries", 0, OPT_INT, AT(max_retries), "N",
        "try a refused request again; every attempt is recorded", .min = 0, .max = 100},
    {"timeout", 0, OPT_DURATION, AT(timeout_ns), "TIME", "give up on one exchange after this"},
    {"budget", 0, OPT_DURATION, AT(budget_ns), "TIME",
        "start no further test after this; the rest is not_run"},
    {"limit", 0, OPT_DURATION, AT(limit_ns), "TIME", "give up on silent servers after this (default 3 s)"},
    {"wait", 0, OPT_DURATION, AT(wait_ns), "TIME", "wait this long for another measurement to end"},
    {"out", 'o', OPT_TEXT, AT(out), "DIR", "where run folders are made (default runs)"},
    {"junit", 0, OPT_TEXT, AT(junit), "FILE", "write the JUnit XML here too"},
    {"note", 0, OPT_LIST, AT(notes), "TEXT", "what readers of the report must know first"},
    {"require-clean", 0, OPT_FLAG, AT(require_clean), NULL, "fail where the machine was not fit to measure"},
    {"resume", 0, OPT_TEXT, AT(resume), "RUN", "go on with a run: what was lost, interrupted or not run"},
    {"failed", 0, OPT_TEXT, AT(failed), "RUN", "only the tests that did not pass in that run"},
    {"dry-run", 'n', OPT_FLAG, AT(dry_run), NULL, "show the plan and what it will take, send nothing"},
    {"json", 0, OPT_FLAG, AT(json), NULL, "print the summary (or the plan) as JSON"},
    {0},
};

/* What may accompany --resume: where and how long, not what is measured; that stands in the run's run.json.
 */
static const char *const fit_for_resume[] = {
    "target", "budget", "limit", "wait", "junit", "require-clean", "resume", "json", NULL};

static bool fits_resume(const char *name)
{
    for (size_t i = 0; fit_for_resume[i]; i++)
        if (strcmp(fit_for_resume[i], name) == 0)
            return true;
    return false;
}

static const size_t value_sizes[] = {
    [OPT_FLAG] = sizeof(bool),
    [OPT_INT] = sizeof(int64_t),
    [OPT_REAL] = sizeof(double),
    [OPT_TEXT] = sizeof(const char *),
    [OPT_DURATION] = sizeof(int64_t),
    [OPT_BYTES] = sizeof(int64_t),
    [OPT_LIST] = sizeof(struct opt_list),
};

static bool was_given(const struct opt *o, const struct run_options *options)
{
    static const struct run_options untouched = RUN_OPTIONS_DEFAULT;
    const char *given = (const char *)options + o->offset, *before = (const char *)&untouched + o->offset;
    if (o->kind != OPT_TEXT)
        return memcmp(given, before, value_sizes[o->kind]) != 0;
    const char *text = *(const char *const *)(const void *)given;
    const char *default_text = *(const char *const *)(const void *)before;
    return text && (!default_text || strcmp(text, default_text) != 0);
}

enum status run_options_check(const struct run_options *options, struct error *e)
{
    if (!options->resume)
        return STATUS_OK;
    for (const struct opt *o = run_options_table; o->name; o++)
        if (!fits_resume(o->name) && was_given(o, options))
            return error_set(e, STATUS_USAGE,
                "--%s does not go with --resume: a run goes on as it was begun (start a new one to measure "
                "otherwise)",
                o->name);
    return STATUS_OK;
}

const struct opt_usage run_usage = {
    .verb = "run",
    .operands = "",
    .summary = "Measures every model of every server it finds, and leaves a folder with records and reports.",
    .details = "Servers are those of --target, else of ASSAY_TARGETS, else the usual ports of this machine. "
               "A key comes "
               "from ASSAY_API_KEY or OPENAI_API_KEY, never from the command line.\n\n"
               "  assay run                                   all that is found\n"
               "  assay run -q -s chat -m '*8b*'              the chat suite, quickly, on models named so\n"
               "  assay run --target http://box:8080/v1       one server\n"
               "  assay run --target sim:                     a simulator, to see how it works\n\n"
               "Exit code: 0 all well, 1 a test failed or a record was lost, 2 usage, 3 nothing to run, 4 "
               "cannot write.\n",
};
