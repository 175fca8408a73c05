/* assay validate: are these files what their schemas say? */
#include "schema_file.h"
#include "validate_print.h"
#include "validate_walk.h"
#include "verb.h"

#include "our_schemas.h"

#include <signal.h>
#include <string.h>

struct validate_command {
    const char *schema;
    int64_t max_errors;
    bool json;
};

static const struct opt options[] = {
    {"schema", 's', OPT_TEXT, offsetof(struct validate_command, schema), "NAME|FILE",
        "schema to use: one of ours by name, or a file", .values = "@schemas"},
    {"max-errors", 'm', OPT_INT, offsetof(struct validate_command, max_errors), "N",
        "stop after N faults (default 100)", .min = 1, .max = 1000000},
    {"json", 0, OPT_FLAG, offsetof(struct validate_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "validate",
    .operands = "FILE|FOLDER|RUN|PATTERN|-...",
    .summary = "Check files against their schemas.",
    .details =
        "Prints file:line: /pointer: reason for every fault, and goes on behind it. Files of one "
        "value per line are read in constant memory, and unpacked where they are compressed with "
        "gzip or zstd. Of a folder every file with a known name is checked, and every other "
        ".json, .jsonl or .ndjson file by its content. RUN is the folder of a run, its name below "
        "runs/, or \"latest\"; a quoted pattern stands for all files with such a name; - is "
        "standard input.\n\n"
        "The schema follows from the file's name, else from its content. A note is about a file "
        "that is valid: what may surprise its readers.\n\n"
        "Names of schemas: answer, calibration, capture, config, exchange, intent, load, record, "
        "regrade, request, run, sample, scenario, set, task, truth, validation, "
        "draft2020-12/schema, draft-07/schema; of files of mlx-knife mlx-knife-0.1.0, mlx-knife-0.2.0, "
        "mlx-knife-0.2.1, mlx-knife-0.2.2, mlx-knife-memory.\n\n"
        "  assay validate latest\n"
        "  assay validate 'runs/*/benchmark.jsonl'\n"
        "  zcat old.jsonl.gz | assay validate --schema my.schema.json -\n\n"
        "Exit code: 0 all valid; 1 something is not; 2 no such file, or no schema known for it; 3 "
        "there is nothing to judge; 4 a file could not be read; 130 interrupted.",
};

/* A name of ours, else a file. */
static int load_schema(const char *name, struct validation *v, struct schema **own, struct error *e)
{
    v->schema = schema_for(name);
    v->of_schema = validate_kind_of_schema(name);
    if (v->schema != NULL)
        return EXIT_FINE;
    enum status s = schema_file_load(name, own, e);
    if (s == STATUS_NOT_FOUND && strchr(name, '.') == NULL && strchr(name, '/') == NULL)
        s = error_set(
            e, STATUS_USAGE, "there is neither a schema of ours nor a file with the name \"%s\"", name);
    v->schema = *own;
    if (s == STATUS_OK)
        return EXIT_FINE;
    int code = verb_fail("validate", e);
    return code == EXIT_BAD ? EXIT_USAGE : code;
}

static volatile sig_atomic_t stopped; /* the signal; 0: none yet */

static void stop(int signal)
{
    stopped = signal;
}

/* What was found so far is told; a second signal ends the program at once. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct failing {
    struct validate_print *print;
    int code; /* the worst */
};

static void fail_file(struct error *why, void *arg)
{
    struct failing *f = arg;
    validate_print_error(f->print, why);
    int code = verb_fail("validate", why);
    f->code = code > f->code ? code : f->code;
}

static int validate_all(struct validation *v, struct validate_print *print, char **operands, int count)
{
    struct failing failing = {.print = print};
    struct validate_walk walk = {.v = v, .fail = fail_file, .arg = &failing};
    struct error why = {0};
    validate_print_begin(print);
    for (int i = 0; i < count && !v->full && !stopped; i++)
        validate_walk(&walk, operands[i]);
    if (validate_print_end(print, v, &why) != STATUS_OK)
        fail_file(&why, &failing);
    if (stopped)
        return 128 + stopped;
    if (verb_output_failure() != 0) /* which the program says */
        return EXIT_OWN_FAILURE;
    if (failing.code == EXIT_FINE && v->faults == 0 &&
        v->files == 0) /* all were left out: that is not valid */
        return EXIT_CANNOT_JUDGE;
    return failing.code == EXIT_FINE && v->faults > 0 ? EXIT_BAD : failing.code;
}

static int validate_main(int argc, char **argv)
{
    struct validate_command o = {.max_errors = 100};
    struct error why = {0};
    struct schema *own = NULL;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (first == argc) {
        (void)error_set(&why, STATUS_USAGE, "name the files to check, or - for standard input");
        return verb_fail("validate", &why);
    }
    struct validate_print print = {.json = o.json, .out = stdout};
    struct validation v = {
        .faults_max = (size_t)o.max_errors, .stop = &stopped, .tell = validate_print_fault, .arg = &print};
    code = o.schema != NULL ? load_schema(o.schema, &v, &own, &why) : EXIT_FINE;
    if (code == EXIT_FINE) {
        watch_signals();
        code = validate_all(&v, &print, argv + first, argc - first);
    }
    schema_free(own);
    return code;
}

const struct verb cmd_validate = {
    .name = "validate",
    .summary = "check files against their schemas",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = validate_main,
};
