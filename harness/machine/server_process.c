#include "server_process.h"

bool server_process_same(const struct server_process *a, const struct server_process *b)
{
    return a->pid == b->pid && a->start_ticks == b->start_ticks;
}

static void note_end(struct server_history *h, int64_t t_ns)
{
    if (h->gone_ns == 0)
        h->gone_ns = t_ns;
}

void server_history_note(struct server_history *history, const struct server_process *now, int64_t t_ns)
{
    struct server_history *h = history;
    h->gone = now->pid == 0 && h->last.pid != 0;
    if (h->gone)
        note_end(h, t_ns);
    if (now->pid == 0)
        return;
    if (h->first.pid == 0) {
        h->first = *now;
    } else if (!server_process_same(&h->last, now)) {
        note_end(h, t_ns);
        h->back_ns = h->replaced == 0 ? t_ns : h->back_ns;
        h->replaced++;
    }
    h->last = *now;
}
