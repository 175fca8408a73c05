/* assay monitor - samples the machine, alone or around a command, and says what samples come to. */
#include "verb.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "monitor_lines.h"
#include "monitor_print.h"
#include "run_operand.h"
#include "server_merge.h"
#include "target.h"

#include <stdio.h>
#include <string.h>

#define PERIOD_MIN_NS (5 * NS_PER_MS)
#define PERIOD_MAX_NS (60 * NS_PER_S)
#define NO_END (-1) /* of --for */

struct monitor_verb_options {
    int64_t period_ns, for_ns;
    const char *output, *target, *summarise, *server_samples;
    bool overwrite, quiet, json;
};

static const struct opt options_table[] = {
    {"interval", 'i', OPT_DURATION, offsetof(struct monitor_verb_options, period_ns), "TIME",
        "between two samples: 5ms to 60s, 200ms unless said"},
    {"output", 'o', OPT_TEXT, offsetof(struct monitor_verb_options, output), "FILE",
        "where samples go: samples.jsonl unless said, - is standard output"},
    {"overwrite", 0, OPT_FLAG, offsetof(struct monitor_verb_options, overwrite), NULL,
        "drop what the file holds already"},
    {"for", 0, OPT_DURATION, offsetof(struct monitor_verb_options, for_ns), "TIME",
        "stop after this time; not around a command", .positive = true},
    {"target", 't', OPT_TEXT, offsetof(struct monitor_verb_options, target), "URL",
        "a local server whose processor time and memory are told apart"},
    {"quiet", 'q', OPT_FLAG, offsetof(struct monitor_verb_options, quiet), NULL,
        "print no summary at the end"},
    {"summarise", 0, OPT_TEXT, offsetof(struct monitor_verb_options, summarise), "FILE",
        "say what the samples of a file come to, or of a run's folder; - is standard input"},
    {"server-samples", 0, OPT_TEXT, offsetof(struct monitor_verb_options, server_samples), "FILE",
        "take what a monitor wrote on the server's machine into the RUN that is named"},
    {"json", 0, OPT_FLAG, offsetof(struct monitor_verb_options, json), NULL, "with --summarise: print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "monitor",
    .operands = "[RUN] [-- COMMAND...]",
    .summary = "Samples the machine, alone or around a command.",
    .details =
        "Each sample is a line of the file as soon as it is taken, so that nothing is lost when the monitor "
        "is "
        "killed; the last line is the summary. Around a command the exit code is the command's, 127 where "
        "there is none of that name, 126 where it cannot be started.\n\n"
        "  assay monitor --for 10m\n"
        "  assay monitor -i 10ms -o build.jsonl -- make -j8\n"
        "  assay monitor --summarise samples.jsonl\n",
};

static enum status check(const struct monitor_verb_options *o, char *const *command, struct error *e)
{
    if (o->period_ns < PERIOD_MIN_NS || o->period_ns > PERIOD_MAX_NS)
        return error_set(e, STATUS_USAGE,
            "--interval must be within 5ms and 60s (a number without a unit is seconds: 200 milliseconds are "
            "200ms)");
    bool reads = o->summarise != NULL || o->server_samples != NULL;
    if (reads && command != NULL)
        return error_set(e, STATUS_USAGE, "--%s reads a file: it takes no command",
            o->summarise != NULL ? "summarise" : "server-samples");
    if (o->json && o->summarise == NULL)
        return error_set(e, STATUS_USAGE, "--json goes with --summarise: what is measured is JSON already");
    if (reads && (o->for_ns != NO_END || o->overwrite || o->quiet))
        return error_set(e, STATUS_USAGE,
            "--for, --overwrite and --quiet are of a monitor that samples; --%s reads a file",
            o->summarise != NULL ? "summarise" : "server-samples");
    if (o->for_ns != NO_END && command != NULL)
        return error_set(e, STATUS_USAGE, "--for has no meaning around a command, which ends by itself");
    if (command != NULL && strcmp(o->output, "-") == 0)
        return error_set(
            e, STATUS_USAGE, "standard output is the command's: name a file for the samples with --output");
    return STATUS_OK;
}

static enum status print_json(const struct json_object *line, struct error *e)
{
    struct buf text = BUF_INIT(4 << 20);
    enum status status = json_write_pretty(line, &text, e);
    if (status == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return status;
}

static int summarise(const struct monitor_verb_options *o)
{
    struct error why = {0};
    struct monitor_summary *summary = NULL;
    const struct monitor_ending unseen = {0};
    struct json_object *line = NULL;
    enum status status = monitor_summary_read(o->summarise, &summary, &why);
    if (status == STATUS_OK && (line = monitor_summary_line(summary, &unseen)) == NULL)
        status = error_set(&why, STATUS_NO_MEMORY, "no memory for the summary");
    if (status == STATUS_OK && o->json)
        status = print_json(line, &why);
    else if (status == STATUS_OK)
        monitor_print_summary(stdout, summary, line);
    json_object_put(line);
    monitor_summary_free(summary);
    return status == STATUS_OK ? EXIT_FINE : verb_fail("monitor", &why);
}

/* Everything behind "--" is the command's, options included. */
static int split_at_dashes(int argc, char **argv, char *const **command)
{
    *command = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            *command = &argv[i + 1];
            return i;
        }
    }
    return argc;
}

