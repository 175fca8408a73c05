#include "load_print.h"

#include "knee.h"
#include "text.h"

#include <math.h>
#include <stdio.h>

static const char *shown(char *out, size_t size, double value)
{
    text_format_significant(out, size, value, 3);
    return out;
}

/* ---- the table of values ---- */

static void print_cell(double seconds, bool is)
{
    char text[32] = "-";
    if (is)
        text_format_duration(text, sizeof text, seconds);
    printf(" %10s", text);
}

static void print_values(struct load_result *r)
{
    printf(
        "\n%-11s %10s %10s %10s %10s %10s %10s %9s\n", "", "mean", "p50", "p90", "p99", "p99.9", "max", "n");
    for (int i = 0; i < LOAD_VALUES; i++) {
        struct summary s;
        if (distribution_summarise(&r->values[i], &s) != STATUS_OK)
            continue;
        printf("%-11s", load_value_name((enum load_value)i, r->gaps_are_tokens));
        print_cell(s.mean, true);
        print_cell(s.p50, true);
        print_cell(s.p90, s.has_p90);
        print_cell(s.p99, s.has_p99);
        print_cell(s.p999, s.has_p999);
        print_cell(s.max, true);
        printf(" %9zu\n", s.n);
    }
}

/* ---- sentences ---- */

static void print_rates(const struct load_result *r)
{
    char requests[32], tokens[32], asked[32], begun[32];
    printf("\n%s requests/s and %s output tokens/s over %s s",
        shown(requests, sizeof requests, r->rates.requests_per_s),
        shown(tokens, sizeof tokens, r->rates.output_tokens_per_s),
        shown(begun, sizeof begun, r->rates.window_s));
    if (r->asked_per_s > 0)
        printf("; asked for %s a second, began %s", shown(asked, sizeof asked, r->asked_per_s),
            shown(begun, sizeof begun, r->rates.begun_per_s));
    printf("\n%zu requests: %zu ok, %zu failed, %zu cut off by us", r->counts.begun, r->counts.ok,
        r->counts.failed, r->counts.cut_off);
    if (r->counts.http_2)
        printf("; %zu answered in HTTP/2", r->counts.http_2);
    if (r->counts.tokens_not_counted)
        printf("; of %zu nobody says how many tokens they had", r->counts.tokens_not_counted);
    printf("\n");
}

static void print_errors(const struct load_test *t)
{
    for (int i = 1; i < EXCHANGE_ERROR_COUNT; i++)
        if (*t->outcome.first_errors[i])
            printf("  %s: %s%s\n", exchange_error_name((enum exchange_error)i), t->outcome.first_errors[i],
                t->has_window && t->result.counts.by_error[i] > 1 ? " (and others)" : "");
}

/* In the unit of the objective: a time, or a share in percent. */
static void print_measured(const struct slo *objective, double measured)
{
    char text[32];
    if (objective->metric == SLO_ERRORS) {
        printf(": %s %%", shown(text, sizeof text, 100 * measured));
        return;
    }
    text_format_duration(text, sizeof text, measured);
    printf(": %s", text);
}

static void print_objectives(const struct slo_set *set, struct load_result *r)
{
    struct slo_figures figures = load_result_figures(r);
    for (size_t i = 0; i < set->count; i++) {
        struct slo_finding f = slo_judge(&set->items[i], &figures);
        printf("%-11s %s", slo_verdict_name(f.verdict), set->items[i].word);
        if (f.has_measured)
            print_measured(&set->items[i], f.measured);
        if (f.verdict == SLO_CANNOT_SAY && f.n >= f.needed)
            printf("  (of %zu that were cut off nobody knows it)", f.missing);
        else if (f.verdict == SLO_CANNOT_SAY)
            printf("  (%zu values, %zu are needed)", f.n, f.needed);
        printf("\n");
    }
    if (set->count && r->goodput.of) {
        char per_s[32], percent[32];
        printf("%-11s %s good requests/s; %s %% of all, failures included\n", "goodput",
            shown(per_s, sizeof per_s, r->goodput.per_s),
            shown(percent, sizeof percent, 100 * r->goodput.fraction));
    }
}

