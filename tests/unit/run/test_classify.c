#include "classify.h"

#include "testkit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Wait statuses as wait(2) packs them. */
#define EXITED(code) ((code) << 8)
#define SIGNALLED(number) (number)

struct row {
    const char *what;
    int wait_status;
    enum journal_phase phase;
    int tests_run, rtype; /* tests_run < 0: no result */
    const char *message;
    struct {
        bool deadline, oom, damaged;
        int stop;
        const char *refusal, *unfit;
    } with;
    enum outcome expected;
};

static const struct row rows[] = {
    {"all is well", EXITED(0), PHASE_DONE, 1, CK_PASS, "Passed", {0}, OUTCOME_PASSED},
    {"a pass without the end of the body", EXITED(0), PHASE_BODY, 1, CK_PASS, "Passed", {0}, OUTCOME_ERROR},
    {"a pass, then a bad exit code", EXITED(3), PHASE_DONE, 1, CK_PASS, "Passed", {0}, OUTCOME_ERROR},
    {"an assertion", EXITED(1), PHASE_BODY, 1, CK_FAILURE, "no", {0}, OUTCOME_FAILED},
    {"an assertion whose process found leaks", EXITED(23), PHASE_BODY, 1, CK_FAILURE, "no", {0},
        OUTCOME_FAILED},
    {"no result, exit code 0", EXITED(0), PHASE_BODY, -1, 0, "", {0}, OUTCOME_ERROR},
    {"no result, another code", EXITED(2), PHASE_SETUP, -1, 0, "", {0}, OUTCOME_ERROR},
    {"exit code 77 without a reason is no skip", EXITED(77), PHASE_BODY, -1, 0, "", {0}, OUTCOME_ERROR},
    {"a skip", EXITED(77), PHASE_SKIP, 1, CK_FAILURE, "", {0}, OUTCOME_SKIPPED},
    {"a segmentation fault", SIGNALLED(SIGSEGV), PHASE_BODY, -1, 0, "", {0}, OUTCOME_CRASHED},
    {"an abort", SIGNALLED(SIGABRT), PHASE_BODY, -1, 0, "", {0}, OUTCOME_CRASHED},
    {"a broken pipe", SIGNALLED(SIGPIPE), PHASE_BODY, -1, 0, "", {0}, OUTCOME_CRASHED},
    {"a kill", SIGNALLED(SIGKILL), PHASE_BODY, -1, 0, "", {0}, OUTCOME_KILLED},
    {"a termination by somebody", SIGNALLED(SIGTERM), PHASE_BODY, -1, 0, "", {0}, OUTCOME_KILLED},
    {"a kill for memory", SIGNALLED(SIGKILL), PHASE_BODY, -1, 0, "", {.oom = true}, OUTCOME_OOM},
    {"a crash while others ran out of memory", SIGNALLED(SIGSEGV), PHASE_BODY, -1, 0, "", {.oom = true},
        OUTCOME_CRASHED},
    {"the deadline", SIGNALLED(SIGTERM), PHASE_BODY, -1, 0, "", {.deadline = true}, OUTCOME_TIMEOUT},
    {"the deadline in the moment of the end", EXITED(0), PHASE_DONE, 1, CK_PASS, "Passed", {.deadline = true},
        OUTCOME_PASSED},
    {"told to stop", SIGNALLED(SIGTERM), PHASE_BODY, -1, 0, "", {.stop = SIGINT}, OUTCOME_INTERRUPTED},
    {"told to stop, then killed", SIGNALLED(SIGKILL), PHASE_BODY, -1, 0, "",
        {.stop = SIGHUP, .deadline = true}, OUTCOME_INTERRUPTED},
    {"no target", EXITED(0), PHASE_SETUP, 1, CK_PASS, "Passed", {.refusal = "nobody answers"}, OUTCOME_ERROR},
    {"a client that was late", EXITED(1), PHASE_BODY, 1, CK_FAILURE, "no", {.unfit = "the loop stood still"},
        OUTCOME_HARNESS_ERROR},
    {"a client that was late, at its deadline", SIGNALLED(SIGTERM), PHASE_BODY, -1, 0, "",
        {.deadline = true, .unfit = "the loop stood still"}, OUTCOME_TIMEOUT},
    {"a journal written over", EXITED(0), PHASE_NONE, -1, 0, "", {.damaged = true}, OUTCOME_HARNESS_ERROR},
    {"no test was run", EXITED(0), PHASE_NONE, 0, CK_ERROR, "", {0}, OUTCOME_HARNESS_ERROR},
    {"two tests were run", EXITED(0), PHASE_DONE, 2, CK_PASS, "", {0}, OUTCOME_HARNESS_ERROR},
    {"Check's child crashed", EXITED(1), PHASE_BODY, 1, CK_ERROR, "Received signal 11 (Segmentation fault)",
        {0}, OUTCOME_CRASHED},
    {"Check's child was killed", EXITED(1), PHASE_BODY, 1, CK_ERROR, "Received signal 9 (Killed)", {0},
        OUTCOME_KILLED},
    {"Check's child was killed for memory", EXITED(1), PHASE_BODY, 1, CK_ERROR, "Received signal 9 (Killed)",
        {.oom = true}, OUTCOME_OOM},
    {"Check's child was late", EXITED(1), PHASE_BODY, 1, CK_ERROR, "Test timeout expired", {0},
        OUTCOME_TIMEOUT},
    {"Check's child left", EXITED(1), PHASE_BODY, 1, CK_ERROR, "Early exit with return value 0", {0},
        OUTCOME_ERROR},
};