static int take_in(const struct monitor_verb_options *o, char *const *runs, int count)
{
    struct error why = {0};
    struct buf folder = BUF_INIT(8192);
    const struct target_access access = {.url = o->target};
    enum status status = STATUS_OK;
    int code;
    if (count != 1 || o->summarise != NULL)
        status = error_set(&why, STATUS_USAGE, "--server-samples FILE goes with one run: ... runs/latest");
    else
        status = run_operand_find(runs[0], &folder, &why);
    if (status == STATUS_OK) {
        const struct server_merge merge = {.verb = "monitor",
            .file = o->server_samples,
            .run = buf_text(&folder),
            .access = o->target != NULL ? &access : NULL,
            .out = stdout};
        code = server_merge(&merge);
    } else {
        code = verb_fail("monitor", &why);
    }
    buf_fini(&folder);
    return code;
}

static int refuse_operand(const char *word)
{
    struct error why = {0};
    (void)error_set(&why, STATUS_USAGE,
        "\"%.100s\" is no option; a command stands behind two dashes: assay monitor -- %.100s ...", word,
        word);
    return verb_fail("monitor", &why);
}

static int monitor_main(int argc, char **argv)
{
    struct monitor_verb_options o = {
        .period_ns = 200 * NS_PER_MS, .for_ns = NO_END, .output = "samples.jsonl"};
    struct error why = {0};
    char *const *command;
    int operand, code, before = split_at_dashes(argc, argv, &command);
    if (!verb_begin(&usage, options_table, &o, before, argv, &operand, &code))
        return code;
    if (operand < before && o.server_samples == NULL)
        return refuse_operand(argv[operand]);
    if (command != NULL && command[0] == NULL) {
        (void)error_set(&why, STATUS_USAGE, "there is no command behind the two dashes");
        return verb_fail("monitor", &why);
    }
    if (check(&o, command, &why) != STATUS_OK)
        return verb_fail("monitor", &why);
    if (o.server_samples != NULL)
        return take_in(&o, argv + operand, before - operand);
    if (o.summarise != NULL)
        return summarise(&o);
    const struct monitor_session_options session = {.root = "",
        .output = o.output,
        .mode = o.overwrite ? MONITOR_OUT_REPLACE : MONITOR_OUT_NEW,
        .period_ns = o.period_ns,
        .for_ns = o.for_ns == NO_END ? 0 : o.for_ns,
        .target_url = o.target,
        .command = command,
        .quiet = o.quiet};
    return monitor_session_run(&session);
}

const struct verb cmd_monitor = {.name = "monitor",
    .summary = "sample the machine, alone or around a command",
    .group = VERB_TOOLS,
    .usage = &usage,
    .options = options_table,
    .main = monitor_main};
