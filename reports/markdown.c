#include "markdown.h"

#include "line_check.h"
#include "markdown_sections.h"
#include "markdown_text.h"
#include "migrated.h"

#include "json.h"
#include "quantity.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

static const char *text_or(struct json_object *tree, const char *pointer, const char *fallback)
{
    const char *text = json_get_text(tree, pointer);
    return text && *text ? text : fallback;
}

static void title(const struct run_data *data, struct buf *out)
{
    const char *started = text_or(data->run, "/started", "");
    buf_append_text(out, "# Benchmark report");
    if (migrated_is(data)) {
        buf_append_text(out, ", migrated from ");
        markdown_inline(out, migrated_from(data));
    }
    if (strlen(started) >= 16)
        buf_printf(out, " of %.10s %.5s UTC", started, started + 11);
    if (*text_or(data->run, "/machine/host", "")) {
        buf_append_text(out, ", ");
        markdown_inline(out, text_or(data->run, "/machine/host", ""));
    }
    buf_append_text(out, "\n\n");
}

/* "llama.cpp b4321 at `http://127.0.0.1:8080`" */
static void name_server(struct json_object *target, struct buf *out)
{
    markdown_inline(out, text_or(target, "/server", text_or(target, "/name", "a server")));
    if (*text_or(target, "/server_version", "")) {
        buf_append_char(out, ' ');
        markdown_inline(out, text_or(target, "/server_version", ""));
    }
    if (*text_or(target, "/endpoint", "")) {
        buf_append_text(out, " at ");
        markdown_code(out, text_or(target, "/endpoint", ""));
    }
}

static size_t name_servers(const struct run_data *data, bool simulated, struct buf *out)
{
    struct json_object *targets = json_get_array(data->run, "/targets");
    size_t count = targets ? json_object_array_length(targets) : 0, named = 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *target = json_object_array_get_idx(targets, i);
        bool is_simulated = false;
        (void)json_get_bool(target, "/simulated", &is_simulated);
        if (is_simulated != simulated)
            continue;
        if (out) {
            buf_append_text(out, named ? ", " : "");
            name_server(target, out);
        }
        named++;
    }
    return named;
}

/* The first lines say whether anything here is about a real model. */
static void real_or_simulated(const struct run_data *data, struct buf *out)
{
    size_t simulated = name_servers(data, true, NULL), real = name_servers(data, false, NULL);
    if (simulated) {
        buf_printf(out, "**%s.** ", real ? "Partly simulated" : "Simulated");
        name_servers(data, true, out);
        buf_append_text(
            out, ": no model. The figures say how well assay measures, and nothing about any model.\n");
    }
    if (real) {
        buf_append_text(out, simulated ? "\n" : "");
        buf_append_text(out, migrated_is(data) ? "**As the original names it, server" : "**Real server");
        buf_append_text(out, real == 1 ? ".** " : "s.** ");
        name_servers(data, false, out);
        buf_append_text(out, ".\n");
    }
    if (!simulated && !real)
        buf_append_text(out, "**No model server** took part in this run.\n");
    buf_append_char(out, '\n');
}

static void clause(struct buf *out, struct json_object *tree, const char *pointer, const char *before)
{
    if (!*text_or(tree, pointer, ""))
        return;
    buf_append_text(out, before);
    markdown_inline(out, text_or(tree, pointer, ""));
}

static void clause_bytes(struct buf *out, struct json_object *tree, const char *pointer, const char *what)
{
    double bytes;
    char text[QUANTITY_SIZE];
    if (!json_get_real(tree, pointer, &bytes))
        return;
    text_format_bytes(text, sizeof text, bytes);
    buf_printf(out, ", %s %s", text, what);
}

static void describe_cpu(struct json_object *machine, struct buf *out)
{
    int64_t logical, physical, allowed;
    double quota;
    clause(out, machine, "/cpu/model", ", ");
    if (json_get_int(machine, "/cpu/logical", &logical))
        buf_printf(out, ", %" PRId64 " logical CPU%s", logical, logical == 1 ? "" : "s");
    if (json_get_int(machine, "/cpu/physical", &physical))
        buf_printf(out, " (%" PRId64 " core%s)", physical, physical == 1 ? "" : "s");
    if (json_get_int(machine, "/cpu/allowed", &allowed) && json_get_int(machine, "/cpu/logical", &logical) &&
        allowed != logical)
        buf_printf(out, ", %" PRId64 " of them allowed", allowed);
    if (json_get_real(machine, "/cpu/quota", &quota)) {
        char text[QUANTITY_SIZE];
        quantity_format_number(text, sizeof text, quota);
        buf_printf(out, ", a quota of %s CPUs", text);
    }
}

static void describe_gpus(struct json_object *machine, struct buf *out)
{
    struct json_object *gpus = json_get_array(machine, "/gpus");
    size_t count = gpus ? json_object_array_length(gpus) : 0;
    for (size_t i = 0; i < count; i++)
        clause(out, json_object_array_get_idx(gpus, i), "/name", ", GPU ");
}

static void machine_line(const struct run_data *data, struct buf *out)
{
    struct json_object *machine = json_get_object(data->run, "/machine");
    if (!machine)
        return;
    buf_append_text(out, "Machine: ");
    markdown_inline(out, text_or(machine, "/host", migrated_is(data) ? "name unknown" : "unknown"));
    clause(out, machine, "/model", ", ");
    describe_cpu(machine, out);
    clause_bytes(out, machine, "/memory/total_bytes", "memory");
    clause_bytes(out, machine, "/memory/limit_bytes", "granted by the control group");
    clause_bytes(out, machine, "/memory/swap_bytes", "swap");
    describe_gpus(machine, out);
    clause(out, machine, "/os", ", ");
    clause(out, machine, "/kernel", ", kernel ");
    clause(out, machine, "/architecture", ", ");
    clause(out, machine, "/virtualisation", ", running in ");
    buf_append_text(out, ".\n\n");
}

static void notes(const struct run_data *data, struct buf *out)
{
    struct json_object *list = json_get_array(data->run, "/notes");
    size_t count = list ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, i ? "" : "Read first:\n\n");
        buf_append_text(out, "- ");
        markdown_inline(out, line_item_text(list, i));
        buf_append_char(out, '\n');
    }
    buf_append_text(out, count ? "\n" : "");
}

enum status markdown_write(
    const struct run_data *data, const struct gate *gate, struct buf *out, struct error *e)
{
    title(data, out);
    markdown_migrated(data, out);
    if (!migrated_is(data) || json_get(data->run, "/targets/0"))
        real_or_simulated(data, out);
    notes(data, out);
    markdown_headline(data, gate, out);
    machine_line(data, out);
    markdown_summary(data, gate, out);
    markdown_inputs(data, out);
    markdown_tests(data, out);
    markdown_load(data, out);
    markdown_results(data, out);
    markdown_figures(data, out);
    markdown_tokens(data, out);
    markdown_checks(data, out);
    markdown_servers(data, out);
    markdown_failures(data, out);
    markdown_health(data, out);
    markdown_retries(data, out);
    markdown_absent(data, out);
    markdown_losses(data, out);
    markdown_metrics(data, out);
    markdown_files(data, out);
    enum status s = buf_status(out);
    return s == STATUS_OK ? s
                          : error_set(e, s, "the Markdown report could not be composed: %s", status_name(s));
}
