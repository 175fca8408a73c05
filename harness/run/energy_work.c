#include "energy_work.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

struct energy_work *energy_work_new(void)
{
    return calloc(1, sizeof(struct energy_work));
}

static void forget(struct energy_work *work)
{
    for (size_t i = 0; i < work->count; i++)
        free(work->repeats[i].windows);
    work->count = 0;
}

void energy_work_free(struct energy_work *work)
{
    if (work == NULL)
        return;
    forget(work);
    free(work->repeats);
    free(work);
}

/* Room for one more; *items is moved. */
static bool grow(void **items, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return true;
    size_t wanted = *cap ? 2 * *cap : 8;
    void *moved = realloc(*items, wanted * size);
    if (moved == NULL)
        return false;
    *items = moved;
    *cap = wanted;
    return true;
}

static struct energy_repeat *repeat_of(struct energy_work *work, int repeat)
{
    for (size_t i = work->count; i > 0; i--)
        if (work->repeats[i - 1].repeat == repeat)
            return &work->repeats[i - 1];
    if (!grow((void **)&work->repeats, &work->cap, work->count, sizeof *work->repeats))
        return NULL;
    work->repeats[work->count] = (struct energy_repeat){.repeat = repeat};
    return &work->repeats[work->count++];
}

static bool add_window(struct energy_repeat *r, int64_t from_ns, int64_t to_ns)
{
    if (r == NULL || !grow((void **)&r->windows, &r->cap, r->count, sizeof *r->windows))
        return false;
    r->windows[r->count++] = (struct energy_window){from_ns, to_ns};
    return true;
}

static bool get_window(
    const struct json_object *entry, const char *from, const char *to, struct energy_window *window)
{
    return json_get_int(entry, from, &window->from_ns) && json_get_int(entry, to, &window->to_ns) &&
           window->from_ns > 0 && window->to_ns > window->from_ns;
}

bool energy_work_add_exchange(struct energy_work *work, const struct json_object *tally)
{
    bool measured = false, succeeded = false;
    int64_t repeat = -1, tokens = -1;
    struct energy_window window;
    (void)json_get_bool(tally, "/measured", &measured);
    (void)json_get_bool(tally, "/ok", &succeeded);
    (void)json_get_int(tally, "/repeat", &repeat);
    if (!measured || !succeeded || repeat < 0 || repeat > INT32_MAX || work->loads ||
        !get_window(tally, "/sent_ns", "/done_ns", &window))
        return true;
    struct energy_repeat *r = repeat_of(work, (int)repeat);
    if (!add_window(r, window.from_ns, window.to_ns))
        return false;
    r->requests++;
    if (json_get_int(tally, "/tokens/completion", &tokens) && tokens >= 0)
        r->tokens += (double)tokens;
    else
        r->uncounted = true;
    return true;
}

bool energy_work_add_load(struct energy_work *work, const struct json_object *load)
{
    int64_t repeat = -1;
    struct energy_window window;
    if (!json_get_int(load, "/repeat", &repeat) || repeat < 0 || repeat > INT32_MAX ||
        !get_window(load, "/from_ns", "/to_ns", &window))
        return true;
    if (!work->loads)
        forget(work);
    work->loads = true;
    struct energy_repeat *r = repeat_of(work, (int)repeat);
    if (!add_window(r, window.from_ns, window.to_ns))
        return false;
    double tokens = 0, requests = 0;
    r->uncounted |= !json_get_real(load, "/output_tokens", &tokens);
    (void)json_get_real(load, "/completed", &requests);
    r->tokens += tokens;
    r->requests += requests;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct energy_window *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

static void unite(struct energy_repeat *r)
{
    size_t kept = 0;
    qsort(r->windows, r->count, sizeof *r->windows, by_start);
    for (size_t i = 1; i < r->count; i++) {
        struct energy_window *last = &r->windows[kept];
        if (r->windows[i].from_ns > last->to_ns)
            r->windows[++kept] = r->windows[i];
        else if (r->windows[i].to_ns > last->to_ns)
            last->to_ns = r->windows[i].to_ns;
    }
    r->count = r->count ? kept + 1 : 0;
}

static int by_first(const void *a, const void *b)
{
    const struct energy_repeat *x = a, *y = b;
    return by_start(x->windows, y->windows);
}

void energy_work_settle(struct energy_work *work)
{
    for (size_t i = 0; i < work->count; i++)
        unite(&work->repeats[i]);
    if (work->count > 1)
        qsort(work->repeats, work->count, sizeof *work->repeats, by_first);
}
