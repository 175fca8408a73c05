#include "made_run.h"

#include "fs.h"
#include "rng.h"
#include "testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define START_NS INT64_C(1795218365000000000) /* 2026-11-20T23:46:05Z */

static struct json_object *parsed(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(
        json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s in %s", error_text(&why), text);
    return tree;
}

void made_run_begin(struct made_run *made)
{
    *made = (struct made_run){.clock_ns = START_NS};
    buf_init(&made->lines, 256 << 20);
    made->run =
        parsed("{\"schema_version\":\"1.0.0\",\"run_id\":\"" MADE_RUN_ID
               "\",\"started\":\"2026-11-20T23:46:05.000Z\","
               "\"start_unix_ns\":1795218365000000000,\"seed\":7,\"assay\":{\"version\":\"0.1.0\"},"
               "\"machine\":{\"host\":\"box\",\"os\":\"Linux\",\"kernel\":\"6\",\"architecture\":\"x86_64\"},"
               "\"parameters\":{},\"targets\":[],\"models\":[],\"plan\":[]}");
}

/* The parts of "case[target/model]". */
struct parts {
    char suite[64], case_name[128], target[128], model[512];
};

static struct parts split(const char *test)
{
    struct parts p = {.model = ""};
    size_t head = strcspn(test, "[");
    snprintf(p.case_name, sizeof p.case_name, "%.*s", (int)head, test);
    snprintf(p.suite, sizeof p.suite, "%.*s", (int)strcspn(p.case_name, "."), p.case_name);
    if (test[head] == '\0')
        return p;
    const char *inside = test + head + 1;
    size_t len = strlen(inside) - 1, slash = strcspn(inside, "/");
    bool has_model = slash < len;
    snprintf(p.target, sizeof p.target, "%.*s", (int)(has_model ? slash : len), inside);
    if (has_model)
        snprintf(p.model, sizeof p.model, "%.*s", (int)(len - slash - 1), inside + slash + 1);
    return p;
}

static bool is_in(struct json_object *array, const char *member, const char *text)
{
    for (size_t i = 0; i < json_object_array_length(array); i++)
        if (strcmp(json_get_text(json_object_array_get_idx(array, i), member), text) == 0)
            return true;
    return false;
}

static struct json_object *target_of(const struct made_run *made, const char *name)
{
    struct json_object *target = json_object_new_object();
    ck_assert(json_set_text(target, "name", name) && json_set_text(target, "protocol", "openai") &&
              json_set_text(target, "server", made->real ? "llama.cpp" : "assay-sim") &&
              json_set_text(target, "endpoint", "http://127.0.0.1:1/v1") &&
              json_set_bool(target, "managed", false) && json_set_bool(target, "simulated", !made->real));
    return target;
}

void made_run_plan(struct made_run *made, const char *test)
{
    struct parts p = split(test);
    struct json_object *plan = json_get_array(made->run, "/plan"),
                       *targets = json_get_array(made->run, "/targets"), *entry = json_object_new_object();
    if (is_in(plan, "/test", test)) {
        json_object_put(entry);
        return;
    }
    ck_assert(json_set_text(entry, "test", test) && json_set_text(entry, "case", p.case_name));
    ck_assert(!p.target[0] || json_set_text(entry, "target", p.target));
    ck_assert(!p.model[0] || json_set_text(entry, "model", p.model));
    ck_assert(json_add(plan, entry));
    if (p.target[0] && !is_in(targets, "/name", p.target))
        ck_assert(json_add(targets, target_of(made, p.target)));
}

static void set_times(struct made_run *made, struct json_object *record)
{
    int64_t start = made->clock_ns, end = start + 500 * INT64_C(1000000);
    ck_assert(json_set_int(record, "start_unix_ns", start) && json_set_int(record, "end_unix_ns", end) &&
              json_set_real(record, "test_start_ts", (double)start / 1e9) &&
              json_set_real(record, "test_end_ts", (double)end / 1e9) &&
              json_set_real(record, "duration", 0.5) &&
              json_set(record, "phases", json_object_new_object()) &&
              json_set(record, "process", json_object_new_object()) &&
              json_set(record, "system_health",
                  parsed("{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}}")));
    made->clock_ns = end;
}

static struct json_object *record_of(struct made_run *made, const char *test, const char *outcome)
{
    struct parts p = split(test);
    struct json_object *record =
        parsed("{\"schema_version\":\"1.0.0\",\"run_id\":\"" MADE_RUN_ID
               "\",\"attempt\":1,\"timestamp\":\"2026-11-20T23:46:06.000Z\",\"identity\":{\"workload\":"
               "\"0000000000000000000000000000000000000000000000000000000000000000\",\"subject\":{}}}");
    ck_assert(json_set_text(record, "test", test) && json_set_text(record, "suite", p.suite) &&
              json_set_text(record, "case", p.case_name) && json_set_text(record, "outcome", outcome));
    if (strcmp(outcome, "not_run") != 0 && strcmp(outcome, "lost") != 0)
        set_times(made, record);
    if (strcmp(outcome, "skipped") == 0)
        ck_assert(json_set_text(record, "skip_reason", "it does not apply"));
    else if (strcmp(outcome, "passed") != 0)
        ck_assert(json_set_text(record, "message", "something happened"));
    if (p.target[0])
        ck_assert(json_set(record, "target", target_of(made, p.target)));
    if (p.model[0]) {
        struct json_object *model = json_object_new_object();
        ck_assert(json_set_text(model, "id", p.model) && json_set(record, "model", model));
    }
    return record;
}

static void add_line(struct made_run *made, struct json_object *record)
{
    struct error why = {0};
    ck_assert_msg(json_write(record, &made->lines, &why) == STATUS_OK, "%s", error_text(&why));
    buf_append_char(&made->lines, '\n');
    json_object_put(record);
}

void made_run_add(struct made_run *made, const char *test, const char *outcome, const char *members)
{
    struct json_object *record = record_of(made, test, outcome);
    if (members) {
        struct json_object *more = parsed(members);
        json_object_object_foreach(more, name, value)
            ck_assert(value ? json_set(record, name, json_object_get(value)) : json_set_null(record, name));
        json_object_put(more);
    }
    made_run_plan(made, test);
    add_line(made, record);
}

void made_run_add_text(
    struct made_run *made, const char *test, const char *outcome, const char *text, size_t len)
{
    struct json_object *record = record_of(made, test, outcome);
    const char *member = strcmp(outcome, "skipped") == 0 ? "skip_reason" : "message";
    ck_assert(json_set_bytes(record, member, text, len));
    made_run_plan(made, test);
    add_line(made, record);
}

void made_run_line(struct made_run *made, const char *line)
{
    buf_append_text(&made->lines, line);
}

const char *made_run_save(struct made_run *made)
{
    static int count;
    char name[32];
    struct buf run = BUF_INIT(64 << 20), path = BUF_INIT(1 << 14);
    struct error why = {0};
    snprintf(name, sizeof name, "run-%d", count++);
    const char *folder = testkit_tmp_path(name);
    ck_assert_msg(fs_make_dirs(folder, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(json_write_pretty(made->run, &run, &why) == STATUS_OK, "%s", error_text(&why));
    buf_printf(&path, "%s/run.json", folder);
    testkit_write(buf_text(&path), run.data, run.len);
    buf_clear(&path);
    buf_printf(&path, "%s/benchmark.jsonl", folder);
    testkit_write(buf_text(&path), buf_text(&made->lines), made->lines.len);
    json_object_put(made->run);
    buf_fini(&made->lines);
    buf_fini(&run);
    buf_fini(&path);
    return folder;
}

void made_run_load(struct made_run *made, struct run_data *data)
{
    struct error why = {0};
    const char *folder = made_run_save(made);
    ck_assert_msg(run_data_load(folder, data, &why) == STATUS_OK, "%s", error_text(&why));
}

void made_hostile_text(struct rng *rng, struct buf *out, size_t max)
{
    static const char *const pieces[] = {"|", "`", "```", "````\n", "\n", "\r\n", "\r", "\n# heading",
        "\n| a | b |", "]]>", "<![CDATA[", "</failure>", "<script>alert(1)</script>", "<!-- ", "-->", "&amp;",
        "&#27;", "&#x0;", "&", "<", ">", "\"", "'", "\\", "\\|", "\\\\|", "[x](http://evil)", "![x](y)",
        "[[ATTACHMENT|/etc/passwd]]", "]]", "*b*", "_u_", "~~s~~", "$x$", "\x1b[31m", "\x1b]0;title\x07",
        "\x1b[", "\x1b", "\x01", "\x7f", "\xc2\x80", "\xe2\x80\xae", "\xef\xbf\xbe", "\xef\xbf\xbf",
        "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "- ", "1. ", "1) ", "> ", "---", "===", "    ", "\t",
        "http://evil.example", "www.evil.example", "a@b.example", "%s%n", "text"};
    size_t wanted = 1 + rng_below(rng, max);
    while (out->len < wanted) {
        if (rng_below(rng, 4) == 0)
            buf_append_char(out, (char)(1 + rng_below(rng, 126)));
        else
            buf_append_text(out, pieces[rng_below(rng, sizeof pieces / sizeof *pieces)]);
    }
}
