#include "markdown_sections.h"

#include "line_check.h"
#include "markdown_text.h"
#include "quantity.h"

#include "json.h"

#include <string.h>

static struct json_object *energy_of(const struct run_test *test)
{
    return test->last ? json_get_object(test->last->record, "/energy") : NULL;
}

static void number_cell(struct markdown_table *table, const struct json_object *energy, const char *pointer)
{
    char text[QUANTITY_SIZE] = "";
    double value;
    if (json_get_real(energy, pointer, &value))
        quantity_format_number(text, sizeof text, value);
    markdown_cell(table, text);
}

static void add_row(
    struct markdown_table *table, const struct run_test *test, const struct json_object *energy)
{
    static const char *const figures[] = {"/joules", "/idle_joules", "/joules_per_token",
        "/joules_per_request", "/tokens_per_joule", "/samples_per_s"};
    bool coarse = false;
    (void)json_get_bool(energy, "/coarse", &coarse);
    markdown_cell(table, test->name);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        number_cell(table, energy, figures[i]);
    const char *source = json_get_text(energy, "/source"), *host = json_get_text(energy, "/host");
    markdown_cell_format(table, "%s%s%s%s", source ? source : "", coarse ? " (coarse)" : "",
        host ? " of " : "", host ? host : "");
}

/* What the first says at the pointer, once, for all that say the same; what others say follows. */
static void say_each_once(
    const struct run_data *data, const char *pointer, const char *before, struct buf *out)
{
    for (size_t i = 0; i < data->test_count; i++) {
        const char *text = json_get_text(energy_of(&data->tests[i]), pointer);
        size_t same = 0;
        bool said = false;
        for (size_t k = 0; text && k < data->test_count; k++) {
            const char *other = json_get_text(energy_of(&data->tests[k]), pointer);
            bool equal = other && strcmp(other, text) == 0;
            same += equal;
            said |= equal && k < i;
        }
        if (!text || said)
            continue;
        buf_printf(out, "%s (%zu test%s): ", before, same, same == 1 ? "" : "s");
        (void)!markdown_inline(out, text);
        buf_append_text(out, ".\n\n");
    }
}

static void say_baseline(const struct run_data *data, struct buf *out)
{
    struct json_object *sources = json_get_array(data->run, "/idle/sources");
    double seconds = 0;
    if (!json_get_real(data->run, "/idle/seconds", &seconds) || !sources ||
        json_object_array_length(sources) == 0)
        return;
    char text[QUANTITY_SIZE];
    quantity_format_number(text, sizeof text, seconds);
    buf_printf(out, "Without work, in %s s before the first test, the machine drew ", text);
    for (size_t i = 0; i < json_object_array_length(sources); i++) {
        const struct json_object *source = json_object_array_get_idx(sources, i);
        double watts = 0;
        (void)json_get_real(source, "/watts", &watts);
        quantity_format_number(text, sizeof text, watts);
        buf_printf(out, "%s%s W (", i ? ", " : "", text);
        (void)!markdown_inline(out, json_get_text(source, "/name") ? json_get_text(source, "/name") : "");
        buf_append_text(out, ")");
    }
    buf_append_text(
        out, "; that is the idle part, and the figures per token and per request are without it.\n\n");
}

void markdown_energy(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Joules", .right = true},
        {.title = "Of that idle", .right = true}, {.title = "Per token", .right = true},
        {.title = "Per request", .right = true}, {.title = "Tokens per watt-second", .right = true},
        {.title = "Samples/s", .right = true}, {.title = "Source"}};
    struct markdown_table table;
    bool any = false;
    double joules;
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < data->test_count; i++) {
        struct json_object *energy = energy_of(&data->tests[i]);
        any |= json_get_text(energy, "/reason") != NULL;
        if (json_get_real(energy, "/joules", &joules))
            add_row(&table, &data->tests[i], energy);
    }
    bool measured = markdown_table_rows(&table) > 0;
    if (measured || any)
        buf_append_text(out, "## Energy\n\n");
    if (measured)
        say_baseline(data, out);
    (void)markdown_table_end(&table, out);
    say_each_once(data, "/not_covered", "Not in these figures", out);
    say_each_once(data, "/note", "Not divided", out);
    say_each_once(data, "/reason", "Not measured", out);
}
