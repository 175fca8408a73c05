#include "socket_owner.h"

#include "kept_file.h"
#include "proc_parse.h"
#include "socket_match.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LISTENERS_MAX = 16, PIECE_MAX = 2048 };

struct search {
    const char *root;
    struct proc_listener listeners[LISTENERS_MAX];
    size_t listener_count;
    bool refused; /* some process could not be looked into */
    struct socket_owners *owners;
};

/* They hold the port for a server that runs elsewhere: in a container, behind a tunnel. */
static const char *const forwarders[] = {"docker-proxy", "rootlessport", "slirp4netns", "pasta", "pasta.avx2",
    "ssh", "sshd", "socat", "kubectl", "conmon"};

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* False at the first line that is not about a listening socket. */
static bool take_listener(struct search *search, const struct endpoint *endpoint, const char *line)
{
    struct proc_listener listener;
    if (!proc_parse_listener(line, &listener))
        return false;
    if (search->listener_count < LISTENERS_MAX &&
        socket_answers_for(listener.address, listener.port, endpoint))
        search->listeners[search->listener_count++] = listener;
    return true;
}

/*
 * The kernel lists listening sockets first. What follows is left unread: the kernel would look through its
 * whole table of connections for it, milliseconds on a large machine.
 */
static void collect_listeners(struct search *search, const struct endpoint *endpoint, const char *table)
{
    char path[1024], text[PIECE_MAX + 1];
    size_t len = 0;
    ssize_t n;
    bool header = true, more = true;
    snprintf(path, sizeof path, "%s%s", search->root, table);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && more && (n = read(fd, text + len, PIECE_MAX - len)) > 0) {
        char *line = text, *end;
        len += (size_t)n;
        text[len] = '\0';
        while (more && (end = strchr(line, '\n')) != NULL) {
            more = header || take_listener(search, endpoint, line);
            header = false;
            line = end + 1;
        }
        len -= (size_t)(line - text);
        memmove(text, line, len);
    }
    if (fd >= 0)
        close(fd);
}

static bool holds_listener(const struct search *search, const char *link)
{
    unsigned long long inode;
    char rest;
    if (sscanf(link, "socket:[%llu%c", &inode, &rest) != 2 || rest != ']')
        return false;
    for (size_t i = 0; i < search->listener_count; i++) {
        if (search->listeners[i].inode == inode)
            return true;
    }
    return false;
}

static bool process_holds(struct search *search, const char *pid)
{
    char path[1024], link[64];
    struct dirent *entry;
    bool found = false;
    snprintf(path, sizeof path, "%s/proc/%s/fd", search->root, pid);
    DIR *folder = opendir(path);
    if (!folder) {
        search->refused |= errno == EACCES || errno == EPERM;
        return false;
    }
    while (!found && (entry = readdir(folder)) != NULL) {
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        if (len <= 0)
            continue;
        link[len] = '\0';
        found = holds_listener(search, link);
    }
    closedir(folder);
    return found;
}

static bool owned_by_listener_user(const struct search *search, const char *pid)
{
    char path[1024];
    struct stat info;
    snprintf(path, sizeof path, "%s/proc/%s", search->root, pid);
    if (stat(path, &info) != 0)
        return false;
    for (size_t i = 0; i < search->listener_count; i++) {
        if (search->listeners[i].uid == info.st_uid)
            return true;
    }
    return false;
}

/* Looks into all processes of the sockets' users, or (users changed since) of all others. */
static void collect_owners(struct search *search, bool of_listener_user)
{
    char path[1024];
    struct dirent *entry;
    struct socket_owners *owners = search->owners;
    snprintf(path, sizeof path, "%s/proc", search->root);
    DIR *folder = opendir(path);
    while (folder && owners->count < SOCKET_OWNERS_MAX && (entry = readdir(folder)) != NULL) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end || pid <= 0 || owned_by_listener_user(search, entry->d_name) != of_listener_user)
            continue;
        if (process_holds(search, entry->d_name))
            owners->pids[owners->count++] = (pid_t)pid;
    }
    if (folder)
        closedir(folder);
}

/* "" where it is not to be had. */
static void read_name(const char *root, pid_t pid, char *name, size_t size)
{
    struct kept_file file;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    kept_open(&file, root, path);
    bool ok = kept_read_start(&file, name, size);
    kept_close(&file);
    name[ok ? strcspn(name, "\n") : 0] = '\0';
}

/*
 * systemd keeps the sockets of the servers that it starts on demand, and is the ancestor of everybody: it is left
 * out. Returns whether it was there.
 */
static bool collect_servers(struct search *search, bool of_listener_user)
{
    struct socket_owners *owners = search->owners;
    char name[32];
    size_t kept = 0;
    collect_owners(search, of_listener_user);
    size_t found = owners->count;
    for (size_t i = 0; i < found; i++) {
        read_name(search->root, owners->pids[i], name, sizeof name);
        if (strcmp(name, "systemd") != 0)
            owners->pids[kept++] = owners->pids[i];
    }
    owners->count = kept;
    return kept < found;
}

static const char *forwarder_among(
    const char *root, const struct socket_owners *owners, char *name, size_t size)
{
    for (size_t i = 0; i < owners->count; i++) {
        read_name(root, owners->pids[i], name, size);
        for (size_t k = 0; k < sizeof forwarders / sizeof forwarders[0]; k++) {
            if (strcmp(name, forwarders[k]) == 0)
                return name;
        }
    }
    return NULL;
}

static bool give_up(struct socket_owners *owners, const char *format, const char *name)
{
    owners->count = 0;
    snprintf(owners->reason, sizeof owners->reason, format, name);
    return false;
}

bool socket_owners_find(const char *root, const struct endpoint *endpoint, struct socket_owners *owners)
{
    struct search search = {.root = root, .owners = owners};
    char name[32];
    bool v6 = memcmp(endpoint->address, mapped, sizeof mapped) != 0;
    owners->count = 0;
    owners->reason[0] = '\0';
    /* one family may answer for the other: "localhost" is both, and an IPv6 socket may take IPv4 connections
     */
    collect_listeners(&search, endpoint, v6 ? "/proc/net/tcp6" : "/proc/net/tcp");
    if (search.listener_count == 0)
        collect_listeners(&search, endpoint, v6 ? "/proc/net/tcp" : "/proc/net/tcp6");
    if (search.listener_count == 0)
        return give_up(owners, "%s", "no listening socket with that port is in sight");
    bool on_demand = collect_servers(&search, true);
    if (owners->count == 0)
        on_demand |= collect_servers(&search, false);
    if (owners->count == 0)
        return give_up(owners, "%s",
            on_demand        ? "systemd holds the listening socket, and no server in sight does"
            : search.refused ? "the listening socket belongs to another user's process"
                             : "no process in sight holds the listening socket");
    const char *forwarder = forwarder_among(root, owners, name, sizeof name);
    return forwarder ? give_up(owners, "%s only forwards to the server", forwarder) : true;
}
