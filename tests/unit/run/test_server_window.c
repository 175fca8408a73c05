/* The server's machine within a test: samples of our own making, with draws that are known. */
#include "server_window.h"

#include "clock.h"
#include "json.h"
#include "monitor_line.h"
#include "part_schema.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define START_NS (INT64_C(1795909569) * NS_PER_S)

static struct server_file file;
static struct clock_offset offset;
static struct server_facts_of_file facts;
static struct server_window w;

static struct json_object *parsed(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

#define SOURCE(name, part, unit)                                                                             \
    "{\"name\":\"" name "\",\"method\":\"m\",\"part\":\"" part "\",\"unit\":\"" unit                         \
    "\",\"spare\":false,\"status\":\"ok\"}"

/* A test of 12 s whose body is its last 10, on a server of which a package and a GPU tell. */
static void begin(const char *energy)
{
    char start[1024];
    snprintf(start, sizeof start, "{\"type\":\"start\",\"host\":\"gpu1\",\"memory_total_bytes\":1e10%s%s}",
        energy != NULL ? ",\"energy\":" : "", energy != NULL ? energy : "");
    file = (struct server_file){.start = parsed(start), .host = "gpu1", .period_ns = NS_PER_S / 5};
    offset = (struct clock_offset){.error_ns = 5 * NS_PER_MS, .method = "dates"};
    facts = (struct server_facts_of_file){.file = &file, .clock = &offset};
    struct json_object *record = parsed(
        "{\"test\":\"t\",\"attempt\":1,\"outcome\":\"passed\",\"phases\":{\"setup_s\":1,\"warmup_s\":1,"
        "\"body_s\":10,\"teardown_s\":0}}");
    bool memory;
    ck_assert(json_set_int(record, "start_unix_ns", START_NS));
    ck_assert(json_set_int(record, "end_unix_ns", START_NS + 12 * NS_PER_S));
    ck_assert(server_window_of_record(record, &w, &memory));
    json_object_put(record);
    w.joined = true;
    ck_assert(server_window_begin(&w, &facts));
}

static void end(void)
{
    json_object_put(facts.idle != NULL ? (struct json_object *)facts.idle : NULL);
    server_window_fini(&w);
    server_file_fini(&file);
}

#define BOTH "{\"sources\":[" SOURCE("package_0", "cpu", "J") "," SOURCE("gpu0", "gpu", "W") "]}"

/* A sample so many seconds after the start of the test. */
static void note(double at_s, const char *values)
{
    char text[512];
    struct sample sample;
    int64_t t_ns = START_NS + (int64_t)(at_s * 1e9);
    snprintf(text, sizeof text,
        "{\"unix_ns\":%lld,\"mono_ns\":%lld,\"late_ns\":0,\"cost_ns\":1000,\"values\":%s}", (long long)t_ns,
        (long long)(t_ns - START_NS + NS_PER_S * 1000), values);
    struct json_object *line = parsed(text);
    ck_assert(monitor_line_read(line, &sample));
    server_window_note(&w, line, &sample, t_ns, at_s >= 0 && at_s <= 12, false);
    json_object_put(line);
}

/* The package draws 30 W, the GPU 100 W from 4 s on and 20 W before. */
static void note_draws(double from_s, double to_s)
{
    for (int i = (int)(from_s * 5); i <= (int)(to_s * 5); i++) {
        char values[256];
        double at_s = i / 5.0;
        snprintf(values, sizeof values,
            "{\"energy_package_0_j\":%.9g,\"energy_gpu0_j\":%.9g,\"oom_kills\":%d.0}", 1000 + 30 * at_s,
            1000 + 20 * at_s + (at_s > 4 ? 80 * (at_s - 4) : 0), at_s > 8 ? 1 : 0);
        note(at_s, values);
    }
}

static void add_exchange(int repeat, double from_s, double to_s)
{
    char text[512];
    snprintf(text, sizeof text,
        "{\"role\":\"measured\",\"error\":\"ok\",\"repeat\":%d,\"start_unix_ns\":%lld,\"t\":{\"intended_ns\":"
        "0,"
        "\"sent_ns\":7,\"done_ns\":%lld},\"tokens\":{\"completion\":50}}",
        repeat, (long long)(START_NS + (int64_t)(from_s * 1e9)), (long long)((to_s - from_s) * 1e9) + 7);
    struct json_object *line = parsed(text);
    ck_assert(server_window_add_exchange(&w, line));
    json_object_put(line);
}

static double real_at(const struct json_object *tree, const char *pointer)
{
    double value = NAN;
    (void)json_get_real(tree, pointer, &value);
    return value;
}

static void must_be(const struct json_object *tree, const char *pointer, double wanted)
{
    ck_assert_msg(fabs(real_at(tree, pointer) / wanted - 1) < 0.01, "%s: %g instead of %g in %s", pointer,
        real_at(tree, pointer), wanted, json_object_to_json_string((struct json_object *)tree));
}

static void says(const struct json_object *tree, const char *pointer, const char *words)
{
    const char *text = json_get_text(tree, pointer);
    ck_assert_msg(text != NULL && strstr(text, words) != NULL, "no \"%s\" at %s of %s", words, pointer,
        json_object_to_json_string((struct json_object *)tree));
}

/* ---- energy ---- */

static void joules_are_those_of_the_requests(void)
{
    begin(BOTH);
    facts.idle = parsed("{\"seconds\":3,\"sources\":[{\"name\":\"package_0\",\"method\":\"m\",\"watts\":10,"
                        "\"samples\":9},{\"name\":\"gpu0\",\"method\":\"m\",\"watts\":15,\"samples\":9}]}");
    add_exchange(0, 3, 5);
    add_exchange(1, 7, 10);
    note_draws(-0.2, 12.2);
    ck_assert(server_window_settle(&w, &facts));
    part_schema_check("urn:assay:schema:record:1.0.0#/properties/energy", w.used);
    must_be(w.used, "/window_s", 5);
    must_be(w.used, "/joules", 5 * 30 + 20 + 4 * 100);
    must_be(w.used, "/idle_joules", 5 * 25);
    must_be(w.used, "/joules_per_token", (570.0 - 125) / 100);
    must_be(w.used, "/joules_per_request", (570.0 - 125) / 2);
    must_be(w.used, "/clock_error_s", 0.005);
    says(w.used, "/scope", "server");
    says(w.used, "/host", "gpu1");
    must_be(w.figures, "/joules_per_token/n", 2);
    end();
}

static void without_requests_the_window_is_the_body(void)
{
    begin(BOTH);
    note_draws(-0.2, 12.2);
    ck_assert(server_window_settle(&w, &facts));
    must_be(w.used, "/window_s", 10);
    must_be(w.used, "/joules", 10 * 30 + 2 * 20 + 8 * 100);
    ck_assert_ptr_null(json_get(w.used, "/joules_per_token"));
    end();
}

static void an_unsure_clock_is_no_figure(void)
{
    begin(BOTH);
    offset.error_ns = 300 * NS_PER_MS;
    add_exchange(0, 3, 5);
    note_draws(-0.2, 12.2);
    ck_assert(server_window_settle(&w, &facts));
    part_schema_check("urn:assay:schema:record:1.0.0#/properties/energy", w.used);
    says(w.used, "/status", "unavailable");
    says(w.used, "/reason", "its clock is known within 300 ms only");
    end();
}

static void what_is_not_covered_is_no_figure(void)
{
    begin(BOTH);
    add_exchange(0, 3, 11);
    note_draws(-0.2, 6);
    ck_assert(server_window_settle(&w, &facts));
    says(w.used, "/status", "unavailable");
    says(w.used, "/reason", "told of 38 % of 8.0 s only");
    ck_assert_int_eq(json_object_object_length(w.figures), 0);
    end();
}

/* A counter grows over a gap; watts that nobody read for five seconds were not added up by their monitor either. */
static void watts_over_a_gap_are_not_covered(void)
{
    begin(BOTH);
    note_draws(-0.2, 4);
    note_draws(9, 12.2);
    ck_assert(server_window_settle(&w, &facts));
    says(w.used, "/status", "unavailable");
    says(w.used, "/reason", "gpu0: told of");
    end();
    begin("{\"sources\":[" SOURCE("package_0", "cpu", "J") "]}");
    note_draws(-0.2, 4);
    note_draws(9, 12.2);
    ck_assert(server_window_settle(&w, &facts));
    must_be(w.used, "/joules", 300);
    end();
}

static void what_a_file_does_not_tell_has_a_reason(void)
{
    static const struct {
        const char *energy, *reason;
    } rows[] = {
        {NULL, "it is of an older assay"},
        {"{\"sources\":[],\"reason\":\"no RAPL in this machine\"}", "draws: no RAPL in this machine"},
        {"{\"sources\":[{\"name\":\"package_0\",\"method\":\"m\",\"part\":\"cpu\",\"unit\":\"J\",\"spare\":"
         "false,"
         "\"status\":\"unavailable\",\"reason\":\"only root may read it\"}]}",
            "only root may read it"},
        {"{\"sources\":[" SOURCE("x", "fan", "J") "]}", "on gpu1 nothing tells what it draws"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].energy);
        note_draws(-0.2, 12.2);
        ck_assert(server_window_settle(&w, &facts));
        part_schema_check("urn:assay:schema:record:1.0.0#/properties/energy", w.used);
        says(w.used, "/reason", rows[i].reason);
        end();
    }
}

