/*
 * Files of NOBS (La Perf), SLM-Bench and the Ollama sweep, made by hand, as runs: against the golden files beside
 * them, and back.
 *
 *     ASSAY_UPDATE_GOLDEN=1 ctest --preset dev -R test_migrate_others        and look at the difference
 */
#include "migrate.h"
#include "nobs_parts.h"
#include "slm_parts.h"
#include "sweep_parts.h"

#include "json.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "sha256.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE "tests/unit/migrate/"

static const char *const files[] = {"nobs/benchmark_report_single", "nobs/report_medians",
    "nobs/report_medians_std", "nobs/report_percentiles", "slm/run_1769983379_made-up-3",
    "slm/comparison_1769983429", "sweep/benchmark_results", NULL};

/* A migrated run, read again. */
struct run {
    struct migrate_result result;
    struct json_object *run, *original; /* original: the old file's value */
    struct json_object *records;        /* array */
};

static const char *old_path(const char *name)
{
    char relative[256];
    snprintf(relative, sizeof relative, HERE "files/%s.json", name);
    return testkit_path(relative);
}

static enum status migrate_path(
    const char *path, const char *runs, struct migrate_result *result, struct error *why)
{
    const struct migrate_request request = {.runs = testkit_tmp_path(runs), .assay_version = "0.0.0"};
    return migrate_file(path, &request, result, why);
}

static void in_run(const struct run *r, const char *file, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", r->result.folder, file);
}

static void read_run(struct run *r)
{
    char path[2048];
    struct jsonl *lines;
    struct jsonl_line line;
    struct error why = {0};
    in_run(r, "run.json", path, sizeof path);
    ck_assert_int_eq(json_read_file(path, &r->run, &why), STATUS_OK);
    ck_assert_msg(schema_check(schema_for("run"), r->run, &why) == STATUS_OK, "%s", error_text(&why));
    in_run(r, "benchmark.jsonl", path, sizeof path);
    r->records = json_object_new_array();
    ck_assert_int_eq(jsonl_open(path, &lines, &why), STATUS_OK);
    while (jsonl_next(lines, &line)) {
        ck_assert_int_eq(line.status, STATUS_OK);
        ck_assert_msg(
            schema_check(schema_for("record"), line.tree, &why) == STATUS_OK, "%s", error_text(&why));
        ck_assert(json_add(r->records, json_object_get(line.tree)));
    }
    ck_assert_int_eq(jsonl_close(lines, &why), STATUS_OK);
}

