#include "process_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void process_table_open(struct process_table *table, const char *root, pid_t own_pid)
{
    char path[1024];
    memset(table, 0, sizeof *table);
    table->own_pid = own_pid;
    snprintf(path, sizeof path, "%s/proc", root);
    table->folder = opendir(path);
    if (!table->folder)
        snprintf(table->reason, sizeof table->reason, "/proc: %s", strerror(errno));
}

void process_table_close(struct process_table *table)
{
    if (table->folder)
        closedir(table->folder);
    free(table->items);
    memset(table, 0, sizeof *table);
}

void process_table_watch_session(struct process_table *table, pid_t session)
{
    if (session > 0 && table->session_count < WATCHED_SESSIONS_MAX)
        table->sessions[table->session_count++] = session;
}

static bool is_pid(const char *name)
{
    return name[0] >= '1' && name[0] <= '9' && name[strspn(name, "0123456789")] == '\0';
}

/* False where the process ended meanwhile, is hidden, or its line makes no sense. */
static bool read_stat(int folder, const char *pid, struct proc_stat *stat)
{
    char path[32], text[2048];
    if ((size_t)snprintf(path, sizeof path, "%s/stat", pid) >= sizeof path)
        return false;
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return proc_parse_stat(text, stat);
}

static bool append(struct process_table *table, const struct proc_stat *stat)
{
    if (table->count == table->cap) {
        size_t cap = table->cap ? 2 * table->cap : 256;
        struct proc_stat *items = realloc(table->items, cap * sizeof *items);
        if (!items)
            return false;
        table->items = items;
        table->cap = cap;
    }
    table->items[table->count++] = *stat;
    return true;
}

static int by_pid(const void *a, const void *b)
{
    const struct proc_stat *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static const struct proc_stat *find_process(const struct process_table *table, pid_t pid)
{
    struct proc_stat key = {.pid = pid};
    return bsearch(&key, table->items, table->count, sizeof key, by_pid);
}

static bool holds_socket(const struct socket_owners *owners, pid_t pid)
{
    for (size_t i = 0; i < owners->count; i++) {
        if (owners->pids[i] == pid)
            return true;
    }
    return false;
}

static bool in_watched_session(const struct process_table *table, pid_t session)
{
    for (size_t i = 0; i < table->session_count; i++) {
        if (table->sessions[i] == session)
            return true;
    }
    return false;
}

/* The nearest ancestor that is ours or the target's decides; captured trees may hold loops, so the climb is
 * bounded. */
static enum process_owner owner_of(
    const struct process_table *table, const struct socket_owners *owners, const struct proc_stat *process)
{
    const struct proc_stat *at = process;
    for (int depth = 0; at && depth < 128; depth++) {
        if (holds_socket(owners, at->pid))
            return PROCESS_TARGET;
        if (at->pid == table->own_pid || in_watched_session(table, at->session))
            return PROCESS_OURS;
        at = at->ppid > 0 ? find_process(table, at->ppid) : NULL;
    }
    return PROCESS_OTHER;
}

enum process_owner process_table_owner(
    const struct process_table *table, const struct socket_owners *owners, pid_t pid)
{
    const struct proc_stat *process = find_process(table, pid);
    return process ? owner_of(table, owners, process) : PROCESS_UNSEEN;
}

static bool lives(const struct proc_stat *process)
{
    return process->state != 'Z' && process->state != 'X';
}

static void add_target(
    const struct socket_owners *owners, const struct proc_stat *process, struct target_totals *totals)
{
    struct server_process *server = &totals->server;
    totals->ticks += process->ticks;
    totals->rss_pages += process->rss_pages;
    totals->major_faults += process->major_faults;
    if (!holds_socket(owners, process->pid) || !lives(process))
        return;
    totals->owners_seen++;
    if (server->pid == 0 || process->start_ticks < server->start_ticks)
        *server = (struct server_process){process->pid, process->start_ticks};
}

static void add_process(struct process_table *table, const struct socket_owners *owners,
    const struct proc_stat *process, struct process_totals *totals)
{
    enum process_owner owner = owner_of(table, owners, process);
    if (owner == PROCESS_OURS)
        totals->ours_ticks += process->ticks;
    if (owner == PROCESS_TARGET)
        add_target(owners, process, &totals->target);
    if (owner == PROCESS_TARGET && table->target_count < TARGET_PROCESSES_MAX)
        table->targets[table->target_count++] = process->pid;
    if (process->state == 'Z' && owner == PROCESS_OURS)
        totals->ours_zombies++;
    else if (process->state == 'Z')
        totals->others_zombies++;
    totals->own_seen |= process->pid == table->own_pid;
    totals->others_seen |= process->pid == 1;
}

static bool read_all(struct process_table *table, struct process_totals *totals)
{
    const struct dirent *entry;
    rewinddir(table->folder);
    table->count = 0;
    while ((entry = readdir(table->folder)) != NULL) {
        struct proc_stat stat;
        if (!is_pid(entry->d_name))
            continue;
        if (!read_stat(dirfd(table->folder), entry->d_name, &stat)) {
            totals->unreadable++;
        } else if (!append(table, &stat)) {
            snprintf(table->reason, sizeof table->reason, "no memory for %zu processes", table->count);
            return false;
        }
    }
    if (table->count > 1)
        qsort(table->items, table->count, sizeof *table->items, by_pid);
    return true;
}

bool process_table_scan(
    struct process_table *table, const struct socket_owners *owners, struct process_totals *totals)
{
    memset(totals, 0, sizeof *totals);
    table->target_count = 0;
    if (!table->folder || !read_all(table, totals))
        return false;
    totals->processes = table->count;
    for (size_t i = 0; i < table->count; i++)
        add_process(table, owners, &table->items[i], totals);
    if (!totals->own_seen) {
        snprintf(table->reason, sizeof table->reason, "/proc does not show our own process");
        return false;
    }
    return true;
}

void process_table_look(
    struct process_table *table, const struct socket_owners *owners, struct target_totals *totals)
{
    *totals = (struct target_totals){0};
    for (size_t i = 0; table->folder && i < table->target_count; i++) {
        char pid[16];
        struct proc_stat stat;
        snprintf(pid, sizeof pid, "%ld", (long)table->targets[i]);
        if (read_stat(dirfd(table->folder), pid, &stat))
            add_target(owners, &stat, totals);
    }
}
