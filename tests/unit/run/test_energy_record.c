#include "energy_record.h"

#include "energy_idle.h"
#include "json.h"
#include "part_schema.h"
#include "performance.h"
#include "testkit.h"
#include "tree_kit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CAP "/sys/class/powercap/"

/* A machine on virtual time: one package that draws what it is told to, read every 200 ms. */
static struct clock_virtual now;
static struct clock machine_clock;
static const char *root;
static double joules, watts;
static struct energy_meter *meter;

static void draw(int64_t ns)
{
    char text[32];
    clock_virtual_advance(&now, ns);
    joules += watts * (double)ns / 1e9;
    snprintf(text, sizeof text, "%lld\n", (long long)(joules * 1e6));
    tree_write(root, CAP "intel-rapl:0/energy_uj", text);
}

static void sleep_drawing(void *state, int64_t mono_ns)
{
    (void)state;
    if (mono_ns > now.mono_ns)
        draw(mono_ns - now.mono_ns);
}

static void begin(void)
{
    struct error why = {0};
    root = tree_copy("energy_server");
    tree_remove(root, CAP "intel-rapl:1");
    tree_remove(root, CAP "intel-rapl:1:0");
    tree_remove(root, CAP "intel-rapl:0:0");
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    machine_clock = now.clock;
    machine_clock.state = &now;
    machine_clock.sleep_until = sleep_drawing;
    joules = 0;
    watts = 5;
    draw(NS_PER_S);
    struct energy_meter_options options = {.root = root, .clock = &machine_clock};
    ck_assert_msg(energy_meter_open(&options, &meter, &why) == STATUS_OK, "%s", error_text(&why));
    energy_meter_begin(meter);
    energy_meter_read(meter);
}

static void run_at(double w, double seconds)
{
    watts = w;
    for (int i = 0; i < (int)(seconds * 5 + 0.5); i++) {
        draw(NS_PER_S / 5);
        energy_meter_read(meter);
    }
}

