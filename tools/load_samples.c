#include "load_json.h"

#include "clock.h"
#include "json.h"

#include <errno.h>
#include <stdio.h>

static void set_moment(struct json_object *o, const char *name, int64_t t_ns, int64_t start_ns)
{
    if (t_ns)
        json_set_real(o, name, (double)(t_ns - start_ns) / 1e9);
}

static void set_count(struct json_object *o, const char *name, int32_t value)
{
    if (value >= 0)
        json_set_int(o, name, value);
}

static struct json_object *sample_to_json(const struct load_test *t, const struct load_sample *s)
{
    int64_t start_ns = t->outcome.t_start_ns;
    struct json_object *o = json_object_new_object();
    json_set_int(o, "item", s->item);
    json_set_int(o, "target", s->choice);
    json_set_int(o, "thread", s->thread);
    json_set_text(o, "error", exchange_error_name((enum exchange_error)s->error));
    if (s->http_status)
        json_set_int(o, "http_status", s->http_status);
    json_set_bool(o, "warm_up", s->flags & LOAD_WARMUP);
    json_set_bool(o, "cut_off", s->flags & LOAD_CUT_OFF);
    json_set_bool(o, "reused", s->flags & LOAD_REUSED);
    set_moment(o, "intended_s", s->t_intended_ns, start_ns);
    set_moment(o, "dequeued_s", s->t_dequeued_ns, start_ns);
    set_moment(o, "sent_s", s->t_sent_ns, start_ns);
    set_moment(o, "first_token_s", s->t_first_token_ns, start_ns);
    set_moment(o, "last_token_s", s->t_last_token_ns, start_ns);
    set_moment(o, "done_s", s->t_done_ns, start_ns);
    set_count(o, "prompt_tokens", s->prompt_tokens);
    set_count(o, "cached_tokens", s->cached_tokens);
    set_count(o, "completion_tokens", s->completion_tokens);
    json_set_int(o, "token_events", s->token_events);
    return o;
}

enum status load_samples_write(struct load_test *t, const char *path, struct error *e)
{
    FILE *file = fopen(path, "we");
    struct buf line = BUF_INIT(64 << 20);
    enum status s = STATUS_OK;
    if (!file)
        return error_set_errno(e, "cannot write %s", path);
    load_source_rewind(&t->source);
    for (const struct load_sample *sample;
         s == STATUS_OK && (sample = load_source_next(&t->source)) != NULL;) {
        struct json_object *o = sample_to_json(t, sample), *events = json_object_new_array();
        for (int64_t t_ns; load_source_next_event(&t->source, &t_ns);)
            json_add_real(events, (double)(t_ns - t->outcome.t_start_ns) / 1e9);
        json_set(o, "events_s", events);
        buf_clear(&line);
        s = json_write(o, &line, e);
        json_object_put(o);
        if (s == STATUS_OK && fprintf(file, "%s\n", buf_text(&line)) < 0)
            s = error_set_errno(e, "cannot write %s", path);
    }
    if (fclose(file) != 0 && s == STATUS_OK)
        s = error_set_errno(e, "cannot write %s", path);
    buf_fini(&line);
    return s;
}
