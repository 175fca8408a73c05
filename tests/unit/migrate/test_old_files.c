/* What Python writes and JSON does not have, the moments of older formats, and the notes on mlx-knife's files. */
#include "old_files.h"
#include "old_time.h"

#include "json.h"
#include "our_schemas.h"
#include "testkit.h"

#include <string.h>

static void assert_parsed(const char *text, const char *tree_text, const char *nonfinite_text)
{
    struct json_object *tree = NULL, *nonfinite = NULL;
    struct buf is = BUF_INIT(1 << 16);
    struct error why = {0};
    ck_assert_msg(
        old_json_parse(text, strlen(text), &tree, &nonfinite, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(json_write(tree, &is, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&is), tree_text);
    buf_clear(&is);
    if (nonfinite != NULL)
        ck_assert_int_eq(json_write(nonfinite, &is, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&is), nonfinite_text);
    buf_fini(&is);
    json_object_put(tree);
    json_object_put(nonfinite);
}

static void what_is_not_finite_is_taken_out_and_told(void)
{
    assert_parsed("{\"a\":1}", "{\"a\":1}", "");
    assert_parsed("{\"a\":Infinity,\"b\":2}", "{\"b\":2}", "{\"/a\":\"Infinity\"}");
    assert_parsed("{\"a\":{\"b/c\":-Infinity}}", "{\"a\":{}}", "{\"/a/b~1c\":\"-Infinity\"}");
    assert_parsed("[1,NaN,[NaN]]", "[1,null,[null]]", "{\"/1\":\"NaN\",\"/2/0\":\"NaN\"}");
    assert_parsed(
        "{\"a\":\"Infinity \\\" NaN\",\"b\":NaN}", "{\"a\":\"Infinity \\\" NaN\"}", "{\"/b\":\"NaN\"}");
    assert_parsed("{\"NaN\":NaN}", "{}", "{\"/NaN\":\"NaN\"}");
}

static void what_is_no_json_stays_none(void)
{
    static const char *const texts[] = {
        "", "{", "{\"a\":Infinit}", "{Infinity:1}", "{\"a\":NaNNaN}", "\"NaN", "{\"a\":+Infinity}", "nan"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_object *tree = NULL, *nonfinite = NULL;
        struct error why = {0};
        ck_assert_int_eq(old_json_parse(texts[i], strlen(texts[i]), &tree, &nonfinite, &why), STATUS_INVALID);
        ck_assert_ptr_null(tree);
        ck_assert_ptr_null(nonfinite);
        ck_assert_str_ne(why.text, "");
    }
}

static void moments_are_read_with_and_without_zones(void)
{
    static const struct {
        const char *text;
        int64_t ns;
        bool zoned;
    } moments[] = {
        {"1970-01-01T00:00:00Z", 0, true},
        {"2026-09-30T12:00:10.250000+00:00", 1790769610250000000, true},
        {"2026-09-30 12:00:10", 1790769610000000000, false},
        {"2026-09-30T14:00:10.5+02:00", 1790769610500000000, true},
        {"2026-09-30T08:30:10-0330", 1790769610000000000, true},
        {"2024-02-29T00:00:00.123456789123z", 1709164800123456789, true},
        {"2026-09-30T12:00:10+00", 1790769610000000000, true},
    };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int64_t ns = -1;
        bool zoned = !moments[i].zoned;
        ck_assert_msg(old_time_parse(moments[i].text, &ns, &zoned), "%s", moments[i].text);
        ck_assert_int_eq(ns, moments[i].ns);
        ck_assert_int_eq(zoned, moments[i].zoned);
    }
}

static void what_is_no_moment_is_refused(void)
{
    static const char *const texts[] = {"", "2026", "2026-09-31T00:00:00Z", "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+01:6", "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00", "2200-01-01T00:00:00Z", " 2026-01-01T00:00:00Z"};
    int64_t ns = 7;
    bool zoned;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(!old_time_parse(texts[i], &ns, &zoned), "%s", texts[i]);
    ck_assert(!old_time_parse(NULL, &ns, &zoned));
    ck_assert(!old_time_of_seconds(-1, &ns) && !old_time_of_seconds(1e300, &ns));
    ck_assert_int_eq(ns, 7);
    ck_assert(old_time_of_seconds(1790769600.125, &ns));
    ck_assert_int_eq(ns, 1790769600125000000);
}

static void schemas_follow_from_version_and_members(void)
{
    static const struct {
        const char *text, *schema;
    } values[] = {
        {"{\"schema_version\":\"0.1.0\",\"test\":1,\"outcome\":1}", "mlx-knife-0.2.2"},
        {"{\"schema_version\":\"0.2.1\",\"test\":1,\"outcome\":1}", "mlx-knife-0.2.2"},
        {"{\"schema_version\":\"0.9.0\",\"test\":1,\"outcome\":1}", "mlx-knife-0.2.2"},
        {"{\"schema_version\":\"1.0.0\",\"test\":1,\"outcome\":1}", NULL},
        {"{\"schema_version\":\"0.2.2\"}", NULL},
        {"{\"ram_free_gb\":1,\"elapsed_s\":1}", "mlx-knife-memory"},
        {"{\"ram_free_gb\":1,\"elapsed_s\":1,\"outcome\":1}", NULL},
        {"{\"summary\":{\"ram_free_min_gb\":1}}", "mlx-knife-memory"},
        {"{\"summary\":{\"model\":1}}", NULL},
        {"[]", NULL},
        {"null", NULL},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct json_object *tree = NULL;
        ck_assert_int_eq(json_parse(values[i].text, strlen(values[i].text), &tree, NULL), STATUS_OK);
        const char *schema = old_schema_name(tree);
        ck_assert_msg((schema == NULL) == (values[i].schema == NULL), "%s", values[i].text);
        if (schema != NULL) {
            ck_assert_str_eq(schema, values[i].schema);
            ck_assert_ptr_nonnull(schema_for(schema));
        }
        json_object_put(tree);
    }
}

static void gather(const char *pointer, const char *text, void *arg)
{
    buf_printf(arg, "%s: %s\n", pointer, text);
}

static void deviations_from_the_documentation_are_notes(void)
{
    static const char text[] =
        "{\"schema_version\":\"0.2.1\",\"timestamp\":\"2026-01-30T12:00:00\",\"test\":\"a\",\"outcome\":"
        "\"passed\","
        "\"test_start_ts\":1,\"model\":{\"size_gb\":Infinity,\"dtype\":\"bf16\"},\"metadata\":{\"any\":1},"
        "\"system_health\":{\"swap_used_mb\":1,\"ram_free_gb\":2}}";
    struct json_object *tree = NULL, *nonfinite = NULL;
    struct buf notes = BUF_INIT(1 << 16);
    ck_assert_int_eq(old_json_parse(text, sizeof text - 1, &tree, &nonfinite, NULL), STATUS_OK);
    ck_assert(old_notes("mlx-knife-0.2.1", tree, nonfinite, gather, &notes));
    ck_assert_str_eq(buf_text(&notes),
        "/test_start_ts: not in the documented schema of this version (since 0.2.2)\n"
        "/model/dtype: not in the documented schema\n"
        "/system_health/swap_used_mb: not in the documented schema (which has swap_gb)\n"
        "/timestamp: without a zone\n"
        "/model/size_gb: Infinity, which no JSON number is: taken for absent\n");
    buf_fini(&notes);
    json_object_put(tree);
    json_object_put(nonfinite);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_is_not_finite_is_taken_out_and_told),
        TESTKIT_TEST(what_is_no_json_stays_none),
        TESTKIT_TEST(moments_are_read_with_and_without_zones),
        TESTKIT_TEST(what_is_no_moment_is_refused),
        TESTKIT_TEST(schemas_follow_from_version_and_members),
        TESTKIT_TEST(deviations_from_the_documentation_are_notes),
        {0},
    };
    return testkit_run("old_files", tests);
}
