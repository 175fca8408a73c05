#include "markdown_sections.h"

#include "health.h"
#include "line_check.h"
#include "markdown_text.h"
#include "migrated.h"

#include "json.h"
#include "quantity.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REASONS_SHOWN 5 /* of each gate check; the sections below hold all of them */

static void outcome_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {
        {.title = "Outcome"}, {.title = "Tests", .right = true}, {.title = "Meaning: the test"}};
    struct markdown_table table;
    size_t without_record = 0;
    markdown_table_begin(&table, columns, 3);
    for (const struct outcome_words *words = outcome_words_all; words->name; words++) {
        size_t count = run_data_count(data, words->name);
        if (!count)
            continue;
        markdown_cell(&table, words->words);
        markdown_cell_format(&table, "%zu", count);
        markdown_cell(&table, words->meaning);
    }
    for (size_t i = 0; i < data->test_count; i++)
        without_record += data->tests[i].last == NULL;
    if (without_record) {
        markdown_cell(&table, "no record");
        markdown_cell_format(&table, "%zu", without_record);
        markdown_cell(&table, "was planned, and benchmark.jsonl holds no valid line for it");
    }
    (void)markdown_table_end(&table, out);
}

static void gate_lines(const struct gate *gate, struct buf *out)
{
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++) {
        const struct gate_check *check = &gate->checks[c];
        buf_printf(out, "- %s: **%s**%s\n", check->name, gate_verdict_words(check->verdict),
            check->reason_count ? check->verdict == GATE_PASS ? ", with remarks:" : ":" : "");
        for (size_t i = 0; i < check->reason_count && i < REASONS_SHOWN; i++) {
            buf_append_text(out, "  - ");
            markdown_inline(out, check->reasons[i]);
            buf_append_char(out, '\n');
        }
        if (check->reason_count > REASONS_SHOWN)
            buf_printf(out, "  - and %zu more\n", check->reason_count - REASONS_SHOWN);
    }
    buf_append_char(out, '\n');
}

void markdown_summary(const struct run_data *data, const struct gate *gate, struct buf *out)
{
    buf_append_text(out, "## Summary\n\n");
    if (run_data_count(data, "passed") < data->test_count)
        outcome_table(data, out);
    buf_printf(out, "The gate looks at three things%s:\n\n",
        gate->require_clean ? " and requires a clean machine" : "");
    gate_lines(gate, out);
}

static void input_row(struct markdown_table *table, const char *what, const char *text)
{
    if (!text || !*text)
        return;
    markdown_cell(table, what);
    markdown_cell_code(table, text);
}

static void command_row(const struct run_data *data, struct markdown_table *table)
{
    struct json_object *command = json_get_array(data->run, "/command");
    struct buf line = BUF_INIT(1 << 16);
    size_t count = command ? json_object_array_length(command) : 0;
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? " " : "", line_item_text(command, i));
    input_row(table, "Command", buf_text(&line));
    buf_fini(&line);
}

/* Every member of parameters, as it stands there. */
static void parameter_rows(const struct run_data *data, struct markdown_table *table)
{
    struct json_object *parameters = json_get_object(data->run, "/parameters");
    if (!parameters)
        return;
    json_object_object_foreach(parameters, name, value)
    {
        struct buf shown = BUF_INIT(1 << 16);
        if (json_object_is_type(value, json_type_string))
            buf_append_text(&shown, json_object_get_string(value));
        else if (json_write(value, &shown, NULL) != STATUS_OK)
            buf_clear(&shown);
        input_row(table, name, buf_text(&shown));
        buf_fini(&shown);
    }
}

static void run_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Input"}, {.title = "Value"}};
    struct markdown_table table;
    int64_t seed;
    markdown_table_begin(&table, columns, 2);
    input_row(&table, "Run", data->run_id);
    input_row(&table, "Started", json_get_text(data->run, "/started"));
    input_row(&table, "Ended", json_get_text(data->run, "/ended"));
    command_row(data, &table);
    input_row(&table, migrated_is(data) ? "Migrated by assay" : "assay",
        json_get_text(data->run, "/assay/version"));
    input_row(&table, "Migrated from", json_get_text(data->run, "/migrated/file"));
    input_row(&table, "SHA-256 of that file", json_get_text(data->run, "/migrated/sha256"));
    input_row(&table, "assay commit", json_get_text(data->run, "/assay/commit"));
    if (json_get_int(data->run, "/seed", &seed)) {
        markdown_cell(&table, "Seed of the run");
        markdown_cell_format(&table, "%" PRId64, seed);
    }
    parameter_rows(data, &table);
    (void)markdown_table_end(&table, out);
}

/* What is unusual on the way to a server belongs beside its figures: a proxy takes its time. */
static void way_line(const struct json_object *target, struct buf *out)
{
    const char *via = json_get_text(target, "/via");
    if (!via)
        return;
    markdown_inline(out, json_get_text(target, "/name"));
    buf_append_text(out, " is reached by: ");
    markdown_inline(out, via);
    buf_append_text(out, ".\n\n");
}

