#include "fs.h"

#include "clock.h"
#include "testkit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

static struct error why;

#define CHECK_OK(call) ck_assert_msg((call) == STATUS_OK, "%s: %s", #call, error_text(&why))

static int count_entry(const char *name, void *arg)
{
    (void)name;
    ++*(int *)arg;
    return 0;
}

static int count_entries(const char *folder)
{
    int count = 0;
    CHECK_OK(fs_list(folder, count_entry, &count, &why));
    return count;
}

static void check_content(const char *path, const char *wanted)
{
    struct buf content = testkit_read(path);
    ck_assert_str_eq(buf_text(&content), wanted);
    buf_fini(&content);
}

static void a_written_file_is_whole_and_alone(void)
{
    const char *path = testkit_tmp_path("a.json");
    CHECK_OK(fs_write_atomic(path, "one", 3, &why));
    check_content(path, "one");
    CHECK_OK(fs_write_atomic(path, "two and more", 12, &why));
    check_content(path, "two and more");
    CHECK_OK(fs_write_atomic(path, "", 0, &why));
    check_content(path, "");
    ck_assert_int_eq(count_entries(testkit_tmp()), 1);
}

static void a_relative_name_is_written_in_the_current_folder(void)
{
    ck_assert_int_eq(chdir(testkit_tmp()), 0);
    CHECK_OK(fs_write_atomic("plain", "x", 1, &why));
    ck_assert(fs_exists("plain"));
    ck_assert(!fs_exists("other"));
}

