#include "arrival.h"

#include "clock.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifdef SO_TIMESTAMPNS

#define TOLD_FOR_NS NS_PER_MS
#define AT_ONCE_NS (2 * NS_PER_US) /* three readings of clocks that nothing came between */
enum { TRIES = 4 };

/* Between two readings of one clock the other is read; a thread may be put aside anywhere. */
static void arrival_tell_clocks(struct arrival_clock *clock, int64_t now_ns)
{
    int64_t best_ns = INT64_MAX;
    const struct clock *system = clock_system();
    for (int i = 0; i < TRIES && best_ns > AT_ONCE_NS; i++) {
        int64_t before_ns = clock_mono_ns(system);
        int64_t wall_ns = clock_wall_ns(system);
        int64_t took_ns = clock_mono_ns(system) - before_ns;
        if (took_ns >= best_ns)
            continue;
        best_ns = took_ns;
        clock->ahead_ns = wall_ns - before_ns - took_ns / 2;
    }
    clock->t_told_ns = now_ns;
}

void arrival_ask(int fd)
{
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
}

/* 0: no stamp. */
static int64_t arrival_stamp_ns(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct timespec stamp;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        return (int64_t)stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
    }
    return 0;
}

ssize_t arrival_receive(
    struct arrival_clock *clock, int fd, void *bytes, size_t size, int64_t not_before_ns, int64_t *t_ns)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec piece = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(fd, &message, 0);
    *t_ns = clock_mono_ns(clock_system());
    int64_t stamp_ns = n > 0 ? arrival_stamp_ns(&message) : 0;
    if (!stamp_ns)
        return n;
    if (!clock->t_told_ns || *t_ns - clock->t_told_ns > TOLD_FOR_NS)
        arrival_tell_clocks(clock, *t_ns);
    stamp_ns -= clock->ahead_ns;
    if (stamp_ns >= not_before_ns && stamp_ns < *t_ns)
        *t_ns = stamp_ns;
    return n;
}

#else

void arrival_ask(int fd)
{
    (void)fd;
}

ssize_t arrival_receive(
    struct arrival_clock *clock, int fd, void *bytes, size_t size, int64_t not_before_ns, int64_t *t_ns)
{
    ssize_t n = recv(fd, bytes, size, 0);
    (void)clock;
    (void)not_before_ns;
    *t_ns = clock_mono_ns(clock_system());
    return n;
}

#endif
