#include "h2_proxy.h"

#include "testkit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 5, WAIT_MS = 5, WAITS = 12000 };

struct h2_proxy {
    pid_t pid;
    int port;
    struct h2_proxy_options options;
    char url[64], key[512], ca[512];
};

extern char **environ;

static bool found(const char *program)
{
    static const char *const folders[] = {"/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"};
    char path[128];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], program);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

bool h2_proxy_installed(void)
{
    return found("nghttpx") && found("openssl");
}

/* What it prints goes to a file in the test's folder. */
static pid_t spawn(const char *const *arguments, const char *log)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, testkit_tmp_path(log), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int rc = posix_spawnp(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ck_assert_msg(rc == 0, "%s cannot be started: %s", arguments[0], strerror(rc));
    return pid;
}

static void make_certificate(const char *key, const char *certificate)
{
    const char *const arguments[] = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
        key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost", NULL};
    int status = 0;
    waitpid(spawn(arguments, "openssl.log"), &status, 0);
    ck_assert_msg(status == 0, "openssl makes no certificate");
}

static int open_socket(struct sockaddr_in *address, int port)
{
    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* nghttpx wants to be told one. */
static int free_port(void)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = open_socket(&address, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool listens(int port)
{
    struct sockaddr_in address;
    int fd = open_socket(&address, port);
    bool yes = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return yes;
}

/* False: it ended, perhaps because another took the port. */
static bool wait_until_it_listens(struct h2_proxy *p)
{
    for (int i = 0; i < WAITS; i++) {
        if (waitpid(p->pid, NULL, WNOHANG) == p->pid)
            return false;
        if (listens(p->port))
            return true;
        nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000}, NULL);
    }
    ck_abort_msg("nghttpx does not listen");
    return false;
}

static bool try_at(struct h2_proxy *p, int at)
{
    const struct h2_proxy_options *o = &p->options;
    char front[64], back[64], streams[64];
    const char *port = strrchr(o->backend, ':');
    p->port = at;
    snprintf(front, sizeof front, "--frontend=127.0.0.1,%d%s", p->port, o->tls ? "" : ";no-tls");
    snprintf(back, sizeof back, "--backend=127.0.0.1,%s", port ? port + 1 : "80");
    snprintf(streams, sizeof streams, "--frontend-http2-max-concurrent-streams=%d",
        o->max_streams ? o->max_streams : 100);
    const char *const arguments[] = {"nghttpx", "--conf=/dev/null", front, back, streams, "--workers=1",
        o->leaves ? "--workers=1" : "--single-process", o->tls ? p->key : NULL, p->ca,
        NULL}; /* without key the list ends there */
    p->pid = spawn(arguments, "nghttpx.log");
    return wait_until_it_listens(p);
}

struct h2_proxy *h2_proxy_start(const struct h2_proxy_options *options)
{
    struct h2_proxy *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    p->options = *options;
    snprintf(p->key, sizeof p->key, "%s", testkit_tmp_path("key.pem"));
    snprintf(p->ca, sizeof p->ca, "%s", testkit_tmp_path("certificate.pem"));
    if (options->tls)
        make_certificate(p->key, p->ca);
    bool started = false;
    for (int i = 0; i < TRIES && !started; i++)
        started = try_at(p, free_port());
    ck_assert_msg(started, "nghttpx does not start");
    snprintf(p->url, sizeof p->url, "http%s://127.0.0.1:%d", options->tls ? "s" : "", p->port);
    return p;
}

const char *h2_proxy_url(const struct h2_proxy *proxy)
{
    return proxy->url;
}

const char *h2_proxy_ca(const struct h2_proxy *proxy)
{
    return proxy->ca;
}

void h2_proxy_take_leave(struct h2_proxy *proxy)
{
    kill(proxy->pid, SIGQUIT);
}

void h2_proxy_kill(struct h2_proxy *proxy)
{
    if (proxy->pid <= 0)
        return;
    kill(proxy->pid, SIGKILL);
    waitpid(proxy->pid, NULL, 0);
    proxy->pid = 0;
}

void h2_proxy_replace(struct h2_proxy *proxy)
{
    h2_proxy_kill(proxy);
    ck_assert_msg(try_at(proxy, proxy->port), "nghttpx does not start again");
}

void h2_proxy_stop(struct h2_proxy *proxy)
{
    h2_proxy_kill(proxy);
    free(proxy);
}
