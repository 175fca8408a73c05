#include "schema_reading.h"

#include "testkit.h"

#include "fs.h"
#include "our_schemas.h"
#include "schemas.h"

#include <stdio.h>
#include <string.h>

static struct json_object *read_example(const char *name)
{
    char path[256];
    struct json_object *tree = NULL;
    struct error why = {0};
    snprintf(path, sizeof path, "schemas/examples/%s", name);
    if (json_read_file(testkit_path(path), &tree, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return tree;
}

static struct json_object *record_of(const char *version)
{
    struct json_object *record = read_example("record/valid/skipped.json");
    ck_assert(json_set_text(record, "schema_version", version));
    return record;
}

static void assert_refused(const char *name, struct json_object *tree, const char *text)
{
    struct error why = {0};
    ck_assert_int_eq(schema_check_for_reading(name, tree, &why), STATUS_INVALID);
    ck_assert_msg(strstr(error_text(&why), text) != NULL, "not \"%s\": %s", text, error_text(&why));
}

static void assert_read(const char *name, struct json_object *tree)
{
    struct error why = {0};
    if (schema_check_for_reading(name, tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", name, error_text(&why));
}

static void the_age_of_a_file_is_what_it_says(void)
{
    static const struct {
        const char *version;
        enum schema_age age;
    } wanted[] = {{"1.0.0", SCHEMA_AGE_OURS}, {"1.0.1", SCHEMA_AGE_LATER}, {"1.10.0", SCHEMA_AGE_LATER},
        {"2.0.0", SCHEMA_AGE_OTHER}, {"0.2.2", SCHEMA_AGE_OTHER}, {"1.0", SCHEMA_AGE_OTHER},
        {"1.0.0-rc1", SCHEMA_AGE_OTHER}, {"one", SCHEMA_AGE_OTHER}, {"", SCHEMA_AGE_OTHER},
        {"1.99999999999999999999.0", SCHEMA_AGE_OTHER}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct json_object *record = record_of(wanted[i].version);
        ck_assert_msg(schema_age_of("record", record) == wanted[i].age, "%s", wanted[i].version);
        json_object_put(record);
    }
    struct json_object *none = json_object_new_object();
    char version[32];
    ck_assert_int_eq(schema_age_of("sample", none), SCHEMA_AGE_OURS);
    ck_assert_str_eq(schema_version_of("record", version, sizeof version), "1.0.0");
    ck_assert_str_eq(schema_version_of("diary", version, sizeof version), "");
    json_object_put(none);
}

static void a_record_of_our_version_is_closed(void)
{
    struct json_object *record = record_of("1.0.0");
    assert_read("record", record);
    ck_assert(json_set_int(record, "added_later", 1));
    assert_refused("record", record, "unknown member \"added_later\"");
    json_object_put(record);
}

static void members_and_words_of_a_later_version_are_passed_over(void)
{
    static const char *const objects[] = {
        "", "/model", "/target", "/system_health", "/process", "/identity/subject"};
    struct json_object *record = read_example("record/valid/passed.json");
    ck_assert(json_set_text(record, "schema_version", "1.3.0"));
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct json_object *object = json_get_object(record, objects[i]);
        if (object != NULL)
            ck_assert(json_set(object, "added_later", json_object_new_object()));
    }
    ck_assert(json_set_text(record, "outcome", "rejoiced") && json_set_text(record, "message", "so it was"));
    struct json_object *flags = json_get_array(record, "/system_health/quality_flags");
    ck_assert(flags != NULL && json_add_text(flags, "degraded_moon"));
    assert_read("record", record);
    json_object_put(record);
}

static void a_member_that_we_know_keeps_its_type_in_every_version(void)
{
    struct json_object *record = record_of("1.3.0");
    ck_assert(json_set_text(record, "attempt", "first"));
    assert_refused("record", record, "/attempt: ");
    json_object_put(record);
    record = record_of("1.3.0");
    json_object_object_del(record, "outcome");
    assert_refused("record", record, "outcome");
    json_object_put(record);
}

static void another_major_version_is_refused_with_a_sentence(void)
{
    struct json_object *record = record_of("2.0.0");
    assert_refused("record", record, "a newer assay wrote this (schema_version 2.0.0)");
    ck_assert(json_set_text(record, "schema_version", "0.2.2"));
    assert_refused("record", record, "an older format");
    ck_assert(json_set_text(record, "schema_version", "blue"));
    assert_refused("record", record, "none that assay writes");
    json_object_put(record);
}

struct openness {
    const char *name;
    char folder[256];
    int count;
};

static int judge_opened(const char *file, void *arg)
{
    struct openness *o = arg;
    char path[512];
    struct error why = {0};
    snprintf(path, sizeof path, "%s/valid/%s", o->name, file);
    struct json_object *tree = read_example(path);
    if (schema_check(schema_open_for(o->name), tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", path, error_text(&why));
    if (json_object_is_type(tree, json_type_object)) {
        ck_assert(json_set(tree, "added_later", json_object_new_array()));
        if (schema_check(schema_open_for(o->name), tree, &why) != STATUS_OK)
            ck_abort_msg("%s: %s", path, error_text(&why));
    }
    o->count++;
    json_object_put(tree);
    return 0;
}

/* Whatever is valid is valid for the open schema, and one member more does no harm. */
static void every_schema_of_ours_opens(void)
{
    int kinds = 0;
    for (const struct schema_file *file = schema_files; file->name != NULL; file++) {
        struct openness o = {.name = file->name};
        if (strncmp(file->id, "urn:assay:schema:", 17) != 0)
            continue;
        ck_assert_msg(schema_open_for(file->name) != NULL, "%s", file->name);
        ck_assert_ptr_eq(schema_open_for(file->name), schema_open_for(file->name));
        snprintf(o.folder, sizeof o.folder, "schemas/examples/%s/valid", file->name);
        ck_assert_int_eq(fs_list(testkit_path(o.folder), judge_opened, &o, NULL), STATUS_OK);
        ck_assert_int_ge(o.count, 2);
        kinds++;
    }
    ck_assert_int_ge(kinds, 16);
    ck_assert_ptr_null(schema_open_for("diary"));
}

static void what_a_newer_assay_wrote_is_not_written_again(void)
{
    struct json_object *record = record_of("1.0.0");
    struct error why = {0};
    ck_assert_int_eq(schema_check_for_writing_again("record", record, &why), STATUS_OK);
    ck_assert(json_set_text(record, "schema_version", "1.0.1"));
    ck_assert_int_eq(schema_check_for_writing_again("record", record, &why), STATUS_INVALID);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "this one (1.0.0) reads it, and leaves it as it is"));
    json_object_put(record);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_age_of_a_file_is_what_it_says),
        TESTKIT_TEST(a_record_of_our_version_is_closed),
        TESTKIT_TEST(members_and_words_of_a_later_version_are_passed_over),
        TESTKIT_TEST(a_member_that_we_know_keeps_its_type_in_every_version),
        TESTKIT_TEST(another_major_version_is_refused_with_a_sentence),
        TESTKIT_TEST(every_schema_of_ours_opens),
        TESTKIT_TEST(what_a_newer_assay_wrote_is_not_written_again),
        {0},
    };
    return testkit_run("schema_reading", tests);
}
