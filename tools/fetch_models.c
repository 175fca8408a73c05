#include "fetch_models.h"

#include "clock.h"
#include "log.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REDRAW_MS = 200 };

/* ---- progress ---- */

struct pulling {
    const char *model;
    bool terminal;
    int64_t drawn_ns;
    char last[96]; /* what was said last, for those who read lines */
};

static bool is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* A line that is drawn again on a terminal; elsewhere one line for each step. */
static bool on_progress(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg)
{
    struct pulling *p = arg;
    int64_t now_ns = clock_mono_ns(clock_system());
    char done[32] = "", total[32] = "";
    if (total_bytes > 0) {
        text_format_bytes(done, sizeof done, (double)done_bytes);
        text_format_bytes(total, sizeof total, (double)total_bytes);
    }
    if (p->terminal && (now_ns - p->drawn_ns > REDRAW_MS * NS_PER_MS || total_bytes <= 0)) {
        fprintf(stderr, "\r\033[K%.60s: %.60s %s%s%s", p->model, what, done, total_bytes > 0 ? " of " : "",
            total);
        fflush(stderr);
        p->drawn_ns = now_ns;
    } else if (!p->terminal && strcmp(p->last, what) != 0) {
        log_note("%s: %s", p->model, what);
        snprintf(p->last, sizeof p->last, "%s", what);
    }
    return true;
}

/* ---- who lacks what ---- */

static bool is_name(const char *wanted)
{
    return wanted[0] != '!' && !strpbrk(wanted, "*?");
}

static bool is_there(const struct portfolio *portfolio, const char *wanted)
{
    for (size_t i = 0; i < portfolio->count; i++)
        for (size_t k = 0; k < portfolio->targets[i].models.count; k++)
            if (text_match(wanted, portfolio->targets[i].models.items[k].id))
                return true;
    return false;
}

static enum status pull_from(
    const struct portfolio_target *t, const char *model, bool *offered, struct error *e)
{
    struct target *target = NULL;
    struct target_options options = {.url = t->access.url,
        .name = t->info.name,
        .api_key = t->access.api_key,
        .transport = t->access.transport,
        .found = t->access.found,
        .protocol = t->info.protocol,
        .idle_timeout_ns = 600 * NS_PER_S,
        .first_token_timeout_ns = 600 * NS_PER_S,
        .total_timeout_ns = 24 * 3600 * NS_PER_S};
    enum status s = target_open(&options, &target, e);
    if (s == STATUS_OK)
        s = target_probe(target, e);
    *offered = s == STATUS_OK && (target_offers(target) & OFFER_PULL);
    if (*offered) {
        struct pulling p = {.model = model, .terminal = is_terminal()};
        log_note("%s fetches %s", t->info.name, model);
        s = target_pull(target, model, on_progress, &p, e);
        if (p.terminal)
            fputs("\r\033[K", stderr);
    }
    target_close(target);
    return s;
}

static enum status fetch(const struct portfolio *portfolio, const char *model, struct error *e)
{
    for (size_t i = 0; i < portfolio->count; i++) {
        bool offered = false;
        enum status s = portfolio->targets[i].status == STATUS_OK
                            ? pull_from(&portfolio->targets[i], model, &offered, e)
                            : STATUS_OK;
        if (offered || s != STATUS_OK)
            return s;
    }
    return error_set(
        e, STATUS_UNAVAILABLE, "no server has the model \"%s\", and none of them offers to fetch one", model);
}

enum status fetch_models(
    const struct opt_list *wanted, const struct portfolio *portfolio, bool *fetched, struct error *e)
{
    enum status s = STATUS_OK;
    *fetched = false;
    for (size_t i = 0; s == STATUS_OK && i < wanted->count; i++) {
        if (!is_name(wanted->items[i]) || is_there(portfolio, wanted->items[i]))
            continue;
        s = fetch(portfolio, wanted->items[i], e);
        *fetched |= s == STATUS_OK;
    }
    return s;
}
