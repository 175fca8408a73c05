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

static const char *const token_kinds[] = {"prompt", "completion", "reasoning", "cached"};

enum { TOKEN_KINDS = sizeof token_kinds / sizeof *token_kinds };

static struct json_object *token_count(struct json_object *tokens, size_t kind)
{
    struct json_object *count = NULL;
    json_object_object_get_ex(tokens, token_kinds[kind], &count);
    return count;
}

/* "server_usage", or each different one where the counts come from several. */
static void append_sources(struct json_object *tokens, struct buf *out)
{
    for (size_t i = 0; i < TOKEN_KINDS; i++) {
        struct json_object *count = token_count(tokens, i);
        const char *source = json_get_text(count, "/source");
        if (source && !strstr(buf_text(out), source))
            buf_printf(out, "%s%s", out->len ? ", " : "", source);
    }
}

/* "agrees: completion; differs: prompt" */
static void append_agreement(struct json_object *tokens, struct buf *out)
{
    for (int agreeing = 1; agreeing >= 0; agreeing--) {
        const char *separator = agreeing ? "agrees: " : "differs: ";
        for (size_t i = 0; i < TOKEN_KINDS; i++) {
            bool agrees;
            if (!json_get_bool(token_count(tokens, i), "/agrees", &agrees) || agrees != (agreeing == 1))
                continue;
            buf_printf(
                out, "%s%s%s", separator[0] == ',' || !out->len ? "" : "; ", separator, token_kinds[i]);
            separator = ", ";
        }
    }
    if (!out->len)
        buf_append_text(out, "none");
}

static void token_row(const struct run_test *test, struct markdown_table *table)
{
    struct json_object *tokens = test->last ? json_get_object(test->last->record, "/tokens") : NULL;
    struct buf sources = BUF_INIT(1 << 12), agreement = BUF_INIT(1 << 12);
    if (!tokens || json_object_object_length(tokens) == 0)
        return;
    markdown_cell(table, test->case_name);
    markdown_cell(table, test->target);
    markdown_cell(table, test->model);
    for (size_t i = 0; i < TOKEN_KINDS; i++)
        number_cell(table, token_count(tokens, i), "/n");
    append_sources(tokens, &sources);
    append_agreement(tokens, &agreement);
    markdown_cell(table, buf_text(&sources));
    markdown_cell(table, buf_text(&agreement));
    buf_fini(&sources);
    buf_fini(&agreement);
}

void markdown_tokens(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Case"}, {.title = "Target"},
        {.title = "Model"}, {.title = "Prompt", .right = true}, {.title = "Completion", .right = true},
        {.title = "Reasoning", .right = true}, {.title = "Cached", .right = true}, {.title = "Source"},
        {.title = "Second source"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < data->test_count; i++)
        token_row(&data->tests[i], &table);
    if (markdown_table_rows(&table))
        buf_append_text(out,
            "## Tokens\n\nSums over the measured exchanges. Completion includes reasoning, prompt includes "
            "cached. A count without a source is not shown.\n\n");
    (void)markdown_table_end(&table, out);
}

/* The table shows where they differ: what agrees is one sentence. */
static void say_compared(size_t compared, size_t differing, struct buf *out)
{
    if (compared == 0)
        return;
    buf_append_text(out, "## What the server says of itself\n\n");
    buf_printf(out, "%zu figure%s of the server compared with the client's: %zu agree%s.\n\n", compared,
        compared == 1 ? "" : "s", compared - differing, compared - differing == 1 ? "s" : "");
}

static void cross_check_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Metric"},
        {.title = "Client", .right = true}, {.title = "Server", .right = true},
        {.title = "Difference", .right = true}, {.title = "Source"}, {.title = "Cause"}};
    struct markdown_table table;
    size_t compared = 0;
    markdown_table_begin(&table, columns, 7);
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        struct json_object *list = test->last ? json_get_array(test->last->record, "/cross_check") : NULL;
        size_t count = list ? json_object_array_length(list) : 0;
        for (size_t k = 0; k < count; k++) {
            struct json_object *check = json_object_array_get_idx(list, k);
            double difference = 0;
            int64_t differing = 1;
            (void)json_get_int(check, "/differing", &differing);
            compared++;
            if (differing == 0)
                continue;
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
    say_compared(compared, markdown_table_rows(&table), out);
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

void markdown_checks(const struct run_data *data, struct buf *out)
{
    cross_check_table(data, out);
    stop_token_table(data, out);
    utility_table(data, out);
    markdown_regrades(data, out);
    markdown_energy(data, out);
}