static struct json_object *parsed(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static struct json_object *idle_of(double w)
{
    char text[256];
    snprintf(text, sizeof text,
        "{\"seconds\":3,\"sources\":[{\"name\":\"package_0\",\"method\":\"x\",\"watts\":%d,\"samples\":15}]}",
        (int)w);
    return parsed(text);
}

static void add_exchange(
    struct energy_work *work, const char *text, int repeat, int64_t from_ns, int64_t to_ns)
{
    struct json_object *tally = parsed(text);
    ck_assert(json_set_int(tally, "repeat", repeat) && json_set_int(tally, "sent_ns", from_ns) &&
              json_set_int(tally, "done_ns", to_ns));
    ck_assert(energy_work_add_exchange(work, tally));
    json_object_put(tally);
}

#define MEASURED_100 "{\"measured\":true,\"ok\":true,\"tokens\":{\"completion\":100}}"

static double real_at(const struct json_object *tree, const char *pointer)
{
    double value = NAN;
    (void)json_get_real(tree, pointer, &value);
    return value;
}

static void must_be(const struct json_object *tree, const char *pointer, double wanted)
{
    double found = real_at(tree, pointer);
    ck_assert_msg(fabs(found / wanted - 1) < 0.01, "%s: %g instead of %g in %s", pointer, found, wanted,
        json_object_to_json_string((struct json_object *)tree));
}

static struct json_object *record_of(const struct energy_facts *facts, const struct energy_work *work)
{
    struct json_object *record = json_object_new_object();
    ck_assert(energy_into_record(facts, work, record));
    struct json_object *energy = json_get_object(record, "/energy");
    part_schema_check("urn:assay:schema:record:1.0.0#/properties/energy", energy);
    energy = json_object_get(energy);
    json_object_put(record);
    return energy;
}

static struct json_object *figures_of(const struct energy_facts *facts, const struct energy_work *work)
{
    struct performance *performance = performance_new();
    ck_assert(energy_observe(facts, work, performance));
    struct json_object *json = performance_to_json(performance, NULL);
    performance_free(performance);
    return json;
}

/* Three repeats of 2 s at 65 W with pauses and checks between them, on a machine that idles at 5 W. */
static void joules_per_token_are_those_of_answering_less_idling(void)
{
    begin();
    struct energy_work *work = energy_work_new();
    for (int repeat = -1; repeat < 3; repeat++) {
        int64_t from_ns = now.mono_ns;
        run_at(65, 2);
        add_exchange(work, repeat < 0 ? "{\"measured\":false,\"ok\":true}" : MEASURED_100, repeat, from_ns,
            now.mono_ns);
        from_ns = now.mono_ns;
        run_at(40, 1); /* a check */
        add_exchange(work, "{\"measured\":false,\"ok\":true,\"tokens\":{\"completion\":7}}", repeat, from_ns,
            now.mono_ns);
        run_at(5, 1); /* a pause */
    }
    energy_work_settle(work);
    struct json_object *idle = idle_of(5);
    struct energy_facts facts = {.meter = meter, .idle = idle, .from_ns = 1, .to_ns = now.mono_ns};
    struct json_object *energy = record_of(&facts, work), *figures = figures_of(&facts, work);
    must_be(energy, "/joules", 3 * 2 * 65);
    must_be(energy, "/idle_joules", 3 * 2 * 5);
    must_be(energy, "/joules_per_token", 1.2);
    must_be(energy, "/joules_per_request", 120);
    must_be(energy, "/tokens_per_joule", 1 / 1.2);
    must_be(energy, "/window_s", 6);
    must_be(energy, "/samples_per_s", 5);
    must_be(energy, "/coverage", 1);
    must_be(energy, "/sources/0/idle_watts", 5);
    ck_assert_str_eq(json_get_text(energy, "/source"), "package_0");
    ck_assert_str_eq(json_get_text(energy, "/covers/0"), "cpu");
    ck_assert(real_at(figures, "/joules_per_token/n") == 3);
    must_be(figures, "/joules_per_token/median", 1.2);
    must_be(figures, "/joules_per_token/max", 1.2);
    must_be(figures, "/joules_per_request/median", 120);
    ck_assert_str_eq(json_get_text(figures, "/joules_per_token/better"), "lower");
    json_object_put(energy);
    json_object_put(figures);
    json_object_put(idle);
    energy_work_free(work);
    energy_meter_close(meter);
}

/* Ten repeats of 400 ms: three together hold enough readings, and the tenth goes with the last. */
static void short_repeats_are_taken_together(void)
{
    begin();
    struct energy_work *work = energy_work_new();
    for (int repeat = 0; repeat < 10; repeat++) {
        int64_t from_ns = now.mono_ns;
        run_at(25 + 10 * (repeat % 2), 0.4);
        add_exchange(work, MEASURED_100, repeat, from_ns, now.mono_ns);
    }
    energy_work_settle(work);
    struct json_object *idle = idle_of(5);
    struct energy_facts facts = {.meter = meter, .idle = idle};
    struct json_object *figures = figures_of(&facts, work);
    ck_assert(real_at(figures, "/joules_per_token/n") == 3);
    must_be(figures, "/joules_per_token/values/0", 0.4 * (20 + 30 + 20) / 300);
    must_be(figures, "/joules_per_token/values/2", 0.4 * (20 + 30 + 20 + 30) / 400);
    json_object_put(figures);
    json_object_put(idle);
    energy_work_free(work);
    energy_meter_close(meter);
}

static void requests_at_the_same_time_share_their_window(void)
{
    begin();
    struct energy_work *work = energy_work_new();
    int64_t t = now.mono_ns;
    run_at(105, 4);
    add_exchange(work, MEASURED_100, 0, t + NS_PER_S, t + 3 * NS_PER_S);
    add_exchange(work, MEASURED_100, 0, t, t + 2 * NS_PER_S);
    add_exchange(work, MEASURED_100, 0, t, t + NS_PER_S);
    energy_work_settle(work);
    ck_assert_uint_eq(work->repeats[0].count, 1);
    struct json_object *idle = idle_of(5);
    struct energy_facts facts = {.meter = meter, .idle = idle};
    struct json_object *energy = record_of(&facts, work);
    must_be(energy, "/joules", 315);
    must_be(energy, "/joules_per_token", 1);
    must_be(energy, "/joules_per_request", 100);
    json_object_put(energy);
    json_object_put(idle);
    energy_work_free(work);
    energy_meter_close(meter);
}

static void a_load_test_counts_by_its_steady_window(void)
{
    begin();
    struct energy_work *work = energy_work_new();
    int64_t t = now.mono_ns;
    run_at(30, 2);
    run_at(85, 4);
    run_at(30, 1);
    add_exchange(work, MEASURED_100, 0, t, now.mono_ns); /* beside the load: none of the work */
    struct json_object *load = parsed("{\"output_tokens\":1000.0,\"completed\":8.0}");
    ck_assert(json_set_int(load, "repeat", 0) && json_set_int(load, "from_ns", t + 2 * NS_PER_S) &&
              json_set_int(load, "to_ns", t + 6 * NS_PER_S));
    ck_assert(energy_work_add_load(work, load));
    energy_work_settle(work);
    struct json_object *idle = idle_of(5);
    struct energy_facts facts = {.meter = meter, .idle = idle};
    struct json_object *energy = record_of(&facts, work), *figures = figures_of(&facts, work);
    must_be(energy, "/joules", 340);
    must_be(energy, "/joules_per_token", 0.32);
    must_be(figures, "/joules_per_request/median", 40);
    json_object_put(energy);
    json_object_put(figures);
    json_object_put(load);
    json_object_put(idle);
    energy_work_free(work);
    energy_meter_close(meter);
}

/* What is missing is said, and nothing is divided that is not known. */
static void what_is_not_known_is_not_divided(void)
{
    begin();
    struct energy_work *work = energy_work_new(), *nothing = energy_work_new();
    int64_t t = now.mono_ns;
    run_at(50, 3);
    add_exchange(work, "{\"measured\":true,\"ok\":true}", 0, t, now.mono_ns);
    add_exchange(work, "{\"measured\":true,\"ok\":false}", 0, t, now.mono_ns + NS_PER_S);
    energy_work_settle(work);
    struct json_object *idle = idle_of(5), *much = idle_of(60);
    struct energy_facts facts = {.meter = meter, .idle = idle, .from_ns = t, .to_ns = t + 2 * NS_PER_S};
    struct json_object *energy = record_of(&facts, work); /* nobody counted tokens */
    ck_assert(isnan(real_at(energy, "/joules_per_token")));
    must_be(energy, "/joules_per_request", 135);
    json_object_put(energy);
    facts.idle = NULL;
    energy = record_of(&facts, work);
    must_be(energy, "/joules", 150);
    ck_assert(isnan(real_at(energy, "/idle_joules")) && isnan(real_at(energy, "/joules_per_request")));
    ck_assert_ptr_nonnull(strstr(json_get_text(energy, "/note"), "not measured"));
    json_object_put(energy);
    facts.idle = much;
    energy = record_of(&facts, work);
    ck_assert(isnan(real_at(energy, "/joules_per_request")));
    ck_assert_ptr_nonnull(strstr(json_get_text(energy, "/note"), "no more than"));
    json_object_put(energy);
    facts.idle = idle;
    energy = record_of(&facts, nothing); /* no request: the body's window */
    must_be(energy, "/joules", 100);
    json_object_put(energy);
    facts.elsewhere = "it is far away";
    energy = record_of(&facts, work);
    ck_assert_str_eq(json_get_text(energy, "/status"), "unavailable");
    ck_assert_str_eq(json_get_text(energy, "/reason"), "it is far away");
    struct json_object *figures = figures_of(&facts, work);
    ck_assert_int_eq(json_object_object_length(figures), 0);
    json_object_put(figures);
    json_object_put(energy);
    json_object_put(idle);
    json_object_put(much);
    energy_work_free(work);
    energy_work_free(nothing);
    energy_meter_close(meter);
}

static void a_window_too_short_is_unavailable_with_its_sources(void)
{
    begin();
    struct energy_work *work = energy_work_new();
    int64_t t = now.mono_ns;
    run_at(50, 3);
    add_exchange(work, MEASURED_100, 0, t, t + NS_PER_S / 2);
    energy_work_settle(work);
    struct energy_facts facts = {.meter = meter};
    struct json_object *energy = record_of(&facts, work), *figures = figures_of(&facts, work);
    ck_assert_str_eq(
        json_get_text(energy, "/reason"), "package_0: 2 readings in 0.5 s are too few: 5 are needed");
    ck_assert_str_eq(json_get_text(energy, "/sources/0/name"), "package_0");
    ck_assert_int_eq(json_object_object_length(figures), 0);
    json_object_put(figures);
    json_object_put(energy);
    energy_work_free(work);
    energy_meter_close(meter);
}

static void the_baseline_is_the_mean_of_some_seconds(void)
{
    struct json_object *idle = NULL;
    begin();
    watts = 7.5;
    struct energy_idle_options options = {.root = root, .clock = &machine_clock, .length_ns = 3 * NS_PER_S};
    ck_assert(energy_idle_measure(&options, &idle));
    part_schema_check("urn:assay:schema:run:1.0.0#/properties/idle", idle);
    must_be(idle, "/seconds", 3);
    must_be(idle, "/sources/0/watts", 7.5);
    must_be(idle, "/sources/0/low_watts", 7.5);
    must_be(idle, "/sources/0/samples", 15);
    double w = 0;
    ck_assert(energy_idle_watts(idle, "package_0", &w) && fabs(w - 7.5) < 0.05);
    ck_assert(!energy_idle_watts(idle, "psys", &w));
    json_object_put(idle);
    options.root = testkit_tmp_path("nothing");
    ck_assert(energy_idle_measure(&options, &idle));
    ck_assert_ptr_null(idle);
    energy_meter_close(meter);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(joules_per_token_are_those_of_answering_less_idling),
        TESTKIT_TEST(short_repeats_are_taken_together),
        TESTKIT_TEST(requests_at_the_same_time_share_their_window),
        TESTKIT_TEST(a_load_test_counts_by_its_steady_window),
        TESTKIT_TEST(what_is_not_known_is_not_divided),
        TESTKIT_TEST(a_window_too_short_is_unavailable_with_its_sources),
        TESTKIT_TEST(the_baseline_is_the_mean_of_some_seconds),
        {0},
    };
    return testkit_run("energy_record", tests);
}
