#include "drift.h"

#include "evidence.h"
#include "json.h"
#include "performance.h"
#include "stats.h"
#include "text.h"
#include "trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void drift_judge(const double *x, const double *values, size_t n, bool higher_is_better, struct drift *drift)
{
    struct trend trend;
    *drift = (struct drift){.chance = 1};
    if (n < DRIFT_VALUES_MIN || !trend_fit(x, values, n, &trend))
        return;
    double first = stats_median(values, n / 3), last = stats_median(values + n - n / 3, n / 3);
    double worse = higher_is_better ? first - last : last - first;
    drift->share = first > 0 && worse > 0 ? worse / first : 0;
    drift->chance = trend.chance;
    bool downhill = higher_is_better ? trend.slope < 0 : trend.slope > 0;
    drift->found = downhill && drift->share > DRIFT_SHARE && drift->chance < DRIFT_CHANCE;
}

static double worst_of(const double *values, size_t n, bool higher_is_better, double *best)
{
    double worst = values[0];
    *best = values[0];
    for (size_t i = 1; i < n; i++) {
        worst = higher_is_better ? fmin(worst, values[i]) : fmax(worst, values[i]);
        *best = higher_is_better ? fmax(*best, values[i]) : fmin(*best, values[i]);
    }
    return worst;
}

/* The chance that a normal value stands so far out of m others falls with the m - 1st power of it: 0.1 % at most. */
static double ranges_for(size_t others)
{
    return others < 5 ? 6 : others < 6 ? 4 : 3;
}

/* The best of the first `early` values is what has to stand out. */
static double stands_out(const double *values, size_t early, size_t n, bool higher_is_better)
{
    double early_best, best;
    (void)worst_of(values, early, higher_is_better, &early_best);
    double worst = worst_of(values + early, n - early, higher_is_better, &best);
    double median = stats_median(values + early, n - early);
    double gap = higher_is_better ? median - early_best : early_best - median;
    bool found =
        median > 0 && gap > WARMUP_SHARE * median && gap > ranges_for(n - early) * fabs(worst - best);
    return found ? gap / median : 0;
}

double drift_warmup_rest(const double *values, size_t n, bool higher_is_better)
{
    double most = 0;
    for (size_t early = 1; n >= WARMUP_VALUES_MIN && early <= n / 3; early++)
        most = fmax(most, stands_out(values, early, n, higher_is_better));
    return most;
}

/* ---- in the record ---- */

bool drift_add(struct json_object *record, const char *sensor, const struct drift_series *s)
{
    char reason[200], percent[32];
    struct drift drift;
    drift_judge(s->x, s->values, s->n, s->higher_is_better, &drift);
    text_format_significant(percent, sizeof percent, drift.share * 100, 3);
    snprintf(reason, sizeof reason, "%s got worse by %s %% from the first third of %s to the last, steadily",
        s->metric, percent, s->of);
    return record_add_evidence(record, &(struct evidence){.sensor = sensor,
                                           .flag = "degraded_drift",
                                           .unit = "1",
                                           .scope = "server",
                                           .value = drift.share,
                                           .threshold = DRIFT_SHARE,
                                           .raised = drift.found,
                                           .reason = reason});
}

/* The first of them that the record has stands for the test: a rate of each kind of work. */
static const char *const rates[] = {
    "decode_tokens_per_s", "inputs_per_s", "speech_s_per_s", "audio_rtf", "image_s", NULL};
static const char *const first_words[] = {
    "ttft_s", "decode_tokens_per_s", "inputs_per_s", "speech_s_per_s", "audio_rtf", "image_s", NULL};

struct series {
    const char *metric;
    bool higher_is_better;
    size_t n;
    double x[PERFORMANCE_VALUES_MAX], values[PERFORMANCE_VALUES_MAX];
};

static bool read_series(const struct json_object *record, const char *const *metrics, struct series *s)
{
    for (; *metrics; metrics++) {
        char pointer[96];
        snprintf(pointer, sizeof pointer, "/performance/%s", *metrics);
        struct json_object *metric = json_get_object(record, pointer);
        struct json_object *values = metric ? json_get_array(metric, "/values") : NULL;
        const char *better = json_get_text(metric, "/better");
        if (!values || !better)
            continue;
        s->metric = *metrics;
        s->higher_is_better = strcmp(better, "higher") == 0;
        s->n = json_object_array_length(values);
        s->n = s->n < PERFORMANCE_VALUES_MAX ? s->n : PERFORMANCE_VALUES_MAX;
        for (size_t i = 0; i < s->n; i++) {
            s->x[i] = (double)i;
            s->values[i] = json_object_get_double(json_object_array_get_idx(values, i));
        }
        return true;
    }
    return false;
}

static bool add_warmup(const struct series *s, struct json_object *record)
{
    char reason[200], percent[32];
    double rest = drift_warmup_rest(s->values, s->n, s->higher_is_better);
    text_format_significant(percent, sizeof percent, rest * 100, 3);
    snprintf(reason, sizeof reason,
        "%s of the first measured repeats is %s %% worse than that of the others: the warm-up was not over",
        s->metric, percent);
    return record_add_evidence(record, &(struct evidence){.sensor = "warmup_rest",
                                           .flag = "degraded_warmup",
                                           .unit = "1",
                                           .scope = "server",
                                           .value = rest,
                                           .threshold = WARMUP_SHARE,
                                           .raised = rest > 0,
                                           .reason = reason});
}

bool drift_into_record(struct json_object *record)
{
    struct series *s = calloc(1, sizeof *s);
    bool ok = s != NULL;
    if (ok && read_series(record, rates, s) && s->n >= DRIFT_VALUES_MIN)
        ok = drift_add(record, "rate_drift",
            &(struct drift_series){s->metric, "the repeats", s->x, s->values, s->n, s->higher_is_better});
    if (ok && read_series(record, first_words, s) && s->n >= WARMUP_VALUES_MIN)
        ok = add_warmup(s, record);
    free(s);
    return ok;
}
