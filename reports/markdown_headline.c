/* The first screen: how fast each model was, and whether that may be believed. */
#include "markdown_sections.h"

#include "flag_words.h"
#include "health.h"
#include "markdown_text.h"
#include "metric_floor.h"
#include "migrated.h"
#include "quantity.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FAILURES_NAMED = 3 };

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void outcome_counts(const struct run_data *data, struct buf *out)
{
    char wall[QUANTITY_SIZE];
    double wall_s = run_data_wall_s(data);
    text_format_duration(wall, sizeof wall, wall_s);
    buf_printf(out, "%zu of %zu test%s passed", run_data_count(data, "passed"), data->test_count,
        plural(data->test_count));
    for (const struct outcome_words *words = outcome_words_all + 1; words->name; words++) {
        size_t count = run_data_count(data, words->name);
        if (count)
            buf_printf(out, ", %zu %s", count, words->words);
    }
    if (wall_s > 0 || !migrated_is(data))
        buf_printf(out, ", in %s", wall);
    buf_append_char(out, '.');
}

static const char *reason_of(const struct gate *gate)
{
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++)
        if (gate->checks[c].verdict == gate->verdict && gate->checks[c].reason_count)
            return gate->checks[c].reasons[0];
    return NULL;
}

static bool is_bad(const struct run_test *test)
{
    return !test->last || test->last->outcome->kind == ENDED_FAILED ||
           test->last->outcome->kind == ENDED_BROKEN;
}

static void name_failures(const struct run_data *data, struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        if (!is_bad(&data->tests[i]) || count++ >= FAILURES_NAMED)
            continue;
        buf_append_text(out, count == 1 ? " Look at " : ", ");
        markdown_inline(out, data->tests[i].name);
    }
    if (count > FAILURES_NAMED)
        buf_printf(out, " and %zu more", count - FAILURES_NAMED);
    buf_append_text(out, count ? "." : "");
}

static void gate_line(const struct run_data *data, const struct gate *gate, struct buf *out)
{
    buf_printf(out, "**Gate: %s.** ", gate_verdict_words(gate->verdict));
    if (gate->verdict == GATE_CANNOT_JUDGE && reason_of(gate)) {
        markdown_inline(out, reason_of(gate));
        buf_append_text(out, ". ");
    }
    outcome_counts(data, out);
    name_failures(data, out);
    buf_append_text(out, "\n\n");
}

static size_t count_health(const struct run_data *data, const char *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        count += test->last && test->last->outcome->kind != ENDED_ABSENT &&
                 strcmp(health_verdict(test), verdict) == 0;
    }
    return count;
}

static void say_client(const struct run_data *data, struct buf *out)
{
    size_t valid = 0, invalid = 0, degraded = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        const char *reason, *verdict;
        const struct attempt *last = data->tests[i].last;
        if (health_client_is_invalid(&data->tests[i], &reason))
            invalid++;
        else if (last && (verdict = json_get_text(last->record, "/client/verdict")) != NULL)
            *(strcmp(verdict, "degraded") == 0 ? &degraded : &valid) += 1;
    }
    if (invalid)
        buf_printf(out, " The client could not keep up in %zu test%s.", invalid, plural(invalid));
    else if (valid)
        buf_printf(out, " The client kept up in %zu test%s.", valid, plural(valid));
    if (degraded)
        buf_printf(out, " What the client measured is in doubt in %zu test%s.", degraded, plural(degraded));
    if (invalid + valid + degraded == 0)
        buf_append_text(out, " Whether the client kept up was not judged.");
}

static void trust_line(const struct run_data *data, struct buf *out)
{
    static const char *const verdicts[] = {"clean", "degraded", "invalid", "unknown"};
    const char *separator = "", *flag;
    buf_append_text(out, "**Trust:** machine ");
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        size_t count = count_health(data, verdicts[i]);
        if (!count)
            continue;
        buf_printf(out, "%s%s in %zu", separator, verdicts[i], count);
        if (!*separator)
            buf_printf(out, " test%s", plural(count));
        separator = ", ";
    }
    buf_append_text(out, *separator ? "" : "not watched");
    for (size_t i = 0; (flag = health_flag_of_run(data, i)); i++)
        buf_printf(out, "%s%s", i ? ", " : ": ", flag_words_happened(flag));
    buf_append_char(out, '.');
    say_client(data, out);
    buf_append_text(out, "\n\n");
}

