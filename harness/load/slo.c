#include "slo.h"

#include "clock.h"
#include "tail.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Chance of so many slow ones in a server that just keeps its promise, below which it is missed. */
static const double chance_allowed = 0.05;

/* SLO_ERRORS has no percentile; the other names are those of metrics without their unit. */
static const struct {
    const char *name;
    enum slo_metric metric;
} words[] = {
    {"ttft", SLO_TTFT},
    {"tpot", SLO_TPOT},
    {"itl", SLO_ITL},
    {"latency", SLO_LATENCY},
    {"e2el", SLO_LATENCY},
    {"response", SLO_RESPONSE},
    {"errors", SLO_ERRORS},
};
enum { WORDS = sizeof words / sizeof *words };

const char *slo_verdict_name(enum slo_verdict verdict)
{
    static const char *const names[] = {
        [SLO_MET] = "met", [SLO_MISSED] = "missed", [SLO_CANNOT_SAY] = "cannot say"};
    return names[verdict];
}

static enum status find_metric(const char *name, size_t len, struct slo *slo, struct error *e)
{
    for (size_t i = 0; i < WORDS; i++)
        if (strlen(words[i].name) == len && strncmp(words[i].name, name, len) == 0) {
            slo->metric = words[i].metric;
            return STATUS_OK;
        }
    return error_set(e, STATUS_USAGE,
        "'%.*s' is no metric of an objective: ttft, tpot, itl, latency, response or errors", (int)len, name);
}

/* "p99", "p99.9", "p999", "mean". */
static enum status parse_quantile(const char *text, struct slo *slo, struct error *e)
{
    double percent = -1;
    if (strcmp(text, "mean") == 0) {
        slo->quantile = -1;
        return STATUS_OK;
    }
    if (text[0] == 'p' && text_parse_double(text + 1, &percent)) {
        if (percent > 100 && percent < 1000) /* p999 is p99.9 */
            percent /= 10;
        if (percent > 0 && percent < 100) {
            slo->quantile = percent / 100;
            return STATUS_OK;
        }
    }
    return error_set(e, STATUS_USAGE, "'%s' is no percentile: p50, p99, p99.9 or mean", text);
}

static enum status parse_limit(const char *text, struct slo *slo, struct error *e)
{
    char number[SLO_WORD_SIZE];
    int64_t ns = 0;
    size_t len = strlen(text);
    if (slo->metric == SLO_ERRORS) {
        bool percent = len > 0 && text[len - 1] == '%';
        snprintf(number, sizeof number, "%.*s", (int)(percent ? len - 1 : len), text);
        if (!text_parse_double(number, &slo->limit) || slo->limit < 0 || slo->limit > (percent ? 100 : 1))
            return error_set(e, STATUS_USAGE, "'%s' is no share of errors: 1%% or 0.01", text);
        slo->limit /= percent ? 100 : 1;
        return STATUS_OK;
    }
    if (!text_parse_duration_ns(text, &ns) || ns <= 0)
        return error_set(e, STATUS_USAGE, "'%s' is no limit: 200ms or 1.5s", text);
    slo->limit = (double)ns / NS_PER_S;
    return STATUS_OK;
}

/* One objective: metric, percentile, limit. */
static enum status parse_word(const char *word, struct slo *slo, struct error *e)
{
    char quantile[SLO_WORD_SIZE] = "";
    size_t name = strcspn(word, "_<"), whole = strcspn(word, "<");
    snprintf(slo->word, sizeof slo->word, "%s", word);
    if (word[whole] != '<')
        return error_set(e, STATUS_USAGE, "'%s' is no objective: write it as ttft_p99<2s", word);
    enum status s = find_metric(word, name, slo, e);
    if (s == STATUS_OK && (slo->metric == SLO_ERRORS) != (name == whole))
        return error_set(e, STATUS_USAGE,
            slo->metric == SLO_ERRORS ? "'%s': errors have no percentile: write errors<1%%"
                                      : "'%s' lacks a percentile: write it as ttft_p99<2s",
            word);
    if (s == STATUS_OK && slo->metric != SLO_ERRORS) {
        snprintf(quantile, sizeof quantile, "%.*s", (int)(whole - name - 1), word + name + 1);
        s = parse_quantile(quantile, slo, e);
    }
    if (s == STATUS_OK)
        s = parse_limit(word + whole + (word[whole + 1] == '=' ? 2 : 1), slo, e);
    return s;
}