static void load_path(struct run *r, const char *path, const char *runs)
{
    struct error why = {0};
    *r = (struct run){0};
    if (migrate_path(path, runs, &r->result, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    read_run(r);
}

static void load(struct run *r, const char *name)
{
    load_path(r, old_path(name), "runs");
    ck_assert_int_eq(json_read_file(old_path(name), &r->original, NULL), STATUS_OK);
}

static void load_text(struct run *r, const char *text)
{
    const char *path = testkit_tmp_path("old.json");
    testkit_write(path, text, strlen(text));
    load_path(r, path, "runs");
}

static void unload(struct run *r)
{
    migrate_result_fini(&r->result);
    json_object_put(r->run);
    json_object_put(r->original);
    json_object_put(r->records);
}

static struct json_object *record(const struct run *r, size_t index)
{
    struct json_object *found = json_object_array_get_idx(r->records, index);
    ck_assert_ptr_nonnull(found);
    return found;
}

static struct json_object *figure(const struct run *r, size_t index, const char *name)
{
    struct json_object *list = json_get_array(record(r, index), "/metadata/migrated/figures");
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *f = json_object_array_get_idx(list, i);
        if (strcmp(json_get_text(f, "/name"), name) == 0)
            return f;
    }
    return NULL;
}

static void assert_definition_has(const struct run *r, size_t index, const char *name, const char *words)
{
    struct json_object *f = figure(r, index, name);
    ck_assert_ptr_nonnull(f);
    ck_assert_msg(
        strstr(json_get_text(f, "/definition"), words) != NULL, "%s", json_get_text(f, "/definition"));
}

static void assert_golden(const struct run *r, const char *name, const char *file)
{
    char relative[256], path[2048];
    const char *slash = strchr(name, '/');
    snprintf(relative, sizeof relative, HERE "golden/%.*s-%s.%s", (int)(slash - name), name, slash + 1, file);
    in_run(r, file, path, sizeof path);
    const char *golden = testkit_path(relative);
    struct buf made = testkit_read(path);
    if (getenv("ASSAY_UPDATE_GOLDEN") != NULL)
        testkit_write(golden, buf_text(&made), made.len);
    struct buf kept = testkit_read(golden);
    ck_assert_msg(made.len == kept.len && memcmp(buf_text(&made), buf_text(&kept), made.len) == 0,
        "%s is another now: ASSAY_UPDATE_GOLDEN=1 and git diff show how", relative);
    buf_fini(&made);
    buf_fini(&kept);
}

static void every_file_becomes_its_golden_run(void)
{
    for (size_t i = 0; files[i] != NULL; i++) {
        struct run r;
        load(&r, files[i]);
        assert_golden(&r, files[i], "run.json");
        assert_golden(&r, files[i], "benchmark.jsonl");
        ck_assert_int_eq(r.result.refused, 0);
        unload(&r);
    }
}

/* What the record keeps is what stands at its pointer: a task with one of its models, a result, a summary. */
static void assert_part_back(const struct run *r, const struct json_object *rec)
{
    const char *pointer = json_get_text(rec, "/metadata/migrated/pointer");
    const struct json_object *kept = json_get(rec, "/metadata/migrated/original");
    const struct json_object *was = json_get(r->original, pointer);
    bool of_models = strstr(pointer, "/models/") != NULL;
    ck_assert_ptr_nonnull(was);
    ck_assert_msg(json_deep_equal(was, of_models ? json_get(kept, "/model") : kept), "%s", pointer);
}

static void every_part_comes_back_value_for_value(void)
{
    static const char *const parts[] = {"tasks", "models", "dataset_size", "results", "summaries"};
    for (size_t i = 0; files[i] != NULL; i++) {
        struct run r;
        load(&r, files[i]);
        for (size_t k = 0; k < json_object_array_length(r.records); k++)
            assert_part_back(&r, record(&r, k));
        struct json_object *rest = json_get_object(r.original, "");
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            json_object_object_del(rest, parts[k]);
        json_object_object_foreach(rest, key, value)
        {
            char pointer[128];
            snprintf(pointer, sizeof pointer, "/migrated/original/%s", key);
            ck_assert_msg(json_deep_equal(value, json_get(r.run, pointer)), "%s: %s", files[i], key);
        }
        unload(&r);
    }
}

static void the_hash_is_that_of_the_file(void)
{
    for (size_t i = 0; files[i] != NULL; i++) {
        char hex[65];
        struct run r;
        struct buf text = testkit_read(old_path(files[i]));
        load(&r, files[i]);
        sha256_hex(buf_text(&text), text.len, hex);
        ck_assert_str_eq(json_get_text(r.run, "/migrated/sha256"), hex);
        ck_assert_str_eq(json_get_text(record(&r, 0), "/metadata/migrated/sha256"), hex);
        buf_fini(&text);
        unload(&r);
    }
}

static void nothing_that_is_unknown_is_made_up(void)
{
    static const char *const unknown[] = {"/performance", "/test_start_ts", "/test_end_ts", "/start_unix_ns",
        "/duration", "/phases", "/process", "/energy", "/target/endpoint", "/model/quantization", "/load",
        "/utility"};
    for (size_t i = 0; files[i] != NULL; i++) {
        struct run r;
        load(&r, files[i]);
        for (size_t k = 0; k < json_object_array_length(r.records); k++) {
            for (size_t u = 0; u < sizeof unknown / sizeof *unknown; u++)
                ck_assert_msg(json_get(record(&r, k), unknown[u]) == NULL, "%s: %s", files[i], unknown[u]);
            ck_assert_str_eq(json_get_text(record(&r, k), "/system_health/verdict"), "unknown");
        }
        ck_assert_ptr_null(json_get(r.run, "/seed"));
        ck_assert_ptr_null(json_get(r.run, "/started"));
        unload(&r);
    }
}

static void the_same_file_gives_the_same_bytes(void)
{
    struct run a, b;
    load(&a, files[3]);
    load_path(&b, old_path(files[3]), "again");
    for (int i = 0; i < 2; i++) {
        char one[2048], two[2048];
        in_run(&a, i ? "run.json" : "benchmark.jsonl", one, sizeof one);
        in_run(&b, i ? "run.json" : "benchmark.jsonl", two, sizeof two);
        struct buf x = testkit_read(one), y = testkit_read(two);
        ck_assert(x.len == y.len && memcmp(x.data, y.data, x.len) == 0);
        buf_fini(&x);
        buf_fini(&y);
    }
    unload(&a);
    unload(&b);
}

/* ---- NOBS ---- */

static void figures_are_of_runs_in_their_order(void)
{
    struct run r;
    load(&r, "nobs/report_percentiles");
    struct json_object *f = figure(&r, 1, "p50_tps");
    for (int i = 0; i < 3; i++) {
        char there[64], here[32];
        snprintf(there, sizeof there, "/tasks/1/model/runs/%d/p50_tps", i);
        snprintf(here, sizeof here, "/values/%d", i);
        ck_assert(json_deep_equal(json_get(r.original, there), json_get(f, here)));
    }
    ck_assert_uint_eq(json_object_array_length(json_get_array(f, "/values")), 3);
    assert_definition_has(&r, 1, "p50_ttft_s", "first chunk whose content is not empty");
    ck_assert_ptr_null(figure(&r, 1, "final_p50_tps"));
    unload(&r);
}

static void the_two_rates_are_told_apart_by_generation_and_by_the_numbers(void)
{
    struct run r;
    load(&r, "nobs/report_medians");
    assert_definition_has(&r, 1, "median_tokens_per_sec", "by the time after the first chunk");
    unload(&r);
    load(&r, "nobs/report_medians_std");
    assert_definition_has(&r, 0, "median_tokens_per_sec", "by the whole time of the request");
    ck_assert_ptr_null(figure(&r, 1, "final_50p_tokens_per_sec"));
    assert_definition_has(&r, 1, "final_50p_ttft_s", "Median over the runs");
    unload(&r);
    load(&r, "nobs/report_percentiles");
    assert_definition_has(&r, 1, "p50_tps", "by the whole time of the request");
    unload(&r);
}

#define NOBS(tasks) "{\"timestamp\": \"2025-11-01T10:00:00\", \"device_info\": {}, \"tasks\": [" tasks "]}"
#define ASKED(rest) "{\"task\": \"llms\", \"model\": {\"model_name\": \"m\", " rest "}}"
#define PROMPT(latency, after, rate)                                                                         \
    "{\"ttft_s\": 1, \"total_latency_s\": " latency ", \"tg_s\": " after ", \"output_tokens\": 100, "        \
    "\"input_tokens\": 7, \"tokens_per_sec\": " rate "}"

static void a_rate_that_fits_neither_or_both_is_of_unknown_definition(void)
{
    static const char *const runs[] = {
        PROMPT("2", "1", "73"),                              /* neither */
        PROMPT("2", "1", "50") ", " PROMPT("2", "1", "100"), /* one of each */
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct run r;
        struct buf text = BUF_INIT(1 << 16);
        buf_printf(&text,
            NOBS(ASKED("\"runs\": [{\"median_latency_s\": 2, \"median_tokens_per_sec\": 70, "
                       "\"per_prompt_details\": [%s]}]")),
            runs[i]);
        load_text(&r, buf_text(&text));
        assert_definition_has(&r, 0, "median_tokens_per_sec", "does not say which");
        buf_fini(&text);
        unload(&r);
    }
}

static void tokens_are_counted_only_where_the_server_counted_every_prompt(void)
{
    struct run r;
    int64_t n;
    load(&r, "nobs/report_percentiles");
    ck_assert(json_get_int(record(&r, 1), "/tokens/prompt/n", &n) && n == 3 * (41 + 66 + 103));
    ck_assert(json_get_int(record(&r, 1), "/tokens/completion/n", &n) && n == 3 * (310 + 512 + 97));
    ck_assert_ptr_nonnull(json_get(record(&r, 3), "/tokens/prompt"));
    ck_assert_ptr_null(json_get(record(&r, 3), "/tokens/completion")); /* one prompt of each run has none */
    unload(&r);
    load(&r, "nobs/report_medians"); /* sums without what they are sums of */
    ck_assert_ptr_null(json_get(record(&r, 1), "/tokens"));
    unload(&r);
}

static void the_machine_is_told_as_far_as_the_file_knows_it(void)
{
    struct run r;
    int64_t bytes;
    load(&r, "nobs/report_percentiles");
    ck_assert_str_eq(json_get_text(r.run, "/machine/host"), "Desk One");
    ck_assert_str_eq(json_get_text(r.run, "/machine/cpu/model"), "Made-up CPU 9 (16)");
    ck_assert(json_get_int(r.run, "/machine/memory/total_bytes", &bytes) && bytes == 33554432000);
    ck_assert(json_get_int(r.run, "/machine/gpus/0/memory_bytes", &bytes) && bytes > 0);
    ck_assert_ptr_null(json_get(r.run, "/machine/kernel"));
    unload(&r);
    load(&r, "nobs/report_medians"); /* "shared with system RAM" is no number */
    ck_assert_str_eq(json_get_text(r.run, "/machine/gpus/0/name"), "Made-up M9 (32 cores)");
    ck_assert_ptr_null(json_get(r.run, "/machine/gpus/0/memory_bytes"));
    ck_assert_str_eq(json_get_text(r.run, "/migrated/losses/0/pointer"), "/device_info/gpu_memory_gb");
    unload(&r);
}

static void a_moment_without_a_zone_says_so(void)
{
    struct run r;
    load(&r, "nobs/report_percentiles");
    ck_assert_str_eq(json_get_text(record(&r, 0), "/timestamp"), "2025-11-12T21:07:33.250Z");
    ck_assert_ptr_nonnull(
        strstr(json_get_text(record(&r, 0), "/metadata/migrated/derived/timestamp"), "up to 14 hours off"));
    unload(&r);
    load(&r, "nobs/report_medians_std"); /* with +05:00 */
    ck_assert_str_eq(json_get_text(record(&r, 0), "/timestamp"), "2025-11-04T13:20:00.500Z");
    ck_assert_ptr_null(
        strstr(json_get_text(record(&r, 0), "/metadata/migrated/derived/timestamp"), "14 hours"));
    unload(&r);
}

static void watts_of_the_session_are_no_energy_of_a_test(void)
{
    struct run r;
    double watts;
    load(&r, "nobs/report_percentiles");
    ck_assert(
        json_get_real(r.run, "/migrated/original/power_metrics/gpu_watts_p50", &watts) && watts == 18.3);
    for (size_t i = 0; i < json_object_array_length(r.records); i++)
        ck_assert_ptr_null(json_get(record(&r, i), "/energy"));
    unload(&r);
}

static void the_same_test_twice_is_two_attempts(void)
{
    struct run r;
    int64_t attempt;
    load_text(&r,
        NOBS(ASKED("\"runs\": [{\"p50_latency_s\": 1}]") ", " ASKED("\"runs\": [{\"p50_latency_s\": 2}]")));
    ck_assert(json_get_int(record(&r, 1), "/attempt", &attempt) && attempt == 2);
    unload(&r);
}

static void a_task_without_figures_is_an_error_and_not_passed(void)
{
    struct run r;
    load_text(&r, NOBS(ASKED("\"runs\": [{\"p50_latency_s\": null}]")));
    ck_assert_str_eq(json_get_text(record(&r, 0), "/outcome"), "error");
    ck_assert_ptr_null(json_get(record(&r, 0), "/metadata/migrated/figures"));
    unload(&r);
}

static struct json_object *loss(const struct run *r, const char *pointer)
{
    struct json_object *list = json_get_array(r->run, "/migrated/losses");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *l = json_object_array_get_idx(list, i);
        if (strcmp(json_get_text(l, "/pointer"), pointer) == 0)
            return l;
    }
    return NULL;
}