/* A figure of the headline comes from the case that measures it best: that with the fewest or most tokens. */
struct pick {
    const char *metric, *tokens;
    bool most;
    const char *case_name; /* found in the run; NULL: nothing measured it */
};

enum { PICKS = 3 };

static struct json_object *metric_of(const struct run_test *test, const char *name)
{
    struct json_object *metric = NULL, *performance;
    if (!test->last || test->last->outcome->kind != ENDED_FINE)
        return NULL;
    performance = json_get_object(test->last->record, "/performance");
    if (performance)
        json_object_object_get_ex(performance, name, &metric);
    double median;
    return metric && json_get_real(metric, "/median", &median) ? metric : NULL;
}

static double tokens_per_repeat(const struct run_test *test, const struct pick *pick)
{
    int64_t tokens = 0, n = 0;
    (void)json_get_int(test->last->record, pick->tokens, &tokens);
    (void)json_get_int(metric_of(test, pick->metric), "/n", &n);
    return n > 0 ? (double)tokens / (double)n : 0;
}

/* On how many models the metric was measured by this case. */
static size_t places_of(const struct run_data *data, const char *case_name, const char *metric)
{
    size_t places = 0;
    for (size_t i = 0; i < data->test_count; i++)
        places += strcmp(data->tests[i].case_name, case_name) == 0 && metric_of(&data->tests[i], metric);
    return places;
}

/* How well a test serves as the headline's: measured on most models; what a user at the keyboard meets; then by
 * its tokens. */
struct rank {
    size_t places;
    int suits;
    double tokens;
};

/* One plain conversation says most; many questions of many kinds, requests that nobody counted, and those of a
 * load, which waited for each other, least. */
static int suits(const struct run_test *test, double tokens)
{
    if (tokens <= 0 || json_get(test->last->record, "/utility") || json_get(test->last->record, "/load"))
        return 0;
    return strncmp(test->case_name, "chat.", 5) == 0     ? 3
           : strncmp(test->case_name, "server.", 7) == 0 ? 1
                                                         : 2;
}

static bool is_better(const struct rank *a, const struct rank *b, bool most)
{
    if (a->places != b->places)
        return a->places > b->places;
    if (a->suits != b->suits)
        return a->suits > b->suits;
    return most ? a->tokens > b->tokens : a->tokens < b->tokens;
}

static void choose_case(const struct run_data *data, struct pick *pick)
{
    struct rank best = {0};
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        if (!metric_of(test, pick->metric))
            continue;
        double tokens = tokens_per_repeat(test, pick);
        struct rank rank = {.places = places_of(data, test->case_name, pick->metric),
            .suits = suits(test, tokens),
            .tokens = tokens};
        if (pick->case_name && !is_better(&rank, &best, pick->most))
            continue;
        best = rank;
        pick->case_name = test->case_name;
    }
}

static bool is_same_place(const struct run_test *a, const struct run_test *b)
{
    return strcmp(a->target, b->target) == 0 && strcmp(a->model, b->model) == 0;
}

static const struct run_test *find_test(
    const struct run_data *data, const struct run_test *place, const struct pick *pick)
{
    for (size_t i = 0; pick->case_name && i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        if (is_same_place(test, place) && strcmp(test->case_name, pick->case_name) == 0 &&
            metric_of(test, pick->metric))
            return test;
    }
    return NULL;
}

/* "50.3 ms ± 56 µs"; tokens per second without their unit, which the title says. */
static void figure_cell(struct markdown_table *table, struct json_object *metric)
{
    const char *unit_name = json_get_text(metric, "/unit");
    char median_text[QUANTITY_SIZE], spread_text[QUANTITY_SIZE];
    double median = 0, mad = 0;
    (void)json_get_real(metric, "/median", &median);
    bool has_spread = metric_spread(metric, &mad);
    struct quantity_unit unit =
        quantity_unit_for_row(unit_name && strcmp(unit_name, "tokens/s") != 0 ? unit_name : "", median, mad);
    quantity_format(median_text, sizeof median_text, &unit, median);
    quantity_format_spread(spread_text, sizeof spread_text, &unit, mad);
    markdown_cell_format(
        table, "%s%s%s", median_text, has_spread ? " ± " : "", has_spread ? spread_text : "");
}

