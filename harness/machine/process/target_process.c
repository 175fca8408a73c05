#include "target_process.h"

#include <stdio.h>

void target_process_open(struct target_process *t, const char *url)
{
    if (!url)
        t->kind = TARGET_NONE;
    else if (!endpoint_resolve(url, &t->endpoint))
        t->kind = TARGET_UNCLEAR;
    else
        t->kind = t->endpoint.local ? TARGET_LOCAL : TARGET_REMOTE;
}

void target_process_locate(struct target_process *t, const char *root)
{
    if (t->kind == TARGET_LOCAL)
        (void)socket_owners_find(root, &t->endpoint, &t->owners);
}

/* Some process that held the socket is gone, or was gone before. */
static bool lost_sight(const struct target_process *t, const struct target_totals *now)
{
    return t->ended || now->owners_seen < t->owners.count ||
           (t->seen.server.pid != 0 && !server_process_same(&now->server, &t->seen.server));
}

/* A server that was started anew is another process; what the old one used stays used. */
static bool scan_anew(
    struct target_process *t, const char *root, struct process_table *table, struct process_totals *totals)
{
    target_process_locate(t, root);
    if (!process_table_scan(table, &t->owners, totals))
        return false;
    const struct server_process *now = &totals->target.server;
    t->ended = now->pid == 0 && (t->ended || t->seen.server.pid != 0);
    if (!server_process_same(&t->seen.server, now))
        t->ended_ticks += t->seen.ticks;
    return true;
}

bool target_process_scan(
    struct target_process *t, const char *root, struct process_table *table, struct process_totals *totals)
{
    bool read = process_table_scan(table, &t->owners, totals);
    if (read && lost_sight(t, &totals->target))
        read = scan_anew(t, root, table, totals);
    if (read)
        t->seen = totals->target;
    return read;
}

bool target_process_look(struct target_process *t, struct process_table *table)
{
    struct target_totals now;
    if (t->ended || t->seen.server.pid == 0)
        return !t->ended;
    process_table_look(table, &t->owners, &now);
    if (lost_sight(t, &now))
        return false;
    t->seen = now;
    return true;
}

uint64_t target_process_ticks(const struct target_process *t)
{
    return t->ended_ticks + t->seen.ticks;
}

void target_process_explain(const struct target_process *t, struct reading *r, const char *source)
{
    char reason[160];
    snprintf(reason, sizeof reason, "unattributed: %s", t->owners.reason);
    reading_unavailable(r, source,
        t->kind == TARGET_NONE      ? "no server is being measured"
        : t->kind == TARGET_REMOTE  ? "the server runs on another host"
        : t->kind == TARGET_UNCLEAR ? "unattributed: the server's address cannot be resolved"
        : t->ended                  ? "unattributed: the server's process ended"
                                    : reason);
}
