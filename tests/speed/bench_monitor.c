/*
 * What watching the machine costs: one sample with and without the pass over all processes, and the share of
 * one core at the monitor's rate. Median of many samples, CPU time of this thread.
 */
#include "monitor.h"
#include "stats.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* On real time for a while: what the monitor itself says it cost. */
static double share_of_core(const char *samples_path, double *samples_per_s)
{
    struct monitor_options options = {.samples_path = samples_path};
    struct monitor *monitor;
    struct error why = {0};
    const struct clock *clock = clock_system();
    if (monitor_open(&options, &monitor, &why) != STATUS_OK)
        exit(4);
    monitor_begin(monitor);
    int64_t end_ns = clock_mono_ns(clock) + 5 * NS_PER_S;
    while (clock_mono_ns(clock) < end_ns) {
        clock_sleep_until(clock, monitor_due_ns(monitor));
        monitor_sample(monitor, clock_mono_ns(clock));
    }
    monitor_end(monitor);
    const struct window *w = monitor_window(monitor);
    double seconds = (double)(w->end_ns - w->start_ns) / 1e9;
    double share = (double)w->cost_ns / 1e9 / seconds;
    *samples_per_s = (double)w->samples / seconds;
    monitor_close(monitor);
    return share;
}

int main(void)
{
    struct error why = {0};
    struct machine_reader *reader;
    struct reader_options options = {.root = "", .own_pid = getpid()};
    char path[] = "/tmp/bench_monitor_XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || reader_open(&options, &reader, &why) != STATUS_OK) {
        fprintf(stderr, "bench_monitor: %s\n", fd < 0 ? "no temporary file" : error_text(&why));
        return 4;
    }
    close(fd);
    double rate;
    char url[64];
    double sample_us = cost_without_scan_us(reader), scan_us = cost_of_scan_us(reader);
    int server = open_server(url, sizeof url);
    double window_us = cost_of_window_us(path, NULL), with_server_us = cost_of_window_us(path, url);
    double share = share_of_core(path, &rate);
    double per_s = 1e9 / (double)MONITOR_PERIOD_NS;
    printf("sample without the processes %.1f us, pass over %zu processes %.1f us\n", sample_us,
        count_processes(), scan_us);
    printf(
        "share of one core at %.0f samples/s: %.3f %% without the pass, %.3f %% with one pass per second\n",
        per_s, sample_us * per_s / 1e4, (sample_us * per_s + scan_us) / 1e4);
    printf("measured over 5 s, writing each sample: %.1f samples/s, %.3f %%\n", rate, share * 100);
    printf("a window that opens and closes at once: %.1f us, with a local server to find %.1f us\n",
        window_us, with_server_us);
    close(server);
    reader_close(reader);
    unlink(path);
    return 0;
}
