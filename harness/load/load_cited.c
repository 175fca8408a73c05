#include "load_cited.h"

#include "calibration.h"
#include "clock.h"
#include "identity.h"
#include "json.h"
#include "text.h"

#include <math.h>
#include <stdio.h>

static void say_error(const struct calibration *c, const struct calibration_rung *rung,
    struct load_cited *out, struct buf *words)
{
    char made[CLOCK_RFC3339_SIZE], mean[32], most[32];
    bool has_p99 = isfinite(rung->ttft_error_p99_s);
    out->error_s = has_p99 ? rung->ttft_error_p99_s : rung->ttft_error_max_s;
    clock_format_rfc3339(c->made_unix_ns, made);
    text_format_duration(mean, sizeof mean, rung->ttft_error_mean_s);
    text_format_duration(most, sizeof most, out->error_s);
    buf_printf(words,
        "Calibrated on %.10s with %lld streams: its own error of the time to first token is %s in the "
        "mean, %s %s.\n",
        made, (long long)rung->streams, mean, most, has_p99 ? "(p99)" : "at most");
}

static void say_staleness(const struct calibration *c, struct buf *words)
{
    struct calibration now = {.made_unix_ns = clock_wall_ns(clock_system())};
    struct json_object *machine = machine_identity_to_json("");
    calibration_set_machine(&now, ASSAY_VERSION, machine);
    json_object_put(machine);
    if (calibration_is_stale(c, &now, words))
        buf_append_text(words, "Repeat it: assay calibrate.\n");
}

/* Calibrations are of HTTP/1.1, in the clear or over TLS. */
static void say_other_way(const struct calibration *c, const struct load_cited_need *asked, struct buf *words)
{
    char made[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(c->made_unix_ns, made);
    buf_printf(words,
        "The calibration of %.10s is of HTTP/1.1%s, and this test was HTTP/%s%s: the client's own error "
        "there is not known%s.\n",
        made, c->tls ? " over TLS" : " without TLS", asked->http_2 ? "2" : "1.1",
        asked->tls ? " over TLS" : " without TLS",
        asked->http_2 ? ""
        : asked->tls  ? " (assay calibrate --tls)"
                      : " (assay calibrate)");
}

static void say_threads(const struct calibration *c, const struct load_cited_need *asked, struct buf *words)
{
    if (asked->threads > 0 && c->threads > 0 && asked->threads != c->threads)
        buf_printf(words, "It was made with %lld thread%s of the client, and this test with %d.\n",
            (long long)c->threads, c->threads == 1 ? "" : "s", asked->threads);
}

static void say_all(const struct calibration *c, const struct load_cited_need *asked, struct load_cited *out,
    struct buf *words)
{
    struct calibration_rung rung;
    struct calibration_need need = {.streams = (int64_t)asked->streams, .events_per_s = asked->events_per_s};
    int64_t highest = 0;
    if (asked->http_2 || asked->tls != c->tls) {
        say_other_way(c, asked, words);
        return;
    }
    if (calibration_error_at(c, &need, &rung, &highest))
        say_error(c, &rung, out, words);
    else
        buf_printf(words, "Not calibrated for such a load (up to %lld streams): assay calibrate.\n",
            (long long)highest);
    say_threads(c, asked, words);
    say_staleness(c, words);
}

void load_cited_find(const struct load_cited_need *need, struct load_cited *out)
{
    struct calibration c;
    struct buf path = BUF_INIT(1 << 16), words = BUF_INIT(1 << 16);
    struct error why = {0};
    *out = (struct load_cited){.error_s = (double)NAN};
    enum status s = calibration_path(&path, &why);
    if (s == STATUS_OK)
        s = calibration_load(buf_text(&path), &c, &why);
    if (s == STATUS_OK)
        say_all(&c, need, out, &words);
    else if (s == STATUS_NOT_FOUND)
        buf_append_text(&words, "Never calibrated on this machine: assay calibrate.\n");
    else
        buf_printf(&words, "The calibration cannot be read: %s.\n", error_text(&why));
    snprintf(out->words, sizeof out->words, "%s", buf_text(&words));
    buf_fini(&path);
    buf_fini(&words);
}