/* ---- health ---- */

/* All that is required, and nothing that moves but what is given. */
static void note_calm(double from_s, double to_s, const char *more)
{
    for (int i = (int)(from_s * 5); i <= (int)(to_s * 5); i++) {
        char values[512];
        snprintf(values, sizeof values,
            "{\"swap_in\":0.0,\"swap_out\":0.0,\"memory_available\":8e9,\"oom_kills\":3.0,\"zombies_ours\":0."
            "0,"
            "\"cpu_steal\":1.0,\"cpu_total\":%.3f,\"clock_step\":0.0,\"clock_suspend\":0.0%s}",
            100 + i / 5.0, more);
        note(i / 5.0, values);
    }
}

static void a_calm_machine_is_clean(void)
{
    begin(BOTH);
    note_calm(-0.2, 12.2, "");
    ck_assert(server_window_settle(&w, &facts));
    part_schema_check("urn:assay:schema:record:1.0.0#/$defs/system_health/properties/server", w.health);
    ck_assert_str_eq(w.verdict, "clean");
    must_be(w.health, "/samples", 61);
    end();
}

static void samples_that_miss_a_part_of_the_test_say_nothing_of_it(void)
{
    static const struct {
        double from_s, to_s;
        int64_t error_ns;
        const char *reason;
    } rows[] = {
        {3, 12.2, 0, "the samples begin 3.0 s after it began"},
        {-0.2, 10, 0, "the samples end 2.0 s before it ended"},
        {-0.2, 12.2, 7 * NS_PER_S, "its clock is known within 7.0 s only, and the test took 12.0 s"},
        {20, 19, 0, "too few samples were taken there while the test went on"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(BOTH);
        offset.error_ns = rows[i].error_ns;
        note_calm(rows[i].from_s, rows[i].to_s, "");
        ck_assert(server_window_settle(&w, &facts));
        part_schema_check("urn:assay:schema:record:1.0.0#/$defs/system_health/properties/server", w.health);
        ck_assert_str_eq(w.verdict, "unknown");
        says(w.health, "/reason", rows[i].reason);
        end();
    }
}

static void what_is_bad_in_a_part_is_bad(void)
{
    begin(BOTH);
    note_draws(-0.2, 10);
    ck_assert(server_window_settle(&w, &facts));
    ck_assert_str_eq(w.verdict, "invalid");
    says(w.health, "/sensors/oom_kills/flag", "degraded_oom");
    says(w.health, "/sensors/oom_kills/scope", "server");
    ck_assert_int_eq(json_object_object_length(json_get_object(w.health, "/sensors")), 1);
    end();
}

/* Of a machine that is called like that; flags of both. */
static void the_record_has_the_worse_of_both(void)
{
    static const struct {
        const char *ours, *our_flags, *theirs, *their_flags, *verdict, *flags;
    } rows[] = {
        {"clean", "[\"clean\"]", "clean", "[\"clean\"]", "clean", "[\"clean\"]"},
        {"clean", "[\"clean\"]", "degraded", "[\"degraded_swap\"]", "degraded", "[\"degraded_swap\"]"},
        {"degraded", "[\"degraded_io\"]", "clean", "[\"clean\"]", "degraded", "[\"degraded_io\"]"},
        {"degraded", "[\"degraded_io\"]", "invalid", "[\"degraded_io\",\"degraded_swap\"]", "invalid",
            "[\"degraded_io\",\"degraded_swap\"]"},
        {"clean", "[\"clean\"]", "unknown", "[]", "unknown", "[]"},
        {"unknown", "[]", "clean", "[\"clean\"]", "unknown", "[]"},
        {"unknown", "[]", "degraded", "[\"degraded_swap\"]", "degraded", "[\"degraded_swap\"]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        struct server_window one = {.joined = true};
        snprintf(text, sizeof text,
            "{\"system_health\":{\"verdict\":\"%s\",\"quality_flags\":%s,\"sensors\":{}}}", rows[i].ours,
            rows[i].our_flags);
        struct json_object *record = parsed(text), *before = parsed(text), *flags = parsed(rows[i].flags);
        snprintf(text, sizeof text, "{\"host\":\"gpu1\",\"verdict\":\"%s\",\"quality_flags\":%s}",
            rows[i].theirs, rows[i].their_flags);
        one.health = parsed(text);
        for (int again = 0; again < 2; again++) {
            ck_assert(server_window_into_record(&one, record));
            ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), rows[i].verdict);
            ck_assert(json_deep_equal(json_get(record, "/system_health/quality_flags"), flags));
            ck_assert_str_eq(json_get_text(record, "/system_health/client/verdict"), rows[i].ours);
        }
        ck_assert(server_window_into_record(NULL, record));
        ck_assert_msg(json_deep_equal(record, before), "row %zu", i);
        json_object_put(one.health);
        json_object_put(record);
        json_object_put(before);
        json_object_put(flags);
    }
}

