#include "live_ctest.h"

#include "buf.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { COMMAND_LINE_MAX = 1 << 20, LISTING_MAX = 64 << 20, LISTING_LIMIT_MS = 30000 };

/* The labels of tests that never need a server. */
static const char *const plain_labels[] = {"unit", "cli", "faults", "fuzz", "speed", "engine", NULL};

static char *link_of(pid_t pid, const char *what)
{
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return NULL;
    target[n] = '\0';
    return strdup(target);
}

static bool is_ctest(const char *program)
{
    const char *base = program ? strrchr(program, '/') : NULL;
    return program && strcmp(base ? base + 1 : program, "ctest") == 0;
}

static bool read_command_line(pid_t pid, struct buf *out)
{
    char path[64], chunk[4096];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        buf_append(out, chunk, (size_t)n);
    close(fd);
    return n == 0 && buf_status(out) == STATUS_OK;
}

bool live_ctest_set(struct live_ctest *ctest, const char *const *argv, size_t argc)
{
    *ctest = (struct live_ctest){0};
    ctest->argv = calloc(argc + 1, sizeof *ctest->argv);
    for (size_t i = 0; ctest->argv && i < argc; i++) {
        ctest->argv[i] = strdup(argv[i]);
        if (!ctest->argv[i]) {
            live_ctest_fini(ctest);
            return false;
        }
        ctest->argc = i + 1;
    }
    return ctest->argv != NULL;
}

void live_ctest_read(pid_t pid, struct live_ctest *ctest)
{
    *ctest = (struct live_ctest){0};
    char *program = link_of(pid, "exe");
    struct buf line = BUF_INIT(COMMAND_LINE_MAX);
    const char *words[1024];
    size_t count = 0;
    if (is_ctest(program) && read_command_line(pid, &line)) {
        const char *end = line.data + line.len;
        for (const char *p = line.data; p < end && count < 1023; p += strlen(p) + 1)
            words[count++] = p;
        if (live_ctest_set(ctest, words, count)) {
            ctest->folder = link_of(pid, "cwd");
            ctest->pid = pid;
        }
    }
    free(program);
    buf_fini(&line);
}

void live_ctest_fini(struct live_ctest *ctest)
{
    for (size_t i = 0; i < ctest->argc; i++)
        free(ctest->argv[i]);
    free(ctest->argv);
    free(ctest->folder);
    *ctest = (struct live_ctest){0};
}

/* CMake's regular expressions are close to POSIX extended ones; what POSIX does not take counts as a match.
 */
static bool matches(const char *pattern, const char *label)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return true;
    bool yes = regexec(&regex, label, 0, NULL, 0) == 0;
    regfree(&regex);
    return yes;
}

static bool matches_any(const char *pattern, const char *const *labels)
{
    for (size_t i = 0; labels[i]; i++)
        if (matches(pattern, labels[i]))
            return true;
    return false;
}

static bool is_option(const char *word, const char *letter, const char *name)
{
    return strcmp(word, letter) == 0 || strcmp(word, name) == 0;
}

bool live_ctest_wants_live(const struct live_ctest *ctest, const char *const *suites)
{
    for (size_t i = 1; i + 1 < ctest->argc; i++) {
        const char *value = ctest->argv[i + 1];
        if (is_option(ctest->argv[i], "-LE", "--label-exclude") && matches(value, "live_e2e"))
            return false;
        if (is_option(ctest->argv[i], "-L", "--label-regex") && !matches(value, "live_e2e") &&
            !matches_any(value, suites) && matches_any(value, plain_labels))
            return false;
    }
    return true;
}

/* Reads what the child prints until it closes the pipe or the limit passes. */
static bool read_all(int fd, struct buf *out)
{
    char chunk[65536];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, LISTING_LIMIT_MS) > 0) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            return buf_status(out) == STATUS_OK;
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            buf_append(out, chunk, (size_t)n);
    }
    return false;
}

/* argv of the second ctest: that of the first and the wish to see instead of run. */
static char **listing_argv(const struct live_ctest *ctest)
{
    char **argv = calloc(ctest->argc + 2, sizeof *argv);
    if (!argv)
        return NULL;
    memcpy(argv, ctest->argv, ctest->argc * sizeof *argv);
    static char show[] = "--show-only=json-v1";
    argv[ctest->argc] = show;
    return argv;
}

static enum status spawn_listing(const struct live_ctest *ctest, int out_fd, pid_t *pid, struct error *e)
{
    char **argv = listing_argv(ctest);
    posix_spawn_file_actions_t actions;
    if (!argv || posix_spawn_file_actions_init(&actions) != 0) {
        free(argv);
        return error_set(e, STATUS_NO_MEMORY, "no memory to ask ctest for its tests");
    }
    char *program = link_of(ctest->pid, "exe");
    int failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    failed = failed ? failed : posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
    failed = failed ? failed : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (!failed && ctest->folder)
        failed = posix_spawn_file_actions_addchdir_np(&actions, ctest->folder);
    setenv("ASSAY_LIVE_REUSE", "1", 1); /* the second ctest takes what the first one found */
    failed = failed ? failed : posix_spawn(pid, program ? program : "ctest", &actions, NULL, argv, environ);
    unsetenv("ASSAY_LIVE_REUSE");
    posix_spawn_file_actions_destroy(&actions);
    free(program);
    free(argv);
    errno = failed;
    return failed ? error_set_errno(e, "ctest cannot be asked for its tests") : STATUS_OK;
}

static enum status take_names(const struct buf *listing, struct live_names *names, struct error *e)
{
    struct json_object *tree = NULL;
    enum status s = json_parse(buf_text(listing), listing->len, &tree, e);
    struct json_object *tests = s == STATUS_OK ? json_get_array(tree, "/tests") : NULL;
    size_t count = tests ? json_object_array_length(tests) : 0;
    names->items = calloc(count + 1, sizeof *names->items);
    for (size_t i = 0; names->items && i < count; i++) {
        const char *name = json_get_text(json_object_array_get_idx(tests, i), "/name");
        char *copy = name ? strdup(name) : NULL;
        if (copy)
            names->items[names->count++] = copy;
    }
    json_object_put(tree);
    return s;
}

enum status live_ctest_selected(const struct live_ctest *ctest, struct live_names *names, struct error *e)
{
    *names = (struct live_names){0};
    if (!ctest->argv)
        return error_set(e, STATUS_UNAVAILABLE, "not started by ctest");
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return error_set_errno(e, "no pipe to ask ctest for its tests");
    struct buf listing = BUF_INIT(LISTING_MAX);
    pid_t pid = 0;
    enum status s = spawn_listing(ctest, fds[1], &pid, e);
    close(fds[1]);
    if (s == STATUS_OK) {
        if (!read_all(fds[0], &listing)) {
            kill(pid, SIGKILL);
            s = error_set(e, STATUS_TIMEOUT, "ctest did not list its tests");
        }
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close(fds[0]);
    if (s == STATUS_OK)
        s = take_names(&listing, names, e);
    buf_fini(&listing);
    return s;
}

bool live_names_have(const struct live_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

void live_names_fini(struct live_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct live_names){0};
}