static void an_output_goes_where_a_link_leads(void)
{
    const char *file = testkit_tmp_path("file"), *link = testkit_tmp_path("link");
    struct stat st;
    bool readable = false;
    CHECK_OK(fs_write_output(file, "old", 3, &readable, &why));
    ck_assert(readable);
    ck_assert_int_eq(symlink("file", link), 0);
    CHECK_OK(fs_write_output(link, "new", 3, NULL, &why));
    check_content(file, "new");
    ck_assert_int_eq(lstat(link, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(count_entries(testkit_tmp()), 2);
}

/* A rename over a device or a pipe would take it away from everybody else. */
static void an_output_never_replaces_what_is_no_file(void)
{
    const char *fifo = testkit_tmp_path("fifo");
    struct stat st;
    char text[8] = "";
    bool readable = true;
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    CHECK_OK(fs_write_output(fifo, "text", 4, &readable, &why));
    ck_assert(!readable);
    ck_assert(fs_is_stream(fifo));
    ck_assert_int_eq(read(reader, text, sizeof text), 4);
    ck_assert_str_eq(text, "text");
    ck_assert_int_eq(close(reader), 0);
    ck_assert_int_eq(stat(fifo, &st), 0);
    ck_assert(S_ISFIFO(st.st_mode));
    ck_assert_int_eq(count_entries(testkit_tmp()), 1);
    if (access("/dev/full", W_OK) == 0) {
        ck_assert_int_eq(fs_write_output("/dev/full", "x", 1, NULL, &why), STATUS_IO);
        ck_assert_ptr_nonnull(strstr(why.text, "/dev/full"));
    }
}

static void writing_where_nothing_can_be_says_so(void)
{
    ck_assert_int_eq(fs_write_atomic(testkit_tmp_path("no/such/x"), "x", 1, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "No such file or directory"));
    ck_assert_int_eq(mkdir(testkit_tmp_path("folder"), 0755), 0);
    ck_assert_int_eq(fs_write_atomic(testkit_tmp_path("folder"), "x", 1, &why), STATUS_IO);
    ck_assert_int_eq(count_entries(testkit_tmp()), 1);
    char path[5000];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ck_assert_int_eq(fs_write_atomic(path, "x", 1, &why), STATUS_LIMIT);
}

/* Writes 1 MiB over an old file, which fails for want of room: the old content stays, nothing else is left.
 */
static void check_full_disk(const char *folder)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/record.json", folder);
    CHECK_OK(fs_write_atomic(path, "old", 3, &why));
    size_t size = 1 << 20;
    char *big = calloc(size, 1);
    ck_assert_ptr_nonnull(big);
    ck_assert_int_eq(fs_write_atomic(path, big, size, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(why.text, "record.json"));
    check_content(path, "old");
    ck_assert_int_eq(count_entries(folder), 1);
    free(big);
}

static void a_full_disk_leaves_the_old_file(void)
{
#ifdef __linux__
    const char *folder = testkit_tmp();
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=64k") != 0)
        TESTKIT_SKIP("may not mount a small file system: %s", strerror(errno));
    check_full_disk(folder);
    ck_assert_ptr_nonnull(strstr(why.text, strerror(ENOSPC)));
    int fd = open(testkit_tmp_path("room"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    CHECK_OK(fs_reserve(fd, 4096, &why));
    ck_assert_int_eq(fs_reserve(fd, 1 << 20, &why), STATUS_IO);
    ck_assert_int_eq(close(fd), 0);
#else
    TESTKIT_SKIP("needs Linux");
#endif
}

static void a_file_size_limit_leaves_the_old_file(void)
{
    struct rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    check_full_disk(testkit_tmp());
    ck_assert_ptr_nonnull(strstr(why.text, strerror(EFBIG)));
}

static void reading_stops_at_the_limit(void)
{
    const char *path = testkit_tmp_path("ten");
    testkit_write(path, "0123456789", 10);
    struct buf b = BUF_INIT(10);
    CHECK_OK(fs_read_file(path, &b, &why));
    ck_assert_str_eq(buf_text(&b), "0123456789");
    buf_fini(&b);
    b.limit = 9;
    ck_assert_int_eq(fs_read_file(path, &b, &why), STATUS_LIMIT);
    ck_assert_ptr_nonnull(strstr(why.text, "larger than the 9 bytes"));
    buf_fini(&b);
}

static void reading_what_is_not_there_says_so(void)
{
    struct buf b = BUF_INIT(10);
    ck_assert_int_eq(fs_read_file(testkit_tmp_path("none"), &b, &why), STATUS_NOT_FOUND);
    ck_assert_int_eq(fs_read_file(testkit_tmp(), &b, &why), STATUS_IO);
    buf_fini(&b);
}

static void a_dash_is_standard_input(void)
{
    const char *path = testkit_tmp_path("in");
    testkit_write(path, "piped", 5);
    ck_assert_ptr_nonnull(freopen(path, "r", stdin));
    struct buf b = BUF_INIT(10);
    CHECK_OK(fs_read_file("-", &b, &why));
    ck_assert_str_eq(buf_text(&b), "piped");
    buf_fini(&b);
}

static void small_files_are_read_below_a_root(void)
{
    char text[8];
    testkit_write(testkit_tmp_path("stat"), "0123456789", 10);
    ck_assert_int_eq(fs_read_small(testkit_tmp(), "/stat", text, sizeof text), 7);
    ck_assert_str_eq(text, "0123456");
    ck_assert_int_eq(fs_read_small(testkit_tmp(), "/none", text, sizeof text), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(fs_read_small("", "/dev/null", text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(fs_read_small("", "/", text, sizeof text), -1);
    ck_assert_int_eq(errno, EISDIR);
}

static void folders_are_made_with_their_parents(void)
{
    const char *deep = testkit_tmp_path("a/b//c/");
    CHECK_OK(fs_make_dirs(deep, &why));
    CHECK_OK(fs_make_dirs(deep, &why));
    ck_assert(fs_exists(testkit_tmp_path("a/b/c")));
    CHECK_OK(fs_make_dirs("/", &why));
    testkit_write(testkit_tmp_path("file"), "", 0);
    ck_assert_int_eq(fs_make_dirs(testkit_tmp_path("file/below"), &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(why.text, "Not a directory"));
    ck_assert_int_eq(fs_make_dirs("", &why), STATUS_LIMIT);
}

static void removing_a_tree_does_not_follow_links(void)
{
    CHECK_OK(fs_make_dirs(testkit_tmp_path("tree/inner/empty"), &why));
    CHECK_OK(fs_make_dirs(testkit_tmp_path("kept"), &why));
    testkit_write(testkit_tmp_path("kept/file"), "x", 1);
    testkit_write(testkit_tmp_path("tree/inner/.hidden"), "x", 1);
    ck_assert_int_eq(symlink(testkit_tmp_path("kept"), testkit_tmp_path("tree/inner/link")), 0);
    ck_assert_int_eq(symlink("nowhere", testkit_tmp_path("tree/dangling")), 0);
    ck_assert_int_eq(mkfifo(testkit_tmp_path("tree/fifo"), 0600), 0);
    CHECK_OK(fs_remove_tree(testkit_tmp_path("tree"), &why));
    ck_assert(!fs_exists(testkit_tmp_path("tree")));
    ck_assert(fs_exists(testkit_tmp_path("kept/file")));
    ck_assert_int_eq(symlink(testkit_tmp_path("kept"), testkit_tmp_path("link")), 0);
    CHECK_OK(fs_remove_tree(testkit_tmp_path("link"), &why));
    ck_assert(fs_exists(testkit_tmp_path("kept/file")));
    CHECK_OK(fs_remove_tree(testkit_tmp_path("kept/file"), &why));
    CHECK_OK(fs_remove_tree(testkit_tmp_path("never there"), &why));
}

static int gather(const char *name, void *arg)
{
    struct buf *names = arg;
    (void)buf_printf(names, "%s ", name);
    return strcmp(name, "stop") == 0;
}

static void folders_are_listed_in_byte_order(void)
{
    static const char *const names[] = {"b", "B", "a", "_", "10", "9", "\xc3\xa4", "z"};
    struct buf got = BUF_INIT(200);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        testkit_write(testkit_tmp_path(names[i]), "", 0);
    CHECK_OK(fs_list(testkit_tmp(), gather, &got, &why));
    ck_assert_str_eq(buf_text(&got), "10 9 B _ a b z \xc3\xa4 ");
    testkit_write(testkit_tmp_path("stop"), "", 0);
    buf_clear(&got);
    CHECK_OK(fs_list(testkit_tmp(), gather, &got, &why));
    ck_assert_str_eq(buf_text(&got), "10 9 B _ a b stop ");
    buf_fini(&got);
    ck_assert_int_eq(fs_list(testkit_tmp_path("none"), gather, &got, &why), STATUS_NOT_FOUND);
}

static void paths_are_joined_as_one_would_expect(void)
{
    static const struct {
        const char *folder, *name, *path;
    } cases[] = {
        {"a/b", "c", "a/b/c"}, {"a/", "c", "a/c"}, {"/", "c", "/c"}, {"", "c", "c"}, {"a", "/c", "/c"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT(100);
        ck_assert_int_eq(fs_join(&out, cases[i].folder, cases[i].name), STATUS_OK);
        ck_assert_str_eq(buf_text(&out), cases[i].path);
        buf_fini(&out);
    }
}

static void append_lines(const char *path, char letter)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    char line[300];
    memset(line, letter, sizeof line);
    for (int i = 0; i < 200; i++)
        CHECK_OK(fs_append_line(fd, line, sizeof line, &why));
    CHECK_OK(fs_sync_fd(fd, &why));
    ck_assert_int_eq(close(fd), 0);
}

static void lines_of_two_writers_do_not_mix(void)
{
    const char *path = testkit_tmp_path("lines");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    append_lines(path, child == 0 ? 'a' : 'b');
    if (child == 0)
        _exit(0);
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    struct buf all = testkit_read(path);
    ck_assert_uint_eq(all.len, (size_t)2 * 200 * 301);
    for (size_t at = 0; at < all.len; at += 301) {
        const char one[2] = {all.data[at], '\0'};
        ck_assert(all.data[at + 300] == '\n' && strspn(all.data + at, one) == 300);
    }
    buf_fini(&all);
}

static void room_is_kept_on_the_disk(void)
{
    int fd = open(testkit_tmp_path("room"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat st;
    CHECK_OK(fs_reserve(fd, 65536, &why));
    CHECK_OK(fs_reserve(fd, 0, &why));
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_ge(st.st_blocks * 512, 65536);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(fs_reserve(fd, 10, &why), STATUS_IO);
}

/* A child that holds the lock until its end of the pipe is closed; returns when it does hold it. */
static pid_t hold_lock(const char *path, int release[2])
{
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(release), 0);
    pid_t child = fork();
    char c = 0;
    if (child == 0) {
        int fd = -1;
        (void)close(release[1]);
        bool held = fs_lock(path, 0, &fd, NULL) == STATUS_OK && write(ready[1], "x", 1) == 1;
        (void)!read(release[0], &c, 1);
        _exit(held ? 0 : 1);
    }
    (void)close(ready[1]);
    (void)close(release[0]);
    ck_assert_int_eq(read(ready[0], &c, 1), 1);
    (void)close(ready[0]);
    return child;
}

static void a_held_lock_names_its_holder(void)
{
    const char *path = testkit_tmp_path("lock");
    int release[2], fd = -1, status = -1;
    pid_t child = hold_lock(path, release);
    int64_t t0 = clock_mono_ns(clock_system());
    ck_assert_int_eq(fs_lock(path, 30 * NS_PER_MS, &fd, &why), STATUS_BUSY);
    ck_assert_int_ge(clock_mono_ns(clock_system()) - t0, 30 * NS_PER_MS);
    char text[64];
    (void)snprintf(text, sizeof text, "is held by process %ld", (long)child);
    ck_assert_ptr_nonnull(strstr(why.text, text));
    ck_assert_int_eq(fd, -1);
    (void)close(release[1]);
    CHECK_OK(fs_lock(path, 10 * NS_PER_S, &fd, &why));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    (void)snprintf(text, sizeof text, "%ld\n", (long)getpid());
    check_content(path, text);
    ck_assert_int_eq(close(fd), 0);
}

static void a_killed_holder_frees_its_lock(void)
{
    const char *path = testkit_tmp_path("lock");
    int release[2], fd = -1;
    pid_t child = hold_lock(path, release);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    CHECK_OK(fs_lock(path, INT64_MAX, &fd, &why));
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(close(fd), 0);
}

static void a_lock_where_nothing_can_be_written_says_so(void)
{
    int fd = -1;
    ck_assert_int_eq(fs_lock(testkit_tmp_path("no/such/lock"), 0, &fd, &why), STATUS_NOT_FOUND);
    ck_assert_int_eq(fd, -1);
}

/* A wrong ASSAY_LOCK_FILE, or a trap that somebody laid in /tmp. */
static void a_file_that_is_no_lock_stays_as_it_is(void)
{
    static const char text[] = "somebody's letter, which is longer than any process id";
    const char *file = testkit_tmp_path("letter"), *link = testkit_tmp_path("link");
    int fd = -1;
    CHECK_OK(fs_write_atomic(file, text, strlen(text), &why));
    ck_assert_int_eq(fs_lock(file, 0, &fd, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(why.text, "is not a lock"));
    ck_assert_int_eq(symlink(file, link), 0);
    ck_assert_int_eq(fs_lock(link, 0, &fd, &why), STATUS_IO);
    ck_assert_int_eq(fs_lock(testkit_tmp(), 0, &fd, &why), STATUS_IO);
    ck_assert_int_eq(fd, -1);
    check_content(file, text);
}

static void a_lock_of_another_user_is_taken_all_the_same(void)
{
    const char *path = "lock"; /* relative: the folders above are closed to others */
    int fd = -1, second = -1;
    ck_assert_int_eq(chdir(testkit_tmp()), 0);
    CHECK_OK(fs_write_atomic(path, "1\n", 2, &why));
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(chmod(".", 0755), 0);
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    enum status first = fs_lock(path, 0, &fd, &why);
    enum status again = fs_lock(path, 0, &second, NULL);
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_msg(first == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(again, STATUS_BUSY);
    ck_assert_int_eq(close(fd), 0);
}

static void a_pipe_is_written_to_and_stays_a_pipe(void)
{
    const char *path = testkit_tmp_path("pipe");
    struct stat st;
    char text[8] = "";
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    CHECK_OK(fs_write_atomic(path, "words", 5, &why));
    ck_assert_int_eq(read(fd, text, sizeof text - 1), 5);
    ck_assert_str_eq(text, "words");
    ck_assert(stat(path, &st) == 0 && S_ISFIFO(st.st_mode));
    close(fd);
    CHECK_OK(fs_write_atomic("/dev/null", "x", 1, &why));
    ck_assert(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_written_file_is_whole_and_alone),
        TESTKIT_TEST(a_relative_name_is_written_in_the_current_folder),
        TESTKIT_TEST(an_output_goes_where_a_link_leads),
        TESTKIT_TEST(an_output_never_replaces_what_is_no_file),
        TESTKIT_TEST(writing_where_nothing_can_be_says_so),
        TESTKIT_TEST(a_full_disk_leaves_the_old_file),
        TESTKIT_TEST(a_file_size_limit_leaves_the_old_file),
        TESTKIT_TEST(reading_stops_at_the_limit),
        TESTKIT_TEST(reading_what_is_not_there_says_so),
        TESTKIT_TEST(a_dash_is_standard_input),
        TESTKIT_TEST(small_files_are_read_below_a_root),
        TESTKIT_TEST(folders_are_made_with_their_parents),
        TESTKIT_TEST(removing_a_tree_does_not_follow_links),
        TESTKIT_TEST(folders_are_listed_in_byte_order),
        TESTKIT_TEST(paths_are_joined_as_one_would_expect),
        TESTKIT_TEST(lines_of_two_writers_do_not_mix),
        TESTKIT_TEST(room_is_kept_on_the_disk),
        TESTKIT_TEST(a_held_lock_names_its_holder),
        TESTKIT_TEST(a_killed_holder_frees_its_lock),
        TESTKIT_TEST(a_lock_where_nothing_can_be_written_says_so),
        TESTKIT_TEST(a_file_that_is_no_lock_stays_as_it_is),
        TESTKIT_TEST(a_lock_of_another_user_is_taken_all_the_same),
        TESTKIT_TEST(a_pipe_is_written_to_and_stays_a_pipe),
        {0},
    };
    return testkit_run("fs", tests);
}