static enum status parse_words(const char *text, struct slo_set *set, struct error *e)
{
    enum status s = STATUS_OK;
    for (const char *at = text; s == STATUS_OK;) {
        char word[SLO_WORD_SIZE];
        size_t len = strcspn(at, ",");
        if (set->count == SLO_ITEMS_MAX)
            return error_set(e, STATUS_LIMIT, "more than %d objectives", SLO_ITEMS_MAX);
        if (len >= sizeof word)
            return error_set(e, STATUS_USAGE, "'%.*s...' is no objective: write it as ttft_p99<2s", 20, at);
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        s = parse_word(word, &set->items[set->count++], e);
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    return s;
}

static enum status no_such_preset(const char *text, struct error *e)
{
    const char *nearest = NULL;
    size_t best = 0, distance;
    for (const struct slo_preset *p = slo_presets; p->name; p++)
        if (text_is_near(text, p->name, &distance) && (!nearest || distance < best)) {
            nearest = p->name;
            best = distance;
        }
    if (nearest)
        return error_set(
            e, STATUS_USAGE, "there is no set of objectives '%s': did you mean '%s'?", text, nearest);
    return error_set(e, STATUS_USAGE, "'%s' is no objective: write it as ttft_p99<2s", text);
}

enum status slo_parse(const char *text, struct slo_set *set, struct error *e)
{
    *set = (struct slo_set){0};
    for (const struct slo_preset *p = slo_presets; p->name; p++)
        if (strcmp(p->name, text) == 0) {
            set->source = p->source;
            return parse_words(p->words, set, e);
        }
    return strchr(text, '<') ? parse_words(text, set, e) : no_such_preset(text, e);
}

static struct slo_finding judge_errors(const struct slo *slo, const struct slo_figures *f)
{
    struct slo_finding found = {.verdict = SLO_CANNOT_SAY, .n = f->requests, .has_measured = f->requests > 0};
    found.needed = slo->limit > 0 ? tail_quantile_floor(1 - slo->limit) : 1;
    if (f->requests == 0)
        return found;
    found.measured = (double)f->failed / (double)f->requests;
    bool enough = f->requests >= found.needed;
    if (found.measured > slo->limit &&
        (enough || tail_binomial(f->requests, f->failed, slo->limit) < chance_allowed))
        found.verdict = SLO_MISSED;
    else if (enough)
        found.verdict = SLO_MET;
    return found;
}

/* Values of requests that were cut off before they had one. Those of gaps are of no one request. */
static size_t count_missing(const struct slo *slo, const struct slo_figures *f, size_t n)
{
    size_t all = f->requests + f->cut_off, without = all > n ? all - n : 0;
    if (slo->metric == SLO_ITL)
        return 0;
    return without < f->cut_off ? without : f->cut_off;
}

/* Were all that are missing behind the others, the percentile of all would be this one of those that are there. */
static bool is_met_without(const struct slo *slo, struct distribution *d, size_t missing)
{
    double all = (double)(d->n + missing), there = (double)d->n;
    double quantile = missing == 0 || there < 2 ? slo->quantile : slo->quantile * (all - 1) / (there - 1);
    return quantile <= 1 && distribution_quantile(d, quantile) <= slo->limit;
}

/* Of a mean nobody knows what a few very slow ones make of it: so few that they are no hundredth are let pass. */
static struct slo_finding judge_mean(const struct slo *slo, const struct distribution *d, size_t missing)
{
    struct slo_finding found = {.verdict = SLO_CANNOT_SAY, .n = d->n, .needed = 2, .has_measured = d->n > 0};
    found.measured = d->mean;
    found.missing = missing;
    if (d->n >= found.needed && d->mean > slo->limit)
        found.verdict = SLO_MISSED;
    else if (d->n >= found.needed && missing <= d->n / 100)
        found.verdict = SLO_MET;
    return found;
}

struct slo_finding slo_judge(const struct slo *slo, const struct slo_figures *figures)
{
    if (slo->metric == SLO_ERRORS)
        return judge_errors(slo, figures);
    struct distribution *d = figures->values[slo->metric];
    struct slo_finding found = {.verdict = SLO_CANNOT_SAY, .needed = tail_quantile_floor(slo->quantile)};
    if (d == NULL || d->n == 0)
        return found;
    if (slo->quantile < 0)
        return judge_mean(slo, d, count_missing(slo, figures, d->n));
    found.n = d->n;
    found.missing = count_missing(slo, figures, d->n);
    found.has_measured = true;
    found.measured = distribution_quantile(d, slo->quantile);
    size_t above = distribution_count_above(d, slo->limit);
    if (d->n >= found.needed && found.measured > slo->limit)
        found.verdict = SLO_MISSED;
    else if (d->n >= found.needed)
        found.verdict = is_met_without(slo, d, found.missing) ? SLO_MET : SLO_CANNOT_SAY;
    else if (above > 0 && tail_binomial(d->n, above, 1 - slo->quantile) < chance_allowed)
        found.verdict = SLO_MISSED;
    return found;
}

enum slo_verdict slo_judge_all(const struct slo_set *set, const struct slo_figures *figures)
{
    enum slo_verdict all = SLO_MET;
    for (size_t i = 0; i < set->count; i++) {
        enum slo_verdict one = slo_judge(&set->items[i], figures).verdict;
        if (one == SLO_MISSED)
            return SLO_MISSED;
        if (one == SLO_CANNOT_SAY)
            all = SLO_CANNOT_SAY;
    }
    return all;
}

double slo_margin(const struct slo_set *set, const struct slo_figures *figures)
{
    double worst = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct slo_finding found = slo_judge(&set->items[i], figures);
        if (found.has_measured && set->items[i].limit > 0)
            worst = fmax(worst, found.measured / set->items[i].limit);
    }
    return worst;
}