static void members_that_nobody_knows_are_listed_as_lost(void)
{
    struct run r;
    load_text(&r, NOBS(ASKED("\"colour\": \"red\", \"runs\": [{\"p50_latency_s\": 1, \"mood\": 3}]")));
    ck_assert_ptr_nonnull(loss(&r, "/tasks/*/model/colour"));
    ck_assert_ptr_nonnull(loss(&r, "/tasks/*/model/runs/*/mood"));
    unload(&r);
}

static void a_text_in_the_place_of_a_number_is_no_number(void)
{
    struct run r;
    load_text(&r, NOBS(ASKED("\"runs\": [{\"p50_latency_s\": \"1.5\", \"p95_latency_s\": 2}]")));
    ck_assert_ptr_null(figure(&r, 0, "p50_latency_s"));
    ck_assert_ptr_nonnull(figure(&r, 0, "p95_latency_s"));
    ck_assert_str_eq(
        json_get_text(loss(&r, "/tasks/*/model/runs/*/p50_latency_s"), "/reason"), "not a number");
    unload(&r);
}

static void nan_is_absent_and_noted(void)
{
    struct run r;
    load_text(&r, NOBS(ASKED("\"runs\": [{\"p50_latency_s\": NaN, \"p95_latency_s\": 2}]")));
    ck_assert_ptr_null(figure(&r, 0, "p50_latency_s"));
    ck_assert_ptr_nonnull(json_get(record(&r, 0), "/metadata/migrated/not_finite"));
    unload(&r);
}

