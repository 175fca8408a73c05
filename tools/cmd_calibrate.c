/* `assay calibrate`: what the load client of this machine gets wrong by itself, by load. */
#include "verb.h"

#include "calibrate.h"
#include "clock.h"
#include "identity.h"
#include "json.h"
#include "measure_lock.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct cmd_calibrate_options {
    int64_t from, to, threads, sim_threads, rounds, wait_ns;
    const char *output;
    bool tls, json;
};

static const struct opt options[] = {
    {"to", 0, OPT_INT, offsetof(struct cmd_calibrate_options, to), "STREAMS",
        "leave out what has more streams", .min = 1, .max = 1e6},
    {"from", 0, OPT_INT, offsetof(struct cmd_calibrate_options, from), "STREAMS",
        "leave out what has fewer streams", .min = 1, .max = 1e6},
    {"rounds", 0, OPT_INT, offsetof(struct cmd_calibrate_options, rounds), "N",
        "requests of each stream; 0 = as the ladder says", .max = 1000},
    {"threads", 0, OPT_INT, offsetof(struct cmd_calibrate_options, threads), "N", "of the client", .min = 1,
        .max = 64},
    {"sim-threads", 0, OPT_INT, offsetof(struct cmd_calibrate_options, sim_threads), "N", "of the simulator",
        .min = 1, .max = 64},
    {"tls", 0, OPT_FLAG, offsetof(struct cmd_calibrate_options, tls), NULL, "over TLS"},
    {"output", 'o', OPT_TEXT, offsetof(struct cmd_calibrate_options, output), "FILE",
        "write here instead of the folder for data"},
    {"wait", 0, OPT_DURATION, offsetof(struct cmd_calibrate_options, wait_ns), "TIME",
        "wait so long for another measurement on this machine to end"},
    {"json", 0, OPT_FLAG, offsetof(struct cmd_calibrate_options, json), NULL, "print the result as JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "calibrate",
    .operands = "",
    .summary = "measure what the load client of this machine gets wrong by itself",
    .details =
        "Asks the simulator, whose times are known, with more and more streams, and keeps the errors in\n"
        "calibration.json of the folder for data, where load tests find them. docs/load-figures.md "
        "explains.\n\n"
        "  assay calibrate\n"
        "  assay calibrate --to 1000 --threads 2\n\n"
        "Exit code: 0 kept; 2 usage; 3 kept, but some loads do not count: the simulator was late itself, or "
        "a "
        "request failed; 4 own failure.",
};

static void show(double value, double factor, int digits)
{
    char text[32] = "-";
    if (isfinite(value))
        text_format_decimal(text, sizeof text, value * factor, digits);
    printf(" %8s", text);
}

static void show_ms(double seconds, int digits)
{
    show(seconds, 1e3, digits);
}

static void print_head(void)
{
    printf("%8s %8s | %-26s %8s %8s %8s %8s | %8s\n", "", "", "TTFT error, ms", "gap p99", "% of", "CPU s /",
        "memory", "sim late");
    printf("%8s %8s | %8s %8s %8s %8s %8s %8s %8s | %8s\n", "streams", "gap ms", "mean", "p99", "max",
        "error ms", "ideal", "100 000", "MiB", "p99 ms");
}

static void print_rung(const struct calibration_rung *r)
{
    printf("%8lld", (long long)r->streams);
    show_ms(r->gap_s, 0);
    printf(" |");
    show_ms(r->ttft_error_mean_s, 2);
    show_ms(r->ttft_error_p99_s, 2);
    show_ms(r->ttft_error_max_s, 2);
    show_ms(r->itl_p99_error_s, 2);
    show(r->tokens_share, 100, 1);
    show(r->cpu_s_per_100k_events, 1, 2);
    show(r->rss_bytes, 1.0 / (1 << 20), 1);
    printf(" |");
    show_ms(r->server_lateness_p99_s, 2);
    printf("%s\n", r->valid ? "" : "  does not count");
    (void)fflush(stdout);
}

static bool is_asked(const struct cmd_calibrate_options *o, const struct calibrate_step *step)
{
    return step->streams >= o->from && step->streams <= o->to;
}

static enum status climb(const struct cmd_calibrate_options *o, struct calibration *c, struct error *e)
{
    struct calibrate_how how = {
        .threads = (int)o->threads, .sim_threads = (int)o->sim_threads, .tls = o->tls};
    enum status s = STATUS_OK;
    if (!o->json)
        print_head();
    for (const struct calibrate_step *at = calibrate_ladder; at->streams > 0 && s == STATUS_OK; at++) {
        struct calibrate_step step = *at;
        if (!is_asked(o, at))
            continue;
        step.rounds = o->rounds > 0 ? (int)o->rounds : step.rounds;
        s = calibrate_measure(&step, &how, &c->rungs[c->count], e);
        if (s == STATUS_OK && !o->json)
            print_rung(&c->rungs[c->count]);
        c->count += s == STATUS_OK;
    }
    return s;
}

static void describe(const struct cmd_calibrate_options *o, struct calibration *c)
{
    struct json_object *machine = machine_identity_to_json("");
    calibration_set_machine(c, ASSAY_VERSION, machine);
    json_object_put(machine);
    c->made_unix_ns = clock_wall_ns(clock_system());
    c->threads = o->threads;
    c->tls = o->tls;
}

static enum status keep(
    const struct cmd_calibrate_options *o, const struct calibration *c, struct buf *path, struct error *e)
{
    enum status s = STATUS_OK;
    if (o->output)
        buf_append_text(path, o->output);
    else
        s = calibration_path(path, e);
    return s == STATUS_OK ? calibration_save(buf_text(path), c, e) : s;
}

static enum status tell(
    const struct cmd_calibrate_options *o, const struct calibration *c, const char *path, struct error *e)
{
    struct json_object *tree = NULL;
    struct buf text = BUF_INIT(1 << 20);
    enum status s = STATUS_OK;
    if (o->json)
        s = calibration_to_json(c, &tree, e);
    if (s == STATUS_OK && o->json)
        s = json_write_pretty(tree, &text, e);
    if (s == STATUS_OK)
        (void)fprintf(o->json ? stderr : stdout, "assay: kept as %s\n", path);
    fputs(buf_text(&text), stdout);
    json_object_put(tree);
    buf_fini(&text);
    return s;
}

static bool counts(const struct calibration *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!c->rungs[i].valid)
            return false;
    return true;
}

