/*
 * socket_owner.h - which processes hold a server's listening socket.
 *
 * Linux: the kernel lists listening sockets by inode (/proc/net/tcp, tcp6); each process's open files name the
 * inodes they are (/proc/PID/fd). macOS: each process is asked for its sockets (libproc). Processes of other users
 * can be looked into only with their rights or as root.
 */
#ifndef ASSAY_SOCKET_OWNER_H
#define ASSAY_SOCKET_OWNER_H

#include "endpoint.h"

#include <stddef.h>
#include <sys/types.h>

#define SOCKET_OWNERS_MAX 64

struct socket_owners {
    pid_t pids[SOCKET_OWNERS_MAX];
    size_t count;
    char reason[96]; /* why there is none: nobody listens, not ours to see, a mere forwarder holds it */
};

/* True if at least one process was found. */
bool socket_owners_find(const char *root, const struct endpoint *endpoint, struct socket_owners *owners);

#endif