static void hostile_names_are_made_harmless(void)
{
    struct run r;
    load_text(&r,
        "{\"timestamp\": \"2025-11-01T10:00:00\", \"device_info\": {\"host\": \"../../etc\\u001b[2J\", "
        "\"gpu_name\": \"\"}, \"tasks\": [{\"task\": \"llms\", \"backend\": \"a\\nb\", \"model\": "
        "{\"model_name\": \"\\u001b]0;x\\u0007m\\u202e\", \"p\\u001b[1m\": 1, \"runs\": "
        "[{\"p50_latency_s\": 1}]}}]}");
    const char *test = json_get_text(record(&r, 0), "/test");
    ck_assert_ptr_null(strpbrk(test, "\033\n\007"));
    ck_assert_ptr_null(strstr(test, "\xe2\x80\xae"));
    ck_assert_ptr_null(strstr(r.result.folder + strlen(testkit_tmp_path("runs")) + 1, "/"));
    unload(&r);
}

/* ---- SLM-Bench ---- */

static void an_estimate_is_no_token_and_a_zero_no_time(void)
{
    struct run r;
    double value;
    load(&r, "slm/run_1769983379_made-up-3");
    ck_assert_ptr_null(json_get(record(&r, 0), "/tokens"));
    ck_assert_ptr_null(figure(&r, 0, "tokens_per_second"));
    ck_assert_ptr_null(figure(&r, 0, "decode_tps"));
    ck_assert(json_get_real(figure(&r, 0, "ttft"), "/values/0", &value) && value == 0.087);
    ck_assert_str_eq(json_get_text(record(&r, 2), "/outcome"), "error");
    ck_assert_str_eq(json_get_text(record(&r, 2), "/message"), "Ollama Error: the model runner has stopped");
    ck_assert_ptr_null(figure(&r, 2, "duration"));
    unload(&r);
}

