#include "simulator_lateness.h"

#include "clock.h"
#include "json.h"
#include "target_get.h"
#include "target_private.h"

#include <math.h>

enum { ANSWER_MAX = 64 << 10 };
static const char path[] = "/sim/lateness";
static const double longest_s = 1e6; /* what is said to have taken longer is nonsense */

static bool get_seconds(const struct json_object *tree, const char *pointer, double *seconds)
{
    return json_get_real(tree, pointer, seconds) && *seconds >= 0 && *seconds <= longest_s;
}

static bool get_count(const struct json_object *tree, const char *pointer, int64_t *count)
{
    return json_get_int(tree, pointer, count) && *count >= 0;
}

static bool read_answer(const struct json_object *tree, struct simulator_lateness *out)
{
    if (!get_count(tree, "/events", &out->events) ||
        !get_count(tree, "/blocked_events", &out->blocked_events))
        return false;
    if (!get_seconds(tree, "/stalled_s", &out->stalled_s))
        out->stalled_s = 0;
    out->events -= out->blocked_events;
    if (out->events == 0)
        return true;
    return out->events > 0 && get_seconds(tree, "/lateness/p50_s", &out->p50_s) &&
           get_seconds(tree, "/lateness/p99_s", &out->p99_s) &&
           get_seconds(tree, "/lateness/max_s", &out->max_s);
}

static enum status fetch(struct target *t, bool anew, struct buf *answer, struct error *e)
{
    struct exchange x;
    struct buf nothing = BUF_INIT(8);
    exchange_init(&x);
    if (!anew)
        target_get(t, t->url.root, path, &x, answer);
    else if (buf_append_text(&nothing, "{}") == STATUS_OK)
        target_post(t, t->url.root, path, &nothing, &x, answer);
    bool late = x.error >= EXCHANGE_TIMEOUT_CONNECT && x.error <= EXCHANGE_TIMEOUT_TOTAL;
    enum status s = x.error == EXCHANGE_OK
                        ? STATUS_OK
                        : error_set(e, late ? STATUS_TIMEOUT : STATUS_UNAVAILABLE, "%s failed (%s: %s)", path,
                              exchange_error_name(x.error), x.error_text);
    buf_fini(&nothing);
    exchange_fini(&x);
    return s;
}

static enum status understand(const struct buf *answer, struct simulator_lateness *out, struct error *e)
{
    struct json_object *tree = NULL;
    bool ok = json_parse(buf_text(answer), answer->len, &tree, NULL) == STATUS_OK && read_answer(tree, out);
    json_object_put(tree);
    if (ok)
        return STATUS_OK;
    *out = (struct simulator_lateness){0};
    return error_set(e, STATUS_INVALID, "its answer to %s does not say how late it was", path);
}

enum status simulator_lateness_ask(
    const struct target_access *access, bool anew, struct simulator_lateness *out, struct error *e)
{
    struct target_options o = {.url = access->url,
        .name = access->name,
        .protocol = "openai", /* any: none is spoken */
        .api_key = access->api_key,
        .transport = access->transport,
        .found = access->found,
        .connect_timeout_ns = NS_PER_S,
        .first_token_timeout_ns = 2 * NS_PER_S,
        .total_timeout_ns = 3 * NS_PER_S};
    struct target *t = NULL;
    struct buf answer = BUF_INIT(ANSWER_MAX);
    *out = (struct simulator_lateness){0};
    enum status s = target_open(&o, &t, e);
    if (s == STATUS_OK)
        s = fetch(t, anew, &answer, e);
    if (s == STATUS_OK)
        s = understand(&answer, out, e);
    buf_fini(&answer);
    target_close(t);
    return s;
}