static const char *worse(const char *a, const char *b)
{
    static const char *const order[] = {"none", "clean", "unknown", "degraded", "invalid"};
    size_t rank_a = 0, rank_b = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        rank_a = strcmp(order[i], a) == 0 ? i : rank_a;
        rank_b = strcmp(order[i], b) == 0 ? i : rank_b;
    }
    return rank_a > rank_b ? a : b;
}

static void server_cell(struct markdown_table *table, const struct run_test *test)
{
    bool simulated = false;
    (void)json_get_bool(test->last->record, "/target/simulated", &simulated);
    markdown_cell_format(table, "%s%s", test->target, simulated ? " (simulated)" : "");
}

static void headline_row(const struct run_data *data, const struct run_test *place, const struct pick *picks,
    struct markdown_table *table)
{
    int64_t n, least = 0, most = 0;
    const char *machine = "none";
    const char *late;
    bool client_late = false;
    const struct run_test *tests[PICKS];
    for (size_t i = 0; i < PICKS; i++)
        tests[i] = find_test(data, place, &picks[i]);
    markdown_cell(table, place->model);
    server_cell(table, place);
    for (size_t i = 0; i < PICKS; i++) {
        struct json_object *metric = tests[i] ? metric_of(tests[i], picks[i].metric) : NULL;
        if (!metric) {
            markdown_cell(table, NULL);
            continue;
        }
        figure_cell(table, metric);
        machine = worse(machine, health_verdict(tests[i]));
        client_late |= health_client_is_invalid(tests[i], &late);
        if (json_get_int(metric, "/n", &n)) {
            least = least == 0 || n < least ? n : least;
            most = n > most ? n : most;
        }
    }
    if (least == most)
        markdown_cell_format(table, "%" PRId64, most);
    else
        markdown_cell_format(table, "%" PRId64 " to %" PRId64, least, most);
    markdown_cell_format(table, "%s%s", strcmp(machine, "none") == 0 ? "not watched" : machine,
        client_late ? ", client late" : "");
}

static bool is_row(const struct run_data *data, size_t index, const struct pick *picks)
{
    const struct run_test *test = &data->tests[index];
    bool any = false;
    for (size_t i = 0; i < index; i++)
        if (is_same_place(&data->tests[i], test))
            return false;
    for (size_t i = 0; i < PICKS; i++)
        any |= find_test(data, test, &picks[i]) != NULL;
    return any && test->last;
}

static void caption(const struct pick *picks, struct buf *out)
{
    bool load = false;
    for (size_t i = 0; i < PICKS; i++)
        load |= picks[i].case_name && strncmp(picks[i].case_name, "load.", 5) == 0;
    const char *separator =
        load ? "Median of n repeats (of a load test: of n requests) ± median absolute deviation: "
             : "Median of n repeats ± median absolute deviation: ";
    static const char *const words[PICKS] = {"time to first token", "prompt tokens/s", "output tokens/s"};
    for (size_t i = 0; i < PICKS; i++) {
        if (!picks[i].case_name)
            continue;
        buf_printf(out, "%s%s of ", separator, words[i]);
        markdown_code(out, picks[i].case_name);
        separator = ", ";
    }
    buf_append_text(out, ".\n\n");
}

static void speed_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Model"}, {.title = "Server"},
        {.title = "Time to first token", .right = true}, {.title = "Prompt tokens/s", .right = true},
        {.title = "Output tokens/s", .right = true}, {.title = "n", .right = true}, {.title = "Machine"}};
    struct pick picks[PICKS] = {
        {.metric = "ttft_s", .tokens = "/tokens/prompt/n"},
        {.metric = "prefill_tokens_per_s", .tokens = "/tokens/prompt/n", .most = true},
        {.metric = "decode_tokens_per_s", .tokens = "/tokens/completion/n", .most = true},
    };
    struct markdown_table table;
    for (size_t i = 0; i < PICKS; i++)
        choose_case(data, &picks[i]);
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < data->test_count; i++)
        if (is_row(data, i, picks))
            headline_row(data, &data->tests[i], picks, &table);
    bool any = markdown_table_rows(&table) > 0;
    (void)markdown_table_end(&table, out);
    if (any)
        caption(picks, out);
}

void markdown_headline(const struct run_data *data, const struct gate *gate, struct buf *out)
{
    gate_line(data, gate, out);
    trust_line(data, out);
    speed_table(data, out);
}