static void target_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Target"}, {.title = "Kind"},
        {.title = "Server"}, {.title = "Version"}, {.title = "Protocol"}, {.title = "Endpoint"},
        {.title = "Started by"}};
    struct json_object *targets = json_get_array(data->run, "/targets");
    size_t count = targets ? json_object_array_length(targets) : 0;
    struct markdown_table table;
    markdown_table_begin(&table, columns, 7);
    for (size_t i = 0; i < count; i++) {
        struct json_object *target = json_object_array_get_idx(targets, i);
        bool simulated = false, managed = false;
        bool kind_known = json_get_bool(target, "/simulated", &simulated);
        bool starter_known = json_get_bool(target, "/managed", &managed);
        markdown_cell(&table, json_get_text(target, "/name"));
        markdown_cell(&table, !kind_known ? NULL : simulated ? "simulated" : "real");
        markdown_cell(&table, json_get_text(target, "/server"));
        markdown_cell(&table, json_get_text(target, "/server_version"));
        markdown_cell(&table, json_get_text(target, "/protocol"));
        markdown_cell_code(&table, json_get_text(target, "/endpoint"));
        markdown_cell(&table, !starter_known ? NULL : managed ? "assay" : "somebody else");
    }
    (void)markdown_table_end(&table, out);
    for (size_t i = 0; i < count; i++)
        way_line(json_object_array_get_idx(targets, i), out);
}

static bool is_guessed(const struct json_object *entry, const char *member)
{
    struct json_object *list = json_get_array(entry, "/model/guessed");
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        if (strcmp(line_item_text(list, i), member) == 0)
            return true;
    return false;
}

/* Text or a count; marked where it is read from the model's name. */
static void fact_cell(struct markdown_table *table, const struct json_object *entry, const char *member)
{
    char pointer[64];
    int64_t count;
    snprintf(pointer, sizeof pointer, "/model/%s", member);
    const char *text = json_get_text(entry, pointer), *mark = is_guessed(entry, member) ? " (guess)" : "";
    if (text)
        markdown_cell_format(table, "%s%s", text, mark);
    else if (json_get_int(entry, pointer, &count))
        markdown_cell_format(table, "%" PRId64 "%s", count, mark);
    else
        markdown_cell(table, NULL);
}

static void model_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Model"}, {.title = "Target"},
        {.title = "Family"}, {.title = "Format"}, {.title = "Quantisation"},
        {.title = "Parameters", .right = true}, {.title = "Size, GB", .right = true},
        {.title = "Context", .right = true}};
    static const char *const facts[] = {"family", "format", "quantization"};
    struct json_object *models = json_get_array(data->run, "/models");
    size_t count = models ? json_object_array_length(models) : 0;
    struct markdown_table table;
    markdown_table_begin(&table, columns, 8);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(models, i);
        double size_gb;
        char size[QUANTITY_SIZE] = "";
        if (json_get_real(entry, "/model/size_gb", &size_gb))
            quantity_format_number(size, sizeof size, size_gb);
        markdown_cell(&table, json_get_text(entry, "/model/id"));
        markdown_cell(&table, json_get_text(entry, "/target"));
        for (size_t k = 0; k < sizeof facts / sizeof facts[0]; k++)
            fact_cell(&table, entry, facts[k]);
        fact_cell(&table, entry, "parameters");
        markdown_cell(&table, size);
        fact_cell(&table, entry, "context_length");
    }
    (void)markdown_table_end(&table, out);
}

/* Models that a filter kept out, so that nobody takes the run for one of everything. */
static void left_out_table(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {
        {.title = "Left out"}, {.title = "Target"}, {.title = "Because"}};
    struct json_object *list = json_get_array(data->run, "/left_out");
    size_t count = list ? json_object_array_length(list) : 0;
    struct markdown_table table;
    markdown_table_begin(&table, columns, 3);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        markdown_cell(&table, json_get_text(entry, "/model"));
        markdown_cell(&table, json_get_text(entry, "/target"));
        markdown_cell(&table, json_get_text(entry, "/reason"));
    }
    (void)markdown_table_end(&table, out);
}

void markdown_inputs(const struct run_data *data, struct buf *out)
{
    if (!data->run)
        return;
    buf_append_text(out, "## Inputs\n\n");
    run_table(data, out);
    target_table(data, out);
    model_table(data, out);
    if (json_get(data->run, "/left_out"))
        left_out_table(data, out);
}

static void test_row(struct markdown_table *table, const struct run_test *test)
{
    struct json_object *record = test->last ? test->last->record : NULL;
    const char *health = health_verdict(test);
    char text[QUANTITY_SIZE] = "";
    double duration_s;
    if (record && json_get_real(record, "/duration", &duration_s))
        text_format_duration(text, sizeof text, duration_s);
    markdown_cell(table, test->case_name);
    markdown_cell(table, test->target);
    markdown_cell(table, test->model);
    markdown_cell(table, test->last ? test->last->outcome->words : "no record");
    markdown_cell(table, text);
    markdown_cell(table, strcmp(health, "none") == 0 ? NULL : health);
    markdown_cell_format(table, "%zu", test->attempt_count);
}

void markdown_tests(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Case"}, {.title = "Target"},
        {.title = "Model"}, {.title = "Outcome"}, {.title = "Duration", .right = true}, {.title = "Machine"},
        {.title = "Attempts", .right = true}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 7);
    for (size_t i = 0; i < data->test_count; i++)
        test_row(&table, &data->tests[i]);
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Tests\n\n");
    (void)markdown_table_end(&table, out);
}
