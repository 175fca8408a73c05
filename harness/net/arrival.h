/*
 * arrival.h - when bytes reached this machine, as the kernel stamped them, not when we came to read them.
 *
 * A client with thousands of streams reads some bytes long after they came; on Linux each TCP segment carries
 * the moment at which the network stack took it in (SO_TIMESTAMPNS, socket(7)). Those stamps are of
 * CLOCK_REALTIME: they are brought onto the monotonic clock by the difference of the two, which is taken anew
 * when it is older than a millisecond, because somebody may set the wall clock. Of several segments that one
 * read takes in, the stamp is that of the last. Private to this room.
 *
 *     arrival_ask(fd);                                        // once for each socket
 *     struct arrival_clock clock = {0};                       // once for each thread
 *     ssize_t n = arrival_receive(&clock, fd, bytes, size, x->t_last_read_ns, &t_ns);
 */
#ifndef ASSAY_ARRIVAL_H
#define ASSAY_ARRIVAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arrival_clock {
    int64_t ahead_ns;  /* of the wall clock, before the monotonic one */
    int64_t t_told_ns; /* when that was found; 0: never */
};

/* Where there are no stamps nothing happens: the time of the read stands for them. */
void arrival_ask(int fd);

/* As recv(). *t_ns, monotonic: when the last of the bytes came, never before not_before_ns (what has to have
 * come before them) and never after now; now itself where the kernel says nothing, and on errors. */
ssize_t arrival_receive(
    struct arrival_clock *clock, int fd, void *bytes, size_t size, int64_t not_before_ns, int64_t *t_ns);

#endif
