/*
 * How exact the simulated server is: events per second and lateness at 1, 100 and 1 000 streams, with a
 * client that only waits and reads. Lateness is the server's own (sent - scheduled, from its truth) and, of
 * each first token and gap, what a client sees of it at best.
 */
#include "clock.h"
#include "jsonl.h"
#include "sim.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAMS_MAX = 1000, TOKENS = 100, ROUNDS = 3 };

struct stream {
    int fd;
    struct event *readable;
    char tail[8]; /* the last bytes that arrived */
    size_t tail_len;
};

static struct stream all[STREAMS_MAX];
static struct event_base *base;
static size_t running; /* streams whose answer has not ended */
static bool failed;

static int dial(const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    address.sin_port = htons((uint16_t)strtol(strrchr(url, ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static bool ask(int fd)
{
    char text[512];
    static const char body[] =
        "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true}";
    int len = snprintf(text, sizeof text,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    return send(fd, text, (size_t)len, 0) == len;
}

static void end(bool well)
{
    failed |= !well;
    if (--running == 0 || failed)
        event_base_loopbreak(base);
}

/* Keeps the last five bytes: "0", CR LF, CR LF end the answer. */
static void take(evutil_socket_t fd, short what, void *arg)
{
    static char bytes[65536];
    struct stream *stream = arg;
    (void)what;
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n <= 0) {
        end(false);
        return;
    }
    size_t keep = n < 5 ? (size_t)n : 5, old = 5 - keep < stream->tail_len ? 5 - keep : stream->tail_len;
    memmove(stream->tail, stream->tail + stream->tail_len - old, old);
    memcpy(stream->tail + old, bytes + (size_t)n - keep, keep);
    stream->tail_len = old + keep;
    if (stream->tail_len == 5 && memcmp(stream->tail, "0\r\n\r\n", 5) == 0)
        end(true);
}

static bool open_streams(const char *url, size_t streams)
{
    for (size_t i = 0; i < streams; i++) {
        struct stream *stream = &all[i];
        *stream = (struct stream){.fd = dial(url)};
        if (stream->fd < 0)
            return false;
        stream->readable = event_new(base, stream->fd, EV_READ | EV_PERSIST, take, stream);
        if (!stream->readable || event_add(stream->readable, NULL) != 0)
            return false;
    }
    return true;
}

static void close_streams(size_t streams)
{
    for (size_t i = 0; i < streams; i++) {
        if (all[i].readable)
            event_free(all[i].readable);
        if (all[i].fd > 0)
            close(all[i].fd);
        all[i] = (struct stream){0};
    }
}

/* All streams at once, each ROUNDS times. False: something failed. */
static bool play(const char *url, size_t streams)
{
    failed = !open_streams(url, streams);
    for (int round = 0; !failed && round < ROUNDS; round++) {
        running = streams;
        for (size_t i = 0; i < streams; i++) {
            all[i].tail_len = 0;
            failed |= !ask(all[i].fd);
        }
        if (!failed)
            event_base_dispatch(base);
    }
    close_streams(streams);
    return !failed;
}

/* Prints the summary, which is the last line of the truth. */
static bool print_truth(const char *path, size_t streams, double wall_s, double cpu_s)
{
    struct jsonl *lines;
    double p50 = -1, p99 = -1, max = -1;
    int64_t events = 0, complete = 0;
    if (jsonl_open(path, &lines, NULL) != STATUS_OK)
        return false;
    for (struct jsonl_line line; jsonl_next(lines, &line);) {
        json_get_real(line.tree, "/lateness/p50_s", &p50);
        json_get_real(line.tree, "/lateness/p99_s", &p99);
        json_get_real(line.tree, "/lateness/max_s", &max);
        if (json_get_text(line.tree, "/server")) {
            json_get_int(line.tree, "/events", &events);
            json_get_int(line.tree, "/complete", &complete);
        }
    }
    printf("%6zu streams: %7.0f events/s, server late p50 %.3f ms, p99 %.3f ms, max %.3f ms, server CPU %.0f "
           "%%\n",
        streams, (double)events / wall_s, p50 * 1e3, p99 * 1e3, max * 1e3, 100 * cpu_s / wall_s);
    return jsonl_close(lines, NULL) == STATUS_OK && complete == (int64_t)(streams * ROUNDS) && p50 >= 0;
}

static double children_cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           ((double)used.ru_utime.tv_usec + (double)used.ru_stime.tv_usec) / 1e6;
}

static bool bench(const char *scenario, const char *truth, size_t streams)
{
    const char *const files[] = {scenario, NULL};
    struct sim_options options = {.scenario_files = files, .truth_path = truth};
    struct sim_process sim;
    struct error why = {0};
    double cpu_s = children_cpu_s();
    if (sim_spawn(&options, &sim, &why) != STATUS_OK) {
        fprintf(stderr, "bench_sim: %s\n", error_text(&why));
        return false;
    }
    int64_t t0_ns = clock_mono_ns(clock_system());
    bool ok = play(sim.url, streams);
    double wall_s = (double)(clock_mono_ns(clock_system()) - t0_ns) / (double)NS_PER_S;
    sim_stop(&sim);
    return print_truth(truth, streams, wall_s, children_cpu_s() - cpu_s) && ok;
}

static bool write_scenario(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file, "{\"name\": \"bench\", \"answer\": {\"tokens\": %d}}\n", TOKENS);
    return fclose(file) == 0;
}

int main(void)
{
    static const size_t streams[] = {1, 100, 1000};
    char folder[] = "/tmp/bench_sim.XXXXXX", scenario[64], truth[64];
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    base = event_base_new();
    if (!base || !mkdtemp(folder))
        return 1;
    snprintf(scenario, sizeof scenario, "%s/bench.json", folder);
    snprintf(truth, sizeof truth, "%s/truth.jsonl", folder);
    bool ok = write_scenario(scenario);
    printf("ideal: first token after 50 ms, then every 10 ms, %d tokens, %d requests per stream\n", TOKENS,
        ROUNDS);
    for (size_t i = 0; ok && i < sizeof streams / sizeof *streams; i++)
        ok = bench(scenario, truth, streams[i]);
    remove(scenario);
    remove(truth);
    remove(folder);
    event_base_free(base);
    return ok ? 0 : 1;
}