/* False: not known of this request. */
static bool request_value(enum slo_metric metric, const struct load_sample *s, double *seconds)
{
    int64_t ns = 0, tokens;
    double tpot_ns = 0;
    bool known = true;
    if (metric == SLO_TTFT)
        known = load_sample_ttft_ns(s, &ns);
    else if (metric == SLO_LATENCY)
        known = load_sample_latency_ns(s, &ns);
    else if (metric == SLO_RESPONSE)
        known = load_sample_response_ns(s, &ns);
    else if (metric == SLO_TPOT)
        known = load_sample_tpot_ns(s, &tpot_ns) || (load_sample_tokens(s, &tokens) && tokens <= 1);
    *seconds = ((double)ns + tpot_ns) / NS_PER_S;
    return known;
}

bool slo_request_is_good(const struct slo_set *set, const struct load_sample *s, bool *unknown)
{
    double seconds;
    bool good = load_sample_ok(s);
    *unknown = false;
    for (size_t i = 0; good && i < set->count; i++) {
        if (!request_value(set->items[i].metric, s, &seconds))
            *unknown = true;
        else if (seconds > set->items[i].limit && set->items[i].metric <= SLO_RESPONSE)
            good = false;
    }
    *unknown = *unknown && good;
    return good && !*unknown;
}

/* What it had taken at least when it was cut off; 0: not known. */
static int64_t taken_ns(enum slo_metric metric, const struct load_sample *s)
{
    int64_t from_ns = metric == SLO_RESPONSE ? s->t_intended_ns : s->t_sent_ns, to_ns = s->t_done_ns;
    if (metric == SLO_TTFT && !(s->flags & LOAD_STREAMED))
        return 0;
    if (metric == SLO_TTFT && s->t_first_token_ns > 0)
        to_ns = s->t_first_token_ns;
    return from_ns > 0 && (metric == SLO_TTFT || metric == SLO_LATENCY || metric == SLO_RESPONSE)
               ? to_ns - from_ns
               : 0;
}

bool slo_request_is_too_late(const struct slo_set *set, const struct load_sample *s)
{
    for (size_t i = 0; i < set->count; i++)
        if ((double)taken_ns(set->items[i].metric, s) / NS_PER_S > set->items[i].limit)
            return true;
    return false;
}
