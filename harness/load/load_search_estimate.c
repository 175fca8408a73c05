#include "load_search_steps.h"

#include <math.h>

/* Sums for a weighted line of log margin over log load. */
struct line {
    double weight, x, y, xx, xy;
    int points;
};

static struct line sum_near(const struct load_search *s, double middle, double factor)
{
    struct line l = {0};
    for (size_t i = 0; i < s->count; i++) {
        const struct load_point *p = &s->points[i];
        if (p->margins == 0 || p->load < middle / factor || p->load > middle * factor)
            continue;
        double w = p->margins, x = log(p->load), y = p->log_margin;
        l.weight += w;
        l.x += w * x;
        l.y += w * y;
        l.xx += w * x * x;
        l.xy += w * x * y;
        l.points++;
    }
    return l;
}

/*
 * The curve of a percentile over load is steep and bent, so only what is near counts: within an eighth, or within a
 * quarter where that is less than three loads. The ends of the interval are sure, so it is never outside of it.
 */
double search_estimate(const struct load_search *s, double low, double high)
{
    double middle = sqrt(low * high);
    struct line l = sum_near(s, middle, 1.125);
    if (l.points < 3)
        l = sum_near(s, middle, 1.25);
    double below = l.weight * l.xx - l.x * l.x;
    if (l.points < 3 || !(below > 0))
        return 0;
    double slope = (l.weight * l.xy - l.x * l.y) / below;
    return slope > 0 ? fmin(fmax(exp((l.x - l.y / slope) / l.weight), low), high) : 0;
}
