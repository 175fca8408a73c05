/* The measured servers' own processes, and what became of models in their memory. */
#include "markdown_sections.h"

#include "markdown_text.h"
#include "quantity.h"
#include "run_data.h"

#include "json.h"

#include <string.h>

/* What the records say of one target's process, together. */
struct server_sum {
    double cpu_s, memory_bytes;
    size_t tests, restarts;
    int64_t pid; /* the last one's */
};

static void add_process(struct server_sum *sum, struct json_object *record)
{
    struct json_object *process = json_get_object(record, "/server_process");
    double value = 0;
    if (!process)
        return;
    sum->tests++;
    (void)json_get_int(process, "/pid", &sum->pid);
    if (json_get_real(process, "/cpu_s", &value))
        sum->cpu_s += value;
    if (json_get_real(process, "/rss_peak_bytes", &value) && value > sum->memory_bytes)
        sum->memory_bytes = value;
}

/* A restart that only the version shows is one too. */
static void add_restarts(struct server_sum *sum, struct json_object *record)
{
    double restarts = 0;
    bool restarted = false;
    if (!json_get_real(record, "/system_health/sensors/server_restarts/value", &restarts) &&
        json_get_bool(record, "/server_process/restarted", &restarted))
        restarts = restarted;
    sum->restarts += restarts > 0 ? (size_t)restarts : 0;
}

static struct server_sum sum_of(const struct run_data *data, const char *target)
{
    struct server_sum sum = {0};
    for (size_t i = 0; i < data->attempt_count; i++) {
        const struct run_test *test = &data->tests[data->attempts[i].test_index];
        if (strcmp(test->target, target) != 0)
            continue;
        add_process(&sum, data->attempts[i].record);
        add_restarts(&sum, data->attempts[i].record);
    }
    return sum;
}

static void quantity_cell(struct markdown_table *table, const char *unit_name, double value)
{
    char text[QUANTITY_SIZE];
    struct quantity_unit unit = quantity_unit_for(unit_name, value);
    quantity_format(text, sizeof text, &unit, value);
    markdown_cell(table, text);
}

static void known_quantity_cell(
    struct markdown_table *table, const char *unit_name, struct json_object *tree, const char *pointer)
{
    double value;
    if (json_get_real(tree, pointer, &value))
        quantity_cell(table, unit_name, value);
    else
        markdown_cell(table, NULL);
}

static void process_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Target"}, {.title = "Process", .right = true},
        {.title = "Memory, at most", .right = true}, {.title = "CPU time", .right = true},
        {.title = "Tests", .right = true}, {.title = "Restarts", .right = true}};
    struct json_object *targets = json_get_array(data->run, "/targets");
    struct markdown_table table;
    markdown_table_begin(&table, columns, 6);
    for (size_t i = 0; targets && i < json_object_array_length(targets); i++) {
        const char *name = json_get_text(json_object_array_get_idx(targets, i), "/name");
        struct server_sum sum = sum_of(data, name ? name : "");
        if (!name || sum.tests + sum.restarts == 0)
            continue;
        markdown_cell(&table, name);
        if (sum.tests > 0) {
            markdown_cell_format(&table, "%lld", (long long)sum.pid);
            quantity_cell(&table, "bytes", sum.memory_bytes);
            quantity_cell(&table, "s", sum.cpu_s);
        } else {
            for (int k = 0; k < 3; k++)
                markdown_cell(&table, NULL);
        }
        markdown_cell_format(&table, "%zu", sum.tests);
        markdown_cell_format(&table, "%zu", sum.restarts);
    }
    if (markdown_table_rows(&table))
        buf_append_text(out,
            "## The servers' processes\n\nOf servers on this machine, while tests ran. Memory is "
            "what was resident, that of child processes included.\n\n");
    (void)markdown_table_end(&table, out);
}

static const char *words_of(const char *event)
{
    static const struct {
        const char *event, *words;
    } words[] = {{"found", "was loaded already"}, {"load", "loaded"}, {"unload", "unloaded"}};
    for (size_t i = 0; event && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].event, event) == 0)
            return words[i].words;
    return event;
}

static void model_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Target"}, {.title = "Model"},
        {.title = "What"}, {.title = "Took", .right = true}, {.title = "Server says", .right = true},
        {.title = "Why not"}};
    struct json_object *events = json_get_array(data->run, "/model_events");
    struct markdown_table table;
    markdown_table_begin(&table, columns, 6);
    for (size_t i = 0; events && i < json_object_array_length(events); i++) {
        struct json_object *event = json_object_array_get_idx(events, i);
        const char *what = json_get_text(event, "/event");
        bool found = what && strcmp(what, "found") == 0; /* looking is not what took the time */
        markdown_cell(&table, json_get_text(event, "/target"));
        markdown_cell(&table, json_get_text(event, "/model"));
        markdown_cell(&table, words_of(what));
        known_quantity_cell(&table, "s", found ? NULL : event, "/seconds");
        known_quantity_cell(&table, "s", event, "/server_s");
        markdown_cell(&table, json_get_text(event, "/error"));
    }
    if (markdown_table_rows(&table))
        buf_append_text(
            out, "## Models in memory\n\nWhat the run did, before and behind the tests of a model.\n\n");
    (void)markdown_table_end(&table, out);
}

void markdown_servers(const struct run_data *data, struct buf *out)
{
    process_table(data, out);
    model_table(data, out);
}
