#include "run_estimate.h"

#include "program_suite.h"
#include "verb.h"

#include "fs.h"
#include "json.h"
#include "jsonl.h"
#include "plan.h"
#include "run_data.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* For tests that no earlier run knows: a small model on a small machine. */
#define ASSUMED_TOKENS_PER_S 20
#define ASSUMED_REQUEST_S 0.3

struct estimate {
    size_t tests, known, skipped;
    int64_t requests, tokens;
    double seconds;
};

static int64_t member(const struct json_object *run, const char *pointer, int64_t otherwise)
{
    int64_t value;
    return json_get_int(run, pointer, &value) ? value : otherwise;
}

static int64_t times(int of_case, int64_t of_run)
{
    return of_case < 0 ? 0 : of_case > 0 ? of_case : of_run;
}

static void add_test(struct estimate *sum, const struct json_object *run, const struct json_object *planned,
    const struct run_data *before)
{
    const char *id = json_get_text(planned, "/case"), *test = json_get_text(planned, "/test");
    const struct assay_case *c = id ? plan_find_case(program_suite()->cases, id) : NULL;
    if (!c || !test)
        return;
    int64_t repeats = times(c->repeats, member(run, "/parameters/repeats", 10)) +
                      times(c->warmup, member(run, "/parameters/warmup", 1));
    int64_t requests = repeats * (c->requests > 0 ? c->requests : 1);
    int64_t asked = member(run, "/parameters/max_tokens", 0);
    int64_t tokens =
        c->tokens == 0 ? 0 : repeats * (asked > 0 ? asked * (c->requests > 0 ? c->requests : 1) : c->tokens);
    if (strcmp(id, "utility.own") == 0) {
        requests = repeats * member(run, "/parameters/task_count", 1);
        tokens = repeats * member(run, "/parameters/task_tokens", 0);
    }
    const struct run_test *known = before ? run_data_find(before, test) : NULL;
    double seconds = 0;
    sum->tests++;
    sum->requests += requests;
    sum->tokens += tokens;
    if (known && known->last && json_get_real(known->last->record, "/duration", &seconds))
        sum->known++;
    else if (c->repeat_s > 0)
        seconds = (double)repeats * c->repeat_s;
    else
        seconds = (double)requests * ASSUMED_REQUEST_S + (double)tokens / ASSUMED_TOKENS_PER_S;
    sum->seconds += seconds;
}

static struct estimate estimate(const struct json_object *run, const struct run_data *before, bool print)
{
    struct estimate sum = {0};
    struct json_object *plan = json_get_array(run, "/plan");
    for (size_t i = 0; plan && i < json_object_array_length(plan); i++) {
        const struct json_object *planned = json_object_array_get_idx(plan, i);
        const char *skip = json_get_text(planned, "/skip");
        if (skip)
            sum.skipped++;
        else
            add_test(&sum, run, planned, before);
        if (print) {
            struct buf name = BUF_INIT(4096);
            const char *test = json_get_text(planned, "/test");
            text_sanitise_line(&name, test, strlen(test), 600);
            printf(
                "%s%s%s%s\n", buf_text(&name), skip ? " (skipped: " : "", skip ? skip : "", skip ? ")" : "");
            buf_fini(&name);
        }
    }
    return sum;
}

static int print_json(const struct json_object *run, const struct estimate *sum)
{
    struct json_object *o = json_object_new_object();
    struct buf text = BUF_INIT(64 << 20);
    bool ok = json_set(o, "plan", json_object_get(json_get_array(run, "/plan"))) &&
              json_set_int(o, "tests", (int64_t)sum->tests) && json_set_int(o, "requests", sum->requests) &&
              json_set_int(o, "tokens_at_most", sum->tokens) && json_set_real(o, "seconds", sum->seconds) &&
              json_set_int(o, "skipped", (int64_t)sum->skipped) &&
              json_set_int(o, "tests_with_known_duration", (int64_t)sum->known) &&
              json_write_pretty(o, &text, NULL) == STATUS_OK;
    if (ok)
        fputs(buf_text(&text), stdout);
    json_object_put(o);
    buf_fini(&text);
    return ok ? EXIT_FINE : EXIT_OWN_FAILURE;
}

int run_estimate_print(const struct json_object *run, const char *runs, double rest_s, bool json)
{
    struct buf latest = BUF_INIT(8192);
    struct run_data before = {0};
    fs_join(&latest, runs, "latest");
    bool known = fs_exists(buf_text(&latest)) && run_data_load(buf_text(&latest), &before, NULL) == STATUS_OK;
    buf_fini(&latest);
    struct estimate sum = estimate(run, known ? &before : NULL, !json);
    run_data_fini(&before);
    if (sum.tests > 1)
        sum.seconds += (double)(sum.tests - 1) * rest_s;
    if (json)
        return print_json(run, &sum);
    char took[48];
    text_format_duration(took, sizeof took, sum.seconds);
    printf("\n%zu test%s, %lld request%s, at most %lld completion tokens, about %s", sum.tests,
        sum.tests == 1 ? "" : "s", (long long)sum.requests, sum.requests == 1 ? "" : "s",
        (long long)sum.tokens, took);
    if (sum.known < sum.tests)
        printf(" (%zu of the tests were never run here: assumed %d tokens/s)", sum.tests - sum.known,
            ASSUMED_TOKENS_PER_S);
    if (sum.skipped > 0)
        printf("; %zu more will be skipped", sum.skipped);
    printf("\nNothing was sent but questions for names and models.\n");
    return EXIT_FINE;
}

void run_estimate_words(
    const struct json_object *run, const struct run_data *before, char *words, size_t size)
{
    struct estimate sum = estimate(run, before, false);
    char took[48], skipped[48] = "";
    text_format_duration(took, sizeof took, sum.seconds);
    if (sum.skipped > 0)
        snprintf(skipped, sizeof skipped, ", %zu more skipped", sum.skipped);
    snprintf(words, size, "%zu test%s, %lld request%s, about %s%s%s", sum.tests, sum.tests == 1 ? "" : "s",
        (long long)sum.requests, sum.requests == 1 ? "" : "s", took,
        sum.known < sum.tests ? " (assumed)" : "", skipped);
}
