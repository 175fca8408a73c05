#include "markdown_sections.h"

#include "line_check.h"
#include "markdown_text.h"
#include "quantity.h"

#include "json.h"

#include <string.h>

static void number_cell(struct markdown_table *table, struct json_object *tree, const char *pointer)
{
    char text[QUANTITY_SIZE] = "";
    double value;
    if (json_get_real(tree, pointer, &value))
        quantity_format_number(text, sizeof text, value);
    markdown_cell(table, text);
}

static const char *agreement(struct json_object *count)
{
    bool agrees;
    if (!json_get_bool(count, "/agrees", &agrees))
        return "no second source";
    return agrees ? "agrees with a second source" : "differs from a second source";
}

static void token_rows(const struct run_test *test, struct markdown_table *table)
{
    static const char *const kinds[] = {"prompt", "completion", "reasoning", "cached"};
    struct json_object *tokens = test->last ? json_get_object(test->last->record, "/tokens") : NULL;
    for (size_t i = 0; tokens && i < sizeof kinds / sizeof *kinds; i++) {
        struct json_object *count = NULL;
        int64_t n = 0;
        if (!json_object_object_get_ex(tokens, kinds[i], &count) || !json_get_int(count, "/n", &n))
            continue;
        if (n == 0 && i >= 2) /* no reasoning and no cache are the ordinary case */
            continue;
        markdown_cell(table, test->case_name);
        markdown_cell(table, test->target);
        markdown_cell(table, test->model);
        markdown_cell(table, kinds[i]);
        number_cell(table, count, "/n");
        markdown_cell(table, json_get_text(count, "/source"));
        markdown_cell(table, agreement(count));
    }
}

void markdown_tokens(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Case"}, {.title = "Target"},
        {.title = "Model"}, {.title = "Tokens of"}, {.title = "Count", .right = true}, {.title = "Source"},
        {.title = "Agreement"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 7);
    for (size_t i = 0; i < data->test_count; i++)
        token_rows(&data->tests[i], &table);
    if (markdown_table_rows(&table))
        buf_append_text(out,
            "## Tokens\n\nSums over the measured exchanges. Completion includes reasoning, prompt includes "
            "cached. A count without a source is not shown.\n\n");
    (void)markdown_table_end(&table, out);
}

static void cross_check_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Metric"},
        {.title = "Client", .right = true}, {.title = "Server", .right = true},
        {.title = "Difference", .right = true}, {.title = "Source"}, {.title = "Cause"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 7);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct json_object *list = test->last ? json_get_array(test->last->record, "/cross_check") : NULL;
        size_t count = list ? json_object_array_length(list) : 0;
        for (size_t k = 0; k < count; k++) {
            struct json_object *check = json_object_array_get_idx(list, k);
            double difference = 0;
            char percent[QUANTITY_SIZE];
            (void)json_get_real(check, "/relative_difference", &difference);
            quantity_format_number(percent, sizeof percent, difference * 100);
            markdown_cell(&table, test->name);
            markdown_cell(&table, json_get_text(check, "/metric"));
            number_cell(&table, check, "/client");
            number_cell(&table, check, "/server");
            markdown_cell_format(&table, "%s %%", percent);
            markdown_cell(&table, json_get_text(check, "/source"));
            markdown_cell(&table, json_get_text(check, "/cause"));
        }
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## What the server says of itself\n\n");
    (void)markdown_table_end(&table, out);
}

/* Items of an array of texts, each quoted, so that white space can be seen. */
static void quoted_list_cell(struct markdown_table *table, struct json_object *list)
{
    struct buf text = BUF_INIT(1 << 16);
    size_t count = list ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s\"%s\"", i ? " " : "", line_item_text(list, i));
    markdown_cell(table, buf_text(&text));
    buf_fini(&text);
}

static void stop_token_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Configured"},
        {.title = "Detected"}, {.title = "Leaked into the answer"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 4);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct json_object *stop = test->last ? json_get_object(test->last->record, "/stop_tokens") : NULL;
        bool leaked = false;
        if (!stop)
            continue;
        (void)json_get_bool(stop, "/leaked", &leaked);
        markdown_cell(&table, test->name);
        quoted_list_cell(&table, json_get_array(stop, "/configured"));
        quoted_list_cell(&table, json_get_array(stop, "/detected"));
        markdown_cell(&table, leaked ? "yes" : "no");
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Stop tokens\n\n");
    (void)markdown_table_end(&table, out);
}

static void utility_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Graded", .right = true},
        {.title = "Correct", .right = true}, {.title = "Score", .right = true},
        {.title = "95 % interval", .right = true}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 5);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct json_object *utility = test->last ? json_get_object(test->last->record, "/utility") : NULL;
        double low, high;
        if (!utility)
            continue;
        markdown_cell(&table, test->name);
        number_cell(&table, utility, "/graded");
        number_cell(&table, utility, "/correct");
        number_cell(&table, utility, "/score");
        if (json_get_real(utility, "/ci95/0", &low) && json_get_real(utility, "/ci95/1", &high)) {
            char from[QUANTITY_SIZE], to[QUANTITY_SIZE];
            quantity_format_number(from, sizeof from, low);
            quantity_format_number(to, sizeof to, high);
            markdown_cell_format(&table, "%s to %s", from, to);
        } else {
            markdown_cell(&table, NULL);
        }
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Graded answers\n\n");
    (void)markdown_table_end(&table, out);
}

static void energy_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Joules", .right = true},
        {.title = "Idle joules", .right = true}, {.title = "Joules per token", .right = true},
        {.title = "Source"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 5);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct json_object *energy = test->last ? json_get_object(test->last->record, "/energy") : NULL;
        if (!energy)
            continue;
        markdown_cell(&table, test->name);
        number_cell(&table, energy, "/joules");
        number_cell(&table, energy, "/idle_joules");
        number_cell(&table, energy, "/joules_per_token");
        if (json_get_text(energy, "/reason"))
            markdown_cell_format(&table, "unavailable: %s", json_get_text(energy, "/reason"));
        else
            markdown_cell(&table, json_get_text(energy, "/source"));
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Energy\n\n");
    (void)markdown_table_end(&table, out);
}

void markdown_checks(const struct run_data *data, struct buf *out)
{
    cross_check_table(data, out);
    stop_token_table(data, out);
    utility_table(data, out);
    energy_table(data, out);
}
