/* What a reader of a migrated run has to know first, and what became of the original's members. */
#include "markdown_sections.h"

#include "line_check.h"
#include "markdown_text.h"
#include "migrated.h"
#include "quantity.h"

#include "json.h"

#include <inttypes.h>
#include <string.h>

enum { DIGITS_SHOWN = 12 };

static void name_original(const struct run_data *data, struct buf *out)
{
    const char *file = json_get_text(data->run, "/migrated/file");
    const char *version = json_get_text(data->run, "/migrated/version");
    const char *sha256 = json_get_text(data->run, "/migrated/sha256");
    buf_append_text(out, " The records were made from ");
    if (file) {
        markdown_code(out, file);
        buf_append_text(out, ", ");
    }
    buf_append_text(out, "a file of ");
    markdown_inline(out, migrated_from(data));
    if (version) {
        buf_append_text(out, " (");
        markdown_inline(out, version);
        buf_append_char(out, ')');
    }
    if (sha256 && strlen(sha256) > DIGITS_SHOWN)
        buf_printf(out, ", SHA-256 %.*s...", DIGITS_SHOWN, sha256);
    buf_append_text(out, ".\n");
}

/* Texts of /migrated/notes: {text, count} or a bare text. */
static void notes(const struct run_data *data, struct buf *out)
{
    struct json_object *list = json_get_array(data->run, "/migrated/notes");
    size_t count = list ? json_object_array_length(list) : 0;
    buf_append_text(out, count ? "\nNoted while it was migrated:\n\n" : "");
    for (size_t i = 0; i < count; i++) {
        const char *text = json_get_text(json_object_array_get_idx(list, i), "/text");
        buf_append_text(out, "- ");
        markdown_inline(out, text ? text : line_item_text(list, i));
        buf_append_char(out, '\n');
    }
}

void markdown_migrated(const struct run_data *data, struct buf *out)
{
    struct json_object *losses = json_get_array(data->run, "/migrated/losses");
    if (!migrated_is(data))
        return;
    buf_append_text(out, "**Migrated: assay did not measure this.**");
    name_original(data, out);
    buf_append_text(out,
        "\n- What the original does not say is left out here: it is unknown, and never zero.\n"
        "- The original's figures keep their own names and definitions; nothing compares them with figures "
        "of "
        "assay.\n"
        "- No sensor of assay watched that machine: whatever the original said of it, no test here is "
        "clean.\n"
        "- An outcome is the original's: it says what that program called so.\n");
    if (losses && json_object_array_length(losses))
        buf_printf(out, "- %zu %s no typed place in our records: the section on losses lists %s.\n",
            json_object_array_length(losses),
            json_object_array_length(losses) == 1 ? "member of the original has"
                                                  : "members of the original have",
            json_object_array_length(losses) == 1 ? "it" : "them");
    notes(data, out);
    buf_append_char(out, '\n');
}

/* ---- the machine, as the original told it ---- */

static struct json_object *sensors_of(const struct run_test *test)
{
    return migrated_of(test) ? json_get_object(test->last->record, "/system_health/sensors") : NULL;
}

/* Puts one test's value into {n, least, most, unit} of the sensor; false without memory. */
static bool widen(struct json_object *spans, const char *name, struct json_object *sensor)
{
    double value, least, most;
    int64_t n = 0;
    struct json_object *span = NULL;
    if (!json_get_real(sensor, "/value", &value))
        return true;
    if (!json_object_object_get_ex(spans, name, &span)) {
        span = json_object_new_object();
        if (!json_set(spans, name, span))
            return false;
    }
    (void)json_get_int(span, "/n", &n);
    if (n == 0 && json_get_text(sensor, "/unit"))
        (void)json_set_text(span, "unit", json_get_text(sensor, "/unit"));
    bool ok = json_set_int(span, "n", n + 1);
    if (n == 0 || (json_get_real(span, "/least", &least) && value < least))
        ok &= json_set_real(span, "least", value);
    if (n == 0 || (json_get_real(span, "/most", &most) && value > most))
        ok &= json_set_real(span, "most", value);
    return ok;
}

/* Each sensor once, where it stands first. */
static struct json_object *spans_of(const struct run_data *data)
{
    struct json_object *spans = json_object_new_object();
    bool ok = spans != NULL;
    for (size_t i = 0; ok && i < data->test_count; i++) {
        struct json_object *sensors = sensors_of(&data->tests[i]);
        if (!sensors)
            continue;
        json_object_object_foreach(sensors, name, sensor) ok &= widen(spans, name, sensor);
    }
    return spans;
}

static void span_rows(struct json_object *spans, struct markdown_table *table)
{
    json_object_object_foreach(spans, name, span)
    {
        static const char *const ends[] = {"/least", "/most"};
        int64_t n = 0;
        (void)json_get_int(span, "/n", &n);
        markdown_cell(table, name);
        markdown_cell_format(table, "%" PRId64, n);
        for (size_t i = 0; i < 2; i++) {
            char text[QUANTITY_SIZE];
            double value = 0;
            (void)json_get_real(span, ends[i], &value);
            quantity_format_alone(text, sizeof text, json_get_text(span, "/unit"), value);
            markdown_cell(table, text);
        }
    }
}

