#include "monitor_session.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "monitor.h"
#include "monitor_command.h"
#include "monitor_lines.h"
#include "monitor_pin.h"
#include "monitor_print.h"
#include "verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct session {
    const struct monitor_session_options *options;
    struct monitor_out out;
    struct monitor *monitor;
    struct monitor_summary *summary;
    struct monitor_pin *pin;
    struct monitor_signals signals;
    struct monitor_command command;
    int64_t end_ns; /* of --for; 0: none */
    int64_t pin_due_ns;
    int stop_signal;
    bool losing; /* samples can no longer be written, and it has been said */
};

/* ---- trouble with the file ---- */

/* A reader that has gone is no fault: `assay monitor -o - | head`. */
static bool reader_is_gone(const struct session *s, const struct error *why)
{
    return !s->out.regular && strstr(why->text, strerror(EPIPE)) != NULL;
}

/* Said once, when it happens; around a command the command matters more and goes on. */
static void look_at_file(struct session *s)
{
    struct error why = {0};
    if (s->losing || monitor_write_status(s->monitor, &why) == STATUS_OK)
        return;
    s->losing = true;
    if (reader_is_gone(s, &why))
        return;
    error_locate(&why, s->options->output, 0, 0, NULL);
    (void)verb_fail("monitor", &why);
    if (s->options->command != NULL)
        fprintf(stderr, "assay monitor: no further sample is kept; the command goes on\n");
}

static int code_of_loss(const struct session *s)
{
    struct error why = {0};
    if (monitor_write_status(s->monitor, &why) == STATUS_OK)
        return EXIT_FINE;
    return reader_is_gone(s, &why) ? 128 + SIGPIPE : EXIT_OWN_FAILURE;
}

/* ---- between start and end ---- */

static bool take_signals(struct session *s)
{
    for (struct monitor_signal signal; monitor_signals_next(&s->signals, &signal);) {
        if (s->options->command != NULL)
            monitor_command_signal(&s->command, &signal);
        else if (s->stop_signal == 0)
            s->stop_signal = signal.number;
    }
    return s->stop_signal == 0;
}

static bool goes_on(struct session *s, int64_t now_ns)
{
    if (!take_signals(s) || (s->end_ns != 0 && now_ns >= s->end_ns))
        return false;
    if (s->options->command != NULL)
        return !monitor_command_ended(&s->command);
    return !s->losing;
}

static pid_t measured_process(const struct session *s)
{
    if (s->options->command != NULL)
        return s->command.pid;
    return monitor_server(s->monitor)->last.pid;
}

static void note_sample(struct session *s, const char *phase)
{
    monitor_summary_note(s->summary, phase, monitor_latest(s->monitor));
    look_at_file(s);
}

static void sample(struct session *s)
{
    const struct clock *clock = clock_system();
    for (int64_t now_ns = clock_mono_ns(clock); goes_on(s, now_ns); now_ns = clock_mono_ns(clock)) {
        if (monitor_sample(s->monitor, now_ns))
            note_sample(s, "during");
        if (now_ns >= s->pin_due_ns) {
            monitor_pin_away(s->pin, measured_process(s));
            s->pin_due_ns = now_ns + NS_PER_S;
        }
        int64_t until_ns = monitor_due_ns(s->monitor);
        monitor_signals_wait(&s->signals, s->end_ns != 0 && s->end_ns < until_ns ? s->end_ns : until_ns);
    }
}

static int how_it_ended(const struct session *s, struct monitor_ending *ending)
{
    int code = EXIT_FINE, lost = code_of_loss(s);
    *ending = (struct monitor_ending){.by = "time"};
    if (s->options->command != NULL) {
        code = monitor_command_code(&s->command);
        *ending = (struct monitor_ending){.by = "command", .exit_code = code};
    } else if (s->stop_signal != 0) {
        code = 128 + s->stop_signal;
        *ending = (struct monitor_ending){.by = "signal", .signal = s->stop_signal};
    } else if (s->losing) {
        ending->by = "output";
    }
    ending->processors = monitor_pin_text(s->pin);
    return code != EXIT_FINE ? code : lost;
}

