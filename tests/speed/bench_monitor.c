/*
 * What watching the machine costs: one sample with and without the pass over all processes (median of many, CPU time
 * of this thread), then `assay monitor` as a user starts it, and beside it a thread that only sleeps on the same
 * schedule (`sleep p99`: how late this machine wakes anybody), then the method of starting seven programs for each
 * sample.
 *
 *     build/release/tests/speed/bench_monitor build/release/assay tests/speed/seven_processes
 */
#include "fs.h"
#include "monitor.h"
#include "monitor_summary.h"
#include "stats.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 400, SCANS = 100, PAIRS = 51 };

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static size_t count_processes(void)
{
    size_t count = 0;
    const struct dirent *entry;
    DIR *proc = opendir("/proc");
    while (proc && (entry = readdir(proc)) != NULL)
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    if (proc)
        closedir(proc);
    return count;
}

static double median_us(double *values, size_t n)
{
    return stats_median(values, n) / 1e3;
}

static double cost_without_scan_us(struct machine_reader *reader)
{
    static double cost[SAMPLES];
    struct sample sample = {0}; /* of one moment: what is read once a second is read once */
    for (size_t i = 0; i < SAMPLES; i++) {
        int64_t start_ns = cpu_ns();
        sample.t_mono_ns += NS_PER_S; /* so that GPUs, where there are any, are looked at each time */
        reader_read(reader, &sample);
        cost[i] = (double)(cpu_ns() - start_ns);
    }
    return median_us(cost, SAMPLES);
}

static double cost_of_scan_us(struct machine_reader *reader)
{
    static double cost[SCANS];
    for (size_t i = 0; i < SCANS; i++) {
        int64_t start_ns = cpu_ns();
        reader_scan_processes(reader);
        cost[i] = (double)(cpu_ns() - start_ns);
    }
    return median_us(cost, SCANS);
}

/* A machine made of files, with two packages and their memory: what reading its energy costs, of which each counter
 * of a real one costs some microseconds more in the processor itself. */
static double cost_of_energy_us(void)
{
    static double cost[SAMPLES];
    char root[] = "/tmp/bench_energy_XXXXXX", path[256];
    struct energy_meter *meter;
    struct error why = {0};
    if (!mkdtemp(root))
        exit(4);
    for (int zone = 0; zone < 4; zone++) {
        static const char *const names[] = {"package-0", "package-1", "dram", "dram"};
        static const char *const zones[] = {"0", "1", "0:0", "1:0"};
        snprintf(path, sizeof path, "%s/sys/class/powercap/intel-rapl:%s/x", root, zones[zone]);
        *strrchr(path, '/') = '\0';
        if (fs_make_dirs(path, &why) != STATUS_OK)
            exit(4);
        size_t len = strlen(path);
        snprintf(path + len, sizeof path - len, "/name");
        if (fs_write_atomic(path, names[zone], strlen(names[zone]), &why) != STATUS_OK)
            exit(4);
        snprintf(path + len, sizeof path - len, "/energy_uj");
        if (fs_write_atomic(path, "123456789\n", 10, &why) != STATUS_OK)
            exit(4);
    }
    struct energy_meter_options options = {.root = root};
    if (energy_meter_open(&options, &meter, &why) != STATUS_OK || energy_meter_count(meter) != 4)
        exit(4);
    for (size_t i = 0; i < SAMPLES; i++) {
        int64_t start_ns = cpu_ns();
        energy_meter_read(meter);
        cost[i] = (double)(cpu_ns() - start_ns);
    }
    energy_meter_close(meter);
    if (fs_remove_tree(root, &why) != STATUS_OK)
        exit(4);
    return median_us(cost, SAMPLES);
}

