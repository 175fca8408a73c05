#include "monitor_out.h"

#include "testkit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct monitor_out open_new(const char *path)
{
    struct monitor_out out;
    struct error why = {0};
    ck_assert_msg(monitor_out_open(path, MONITOR_OUT_NEW, &out, &why) == STATUS_OK, "%s", error_text(&why));
    return out;
}

static void put(struct monitor_out *out, const char *text)
{
    struct buf line = BUF_INIT(1 << 20);
    buf_append_text(&line, text);
    monitor_out_line(out, &line);
    buf_fini(&line);
}

static void lines_stand_in_the_file_as_soon_as_they_are_handed_over(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor_out out = open_new(path);
    ck_assert(out.made && out.regular);
    put(&out, "one");
    out.muted = true;
    put(&out, "nothing");
    out.muted = false;
    put(&out, "two");
    struct buf text = testkit_read(path);
    ck_assert_str_eq(buf_text(&text), "one\ntwo\n");
    buf_fini(&text);
    monitor_out_close(&out);
}

static void results_are_overwritten_only_when_that_was_said(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor_out out;
    struct error why = {0};
    testkit_write(path, "old\n", 4);
    ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_NEW, &out, &why), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "--overwrite"));
    ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_ADD, &out, &why), STATUS_OK);
    put(&out, "more");
    monitor_out_close(&out);
    struct buf text = testkit_read(path);
    ck_assert_str_eq(buf_text(&text), "old\nmore\n");
    buf_fini(&text);
    ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_REPLACE, &out, &why), STATUS_OK);
    ck_assert(!out.made);
    put(&out, "new");
    monitor_out_close(&out);
    text = testkit_read(path);
    ck_assert_str_eq(buf_text(&text), "new\n");
    buf_fini(&text);
}

/* Until it is sure that there is something to measure, what is there stays. */
static void lines_that_are_held_take_the_place_of_nothing(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    testkit_write(path, "old\n", 4);
    for (int released = 0; released < 2; released++) {
        struct monitor_out out;
        struct error why = {0};
        ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_REPLACE, &out, &why), STATUS_OK);
        monitor_out_hold(&out);
        put(&out, "one");
        put(&out, "two");
        if (released) {
            monitor_out_release(&out);
            put(&out, "three");
        }
        ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_OK);
        monitor_out_close(&out);
        struct buf text = testkit_read(path);
        ck_assert_str_eq(buf_text(&text), released ? "one\ntwo\nthree\n" : "old\n");
        buf_fini(&text);
    }
}

/* A pipe that its other owner made non-blocking, and that is full. */
static void a_full_pipe_is_waited_for(void)
{
    int fds[2];
    struct error why = {0};
    char byte[4096];
    size_t filled = 0, read_back = 0;
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    memset(byte, 'x', sizeof byte);
    for (ssize_t n; (n = write(fds[1], byte, sizeof byte)) > 0;)
        filled += (size_t)n;
    pid_t reader = fork();
    if (reader == 0) {
        close(fds[1]);
        for (ssize_t n; (n = read(fds[0], byte, sizeof byte)) > 0;)
            read_back += (size_t)n;
        _exit(read_back == filled + 5 ? 0 : 1);
    }
    close(fds[0]);
    struct monitor_out out = {.fd = fds[1]};
    put(&out, "last");
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_OK);
    monitor_out_close(&out);
    int status = -1;
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void one_file_has_one_monitor(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor_out first = open_new(path), second;
    struct error why = {0};
    ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_REPLACE, &second, &why), STATUS_BUSY);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "another monitor"));
    monitor_out_close(&first);
    ck_assert_int_eq(monitor_out_open(path, MONITOR_OUT_REPLACE, &second, &why), STATUS_OK);
    monitor_out_close(&second);
}

/* A limit on the size of a file cuts a line as a full disk does: in the middle. */
static void a_line_that_no_longer_fits_leaves_whole_lines(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor_out out = open_new(path);
    struct error why = {0};
    struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    put(&out, "seven b");
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    put(&out, "does not fit any more");
    put(&out, "x");
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_text(&why), strerror(EFBIG)));
    put(&out, "after a failure nothing is written");
    struct buf text = testkit_read(path);
    ck_assert_str_eq(buf_text(&text), "seven b\n");
    buf_fini(&text);
    monitor_out_close(&out);
}

static void a_reader_that_has_gone_is_an_error_and_no_death(void)
{
    int fds[2];
    struct error why = {0};
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    struct monitor_out out = {.fd = fds[1]};
    put(&out, "read");
    close(fds[0]);
    put(&out, "not read");
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_text(&why), strerror(EPIPE)));
    monitor_out_close(&out);
}

static void a_file_that_was_removed_is_noticed(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor_out out = open_new(path);
    struct error why = {0};
    monitor_out_look(&out);
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_OK);
    ck_assert_int_eq(unlink(path), 0);
    put(&out, "into nothing");
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_OK);
    monitor_out_look(&out);
    ck_assert_int_eq(monitor_out_status(&out, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "removed"));
    monitor_out_close(&out);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(lines_stand_in_the_file_as_soon_as_they_are_handed_over),
        TESTKIT_TEST(results_are_overwritten_only_when_that_was_said),
        TESTKIT_TEST(lines_that_are_held_take_the_place_of_nothing),
        TESTKIT_TEST(a_full_pipe_is_waited_for),
        TESTKIT_TEST(one_file_has_one_monitor),
        TESTKIT_TEST(a_line_that_no_longer_fits_leaves_whole_lines),
        TESTKIT_TEST(a_reader_that_has_gone_is_an_error_and_no_death),
        TESTKIT_TEST(a_file_that_was_removed_is_noticed),
        {0},
    };
    return testkit_run("monitor_out", tests);
}