static void finish(struct session *s, const struct monitor_ending *ending)
{
    struct json_object *line = monitor_summary_line(s->summary, ending);
    if (line != NULL)
        monitor_append(s->monitor, line);
    if (line != NULL && !s->options->quiet)
        monitor_print_summary(stderr, s->summary, line);
    json_object_put(line);
    look_at_file(s);
}

/* A command that does not exist has not been measured: its file goes again where we made it. */
static void take_back_file(const struct session *s)
{
    if (s->out.made && s->out.regular)
        (void)unlink(s->options->output);
}

/* Whoever names a server wants to know it apart: a slip in its address is to be seen at once. */
static void look_for_server(const struct session *s)
{
    const struct reading *time = &monitor_latest(s->monitor)->readings[SENSOR_CPU_TARGET];
    if (s->options->target_url != NULL && time->status != SENSOR_OK)
        log_warning("--target %s: processor time and memory of the server are not told apart: %s",
            s->options->target_url, time->reason);
}

/* A first reading tells what there is to read, and takes the cost of doing it for the first time. Nothing is written
 * before there is a command: one that does not exist takes the place of no file. */
static void begin(struct session *s)
{
    if (s->options->command != NULL)
        monitor_out_hold(&s->out);
    s->out.muted = true;
    monitor_begin(s->monitor);
    s->out.muted = false;
    struct json_object *start = monitor_start_line(s->options, s->monitor);
    if (start != NULL)
        monitor_append(s->monitor, start);
    json_object_put(start);
    monitor_begin(s->monitor);
    look_for_server(s);
    note_sample(s, "before");
}

static int measure(struct session *s)
{
    struct error why = {0};
    struct monitor_ending ending;
    begin(s);
    if (s->losing && s->options->command == NULL)
        return code_of_loss(s);
    if (s->options->command != NULL) {
        int refused = monitor_command_start(&s->command, s->options->command, &why);
        if (refused != 0) {
            take_back_file(s);
            (void)verb_fail("monitor", &why);
            return refused;
        }
        monitor_out_release(&s->out);
        look_at_file(s);
    }
    if (s->options->for_ns > 0)
        s->end_ns = clock_mono_ns(clock_system()) + s->options->for_ns;
    sample(s);
    monitor_end(s->monitor);
    note_sample(s, "after");
    int code = how_it_ended(s, &ending);
    finish(s, &ending);
    return code != EXIT_FINE ? code : code_of_loss(s);
}

static enum status open_all(struct session *s, struct error *e)
{
    const struct monitor_session_options *o = s->options;
    struct monitor_options options = {
        .samples_path = strcmp(o->output, "-") == 0 ? NULL : o->output, /* whose disk is watched */
        .root = o->root,
        .period_ns = o->period_ns,
        .target_url = o->target_url,
        .out = &s->out};
    enum status status = monitor_out_open(o->output, o->mode, &s->out, e);
    if (status == STATUS_OK)
        status = monitor_open(&options, &s->monitor, e);
    s->summary = monitor_summary_new(o->period_ns);
    s->pin = monitor_pin_new(o->root);
    if (s->summary != NULL)
        s->summary->alone = o->command == NULL && o->target_url == NULL;
    if (status == STATUS_OK && s->summary == NULL)
        status = error_set(e, STATUS_NO_MEMORY, "no memory for the summary");
    if (status == STATUS_OK)
        status = monitor_signals_open(&s->signals, o->command != NULL, e);
    return status;
}

int monitor_session_run(const struct monitor_session_options *options)
{
    struct session s = {.options = options, .out = {.fd = -1}, .signals = {.read_fd = -1}};
    struct error why = {0};
    enum status status = open_all(&s, &why);
    int code = status == STATUS_OK ? measure(&s) : verb_fail("monitor", &why);
    monitor_signals_close(&s.signals);
    monitor_pin_free(s.pin);
    monitor_summary_free(s.summary);
    monitor_close(s.monitor);
    monitor_out_close(&s.out);
    return code;
}