/* A case pays for opening, finding the server, both ends of the window and closing. */
static double cost_of_window_us(const char *samples_path, const char *target_url)
{
    static double cost[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        struct monitor_options options = {.samples_path = samples_path, .target_url = target_url};
        struct monitor *monitor;
        struct error why = {0};
        int64_t start_ns = cpu_ns();
        if (monitor_open(&options, &monitor, &why) != STATUS_OK) {
            fprintf(stderr, "%s\n", error_text(&why));
            exit(4);
        }
        monitor_begin(monitor);
        monitor_end(monitor);
        monitor_close(monitor);
        cost[i] = (double)(cpu_ns() - start_ns);
    }
    return median_us(cost, PAIRS);
}

/* A listening socket of our own plays the server: it has to be found among all processes. */
static int open_server(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *any = (struct sockaddr *)(void *)&address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, any, len) != 0 || listen(fd, 1) != 0 || getsockname(fd, any, &len) != 0)
        exit(4);
    snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

/* ---- the program, as a user starts it ---- */

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Runs a command without its output, all of its children included. */
static struct rusage run_command(char *const argv[])
{
    struct rusage before, after, own;
    int status;
    getrusage(RUSAGE_CHILDREN, &before);
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &own) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench_monitor: %s did not work\n", argv[0]);
        exit(4);
    }
    getrusage(RUSAGE_CHILDREN, &after);
    timersub(&after.ru_utime, &before.ru_utime, &own.ru_utime); /* wait4 leaves grandchildren out */
    timersub(&after.ru_stime, &before.ru_stime, &own.ru_stime);
    return own;
}

/* What this machine makes of any sleep meanwhile: a thread that does nothing else, with the monitor's period. */
struct sleeper {
    int64_t period_ns;
    atomic_bool over;
    struct hist *lateness;
};

static void *sleep_on_schedule(void *arg)
{
    struct sleeper *sleeper = arg;
    const struct clock *clock = clock_system();
    for (int64_t due_ns = clock_mono_ns(clock); !sleeper->over; due_ns += sleeper->period_ns) {
        clock_sleep_until(clock, due_ns);
        hist_record(sleeper->lateness, clock_mono_ns(clock) - due_ns);
    }
    return NULL;
}

static struct rusage run_beside_sleeper(char *const argv[], struct sleeper *sleeper)
{
    pthread_t thread;
    sleeper->lateness = hist_new();
    if (sleeper->lateness == NULL || pthread_create(&thread, NULL, sleep_on_schedule, sleeper) != 0) {
        fprintf(stderr, "bench_monitor: no thread\n");
        exit(4);
    }
    struct rusage used = run_command(argv);
    sleeper->over = true;
    pthread_join(thread, NULL);
    return used;
}

static void run_monitor(const char *program, const char *path, int period_ms, int seconds)
{
    char program_text[1024], path_text[1024], interval_text[16], time_text[16];
    snprintf(program_text, sizeof program_text, "%s", program);
    snprintf(path_text, sizeof path_text, "%s", path);
    snprintf(interval_text, sizeof interval_text, "%dms", period_ms);
    snprintf(time_text, sizeof time_text, "%ds", seconds);
    char verb[] = "monitor", overwrite[] = "--overwrite", o[] = "-o", i[] = "-i", f[] = "--for";
    char *argv[] = {program_text, verb, overwrite, o, path_text, i, interval_text, f, time_text, NULL};
    struct error why = {0};
    struct monitor_summary *s;
    struct sleeper sleeper = {.period_ns = period_ms * NS_PER_MS};
    struct rusage used = run_beside_sleeper(argv, &sleeper);
    if (monitor_summary_read(path, &s, &why) != STATUS_OK) {
        fprintf(stderr, "bench_monitor: %s\n", error_text(&why));
        exit(4);
    }
    double duration_s = monitor_summary_duration_s(s), period_s = (double)s->period_ns / 1e9;
    double mean_s = s->intervals_ns / 1e9 / (double)s->interval.total;
    printf("  %-6s %6zu %6zu %10.4f %9.3f %10.3f %8.3f %9.3f %8.3f %9.3f %9.3f %8.1f\n", interval_text,
        s->samples, s->missed, mean_s * 1e3, (mean_s / period_s - 1) * 100,
        hist_quantile(&s->lateness, 0.5) / 1e6, hist_quantile(&s->lateness, 0.99) / 1e6,
        hist_quantile(sleeper.lateness, 0.99) / 1e6, s->read_ns / 1e7 / duration_s,
        s->scan_ns / 1e7 / duration_s,
        (seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) * 100 / duration_s,
        (double)used.ru_maxrss / 1024);
    monitor_summary_free(s);
    hist_free(sleeper.lateness);
}