static void what_was_asked_is_typed(void)
{
    struct run r;
    int64_t n;
    double temperature;
    load(&r, "slm/run_1769983379_made-up-3");
    ck_assert(json_get_int(record(&r, 0), "/parameters/max_tokens", &n) && n == 100);
    ck_assert(json_get_int(record(&r, 0), "/parameters/max_retries", &n) && n == 2);
    ck_assert(json_get_real(record(&r, 0), "/parameters/temperature", &temperature) && temperature == 0.7);
    ck_assert_str_eq(json_get_text(record(&r, 0), "/test"), "slm-bench.test_01[ollama/made-up-3]");
    ck_assert_str_eq(json_get_text(record(&r, 0), "/timestamp"), "2026-02-01T22:02:59.000Z");
    unload(&r);
}

static void a_comparison_gives_a_record_per_model_and_keeps_its_prose_apart(void)
{
    struct run r;
    load(&r, "slm/comparison_1769983429");
    ck_assert_uint_eq(json_object_array_length(r.records), 2);
    ck_assert_str_eq(json_get_text(record(&r, 0), "/outcome"), "failed");
    ck_assert_str_eq(json_get_text(record(&r, 0), "/message"), "1 of 3 items had no answer");
    ck_assert_str_eq(json_get_text(record(&r, 1), "/outcome"), "passed");
    ck_assert_ptr_nonnull(figure(&r, 1, "avg_ttft"));
    ck_assert_ptr_null(figure(&r, 1, "avg_tokens_per_second"));
    ck_assert_str_eq(json_get_text(r.run, "/migrated/original/analysis/structured/winner"), "made-up-8");
    unload(&r);
}

