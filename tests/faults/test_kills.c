/*
 * Property: whatever is killed at whatever moment, no finished record is lost, benchmark.jsonl is valid
 * line by line, and every planned test has a record once the run is finalised - with the same bytes,
 * however often that is begun.
 *
 *     test_kills [--seed N] [--kills N]         // prints its seed; the same seed makes the same choices
 */
#include "clock.h"
#include "fault_cases.h"
#include "fault_run.h"
#include "fs.h"
#include "opt.h"
#include "process.h"
#include "rng.h"
#include "spool.h"
#include "strays.h"
#include "testkit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum victim { VICTIM_DRIVER, VICTIM_SUPERVISOR, VICTIM_RUNNER, VICTIM_FINALISER, VICTIM_COUNT };
static const char *const victim_names[] = {"run loop", "supervisor", "runner", "finaliser"};

static const char *const plan[] = {
    "fault.passes", "fault.asserts", "fault.waits_a_moment", "fault.skips", NULL};
enum { PLANNED = 4, LINES_MAX = 64 };

/* How long each lives about, beside the run loop: kills are spread over that. */
static const int64_t linger_ns[VICTIM_COUNT] = {[VICTIM_DRIVER] = 1,
    [VICTIM_SUPERVISOR] = 20 * NS_PER_MS,
    [VICTIM_RUNNER] = NS_PER_MS / 2,
    [VICTIM_FINALISER] = 1};

/* Lines of finished records: those that exist at some moment, those that are there in the end. */
struct lines {
    char *items[LINES_MAX];
    size_t count;
};

struct kills {
    struct rng rng;
    int64_t run_ns, finalise_ns; /* how long each takes undisturbed: kills are spread over that */
    size_t killed[VICTIM_COUNT], missed, resumed;
    const char *runs;
};

static void lines_fini(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    lines->count = 0;
}

static void take_lines(struct lines *lines, const char *path)
{
    struct buf text = BUF_INIT((size_t)16 << 20);
    bool read = fs_read_file(path, &text, NULL) == STATUS_OK;
    for (char *at = text.data, *end; read && at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1)
        if (lines->count < LINES_MAX && end > at)
            lines->items[lines->count++] = strndup(at, (size_t)(end - at));
    buf_fini(&text);
}

static bool has_line(const struct lines *lines, const char *line)
{
    for (size_t i = 0; i < lines->count; i++)
        if (strcmp(lines->items[i], line) == 0)
            return true;
    return false;
}

struct spool_walk {
    struct lines *lines;
    const char *folder;
};

static int take_result(const char *name, void *arg)
{
    const struct spool_walk *walk = arg;
    char slug[256];
    int attempt = 0;
    enum spool_kind kind;
    struct buf path = BUF_INIT(4096);
    if (spool_parse_name(name, slug, sizeof slug, &attempt, &kind) && kind == SPOOL_RESULT &&
        buf_printf(&path, "%s/spool/%s", walk->folder, name) == STATUS_OK)
        take_lines(walk->lines, buf_text(&path));
    buf_fini(&path);
    return 0;
}

/* Every record that is finished now. */
static void take_finished(struct lines *lines, const struct run_folder *folder)
{
    struct spool_walk walk = {lines, folder->path};
    struct buf path = BUF_INIT(4096);
    ck_assert_int_eq(run_folder_path(folder, "spool", &path), STATUS_OK);
    ck_assert_int_eq(fs_list(buf_text(&path), take_result, &walk, NULL), STATUS_OK);
    buf_clear(&path);
    ck_assert_int_eq(run_folder_path(folder, "benchmark.jsonl", &path), STATUS_OK);
    take_lines(lines, buf_text(&path));
    buf_fini(&path);
}

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static pid_t start_driver(struct fault_run *run)
{
    pid_t driver = fork();
    if (driver == 0)
        _exit(fault_run_execute(run) == STATUS_OK ? 0 : 1);
    return driver;
}

