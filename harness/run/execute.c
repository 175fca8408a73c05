#include "execute.h"

#include "case_fit.h"
#include "clock.h"
#include "json.h"
#include "plan.h"
#include "planned.h"
#include "reader.h"
#include "ready.h"
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
    struct ready ready;           /* what was waited for before it */
    bool measured;                /* something was, before the current test */
    int attempts, repeats_left;   /* of the current test */
    bool again;                   /* it is to be measured again */
};

/*
 * The child's part: becomes the supervisor of one test, and never returns. It keeps our handlers and our mask from its
 * first moment to its last: a signal that ended it before the result is written would lose the test.
 */
static void be_supervisor(const struct loop *loop, const struct planned *t, pid_t parent)
{
    const struct execute_options *o = loop->options;
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
        .ready = &loop->ready,
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

/* Its figures are there, and the machine speaks against them. What cannot be known no repetition tells. */
static bool is_dirty(const struct json_object *record)
{
    const char *verdict = json_get_text(record, "/system_health/verdict");
    return verdict != NULL && (strcmp(verdict, "degraded") == 0 || strcmp(verdict, "invalid") == 0);
}

static bool wants_repeat(
    const struct loop *loop, const struct planned *t, enum outcome outcome, const struct json_object *record)
{
    const struct execute_options *o = loop->options;
    return outcome == OUTCOME_PASSED && loop->repeats_left > 0 && stop_asked() == 0 && is_dirty(record) &&
           (o->wanted == NULL || o->wanted(o->arg, t->index, t->test));
}

static void tell_end(struct loop *loop, const struct planned *t)
{
    const struct execute_options *o = loop->options;
    const struct report *report = loop->report;
    bool written = report->whole && report->status == STATUS_OK;
    enum outcome outcome = written ? report->done.outcome : OUTCOME_LOST;
    struct json_object *record = written ? read_record(loop, t) : NULL;
    loop->again = wants_repeat(loop, t, outcome, record);
    if (loop->again) {
        loop->done->repeated++;
        if (o->repeats != NULL)
            o->repeats(o->arg, t->index, t->test, record);
    } else {
        loop->done->run++;
        loop->done->counts[outcome]++;
        if (o->ended != NULL)
            o->ended(o->arg, t->index, t->test, outcome, record);
    }
    json_object_put(record);
}

static bool will_measure(const struct loop *loop, const struct planned *t)
{
    char why[256];
    const struct assay_case *subject = plan_find_case(loop->options->suite->cases, t->case_id);
    struct model_info *model = calloc(1, sizeof *model);
    bool will = model != NULL && subject != NULL && t->skip == NULL;
    if (will && t->model != NULL) {
        plan_model_from_json(t->model, model);
        will = case_fits_model(subject, model, why, sizeof why);
    }
    free(model);
    return will;
}

/* A test that will be skipped is not waited for. */
static void get_ready(struct loop *loop, const struct planned *t)
{
    const struct execute_options *o = loop->options;
    const char *target = t->target != NULL ? json_get_text(t->target, "/name") : NULL;
    const struct target_access *access =
        target != NULL && o->access != NULL ? o->access(o->arg, target) : NULL;
    const char *url = access != NULL ? access->url : json_get_text(t->target, "/endpoint");
    struct ready_options options = {.cooldown_ns = o->cooldown_ns,
        .quiet_limit_ns = o->quiet_limit_ns,
        .machine_root = o->machine_root,
        .tick = o->waits,
        .arg = o->arg};
    loop->ready = (struct ready){0};
    if (!will_measure(loop, t))
        return;
    ready_wait(&options, !loop->measured, url, &loop->ready);
    loop->measured = true;
    if (o->restless != NULL && loop->ready.quiet.reason[0] != '\0' && stop_asked() == 0)
        o->restless(o->arg, t->test, loop->ready.quiet.reason);
}

/* The waiting may have used up the time in which tests may begin. */
static bool is_too_late(struct loop *loop, const struct planned *t)
{
    const struct execute_options *o = loop->options;
    bool waited = loop->ready.cooldown_start_ns != 0 || loop->ready.quiet_start_ns != 0;
    if (!waited || loop->attempts > 0 || o->wanted == NULL || o->wanted(o->arg, t->index, t->test))
        return false;
    loop->done->left_out++;
    return true;
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
    get_ready(loop, t);
    strays_spare_children(&spared);
    (void)fflush(NULL);
    if (stop_asked() != 0 || is_too_late(loop, t)) /* while it waited: the test is not begun */
        goto out;
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
out:
    journal_close(loop->journal);
    loop->journal = NULL;
    if (s == STATUS_OK && loop->report->whole && loop->report->status != STATUS_OK)
        s = error_set(e, loop->report->status, "%s", error_text(&loop->report->error));
    return s;
}

/* Until the machine was fit, or often enough. */
static enum status run_attempts(struct loop *loop, const struct planned *t, struct error *e)
{
    const struct execute_options *o = loop->options;
    enum status s;
    loop->repeats_left = o->dirty_repeats;
    loop->attempts = 0;
    do {
        loop->again = false;
        s = run_test(loop, t, e);
        loop->attempts++;
        loop->repeats_left--;
    } while (s == STATUS_OK && loop->again && stop_asked() == 0);
    return s;
}

static enum status run_tests(struct loop *loop, struct error *e)
{
    const struct execute_options *o = loop->options;
    enum status s = STATUS_OK;
    struct planned t;
    for (size_t i = 0; s == STATUS_OK && stop_asked() == 0 && planned_at(o->folder->run, i, &t); i++) {
        if (o->wanted == NULL || o->wanted(o->arg, i, t.test))
            s = run_attempts(loop, &t, e);
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
    reader_share_losses(); /* by those who watch a test each */
    (void)strays_adopt();
    stop_begin();
    if (options->begin != NULL)
        s = options->begin(options->arg, e);
    if (s == STATUS_OK)
        s = run_tests(&loop, e);
    stop_end();
    (void)munmap(loop.report, sizeof *loop.report);
    enum status dropped = spool_drop_claim(options->folder, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? dropped : s;
}