static void energy_gives_way_to_that_of_the_server_where_it_tells(void)
{
    struct server_window one = {.joined = true,
        .health = parsed("{\"host\":\"gpu1\",\"verdict\":\"clean\",\"quality_flags\":[\"clean\"]}"),
        .used = parsed("{\"status\":\"unavailable\",\"reason\":\"nothing tells\",\"scope\":\"server\"}"),
        .figures = parsed("{\"joules_per_token\":{\"n\":4}}")};
    struct json_object *record =
        parsed("{\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}},"
               "\"energy\":{\"joules\":5},\"performance\":{\"joules_per_request\":{\"n\":9},\"ttft_s\":{}}}");
    ck_assert(server_window_into_record(&one, record));
    must_be(record, "/energy/joules", 5);
    must_be(record, "/performance/joules_per_request/n", 9);
    json_object_put(one.used);
    one.used = parsed("{\"joules\":70,\"scope\":\"server\"}");
    ck_assert(server_window_into_record(&one, record));
    must_be(record, "/energy/joules", 70);
    must_be(record, "/performance/joules_per_token/n", 4);
    ck_assert_ptr_null(json_get(record, "/performance/joules_per_request"));
    ck_assert_ptr_nonnull(json_get_object(record, "/performance/ttft_s"));
    ck_assert(server_window_into_record(NULL, record));
    says(record, "/energy/status", "unavailable");
    ck_assert_ptr_null(json_get(record, "/performance/joules_per_token"));
    json_object_put(record);
    json_object_put(one.health);
    json_object_put(one.used);
    json_object_put(one.figures);
}

