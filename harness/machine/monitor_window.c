#include "monitor_window.h"

#include "clock.h"

static void widen(struct span *span, const struct reading *r, bool first)
{
    if (first)
        span->first = *r;
    if (r->status != SENSOR_OK) {
        span->last = *r;
        span->failed++;
        return;
    }
    reading_set(&span->last, r->value, r->source);
    if (span->seen == 0 || r->value < span->low)
        span->low = r->value;
    if (span->seen == 0 || r->value > span->high)
        span->high = r->value;
    span->seen++;
}

/*
 * A level lasts as far as passes found it for a second. Those in quick succession, as in search of a server that
 * ended, only tell what did not last.
 */
static void note_lasting(struct window *w, const struct sample *sample)
{
    bool soon = w->have_scan_before && sample->t_mono_ns - w->scan_before_ns < NS_PER_S;
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        const struct reading *r = &sample->readings[i];
        double value = r->status == SENSOR_OK ? r->value : 0;
        double lasting = value < w->scan_before[i] ? value : w->scan_before[i];
        if (w->have_scan_before && !soon && lasting > w->spans[i].high_lasting)
            w->spans[i].high_lasting = lasting;
        w->scan_before[i] = soon ? lasting : value;
    }
    if (!soon)
        w->scan_before_ns = sample->t_mono_ns;
    w->have_scan_before = true;
}

void window_note(struct window *window, const struct sample *sample)
{
    bool first = window->samples == 0;
    window->samples++;
    if (sample->lateness_ns > window->lateness_max_ns)
        window->lateness_max_ns = sample->lateness_ns;
    if (sample->memory_total_bytes > 0)
        window->memory_total_bytes = sample->memory_total_bytes;
    if (sample->group_limit_bytes > 0)
        window->group_limit_bytes = sample->group_limit_bytes;
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        widen(&window->spans[i], &sample->readings[i], first);
    if (sample->scanned)
        note_lasting(window, sample);
}