static void compare_memory(void)
{
    char curl[] = "curl", version[] = "-V";
    char *argv[] = {curl, version, NULL};
    printf("  curl -V has %.1f MiB\n", (double)run_command(argv).ru_maxrss / 1024);
}

/* ---- the method of seven processes per sample ---- */

static void run_seven_processes(const char *script, const char *path)
{
    enum { LINES = 25 };
    char script_text[1024], path_text[1024], lines[16], shell[] = "bash";
    snprintf(script_text, sizeof script_text, "%s", script);
    snprintf(path_text, sizeof path_text, "%s", path);
    snprintf(lines, sizeof lines, "%d", LINES);
    char *argv[] = {shell, script_text, lines, path_text, NULL};
    const struct clock *clock = clock_system();
    int64_t start_ns = clock_mono_ns(clock);
    struct rusage used = run_command(argv);
    double took_s = (double)(clock_mono_ns(clock) - start_ns) / 1e9;
    printf("seven processes per sample, then 200 ms of sleep: interval %.1f ms (%+.0f %%), %.1f %% of one "
           "core\n",
        took_s * 1e3 / LINES, (took_s / LINES / 0.2 - 1) * 100,
        (seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) * 100 / took_s);
}

int main(int argc, char **argv)
{
    struct error why = {0};
    struct machine_reader *reader;
    struct reader_options options = {.root = "", .own_pid = getpid()};
    char path[] = "/tmp/bench_monitor_XXXXXX";
    if (argc != 3) {
        fprintf(stderr, "usage: bench_monitor ASSAY SEVEN_PROCESSES\n");
        return 2;
    }
    int fd = mkstemp(path);
    if (fd < 0 || reader_open(&options, &reader, &why) != STATUS_OK) {
        fprintf(stderr, "bench_monitor: %s\n", fd < 0 ? "no temporary file" : error_text(&why));
        return 4;
    }
    close(fd);
    char url[64];
    double sample_us = cost_without_scan_us(reader), scan_us = cost_of_scan_us(reader);
    int server = open_server(url, sizeof url);
    double window_us = cost_of_window_us(path, NULL), with_server_us = cost_of_window_us(path, url);
    double per_s = 1e9 / (double)MONITOR_PERIOD_NS;
    printf("sample without the processes %.1f us, pass over %zu processes %.1f us\n", sample_us,
        count_processes(), scan_us);
    printf(
        "share of one core at %.0f samples/s: %.3f %% without the pass, %.3f %% with one pass per second\n",
        per_s, sample_us * per_s / 1e4, (sample_us * per_s + scan_us) / 1e4);
    printf("energy of four sources in files %.1f us\n", cost_of_energy_us());
    printf("a window that opens and closes at once: %.1f us, with a local server to find %.1f us\n",
        window_us, with_server_us);
    close(server);
    reader_close(reader);
    printf("assay monitor, share of one core in %% of the time that passed; mean interval and how far off it "
           "is:\n"
           "  asked  samples missed    mean ms     off %%  late p50  p99 ms sleep p99   read %%    pass %%  "
           "all CPU %% "
           " RSS MiB\n");
    run_monitor(argv[1], path, 200, 60);
    run_monitor(argv[1], path, 10, 30);
    run_monitor(argv[1], path, 5, 30);
    compare_memory();
    run_seven_processes(argv[2], path);
    unlink(path);
    return 0;
}