/* ---- whose ---- */

static void the_host_of_a_url_is_found(void)
{
    static const char *const rows[][2] = {{"http://gpu1:8000/v1", "gpu1"}, {"https://gpu1.lan", "gpu1.lan"},
        {"http://[fe80::1]:80/", "fe80::1"}, {"http://me:pw@box:1/a@b", "box"}, {"", ""}, {"http://", ""},
        {"10.0.0.1:80", "10.0.0.1"}, {"http://[::1", "["}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char host[64];
        server_host_of_url(rows[i][0], host, sizeof host);
        ck_assert_str_eq(host, rows[i][1]);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(joules_are_those_of_the_requests),
        TESTKIT_TEST(without_requests_the_window_is_the_body),
        TESTKIT_TEST(an_unsure_clock_is_no_figure),
        TESTKIT_TEST(what_is_not_covered_is_no_figure),
        TESTKIT_TEST(watts_over_a_gap_are_not_covered),
        TESTKIT_TEST(what_a_file_does_not_tell_has_a_reason),
        TESTKIT_TEST(a_calm_machine_is_clean),
        TESTKIT_TEST(samples_that_miss_a_part_of_the_test_say_nothing_of_it),
        TESTKIT_TEST(what_is_bad_in_a_part_is_bad),
        TESTKIT_TEST(the_record_has_the_worse_of_both),
        TESTKIT_TEST(energy_gives_way_to_that_of_the_server_where_it_tells),
        TESTKIT_TEST(the_host_of_a_url_is_found),
        {0},
    };
    return testkit_run("server_window", tests);
}
