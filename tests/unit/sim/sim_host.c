#include "sim_host.h"

#include "jsonl.h"

#include "testkit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

static void *run(void *arg)
{
    struct sim_host *host = arg;
    host->ran = sim_server_run(host->server, NULL);
    return NULL;
}

void sim_host_start(struct sim_host *host, const struct sim_options *options)
{
    struct error why = {0};
    struct sim_options own = *options;
    *host = (struct sim_host){.truth = testkit_tmp_path("truth.jsonl")};
    own.truth_path = host->truth;
    ck_assert_msg(sim_server_open(&own, &host->server, &why) == STATUS_OK, "%s", error_text(&why));
    host->port = (int)strtol(strrchr(sim_server_url(host->server), ':') + 1, NULL, 10);
    ck_assert_int_eq(pthread_create(&host->thread, NULL, run, host), 0);
}

void sim_host_stop(struct sim_host *host)
{
    sim_server_stop(host->server);
    ck_assert_int_eq(pthread_join(host->thread, NULL), 0);
    ck_assert_int_eq(host->ran, STATUS_OK);
    sim_server_close(host->server);
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

int sim_host_dial(const char *url)
{
    return dial((int)strtol(strrchr(url, ':') + 1, NULL, 10));
}

int sim_host_connect(const struct sim_host *host)
{
    int fd = dial(host->port);
    ck_assert_int_ge(fd, 0);
    return fd;
}

void sim_host_send_bytes(int fd, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = send(fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
            return;
        ck_assert_int_gt(n, 0);
        at += (size_t)n;
    }
}

void sim_host_send(int fd, const char *text)
{
    sim_host_send_bytes(fd, text, strlen(text));
}

void sim_host_post(int fd, const char *model, bool stream, const char *more)
{
    char body[2048], head[512];
    snprintf(body, sizeof body,
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hello there\"}],\"stream\":%s%s}",
        model, stream ? "true" : "false", more);
    snprintf(head, sizeof head,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", strlen(body));
    sim_host_send(fd, head);
    sim_host_send(fd, body);
}

/* Bytes read, 0 at the end, -1 with errno. */
static ssize_t read_some(int fd, struct buf *out)
{
    static _Thread_local char bytes[65536];
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    ck_assert_msg(
        poll(&readable, 1, PATIENCE_MS) == 1, "nothing came for a minute behind: %s", buf_text(out));
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n > 0)
        ck_assert_int_eq(buf_append(out, bytes, (size_t)n), STATUS_OK);
    return n;
}

void sim_host_read_until(int fd, struct buf *out, const char *text)
{
    while (!strstr(buf_text(out), text))
        ck_assert_msg(read_some(fd, out) > 0, "the connection ended behind: %.500s", buf_text(out));
}

int sim_host_read_all(int fd, struct buf *out)
{
    for (;;) {
        ssize_t n = read_some(fd, out);
        if (n <= 0)
            return n == 0 ? 0 : errno;
    }
}

struct json_object *sim_host_read_truth(const struct sim_host *host)
{
    struct json_object *records = json_object_new_array();
    struct jsonl *lines;
    ck_assert_int_eq(jsonl_open(host->truth, &lines, NULL), STATUS_OK);
    for (struct jsonl_line line; jsonl_next(lines, &line);) {
        ck_assert_msg(line.status == STATUS_OK, "%s", error_text(&line.error));
        json_add(records, json_object_get(line.tree));
    }
    ck_assert_int_eq(jsonl_close(lines, NULL), STATUS_OK);
    return records;
}
