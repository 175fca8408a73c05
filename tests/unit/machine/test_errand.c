#include "errand.h"

#include "clock.h"
#include "testkit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing that has to answer in these tests may be given up, however slow the machine is. */
#define AGES_NS (120 * NS_PER_S)
#define SOON_NS (50 * NS_PER_MS)

struct talk {
    int question, answer;
    pid_t pid, group;
    bool descriptor_is_open, term_is_ignored;
    char hangs_while[512];
};

static void wait_while_there_is(const char *path)
{
    while (access(path, F_OK) == 0)
        (void)usleep(1000);
}

static void serve_doubles(struct errand_side *side, void *memory, const void *arg)
{
    struct talk *talk = memory;
    const int *inherited = arg;
    struct sigaction term;
    while (errand_next(side)) {
        if (talk->hangs_while[0]) {
            errand_doing("the slow part");
            wait_while_there_is(talk->hangs_while);
        }
        talk->answer = 2 * talk->question;
        talk->pid = getpid();
        talk->group = getpgrp();
        talk->descriptor_is_open = inherited && fcntl(*inherited, F_GETFD) != -1;
        talk->term_is_ignored = sigaction(SIGTERM, NULL, &term) == 0 && term.sa_handler == SIG_IGN;
    }
}

static void serve_nothing(struct errand_side *side, void *memory, const void *arg)
{
    (void)memory;
    (void)arg;
    (void)errand_next(side);
    errand_doing("the last thing it did");
}

static struct errand *start_kind(enum errand_kind kind,
    void (*serve)(struct errand_side *, void *, const void *), const void *arg, int64_t deadline_ns)
{
    struct errand_plan plan = {
        .kind = kind, .serve = serve, .arg = arg, .size = sizeof(struct talk), .deadline_ns = deadline_ns};
    struct errand *errand = errand_start(&plan);
    ck_assert_ptr_nonnull(errand);
    return errand;
}

static struct errand *start(
    void (*serve)(struct errand_side *, void *, const void *), const void *arg, int64_t deadline_ns)
{
    return start_kind(ERRAND_GPUS, serve, arg, deadline_ns);
}

static void expect_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static void each_question_has_its_answer(void)
{
    struct errand *errand = start(serve_doubles, NULL, AGES_NS);
    struct talk *talk = errand_memory(errand);
    char reason[160];
    for (int i = 1; i <= 100; i++) {
        talk->question = i;
        ck_assert_int_eq(errand_ask(errand, AGES_NS), ERRAND_TOLD);
        ck_assert_int_eq(talk->answer, 2 * i);
    }
    ck_assert_int_ne(talk->pid, getpid());
    ck_assert(!errand_owes(errand) && !errand_lost(errand, reason, sizeof reason));
    errand_end(errand);
    expect_no_child();
}

static void it_is_in_nobodys_way(void)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    int high = fcntl(fds[1], F_DUPFD, 40);
    struct errand *errand = start(serve_doubles, &high, AGES_NS);
    struct talk *talk = errand_memory(errand);
    ck_assert_int_eq(errand_ask(errand, AGES_NS), ERRAND_TOLD);
    ck_assert(!talk->descriptor_is_open && talk->term_is_ignored);
    ck_assert_int_eq(talk->group, talk->pid);
    errand_end(errand);
    close(high);
    close(fds[0]);
    close(fds[1]);
}

static void who_does_not_answer_is_lost_until_he_does(void)
{
    struct errand *errand = start(serve_doubles, NULL, SOON_NS);
    struct talk *talk = errand_memory(errand);
    const char *path = testkit_tmp_path("wedged");
    char reason[160];
    enum errand_answer answer = ERRAND_SILENT;
    testkit_write(path, "", 0);
    snprintf(talk->hangs_while, sizeof talk->hangs_while, "%s", path);
    talk->question = 21;
    ck_assert_int_eq(errand_ask(errand, 2 * SOON_NS), ERRAND_SILENT);
    ck_assert(errand_owes(errand) && errand_lost(errand, reason, sizeof reason));
    for (int i = 0; i < 120000 && strncmp(reason, "the slow part", 13) != 0; i++) {
        (void)usleep(1000); /* it has yet to get there */
        ck_assert(errand_lost(errand, reason, sizeof reason));
    }
    ck_assert_str_eq(reason, "the slow part has not answered for 50 ms");
    ck_assert_int_eq(unlink(path), 0);
    for (int i = 0; i < 120000 && answer == ERRAND_SILENT; i++) {
        answer = errand_ask(errand, 0);
        (void)usleep(1000);
    }
    ck_assert_int_eq(answer, ERRAND_EARLIER);
    ck_assert_int_eq(talk->answer, 42);
    ck_assert(!errand_lost(errand, reason, sizeof reason));
    errand_end(errand);
    expect_no_child();
}

static void who_hangs_for_good_is_ended_without_being_waited_for(void)
{
    struct errand *errand = start(serve_doubles, NULL, SOON_NS);
    struct talk *talk = errand_memory(errand);
    const char *path = testkit_tmp_path("wedged");
    testkit_write(path, "", 0);
    snprintf(talk->hangs_while, sizeof talk->hangs_while, "%s", path);
    ck_assert_int_eq(errand_ask(errand, SOON_NS), ERRAND_SILENT);
    errand_end(errand);
}