static void every_ending_has_its_outcome(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct ending ending = {.wait_status = r->wait_status,
            .deadline_passed = r->with.deadline,
            .stop_signal = r->with.stop,
            .oom_counted = r->with.oom};
        struct journal_state state = {.phase = r->phase,
            .has_result = r->tests_run >= 0,
            .tests_run = r->tests_run,
            .rtype = r->rtype,
            .damaged = r->with.damaged};
        struct classified c;
        snprintf(state.message, sizeof state.message, "%s", r->message);
        snprintf(state.refusal, sizeof state.refusal, "%s", r->with.refusal ? r->with.refusal : "");
        snprintf(state.unfit, sizeof state.unfit, "%s", r->with.unfit ? r->with.unfit : "");
        classify(&ending, &state, &c);
        ck_assert_msg(c.outcome == r->expected, "%s: %s", r->what, outcome_name(c.outcome));
        bool is_fine = c.outcome == OUTCOME_PASSED || c.outcome == OUTCOME_SKIPPED;
        ck_assert_msg(is_fine || c.message[0] != '\0', "%s: no message", r->what);
        ck_assert_msg((c.outcome == OUTCOME_SKIPPED) == (c.skip_reason != NULL), "%s: skip reason", r->what);
    }
}

static void the_message_says_where_it_happened(void)
{
    struct ending ending = {.wait_status = SIGNALLED(SIGSEGV)};
    struct journal_state state = {.phase = PHASE_BODY, .mark = "repeat 3, exchange 12"};
    struct classified c;
    classify(&ending, &state, &c);
    ck_assert_str_eq(c.message, "crashed by SIGSEGV in phase body, at repeat 3, exchange 12");
}

static void a_late_client_is_blamed_in_its_own_words(void)
{
    struct ending ending = {.wait_status = EXITED(1)};
    struct journal_state state = {.phase = PHASE_BODY,
        .has_result = true,
        .tests_run = 1,
        .rtype = CK_FAILURE,
        .message = "an assertion",
        .unfit = "the loop stood still"};
    struct classified c;
    classify(&ending, &state, &c);
    ck_assert_str_eq(c.message, "the loop stood still");
}

static void signals_without_a_name_have_their_number(void)
{
    char text[16];
    ck_assert_str_eq(classify_signal_name(SIGKILL, text), "SIGKILL");
    ck_assert_str_eq(classify_signal_name(40, text), "SIG40");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_ending_has_its_outcome),
        TESTKIT_TEST(the_message_says_where_it_happened),
        TESTKIT_TEST(a_late_client_is_blamed_in_its_own_words),
        TESTKIT_TEST(signals_without_a_name_have_their_number),
        {0},
    };
    return testkit_run("classify", tests);
}
