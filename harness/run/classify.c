#include "classify.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
    int number;
    const char *name;
    bool from_outside; /* what others send; the rest comes of the process's own making */
} signals[] = {
    {SIGHUP, "SIGHUP", true},
    {SIGINT, "SIGINT", true},
    {SIGQUIT, "SIGQUIT", true},
    {SIGILL, "SIGILL", false},
    {SIGTRAP, "SIGTRAP", false},
    {SIGABRT, "SIGABRT", false},
    {SIGBUS, "SIGBUS", false},
    {SIGFPE, "SIGFPE", false},
    {SIGKILL, "SIGKILL", true},
    {SIGUSR1, "SIGUSR1", true},
    {SIGSEGV, "SIGSEGV", false},
    {SIGUSR2, "SIGUSR2", true},
    {SIGPIPE, "SIGPIPE", false},
    {SIGALRM, "SIGALRM", false},
    {SIGTERM, "SIGTERM", true},
    {SIGXCPU, "SIGXCPU", true},
    {SIGXFSZ, "SIGXFSZ", false},
    {SIGSYS, "SIGSYS", false},
};

const char *classify_signal_name(int number, char text[16])
{
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].number == number)
            return signals[i].name;
    snprintf(text, 16, "SIG%d", number);
    return text;
}

static bool from_outside(int number)
{
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].number == number)
            return signals[i].from_outside;
    return false;
}

/* " in phase body, at repeat 3, exchange 12" */
static void say_where(const struct journal_state *state, char *text, size_t size)
{
    snprintf(text, size, " in phase %s%s%s", journal_phase_name(state->phase), state->mark[0] ? ", at " : "",
        state->mark);
}

static void set(
    struct classified *c, const struct journal_state *state, enum outcome outcome, const char *what)
{
    char where[300];
    say_where(state, where, sizeof where);
    c->outcome = outcome;
    snprintf(c->message, sizeof c->message, "%s%s", what, where);
}

static void by_signal(
    const struct ending *ending, const struct journal_state *state, int number, struct classified *c)
{
    char spare[16], what[128];
    const char *name = classify_signal_name(number, spare);
    enum outcome outcome = from_outside(number) ? OUTCOME_KILLED : OUTCOME_CRASHED;
    if (number == SIGKILL && ending->oom_counted)
        outcome = OUTCOME_OOM;
    snprintf(what, sizeof what, "%s by %s%s", outcome == OUTCOME_CRASHED ? "crashed" : "killed", name,
        outcome == OUTCOME_OOM ? ", out of memory" : "");
    set(c, state, outcome, what);
}

static void by_us(const struct ending *ending, const struct journal_state *state, struct classified *c)
{
    char spare[16], what[128];
    if (ending->stop_signal != 0) {
        snprintf(what, sizeof what, "stopped, because assay was told to by %s",
            classify_signal_name(ending->stop_signal, spare));
        set(c, state, OUTCOME_INTERRUPTED, what);
        return;
    }
    set(c, state, OUTCOME_TIMEOUT, "stopped at its deadline");
}

static void without_result(
    const struct ending *ending, const struct journal_state *state, struct classified *c)
{
    char what[128];
    snprintf(what, sizeof what, "the case ended its process with exit code %d before it had a result",
        WEXITSTATUS(ending->wait_status));
    set(c, state, OUTCOME_ERROR, what);
}

static void place_of(const struct journal_state *state, struct classified *c)
{
    if (state->file[0] == '\0' || state->line <= 0)
        return;
    c->file = state->file;
    c->line = state->line;
}

/* Check saw its forked child end without a result: all that is left of the cause is its sentence. */
static void by_check(const struct ending *ending, const struct journal_state *state, struct classified *c)
{
    static const char received[] = "Received signal ";
    const char *text = strstr(state->message, received);
    if (text != NULL) {
        by_signal(ending, state, (int)strtol(text + sizeof received - 1, NULL, 10), c);
        return;
    }
    bool late = strstr(state->message, "Test timeout expired") != NULL;
    set(c, state, late ? OUTCOME_TIMEOUT : OUTCOME_ERROR,
        state->message[0] ? state->message : "the case ended without a result");
    place_of(state, c);
}

static void by_result(const struct ending *ending, const struct journal_state *state, struct classified *c)
{
    int code = WEXITSTATUS(ending->wait_status);
    if (state->rtype == CK_FAILURE) {
        c->outcome = OUTCOME_FAILED;
        snprintf(
            c->message, sizeof c->message, "%s", state->message[0] ? state->message : "an assertion failed");
        place_of(state, c);
    } else if (state->rtype == CK_ERROR) {
        by_check(ending, state, c);
    } else if (state->phase == PHASE_DONE && code == 0) {
        c->outcome = OUTCOME_PASSED;
    } else {
        char what[128];
        snprintf(what, sizeof what, "the case passed, but its process ended with exit code %d", code);
        set(c, state, OUTCOME_ERROR, what);
    }
}

/* The test was over in the moment in which we ended it: then its own result counts. */
static bool finished_anyway(const struct ending *ending, const struct journal_state *state)
{
    return !WIFSIGNALED(ending->wait_status) && state->has_result &&
           (state->phase == PHASE_DONE || state->phase == PHASE_SKIP);
}

void classify(const struct ending *ending, const struct journal_state *state, struct classified *c)
{
    bool ended_by_us = ending->stop_signal != 0 || ending->deadline_passed;
    memset(c, 0, sizeof *c);
    if (ended_by_us && !finished_anyway(ending, state)) {
        by_us(ending, state, c);
    } else if (WIFSIGNALED(ending->wait_status)) {
        by_signal(ending, state, WTERMSIG(ending->wait_status), c);
    } else if (state->damaged) {
        set(c, state, OUTCOME_HARNESS_ERROR,
            "the case wrote over the journal that it shares with its supervisor");
    } else if (state->refusal[0] != '\0') {
        c->outcome = OUTCOME_ERROR;
        snprintf(c->message, sizeof c->message, "the case could not begin: %s", state->refusal);
    } else if (state->unfit[0] != '\0') {
        c->outcome = OUTCOME_HARNESS_ERROR;
        snprintf(c->message, sizeof c->message, "%s", state->unfit);
    } else if (state->phase == PHASE_SKIP) {
        c->outcome = OUTCOME_SKIPPED;
        c->skip_reason = state->skip_reason[0] ? state->skip_reason : "no reason given";
    } else if (!state->has_result) {
        without_result(ending, state, c);
    } else if (state->tests_run != 1) {
        set(c, state, OUTCOME_HARNESS_ERROR, "not exactly one test was run");
    } else {
        by_result(ending, state, c);
    }
}
