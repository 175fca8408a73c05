#include "socket_owner.h"

#include "socket_match.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* They hold the port for a server that runs elsewhere: in a container's virtual machine, behind a tunnel. */
static const char *const forwarders[] = {"com.docker.backend", "com.docker.vpnkit", "vpnkit-bridge",
    "gvproxy", "limactl", "ssh", "sshd", "socat", "kubectl"};

struct search {
    const struct endpoint *endpoint;
    struct socket_owners *owners;
    struct proc_fdinfo *files; /* of the process that is looked into */
    int files_bytes;
    bool refused; /* some process could not be looked into */
};

/* IPv4 is mapped into IPv6, as everywhere here. */
static void take_address(const struct in_sockinfo *socket, unsigned char address[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (socket->insi_vflag & INI_IPV6) {
        memcpy(address, &socket->insi_laddr.ina_6, 16);
        return;
    }
    memcpy(address, mapped, sizeof mapped);
    memcpy(address + 12, &socket->insi_laddr.ina_46.i46a_addr4, 4);
}

static bool is_listener(const struct search *search, pid_t pid, int fd)
{
    struct socket_fdinfo file;
    unsigned char address[16];
    if (proc_pidfdinfo(pid, fd, PROC_PIDFDSOCKETINFO, &file, (int)sizeof file) != (int)sizeof file)
        return false;
    const struct tcp_sockinfo *tcp = &file.psi.soi_proto.pri_tcp;
    if (file.psi.soi_kind != SOCKINFO_TCP || tcp->tcpsi_state != TSI_S_LISTEN)
        return false;
    take_address(&tcp->tcpsi_ini, address);
    return socket_answers_for(address, ntohs((uint16_t)tcp->tcpsi_ini.insi_lport), search->endpoint);
}

/* Room for the files of any process; they may have become more when they are listed, so there is some to spare. */
static bool make_room(struct search *search, int bytes)
{
    if (bytes <= search->files_bytes)
        return true;
    struct proc_fdinfo *files = realloc(search->files, (size_t)bytes);
    if (!files)
        return false;
    search->files = files;
    search->files_bytes = bytes;
    return true;
}

static bool process_holds(struct search *search, pid_t pid)
{
    int bytes = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, NULL, 0);
    if (bytes <= 0) {
        search->refused |= errno == EPERM || errno == EACCES;
        return false;
    }
    if (!make_room(search, bytes + 64 * (int)sizeof(struct proc_fdinfo)))
        return false;
    bytes = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, search->files, search->files_bytes);
    for (int i = 0; i < bytes / (int)sizeof(struct proc_fdinfo); i++) {
        if (search->files[i].proc_fdtype == PROX_FDTYPE_SOCKET &&
            is_listener(search, pid, search->files[i].proc_fd))
            return true;
    }
    return false;
}

static void collect_owners(struct search *search)
{
    struct socket_owners *owners = search->owners;
    int room = proc_listallpids(NULL, 0) + 64;
    pid_t *pids = calloc((size_t)(room > 0 ? room : 1), sizeof *pids);
    int count = pids ? proc_listallpids(pids, room * (int)sizeof *pids) : 0;
    for (int i = 0; i < count && owners->count < SOCKET_OWNERS_MAX; i++) {
        if (pids[i] > 0 && process_holds(search, pids[i]))
            owners->pids[owners->count++] = pids[i];
    }
    free(pids);
}

static bool give_up(struct socket_owners *owners, const char *reason)
{
    owners->count = 0;
    snprintf(owners->reason, sizeof owners->reason, "%s", reason);
    return false;
}

static bool is_forwarder(const char *name)
{
    for (size_t i = 0; i < sizeof forwarders / sizeof forwarders[0]; i++)
        if (strcmp(name, forwarders[i]) == 0)
            return true;
    return false;
}

static bool held_by_forwarder(const struct socket_owners *owners, char *name, uint32_t size)
{
    for (size_t i = 0; i < owners->count; i++) {
        int len = proc_name(owners->pids[i], name, size);
        name[len > 0 && (uint32_t)len < size ? len : 0] = '\0';
        if (is_forwarder(name))
            return true;
    }
    return false;
}

bool socket_owners_find(const char *root, const struct endpoint *endpoint, struct socket_owners *owners)
{
    struct search search = {.endpoint = endpoint, .owners = owners};
    char name[64], reason[96];
    (void)root;
    owners->count = 0;
    owners->reason[0] = '\0';
    collect_owners(&search);
    free(search.files);
    if (owners->count == 0)
        return give_up(owners, search.refused
                                   ? "no process of this user has a listening socket with that port"
                                   : "no listening socket with that port is in sight");
    if (!held_by_forwarder(owners, name, sizeof name))
        return true;
    snprintf(reason, sizeof reason, "the port is forwarded by %s", name);
    return give_up(owners, reason);
}