static bool stands_before(struct json_object *flags, size_t index, const char *flag)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(line_item_text(flags, i), flag) == 0)
            return true;
    return false;
}

/* How many tests have each flag, in the order in which they come. */
static struct json_object *flag_counts(const struct run_data *data)
{
    struct json_object *counts = json_object_new_object();
    bool ok = counts != NULL;
    for (size_t i = 0; ok && i < data->test_count; i++) {
        struct json_object *flags = json_get_array(migrated_of(&data->tests[i]), "/quality_flags");
        for (size_t k = 0; flags && k < json_object_array_length(flags); k++) {
            const char *flag = line_item_text(flags, k);
            struct json_object *count = NULL;
            (void)json_object_object_get_ex(counts, flag, &count);
            if (!stands_before(flags, k, flag))
                ok &= json_set_int(counts, flag, json_object_get_int64(count) + 1);
        }
    }
    return counts;
}

static void say_flags(const struct run_data *data, struct buf *out)
{
    struct json_object *counts = flag_counts(data);
    const char *before = "Its own flags, by its own rules: ";
    if (!counts || json_object_object_length(counts) == 0) {
        json_object_put(counts);
        return;
    }
    json_object_object_foreach(counts, flag, count)
    {
        int64_t tests = json_object_get_int64(count);
        buf_append_text(out, before);
        markdown_code(out, flag);
        buf_printf(out, " in %" PRId64 " test%s", tests, tests == 1 ? "" : "s");
        before = ", ";
    }
    buf_append_text(out, ".\n\n");
    json_object_put(counts);
}

void markdown_migrated_health(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "As the original told it"},
        {.title = "Tests", .right = true}, {.title = "Least", .right = true},
        {.title = "Most", .right = true}};
    struct markdown_table table;
    size_t migrated = migrated_count(data);
    if (migrated == 0)
        return;
    buf_printf(out,
        "No sensor of assay watched the machine in the %zu migrated test%s: its state is unknown.\n\n",
        migrated, migrated == 1 ? "" : "s");
    say_flags(data, out);
    markdown_table_begin(&table, columns, 4);
    struct json_object *spans = spans_of(data);
    if (spans)
        span_rows(spans, &table);
    (void)markdown_table_end(&table, out);
    json_object_put(spans);
}

static void loss_rows(struct json_object *list, struct markdown_table *table)
{
    static const struct {
        const char *kept, *words;
    } places[] = {{"figure", "the record's figures"}, {"original", "as it stood"}, {"nowhere", "nowhere"}};
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *loss = json_object_array_get_idx(list, i);
        const char *kept = json_get_text(loss, "/kept");
        int64_t count = 0;
        (void)json_get_int(loss, "/count", &count);
        markdown_cell_code(table, json_get_text(loss, "/pointer"));
        markdown_cell_format(table, "%" PRId64, count);
        for (size_t k = 0; k < sizeof places / sizeof *places; k++)
            if (kept && strcmp(places[k].kept, kept) == 0)
                kept = places[k].words;
        markdown_cell(table, kept);
        markdown_cell(table, json_get_text(loss, "/reason"));
    }
}

static void refusals(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {
        {.title = "Refused", .right = true}, {.title = "First on line", .right = true}, {.title = "Reason"}};
    struct json_object *list = json_get_array(data->run, "/migrated/refusals");
    struct markdown_table table;
    markdown_table_begin(&table, columns, 3);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *refusal = json_object_array_get_idx(list, i);
        int64_t count = 0, line = 0;
        (void)json_get_int(refusal, "/count", &count);
        (void)json_get_int(refusal, "/first_line", &line);
        markdown_cell_format(&table, "%" PRId64, count);
        if (line > 0)
            markdown_cell_format(&table, "%" PRId64, line);
        else
            markdown_cell(&table, NULL);
        markdown_cell(&table, json_get_text(refusal, "/reason"));
    }
    if (markdown_table_rows(&table))
        buf_append_text(out, "## Not migrated\n\nParts of the original that could not become records.\n\n");
    (void)markdown_table_end(&table, out);
}

void markdown_losses(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Member of the original"},
        {.title = "Times", .right = true}, {.title = "Kept"}, {.title = "Why it has no typed place"}};
    struct json_object *list = json_get_array(data->run, "/migrated/losses");
    struct markdown_table table;
    refusals(data, out);
    markdown_table_begin(&table, columns, 4);
    if (list)
        loss_rows(list, &table);
    if (markdown_table_rows(&table))
        buf_append_text(out,
            "## Losses\n\nMembers of the original that no typed member of ours holds, and where they "
            "are kept.\n\n");
    (void)markdown_table_end(&table, out);
}
