#include "answer_server.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX = 16384, ANSWER_MAX = 2048, WAITING_MAX = 1024 };

static const char model_list[] = "{\"object\":\"list\",\"data\":[{\"id\":\"short\",\"object\":\"model\","
                                 "\"created\":1700000000,\"owned_by\":\"bench\"}]}";
static const char whole_answer[] =
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"short\","
    "\"choices\":"
    "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"word\"},\"logprobs\":null,"
    "\"finish_reason\":\"length\"}],"
    "\"usage\":{\"prompt_tokens\":16,\"completion_tokens\":1,\"total_tokens\":17}}";
#define CHUNK                                                                                                \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":"    \
    "\"short\",\"choices\":"
static const char stream_answer[] = CHUNK
    "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n" CHUNK
    "[{\"index\":0,\"delta\":{\"content\":\"word\"},\"finish_reason\":null}]}\n\n" CHUNK
    "[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n" CHUNK
    "[],\"usage\":{\"prompt_tokens\":16,\"completion_tokens\":1,\"total_tokens\":17}}\n\n"
    "data: [DONE]\n\n";

struct said {
    size_t len;
    char bytes[ANSWER_MAX];
};
static struct said models, answer;
static struct event_base *base;

struct asker {
    struct event *readable;
    size_t len;
    char bytes[REQUEST_MAX + 1];
};

static void hang_up(struct asker *asker, evutil_socket_t fd)
{
    event_free(asker->readable);
    free(asker);
    close(fd);
}

/* The length of the first whole request, 0: it is not whole. */
static size_t whole_request(const struct asker *asker)
{
    static const char field[] = "\r\nContent-Length: ";
    const char *end = strstr(asker->bytes, "\r\n\r\n");
    const char *length =
        end ? memmem(asker->bytes, (size_t)(end - asker->bytes), field, sizeof field - 1) : NULL;
    size_t body = length ? strtoul(length + sizeof field - 1, NULL, 10) : 0;
    size_t all = end ? (size_t)(end + 4 - asker->bytes) + body : 0;
    return end && all <= asker->len ? all : 0;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct asker *asker = arg;
    (void)what;
    ssize_t n = recv(fd, asker->bytes + asker->len, REQUEST_MAX - asker->len, 0);
    if (n <= 0) {
        hang_up(asker, fd);
        return;
    }
    asker->len += (size_t)n;
    asker->bytes[asker->len] = '\0';
    for (size_t used; (used = whole_request(asker)) > 0;) {
        const struct said *said = asker->bytes[0] == 'G' ? &models : &answer;
        asker->len -= used;
        memmove(asker->bytes, asker->bytes + used, asker->len + 1);
        if (send(fd, said->bytes, said->len, MSG_NOSIGNAL) != (ssize_t)said->len) {
            hang_up(asker, fd);
            return;
        }
    }
}

static void on_caller(evutil_socket_t listener, short what, void *arg)
{
    int on = 1, fd = accept(listener, NULL, NULL);
    struct asker *asker = fd >= 0 ? malloc(sizeof *asker) : NULL;
    (void)what;
    (void)arg;
    if (!asker) {
        if (fd >= 0)
            close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    evutil_make_socket_nonblocking(fd);
    asker->len = 0;
    asker->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, asker);
    event_add(asker->readable, NULL);
}

static void prepare(struct said *said, const char *type, const char *body)
{
    said->len = (size_t)snprintf(said->bytes, sizeof said->bytes,
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type, strlen(body), body);
}

/* Ends with its parent: nobody else has the other end of the pipe. */
static void on_parent_gone(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    event_base_loopbreak(base);
}

static void serve(enum answer_form form, int listener, int parent)
{
    base = event_base_new();
    prepare(&models, "application/json", model_list);
    if (form == ANSWER_WHOLE)
        prepare(&answer, "application/json", whole_answer);
    else
        prepare(&answer, "text/event-stream", stream_answer);
    event_add(event_new(base, listener, EV_READ | EV_PERSIST, on_caller, NULL), NULL);
    event_add(event_new(base, parent, EV_READ, on_parent_gone, NULL), NULL);
    event_base_dispatch(base);
    _exit(0);
}

static int listen_somewhere(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, WAITING_MAX) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

enum status answer_server_start(enum answer_form form, struct answer_server *server, struct error *e)
{
    int parent[2], listener = listen_somewhere(server->url, sizeof server->url);
    if (listener < 0 || pipe(parent) != 0) {
        if (listener >= 0)
            close(listener);
        return error_set_errno(e, "cannot listen on the loopback");
    }
    server->pid = fork();
    if (server->pid == 0) {
        close(parent[1]);
        serve(form, listener, parent[0]);
    }
    close(listener);
    close(parent[0]);
    server->alive = parent[1];
    if (server->pid < 0)
        close(server->alive);
    return server->pid < 0 ? error_set_errno(e, "cannot start the server") : STATUS_OK;
}

void answer_server_stop(struct answer_server *server, double *cpu_s)
{
    struct rusage use = {0};
    int status;
    close(server->alive);
    wait4(server->pid, &status, 0, &use);
    *cpu_s = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
             (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}
