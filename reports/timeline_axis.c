#include "timeline_axis.h"

#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The next of 1, 2, 5, 10, ... that is not smaller. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    static const double factors[] = {1, 2, 5, 10};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (power * factors[i] >= value * (1 - 1e-9))
            return power * factors[i];
    return power * 10;
}

static void choose_unit(const char *unit, double highest, struct timeline_axis *axis)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    axis->per = 1;
    snprintf(axis->unit, sizeof axis->unit, "%s", unit);
    if (strncmp(unit, "bytes", 5) != 0)
        return;
    while (i + 1 < sizeof names / sizeof *names && highest >= 1024 * axis->per) {
        axis->per *= 1024;
        i++;
    }
    snprintf(axis->unit, sizeof axis->unit, "%s%s", names[i], unit + 5);
}

struct timeline_axis timeline_axis_for(const char *unit, double highest, double at_least, int steps)
{
    struct timeline_axis axis;
    highest = fmax(highest, at_least);
    if (!(highest > 0) || !isfinite(highest))
        highest = 1;
    choose_unit(unit, highest, &axis);
    double per_step = highest / axis.per / steps;
    axis.step = (strcmp(unit, "%") == 0 && highest <= 100 ? 25 : round_up(per_step)) * axis.per;
    axis.top = ceil(highest / axis.step * (1 - 1e-9)) * axis.step;
    return axis;
}

void timeline_axis_label(const struct timeline_axis *axis, double value, char *text, size_t size)
{
    char number[32];
    text_format_significant(number, sizeof number, value / axis->per, 6);
    snprintf(text, size, "%s%s%s", number, axis->unit[0] == '%' || !axis->unit[0] ? "" : " ", axis->unit);
}

double timeline_time_step(double span_s, int most)
{
    static const double steps[] = {1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60,
        120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000};
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && span_s / steps[i] > most)
        i++;
    double step = steps[i];
    while (span_s / step > most)
        step *= 2;
    return step;
}

void timeline_time_label(double t_s, double step_s, char *text, size_t size)
{
    char number[32];
    int64_t whole = (int64_t)llround(t_s);
    if (step_s < 1 || (t_s < 60 && whole < 60)) {
        text_format_significant(number, sizeof number, t_s, 9);
        snprintf(text, size, "%s s", number);
    } else if (whole < 3600) {
        snprintf(text, size, "%d:%02d", (int)(whole / 60), (int)(whole % 60));
    } else {
        snprintf(text, size, "%lld:%02d:%02d", (long long)(whole / 3600), (int)(whole / 60 % 60),
            (int)(whole % 60));
    }
}