static void print_client(const struct load_test *t)
{
    char share[32], lag[32], most[32];
    bool judged = t->has_window || t->verdict.count > 0;
    text_format_duration(lag, sizeof lag, hist_quantile(t->loop_lag, 0.99) / 1e9);
    text_format_duration(most, sizeof most, (double)t->loop_lag->max_ns / 1e9);
    printf("client: %s; %d thread%s, the busiest %s %% of the time; late by %s (p99), %s at most\n",
        judged ? load_fitness_name(t->verdict.fitness) : "not judged", t->outcome.threads,
        t->outcome.threads == 1 ? "" : "s", shown(share, sizeof share, 100 * t->cpu_share), lag, most);
    for (size_t i = 0; i < t->verdict.count; i++)
        printf("  %s: %s\n", load_fitness_name(t->verdict.reasons[i].fitness), t->verdict.reasons[i].text);
    if (t->has_window)
        printf("%s", t->cited.words);
}

static void print_simulator(struct load_simulator *sim)
{
    char late[32], most[32];
    if (sim->state == SIMULATOR_SILENT)
        printf("the server is a simulator, and how late it was itself is not known: %s\n",
            error_text(&sim->why));
    if (sim->state != SIMULATOR_SAID || sim->late.events == 0)
        return;
    text_format_duration(late, sizeof late, sim->late.p99_s);
    text_format_duration(most, sizeof most, sim->late.max_s);
    printf("the server is a simulator: late itself by %s (p99), %s at most\n", late, most);
}

void load_test_print(const struct load_setup *setup, struct load_test *t)
{
    struct buf words = BUF_INIT(64 << 10);
    if (t->has_window) {
        if (steady_describe(&t->steady, &t->limits, &words) == STATUS_OK)
            printf("%s", buf_text(&words));
        print_values(&t->result);
        print_rates(&t->result);
    } else {
        printf("no figures: %s\n", error_text(&t->no_window));
    }
    print_errors(t);
    if (t->has_window)
        print_objectives(&setup->wish->slo, &t->result);
    print_client(t);
    print_simulator(&t->simulator);
    if (t->outcome.aborted)
        printf("given up: too many requests failed\n");
    buf_fini(&words);
}

/* ---- searches ---- */

void load_trial_print(
    const struct load_trial *trial, const char *unit, struct load_test *t, const char *outcome)
{
    char load[32], requests[32], tokens[32], ttft[32] = "-";
    struct summary s;
    if (!t->has_window) {
        printf("%8s %-10s %s\n", shown(load, sizeof load, trial->load), unit, outcome);
        return;
    }
    if (distribution_summarise(&t->result.values[LOAD_TTFT], &s) == STATUS_OK)
        text_format_duration(ttft, sizeof ttft, s.p50);
    printf("%8s %-10s %-10s %s requests/s, %s tokens/s, ttft p50 %s, %zu failed\n",
        shown(load, sizeof load, trial->load), unit, outcome,
        shown(requests, sizeof requests, t->result.rates.requests_per_s),
        shown(tokens, sizeof tokens, t->result.rates.output_tokens_per_s), ttft, t->result.counts.failed);
    fflush(stdout);
}

static void print_knee(const char *what, const char *unit, const struct knee *knee)
{
    char load[32], low[32], high[32];
    printf("knee (%s): %s %s, between %s and %s\n", what, shown(load, sizeof load, knee->load), unit,
        shown(low, sizeof low, knee->low), shown(high, sizeof high, knee->high));
}

void load_search_print(const struct load_search *search, const char *unit)
{
    struct buf words = BUF_INIT(64 << 10);
    struct knee knee;
    if (load_search_describe(search, unit, &words) == STATUS_OK)
        printf("%s\n", buf_text(&words));
    if (search->o.kind != SEARCH_HIGHEST &&
        knee_by_share(search->points, search->count, search->o.share, &knee))
        print_knee("each unit brings 90 % of what it did", unit, &knee);
    if (search->o.kind != SEARCH_HIGHEST && knee_by_power(search->points, search->count, &knee))
        print_knee("throughput / latency greatest", unit, &knee);
    buf_fini(&words);
}