static void many_items_are_many_records(void)
{
    enum { ITEMS = 3000 };
    struct run r;
    struct buf text = BUF_INIT(16 << 20);
    buf_append_text(
        &text, "{\"summary\": {\"model\": \"m\", \"timestamp\": 1769983379, \"config\": {}}, \"results\": [");
    for (int i = 0; i < ITEMS; i++)
        buf_printf(&text, "%s{\"id\": \"t%d\", \"metrics\": {\"status\": \"success\", \"duration\": 0.5}}",
            i ? ", " : "", i);
    buf_append_text(&text, "]}");
    load_text(&r, buf_text(&text));
    ck_assert_uint_eq(json_object_array_length(r.records), ITEMS);
    buf_fini(&text);
    unload(&r);
}

/* ---- the Ollama sweep ---- */

static void a_point_is_a_record_with_its_place_in_the_grid(void)
{
    struct run r;
    int64_t n;
    double rate;
    load(&r, "sweep/benchmark_results");
    ck_assert_uint_eq(json_object_array_length(r.records), 6);
    ck_assert_str_eq(
        json_get_text(record(&r, 1), "/test"), "ollama-sweep.num_ctx_8192.num_batch_160[ollama]");
    ck_assert(json_get_int(record(&r, 1), "/parameters/sweep_point/num_batch", &n) && n == 160);
    ck_assert(json_get_real(figure(&r, 1, "prompt_eval_rate"), "/values/0", &rate) && rate == 80.66);
    ck_assert_ptr_null(json_get(record(&r, 1), "/model"));
    ck_assert_str_eq(json_get_text(record(&r, 1), "/timestamp"), "2025-12-23T20:02:01.500Z");
    unload(&r);
}

static void a_point_that_failed_says_that_its_moment_is_not_its_own(void)
{
    struct run r;
    load(&r, "sweep/benchmark_results");
    ck_assert_str_eq(json_get_text(record(&r, 4), "/outcome"), "error");
    ck_assert_str_eq(json_get_text(record(&r, 4), "/message"), "CUDA OOM");
    ck_assert_str_eq(json_get_text(record(&r, 4), "/timestamp"), "2025-12-23T21:10:00.250Z");
    ck_assert_ptr_nonnull(
        strstr(json_get_text(record(&r, 4), "/metadata/migrated/derived/timestamp"), "own is not known"));
    ck_assert_ptr_null(json_get(record(&r, 4), "/metadata/migrated/figures"));
    unload(&r);
}

/* ---- what cannot be lifted ---- */

