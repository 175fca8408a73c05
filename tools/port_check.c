#include "port_check.h"

#include "clock.h"
#include "portfolio.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORTS_MAX = 32 };

static void finish(struct port_check *port, bool answers)
{
    if (port->fd >= 0)
        close(port->fd);
    port->fd = -1;
    port->answers = answers;
}

/* The defaults are all on the loopback address; only their ports differ. */
static void start(struct port_check *port)
{
    const char *colon = strrchr(port->url, ':');
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)(colon ? strtoul(colon + 1, NULL, 10) : 80)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    port->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (port->fd < 0)
        return;
    fcntl(port->fd, F_SETFD, FD_CLOEXEC);
    fcntl(port->fd, F_SETFL, O_NONBLOCK);
    if (connect(port->fd, (const struct sockaddr *)(const void *)&address, sizeof address) == 0)
        finish(port, true);
    else if (errno != EINPROGRESS)
        finish(port, false);
}

static void look(struct port_check *port)
{
    int failure = 0;
    socklen_t len = sizeof failure;
    bool known = getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0;
    finish(port, known && failure == 0);
}

/* One round of poll; false when nothing is open any more or the time is over. */
static bool wait_once(struct port_check *ports, size_t count, int64_t until_ns)
{
    struct pollfd polled[PORTS_MAX];
    struct port_check *of[PORTS_MAX];
    nfds_t open = 0;
    int64_t left_ns = until_ns - clock_mono_ns(clock_system());
    for (size_t i = 0; i < count; i++) {
        if (ports[i].fd < 0)
            continue;
        of[open] = &ports[i];
        polled[open++] = (struct pollfd){.fd = ports[i].fd, .events = POLLOUT};
    }
    if (open == 0 || left_ns <= 0)
        return false;
    int ready = poll(polled, open, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS));
    for (nfds_t i = 0; ready > 0 && i < open; i++) {
        if (polled[i].revents)
            look(of[i]);
    }
    return ready >= 0 || errno == EINTR;
}

size_t port_check_defaults(struct port_check *ports, size_t max, int64_t limit_ns)
{
    int64_t until_ns = clock_mono_ns(clock_system()) + limit_ns;
    size_t count = 0;
    for (; portfolio_defaults[count].url && count < max && count < PORTS_MAX; count++) {
        ports[count] = (struct port_check){
            .url = portfolio_defaults[count].url, .servers = portfolio_defaults[count].servers, .fd = -1};
        start(&ports[count]);
    }
    while (wait_once(ports, count, until_ns))
        ;
    for (size_t i = 0; i < count; i++) {
        if (ports[i].fd >= 0)
            finish(&ports[i], false);
    }
    return count;
}
