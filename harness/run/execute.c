#include "execute.h"

#include "clock.h"
#include "json.h"
#include "planned.h"
#include "runner.h"
#include "our_schemas.h"
#include "spool.h"
#include "stop.h"
#include "strays.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_NS (200 * NS_PER_MS)

/* What a supervisor leaves for the loop: in memory that both see. */
struct report {
    bool whole; /* the rest is valid */
    struct supervised done;
    enum status status;
    struct error error;
};

struct loop {
    const struct execute_options *options;
    struct executed *done;
    struct report *report;
    struct journal *journal; /* of the current test */
    struct journal_state state;
    struct model_loading loading; /* of the current test's model */
};

/* The child's part: becomes the supervisor of one test, and never returns. */
static void be_supervisor(const struct loop *loop, const struct planned *t, pid_t parent)
{
    const struct execute_options *o = loop->options;
    stop_end();
    stop_with_parent();
    if (getppid() != parent)
        runner_exit(1);
    const char *target = t->target != NULL ? json_get_text(t->target, "/name") : NULL;
    struct supervise_options options = {
        .folder = o->folder,
        .suite = o->suite,
        .test = t->test,
        .access = target != NULL && o->access != NULL ? o->access(o->arg, target) : NULL,
        .journal = loop->journal,
        .loading = loop->options->prepare != NULL ? &loop->loading : NULL,
        .timeout_s = o->timeout_s,
        .grace_ns = o->grace_ns,
        .fork_test = o->fork_test,
        .machine_root = o->machine_root,
    };
    struct report *report = loop->report;
    report->status = supervise(&options, &report->done, &report->error);
    report->whole = true;
    runner_exit(0);
}

static void tick(struct loop *loop, const struct planned *t)
{
    if (loop->options->tick == NULL)
        return;
    journal_read(loop->journal, &loop->state);
    loop->options->tick(loop->options->arg, t->index, t->test, &loop->state);
}

/* Waits for the supervisor, passing on the first signal that asks us to stop. */
static void wait_for(struct loop *loop, const struct planned *t, pid_t supervisor)
{
    int status = 0;
    bool passed_on = false;
    while (waitpid(supervisor, &status, WNOHANG) == 0) {
        if (stop_asked() != 0 && !passed_on)
            passed_on = kill(supervisor, stop_asked()) == 0;
        tick(loop, t);
        stop_wait(TICK_NS);
    }
}

static struct json_object *read_record(const struct loop *loop, const struct planned *t)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *record = NULL;
    bool read = spool_path(loop->options->folder, t->test, loop->report->done.attempt, SPOOL_RESULT, &path) ==
                    STATUS_OK &&
                json_read_file(buf_text(&path), &record, NULL) == STATUS_OK;
    buf_fini(&path);
    return read ? record : NULL;
}

static void tell_end(struct loop *loop, const struct planned *t)
{
    const struct report *report = loop->report;
    bool written = report->whole && report->status == STATUS_OK;
    enum outcome outcome = written ? report->done.outcome : OUTCOME_LOST;
    loop->done->run++;
    loop->done->counts[outcome]++;
    if (loop->options->ended == NULL)
        return;
    struct json_object *record = written ? read_record(loop, t) : NULL;
    loop->options->ended(loop->options->arg, t->index, t->test, outcome, record);
    json_object_put(record);
}

/* STATUS_OK unless nothing can be written any more, or no process can be made. */
static enum status run_test(struct loop *loop, const struct planned *t, struct error *e)
{
    struct spared spared;
    pid_t parent = getpid();
    memset(loop->report, 0, sizeof *loop->report);
    enum status s = journal_open(JOURNAL_BYTES, &loop->journal, e);
    if (s != STATUS_OK)
        return s;
    if (loop->options->started != NULL)
        loop->options->started(loop->options->arg, t->index, t->test);
    if (loop->options->prepare != NULL)
        loop->options->prepare(loop->options->arg, t, &loop->loading);
    strays_spare_children(&spared);
    (void)fflush(NULL);
    pid_t supervisor = fork();
    if (supervisor == 0)
        be_supervisor(loop, t, parent);
    if (supervisor > 0) {
        wait_for(loop, t, supervisor);
        if (!loop->report->whole)
            (void)strays_kill(0, &spared);
        tell_end(loop, t);
    } else {
        s = error_set_errno(e, "cannot fork a supervisor");
    }
    journal_close(loop->journal);
    loop->journal = NULL;
    if (s == STATUS_OK && loop->report->whole && loop->report->status != STATUS_OK)
        s = error_set(e, loop->report->status, "%s", error_text(&loop->report->error));
    return s;
}

static enum status run_tests(struct loop *loop, struct error *e)
{
    const struct execute_options *o = loop->options;
    enum status s = STATUS_OK;
    struct planned t;
    for (size_t i = 0; s == STATUS_OK && stop_asked() == 0 && planned_at(o->folder->run, i, &t); i++) {
        if (o->wanted == NULL || o->wanted(o->arg, i, t.test))
            s = run_test(loop, &t, e);
        else
            loop->done->left_out++;
    }
    loop->done->stop_signal = stop_asked();
    return s;
}

enum status execute_plan(const struct execute_options *options, struct executed *done, struct error *e)
{
    struct loop loop = {.options = options, .done = done};
    memset(done, 0, sizeof *done);
    /* Compiled here once, so that no supervisor has to. */
    (void)schema_for("record");
    (void)schema_for("intent");
    (void)schema_for("exchange");
    (void)schema_for("answer");
    loop.report = mmap(NULL, sizeof *loop.report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (loop.report == MAP_FAILED)
        return error_set_errno(e, "no memory for the report of a supervisor");
    enum status s = spool_claim(options->folder, getpid(), e);
    if (s != STATUS_OK) {
        (void)munmap(loop.report, sizeof *loop.report);
        return s;
    }
    (void)strays_adopt();
    stop_begin();
    s = run_tests(&loop, e);
    stop_end();
    (void)munmap(loop.report, sizeof *loop.report);
    enum status dropped = spool_drop_claim(options->folder, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? dropped : s;
}