static int calibrate_main(int argc, char **argv)
{
    struct cmd_calibrate_options o = {.from = 1, .to = 1000000, .threads = 1, .sim_threads = 1};
    struct calibration c = {.count = 0};
    struct buf path = BUF_INIT(1 << 16);
    struct error why = {0};
    int first, code, lock_fd = -1;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code) ||
        verb_refuses_operand(&usage, argc, argv, first, &code))
        return code;
    enum status s = measure_lock(o.wait_ns, &lock_fd, &why);
    describe(&o, &c);
    if (s == STATUS_OK)
        s = climb(&o, &c, &why);
    if (s == STATUS_OK && c.count == 0)
        s = error_set(&why, STATUS_USAGE, "no step of the ladder has so many streams: they are 1 to 10000");
    if (s == STATUS_OK)
        s = keep(&o, &c, &path, &why);
    if (s == STATUS_OK)
        s = tell(&o, &c, buf_text(&path), &why);
    buf_fini(&path);
    if (lock_fd >= 0)
        close(lock_fd);
    if (s != STATUS_OK)
        return verb_fail("calibrate", &why);
    return counts(&c) ? EXIT_FINE : EXIT_CANNOT_JUDGE;
}

const struct verb cmd_calibrate = {
    .name = "calibrate",
    .summary = "measure what the load client gets wrong by itself",
    .group = VERB_TOOLS,
    .usage = &usage,
    .options = options,
    .main = calibrate_main,
};