static void who_has_ended_says_nothing_more(void)
{
    struct errand *errand = start(serve_nothing, NULL, AGES_NS);
    char reason[160];
    ck_assert_int_eq(errand_ask(errand, AGES_NS), ERRAND_SILENT);
    ck_assert(errand_lost(errand, reason, sizeof reason));
    ck_assert_str_eq(reason, "the process that reads it has ended, at the last thing it did");
    int left = 0;
    for (int i = 0; i < 120000 && left == 0; i++) {
        siginfo_t any = {0};
        ck_assert_int_eq(errand_ask(errand, AGES_NS), ERRAND_SILENT);
        left = waitid(
            P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT); /* asking reaps it: it is no zombie of ours */
        (void)usleep(1000);
    }
    ck_assert(left == -1 && errno == ECHILD);
    errand_end(errand);
}

static void behind_one_that_was_lost_nobody_waits_long_for_a_first_answer(void)
{
    const char *path = testkit_tmp_path("wedged");
    char reason[160];
    testkit_write(path, "", 0);
    for (int i = 0; i < 2; i++) {
        /* the second would be waited for for two minutes */
        struct errand *errand = start(serve_doubles, NULL, i == 0 ? SOON_NS : AGES_NS);
        struct talk *talk = errand_memory(errand);
        snprintf(talk->hangs_while, sizeof talk->hangs_while, "%s", path);
        ck_assert_int_eq(errand_ask_first(errand, i == 0 ? SOON_NS : AGES_NS), ERRAND_SILENT);
        ck_assert_int_eq(errand_lost(errand, reason, sizeof reason), i == 0);
        errand_end(errand);
    }
}

/* As long as that file is there. */
static enum errand_answer ask_one_that_hangs(enum errand_kind kind, const char *path, int64_t deadline_ns)
{
    struct errand *errand = start_kind(kind, serve_doubles, NULL, deadline_ns);
    struct talk *talk = errand_memory(errand);
    snprintf(talk->hangs_while, sizeof talk->hangs_while, "%s", path);
    enum errand_answer answer = errand_ask_first(errand, deadline_ns);
    errand_end(errand);
    return answer;
}

/* As the tests of a run are watched: each by a process of its own. */
static void what_a_child_lost_is_known_to_the_next(void)
{
    const char *path = testkit_tmp_path("wedged");
    int status = -1;
    testkit_write(path, "", 0);
    errand_share_losses();
    errand_share_losses(); /* once is enough */
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(ask_one_that_hangs(ERRAND_METERS, path, SOON_NS) == ERRAND_SILENT ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(errand_was_lost(ERRAND_METERS));
    ck_assert(
        !errand_was_lost(ERRAND_GPUS) && !errand_was_lost(ERRAND_SLOW) && !errand_was_lost(ERRAND_TARGET));
    /* would be waited for for two minutes */
    ck_assert_int_eq(ask_one_that_hangs(ERRAND_METERS, path, AGES_NS), ERRAND_SILENT);
    ck_assert_int_eq(unlink(path), 0);
    for (int i = 0; i < 1000 && errand_was_lost(ERRAND_METERS); i++)
        (void)ask_one_that_hangs(ERRAND_METERS, path, AGES_NS); /* it answers again */
    ck_assert(!errand_was_lost(ERRAND_METERS));
}

/* A file names itself, as the child has it open. */
static void serve_file(struct errand_side *side, void *memory, const void *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    (void)memory;
    while (errand_next(side)) {
        errand_doing_file(fd);
        wait_while_there_is(path);
    }
}

static void a_file_that_hangs_is_named(void)
{
    char reason[1024];
    const char *path = testkit_tmp_path("temp1_input");
    testkit_write(path, "", 0);
    struct errand *errand = start(serve_file, path, SOON_NS);
    enum errand_answer answer = errand_ask(errand, 2 * SOON_NS);
    ck_assert_int_eq(answer, ERRAND_SILENT);
    ck_assert(errand_lost(errand, reason, sizeof reason));
    ck_assert_ptr_nonnull(strstr(reason, "has not answered for 50 ms"));
    errand_end(errand);
}

static void a_captured_tree_needs_none(void)
{
    ck_assert_int_eq(errand_deadline("", 0), ERRAND_DEADLINE_NS);
    ck_assert_int_eq(errand_deadline("/a/tree", 0), 0);
    ck_assert_int_eq(errand_deadline("/a/tree", 5), 5);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_question_has_its_answer),
        TESTKIT_TEST(it_is_in_nobodys_way),
        TESTKIT_TEST(who_does_not_answer_is_lost_until_he_does),
        TESTKIT_TEST(who_hangs_for_good_is_ended_without_being_waited_for),
        TESTKIT_TEST(behind_one_that_was_lost_nobody_waits_long_for_a_first_answer),
        TESTKIT_TEST(who_has_ended_says_nothing_more),
        TESTKIT_TEST(what_a_child_lost_is_known_to_the_next),
        TESTKIT_TEST(a_file_that_hangs_is_named),
        TESTKIT_TEST(a_captured_tree_needs_none),
        {0},
    };
    return testkit_run("errand", tests);
}
