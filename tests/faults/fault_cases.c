#include "fault_cases.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void passes(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_observe(ctx, "load_s", 1.0 + repeat);
    assay_note(ctx, "greeting", "all is %s", "well");
    assay_event(ctx, "ready");
}

static void asserts(struct assay_context *ctx)
{
    (void)ctx;
    ck_assert_int_eq(2 + 2, 5);
}

static void segfaults(struct assay_context *ctx)
{
    (void)ctx;
    (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
    (void)raise(SIGSEGV);
}

static void aborts(struct assay_context *ctx)
{
    (void)ctx;
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static void loops(struct assay_context *ctx)
{
    (void)ctx;
    for (;;)
        (void)pause();
}

static void loops_deaf(struct assay_context *ctx)
{
    (void)signal(SIGTERM, SIG_IGN);
    loops(ctx);
}

static void exits_zero(struct assay_context *ctx)
{
    (void)ctx;
    _exit(0);
}

static void skips(struct assay_context *ctx)
{
    assay_skip(ctx, "no %s here", "camera");
}

/* A Ctrl-C that ends the server beside assay: the case sees a dead server before its supervisor looks. */
static void fails_as_it_is_stopped(struct assay_context *ctx)
{
    (void)ctx;
    (void)kill(getppid(), SIGTERM);
    ck_abort_msg("the connection was refused");
}

static void in_folder(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", getenv(FAULT_FOLDER), name);
}

/* What a daemon does: a session of its own, forked twice, its parents gone. */
static void become_daemon(int ready)
{
    if (fork() != 0)
        _exit(0);
    (void)setsid();
    pid_t between = getpid();
    if (fork() != 0)
        _exit(0);
    while (getppid() == between) /* so that exactly one process is left behind */
        (void)usleep(200);
    char draft[4096], path[4096];
    in_folder(draft, sizeof draft, FAULT_STRAY_FILE ".draft");
    in_folder(path, sizeof path, FAULT_STRAY_FILE);
    FILE *file = fopen(draft, "we");
    if (file != NULL && fprintf(file, "%ld\n", (long)getpid()) > 0 && fclose(file) == 0)
        (void)rename(draft, path); /* whoever sees it sees all of it */
    (void)write(ready, "r", 1);
    for (;;)
        (void)pause();
}

static void leaves_stray(struct assay_context *ctx)
{
    int ready[2];
    char byte = 0;
    (void)ctx;
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0)
        become_daemon(ready[1]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
}

static void leaves_stray_and_hangs(struct assay_context *ctx)
{
    leaves_stray(ctx);
    loops(ctx);
}

static void is_killed(struct assay_context *ctx)
{
    (void)ctx;
    (void)kill(getpid(), SIGKILL);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_msg(fd >= 0, "cannot open %s", path);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

/* The counter rises and the process is killed: what the out-of-memory killer looks like from outside. */
static void is_killed_for_memory(struct assay_context *ctx)
{
    char path[4096];
    (void)ctx;
    snprintf(path, sizeof path, "%s/proc/vmstat", getenv(FAULT_ROOT));
    write_file(path, "pswpin 0\npswpout 0\noom_kill 4\n");
    (void)kill(getpid(), SIGKILL);
}

/* Enters a control group with a small limit and writes to more memory than it grants. */
static void eats_memory(struct assay_context *ctx)
{
    enum { STEP = 1 << 20, STEPS = 1024 };
    char path[4096];
    (void)ctx;
    snprintf(path, sizeof path, "%s/cgroup.procs", getenv(FAULT_GROUP));
    write_file(path, "0");
    for (int i = 0; i < STEPS; i++) {
        void *page = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(page, MAP_FAILED);
        memset(page, 1, STEP);
    }
}

static void fills_disk(struct assay_context *ctx)
{
    static char block[1 << 16];
    char path[4096];
    (void)ctx;
    in_folder(path, sizeof path, "filler");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    for (size_t size = sizeof block; size > 0; size /= 2)
        while (write(fd, block, size) > 0)
            ;
}

static void waits_a_moment(struct assay_context *ctx)
{
    (void)ctx;
    (void)usleep(3000);
}

static const struct assay_case cases[] = {
    {.id = "fault.passes", .body = passes, .version = 1, .no_target = true, .repeats = 7},
    {.id = "fault.asserts", .body = asserts, .version = 1, .no_target = true},
    {.id = "fault.segfaults", .body = segfaults, .version = 1, .no_target = true},
    {.id = "fault.aborts", .body = aborts, .version = 1, .no_target = true},
    {.id = "fault.loops", .body = loops, .version = 1, .no_target = true},
    {.id = "fault.loops_deaf", .body = loops_deaf, .version = 1, .no_target = true},
    {.id = "fault.exits_zero", .body = exits_zero, .version = 1, .no_target = true},
    {.id = "fault.skips", .body = skips, .version = 1, .no_target = true},
    {.id = "fault.fails_as_it_is_stopped", .body = fails_as_it_is_stopped, .version = 1, .no_target = true},
    {.id = "fault.leaves_stray", .body = leaves_stray, .version = 1, .no_target = true},
    {.id = "fault.leaves_stray_and_hangs", .body = leaves_stray_and_hangs, .version = 1, .no_target = true},
    {.id = "fault.is_killed", .body = is_killed, .version = 1, .no_target = true},
    {.id = "fault.is_killed_for_memory", .body = is_killed_for_memory, .version = 1, .no_target = true},
    {.id = "fault.eats_memory", .body = eats_memory, .version = 1, .no_target = true},
    {.id = "fault.fills_disk", .body = fills_disk, .version = 1, .no_target = true},
    {.id = "fault.waits_a_moment", .body = waits_a_moment, .version = 1, .no_target = true},
    {0},
};

static const struct assay_prompt prompts[] = {{0}};
const struct assay_suite fault_suite = {.cases = cases, .prompts = prompts};