static pid_t start_finaliser(const struct fault_run *run)
{
    pid_t child = fork();
    if (child == 0) {
        struct finalised sum;
        struct error why = {0};
        _exit(finalise_run(run->folder.path, &sum, &why) == STATUS_OK ? 0 : 1);
    }
    return child;
}

static int wait_exit(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * A dead run loop's supervisors come to us: each ends by itself, because it is told to when its parent
 * dies.
 */
static void wait_for_orphans(void)
{
    int64_t until_ns = now_ns() + 60 * NS_PER_S;
    while (waitpid(-1, NULL, WNOHANG) >= 0) {
        ck_assert_msg(now_ns() < until_ns, "something of a dead run lives on");
        (void)usleep(500);
    }
}

static pid_t find_victim(enum victim victim, pid_t driver)
{
    pid_t supervisor = 0;
    if (victim == VICTIM_DRIVER)
        return driver;
    if (fault_children(driver, &supervisor, 1) != 1)
        return 0;
    if (victim == VICTIM_SUPERVISOR)
        return supervisor;
    return fault_runner(supervisor);
}

/* The victim as soon as it is there, unless the run ends before. */
static pid_t await_victim(enum victim victim, pid_t driver)
{
    for (;;) {
        pid_t found = find_victim(victim, driver);
        struct process p;
        if (found > 0 || !process_read(driver, &p) || p.state == 'Z')
            return found;
        (void)usleep(100);
    }
}

/* A random moment within `within_ns` from now. */
static void sleep_some(struct kills *k, int64_t within_ns)
{
    clock_sleep_until(clock_system(), now_ns() + (int64_t)rng_below(&k->rng, (uint64_t)within_ns));
}

static void run_and_kill(struct kills *k, struct fault_run *run, enum victim victim, struct lines *finished)
{
    pid_t driver = start_driver(run);
    sleep_some(k, k->run_ns);
    pid_t found = await_victim(victim, driver);
    sleep_some(k, linger_ns[victim]);
    if (found > 0 && kill(found, SIGKILL) == 0)
        k->killed[victim]++;
    else
        k->missed++;
    take_finished(finished, &run->folder);
    (void)wait_exit(driver);
    wait_for_orphans();
}

static void copy_file(const char *from, const char *to, const char *name)
{
    struct buf a = BUF_INIT(4096), b = BUF_INIT(4096), text = BUF_INIT((size_t)16 << 20);
    ck_assert_int_eq(buf_printf(&a, "%s/%s", from, name), STATUS_OK);
    ck_assert_int_eq(buf_printf(&b, "%s/%s", to, name), STATUS_OK);
    ck_assert_int_eq(fs_read_file(buf_text(&a), &text, NULL), STATUS_OK);
    testkit_write(buf_text(&b), buf_text(&text), text.len);
    buf_fini(&a);
    buf_fini(&b);
    buf_fini(&text);
}

struct twin {
    const char *from, *to;
};

static int copy_one(const char *name, void *arg)
{
    const struct twin *twin = arg;
    copy_file(twin->from, twin->to, name);
    return 0;
}

/* The files of a folder of the run; false where it has none of that name. */
static bool copy_folder(const char *run, const char *place, const char *name)
{
    struct buf from = BUF_INIT(4096), to = BUF_INIT(4096);
    ck_assert_int_eq(buf_printf(&from, "%s/%s", run, name), STATUS_OK);
    ck_assert_int_eq(buf_printf(&to, "%s/%s", place, name), STATUS_OK);
    bool there = fs_exists(buf_text(&from));
    if (there) {
        struct twin twin = {buf_text(&from), buf_text(&to)};
        ck_assert_int_eq(fs_make_dirs(twin.to, NULL), STATUS_OK);
        ck_assert_int_eq(fs_list(twin.from, copy_one, &twin, NULL), STATUS_OK);
    }
    buf_fini(&from);
    buf_fini(&to);
    return there;
}

static void write_found(const char *place)
{
    static const char found[] = "{\"unix_ns\":1800000000000000000}\n";
    struct buf path = BUF_INIT(4096);
    ck_assert_int_eq(buf_printf(&path, "%s/spool/found.json", place), STATUS_OK);
    testkit_write(buf_text(&path), found, sizeof found - 1);
    buf_fini(&path);
}

/*
 * The same run in another folder, with the moment of finding out fixed for both: what is invented is then
 * the same. Logs are in it because run.json lists them.
 */
static void make_twin(const struct fault_run *run, const char *place)
{
    ck_assert(copy_folder(run->folder.path, place, "spool"));
    (void)copy_folder(run->folder.path, place, "logs");
    copy_file(run->folder.path, place, "run.json");
    write_found(run->folder.path);
    write_found(place);
}

static void same_bytes(const char *a, const char *b, const char *name)
{
    struct buf one = BUF_INIT(4096), two = BUF_INIT(4096);
    ck_assert_int_eq(buf_printf(&one, "%s/%s", a, name), STATUS_OK);
    ck_assert_int_eq(buf_printf(&two, "%s/%s", b, name), STATUS_OK);
    struct buf left = testkit_read(buf_text(&one)), right = testkit_read(buf_text(&two));
    ck_assert_msg(left.len == right.len && memcmp(left.data, right.data, left.len) == 0, "%s and %s differ",
        buf_text(&one), buf_text(&two));
    buf_fini(&left);
    buf_fini(&right);
    buf_fini(&one);
    buf_fini(&two);
}

/* Kills a finaliser up to three times, then lets one finish: as if it had never been disturbed. */
static void finalise_and_kill(struct kills *k, struct fault_run *run, struct lines *finished)
{
    struct buf twin = BUF_INIT(4096);
    struct finalised sum;
    ck_assert_int_eq(buf_printf(&twin, "%s-twin", run->folder.path), STATUS_OK);
    make_twin(run, buf_text(&twin));
    take_finished(finished, &run->folder);
    for (uint64_t i = 0, times = 1 + rng_below(&k->rng, 3); i < times; i++) {
        pid_t finaliser = start_finaliser(run);
        sleep_some(k, k->finalise_ns);
        (void)kill(finaliser, SIGKILL);
        if (wait_exit(finaliser) == -1)
            k->killed[VICTIM_FINALISER]++;
        else
            k->missed++;
    }
    fault_run_finalise(run);
    ck_assert_int_eq(finalise_run(buf_text(&twin), &sum, NULL), STATUS_OK);
    same_bytes(run->folder.path, buf_text(&twin), "benchmark.jsonl");
    same_bytes(run->folder.path, buf_text(&twin), "samples.jsonl");
    same_bytes(run->folder.path, buf_text(&twin), "run.json");
    buf_fini(&twin);
}

/* The records are valid (fault_run reads them so), complete, and include all that had been finished. */
static void check_run(struct fault_run *run, const struct lines *finished)
{
    struct lines last = {.count = 0};
    fault_run_finalise(run);
    take_finished(&last, &run->folder);
    for (size_t i = 0; i < finished->count; i++)
        ck_assert_msg(
            has_line(&last, finished->items[i]), "a finished record is lost: %s", finished->items[i]);
    for (size_t i = 0; plan[i] != NULL; i++)
        ck_assert_msg(strlen(fault_run_outcome(run, plan[i])) > 0, "%s has no record", plan[i]);
    lines_fini(&last);
}

/* Runs all of it once more: new attempts beside the old ones, nothing finished is touched. */
static void resume(struct kills *k, struct fault_run *run)
{
    struct lines finished = {.count = 0};
    size_t before = fault_run_record_count(run), not_run = run->sum.counts[OUTCOME_NOT_RUN];
    ck_assert_int_eq(wait_exit(start_driver(run)), 0);
    fault_run_finalise(run);
    ck_assert_uint_eq(fault_run_record_count(run), before - not_run + PLANNED);
    k->resumed++;
    lines_fini(&finished);
}

static void play_round(struct kills *k)
{
    struct fault_run run;
    struct lines finished = {.count = 0};
    enum victim victim = (enum victim)rng_below(&k->rng, VICTIM_COUNT);
    fault_run_open(&run, k->runs, plan);
    if (victim == VICTIM_FINALISER) {
        /* every other time there is something to reconcile */
        if (rng_below(&k->rng, 2) == 0)
            run_and_kill(k, &run, VICTIM_SUPERVISOR, &finished);
        else
            ck_assert_int_eq(wait_exit(start_driver(&run)), 0);
        finalise_and_kill(k, &run, &finished);
    } else {
        run_and_kill(k, &run, victim, &finished);
    }
    check_run(&run, &finished);
    if (rng_below(&k->rng, 10) == 0)
        resume(k, &run);
    lines_fini(&finished);
    ck_assert_int_eq(fs_remove_tree(run.folder.path, NULL), STATUS_OK);
    fault_run_close(&run);
}

static size_t killed(const struct kills *k)
{
    size_t sum = 0;
    for (int i = 0; i < VICTIM_COUNT; i++)
        sum += k->killed[i];
    return sum;
}

/* How long a run and its finaliser take when nobody kills them. */
static void measure_undisturbed(struct kills *k)
{
    struct fault_run run;
    fault_run_open(&run, k->runs, plan);
    int64_t t0_ns = now_ns();
    ck_assert_int_eq(wait_exit(start_driver(&run)), 0);
    int64_t t1_ns = now_ns();
    ck_assert_int_eq(wait_exit(start_finaliser(&run)), 0);
    k->run_ns = t1_ns - t0_ns;
    k->finalise_ns = now_ns() - t1_ns;
    fault_run_close(&run);
}

struct options {
    int64_t seed, kills;
};

static const struct opt options_table[] = {
    {"seed", 0, OPT_INT, offsetof(struct options, seed), "N", "what the choices are made from"},
    {"kills", 0, OPT_INT, offsetof(struct options, kills), "N", "how many processes are killed", .min = 1,
        .max = 1e6},
    {0},
};

static struct options options = {.seed = -1, .kills = 200};

static void nothing_finished_is_lost_whatever_is_killed_whenever(void)
{
    struct kills k = {.runs = testkit_tmp_path("runs")};
    (void)signal(SIGTERM, SIG_DFL); /* inherited by all: not the handlers of the Check that runs this */
    (void)signal(SIGINT, SIG_DFL);
    ck_assert_int_eq(setenv(FAULT_FOLDER, testkit_tmp(), 1), 0);
    (void)strays_adopt();
    rng_seed(&k.rng, (uint64_t)options.seed);
    measure_undisturbed(&k);
    while (killed(&k) < (size_t)options.kills)
        play_round(&k);
    printf("run %.1f ms, finalise %.1f ms; killed:", (double)k.run_ns / 1e6, (double)k.finalise_ns / 1e6);
    for (int i = 0; i < VICTIM_COUNT; i++)
        printf(" %zu %s,", k.killed[i], victim_names[i]);
    printf(" %zu came too late; %zu runs resumed\n", k.missed, k.resumed);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct testkit_test tests[] = {
        {"nothing_finished_is_lost_whatever_is_killed_whenever",
            nothing_finished_is_lost_whatever_is_killed_whenever, 600},
        {0},
    };
    int first = 0;
    struct error why = {0};
    if (opt_parse(options_table, &options, argc, argv, &first, &why) != STATUS_OK) {
        fprintf(stderr, "test_kills: %s\n", error_text(&why));
        return 2;
    }
    if (options.seed < 0)
        options.seed = (int64_t)(rng_entropy() >> 12);
    printf("seed %lld, %lld kills\n", (long long)options.seed, (long long)options.kills);
    (void)fflush(stdout);
    return testkit_run("kills", tests);
}