static void what_cannot_be_lifted_says_why_and_leaves_nothing(void)
{
    static const struct {
        const char *text, *why;
        enum status status;
    } cases[] = {
        {"[{\"model\": \"m\", \"answer\": \"a\", \"duration_seconds\": 2.3}]", "does not say when they came",
            STATUS_INVALID},
        {"{\"device_info\": {}, \"tasks\": []}", "/timestamp: date and time were expected", STATUS_INVALID},
        {"{\"timestamp\": \"yesterday\", \"device_info\": {}, \"tasks\": []}", "/timestamp", STATUS_INVALID},
        {NOBS(""), "/tasks: it holds no task", STATUS_INVALID},
        {NOBS("{\"task\": \"audio\", \"model\": {}}"), "/tasks/0: a task embeddings, llms or vlms",
            STATUS_INVALID},
        {NOBS("{\"task\": \"llms\", \"model\": 7}"), "/tasks/0: an object was expected", STATUS_INVALID},
        {"{\"summary\": {\"config\": {}, \"timestamp\": \"1769983379\"}, \"results\": []}",
            "/summary/timestamp: seconds since 1970", STATUS_INVALID},
        {"{\"timestamp\": \"2025-11-01T10:00:00\", \"device_info\": {}, \"tasks\": [{\"task\": \"llms\", "
         "\"mo",
            "", STATUS_INVALID},
        {"{\"nothing\": \"known\"}", "--from", STATUS_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct migrate_result result;
        struct error why = {0};
        const char *path = testkit_tmp_path("old.json");
        testkit_write(path, cases[i].text, strlen(cases[i].text));
        ck_assert_int_eq(migrate_path(path, "refused", &result, &why), cases[i].status);
        ck_assert_msg(strstr(error_text(&why), cases[i].why) != NULL, "%zu: %s", i, error_text(&why));
        migrate_result_fini(&result);
    }
}

static void a_task_that_cannot_be_lifted_leaves_the_others(void)
{
    struct run r;
    load_text(&r, NOBS("{\"task\": \"audio\"}, " ASKED("\"runs\": [{\"p50_latency_s\": 1}]")));
    ck_assert_uint_eq(json_object_array_length(r.records), 1);
    ck_assert_ptr_nonnull(strstr(json_get_text(r.run, "/migrated/refusals/0/reason"), "/tasks/0: "));
    unload(&r);
}

/* ---- the documentation ---- */

static void append_row(struct buf *row, const struct old_member *member)
{
    buf_append_text(row, "\n| `");
    for (const char *c = member->pointer; *c != '\0'; c++)
        buf_append_char(row, *c == '#' ? '*' : *c);
    if (member->home == OLD_TYPED)
        buf_append_text(row, "` | ");
    else if (member->home == OLD_KEPT)
        buf_printf(row, "` | original | %s |\n", member->text);
    else
        buf_printf(row, "` | figure, %s | %s", member->unit, member->text);
}

static void the_documentation_has_a_row_for_every_member(void)
{
    static const struct old_member *const tables[] = {nobs_root_members, nobs_embedding_members,
        nobs_asking_members, nobs_final_members, slm_item_members, slm_failed_members, slm_summary_members,
        slm_compared_members, slm_comparison_members, sweep_point_members, sweep_root_members};
    struct buf page = testkit_read(testkit_path("docs/migrate.md"));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct old_member *member = tables[i]; member->pointer != NULL; member++) {
            struct buf row = BUF_INIT(1 << 16);
            append_row(&row, member);
            ck_assert_msg(
                strstr(buf_text(&page), buf_text(&row)) != NULL, "docs/migrate.md has no %s", buf_text(&row));
            buf_fini(&row);
        }
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_file_becomes_its_golden_run),
        TESTKIT_TEST(every_part_comes_back_value_for_value),
        TESTKIT_TEST(the_hash_is_that_of_the_file),
        TESTKIT_TEST(nothing_that_is_unknown_is_made_up),
        TESTKIT_TEST(the_same_file_gives_the_same_bytes),
        TESTKIT_TEST(figures_are_of_runs_in_their_order),
        TESTKIT_TEST(the_two_rates_are_told_apart_by_generation_and_by_the_numbers),
        TESTKIT_TEST(a_rate_that_fits_neither_or_both_is_of_unknown_definition),
        TESTKIT_TEST(tokens_are_counted_only_where_the_server_counted_every_prompt),
        TESTKIT_TEST(the_machine_is_told_as_far_as_the_file_knows_it),
        TESTKIT_TEST(a_moment_without_a_zone_says_so),
        TESTKIT_TEST(watts_of_the_session_are_no_energy_of_a_test),
        TESTKIT_TEST(the_same_test_twice_is_two_attempts),
        TESTKIT_TEST(a_task_without_figures_is_an_error_and_not_passed),
        TESTKIT_TEST(members_that_nobody_knows_are_listed_as_lost),
        TESTKIT_TEST(a_text_in_the_place_of_a_number_is_no_number),
        TESTKIT_TEST(nan_is_absent_and_noted),
        TESTKIT_TEST(hostile_names_are_made_harmless),
        TESTKIT_TEST(an_estimate_is_no_token_and_a_zero_no_time),
        TESTKIT_TEST(what_was_asked_is_typed),
        TESTKIT_TEST(a_comparison_gives_a_record_per_model_and_keeps_its_prose_apart),
        TESTKIT_TEST(many_items_are_many_records),
        TESTKIT_TEST(a_point_is_a_record_with_its_place_in_the_grid),
        TESTKIT_TEST(a_point_that_failed_says_that_its_moment_is_not_its_own),
        TESTKIT_TEST(what_cannot_be_lifted_says_why_and_leaves_nothing),
        TESTKIT_TEST(a_task_that_cannot_be_lifted_leaves_the_others),
        TESTKIT_TEST(the_documentation_has_a_row_for_every_member),
        {0},
    };
    return testkit_run("migrate_others", tests);
}
