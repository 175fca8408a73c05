#include "validate.h"

#include "testkit.h"
#include "validate_notes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void the_name_of_a_file_tells_its_kind(void)
{
    static const struct {
        const char *path, *schema;
    } cases[] = {
        {"runs/x/benchmark.jsonl", "record"},
        {"benchmark.jsonl", "record"},
        {"runs/x/samples.jsonl.zst", "sample"},
        {"server_samples.jsonl", "sample"},
        {"exchanges.jsonl.gz", "exchange"},
        {"spool/chat.short-1.intent.json", "intent"},
        {"my.schema.json", "draft2020-12/schema"},
        {"old-benchmark.jsonl", NULL},
        {"report.md", NULL},
        {"run.json.bak", NULL},
        {"-", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct validate_kind *kind = validate_kind_of_name(cases[i].path);
        if (cases[i].schema == NULL)
            ck_assert_msg(kind == NULL, "%s", cases[i].path);
        else
            ck_assert_msg(kind != NULL && strcmp(kind->schema, cases[i].schema) == 0, "%s", cases[i].path);
    }
}

static void notes_are_told_once_and_are_bounded(void)
{
    struct validate_notes notes = {0};
    char text[32];
    for (long line = 1; line <= 1000; line++)
        ck_assert(validate_notes_add(&notes, "deviation", line, "/a", "the same"));
    ck_assert(notes.count == 1 && notes.items[0].times == 1000 && notes.items[0].line == 1);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "number %d", i);
        ck_assert(validate_notes_add(&notes, "deviation", i, "/a", text));
    }
    ck_assert_uint_eq(notes.count, VALIDATE_NOTES_MAX);
    ck_assert_uint_eq(notes.left_out, 1000 - VALIDATE_NOTES_MAX + 1);
    validate_notes_fini(&notes);
}

/* What a judge of a file has told, kind by kind; what it does at the first fault. */
struct told {
    char kinds[1024];
    const char *path;
    const char *append;
};

static void tell(const struct validate_fault *fault, void *arg)
{
    struct told *told = arg;
    size_t len = strlen(told->kinds);
    snprintf(told->kinds + len, sizeof told->kinds - len, "%s:%ld ", fault->kind, fault->line);
    if (told->append == NULL)
        return;
    int fd = open(told->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, told->append, strlen(told->append)) == (ssize_t)strlen(told->append));
    close(fd);
    told->append = NULL;
}

static struct told judge(const char *schema_text, const char *content, const char *append)
{
    struct told told = {.path = testkit_tmp_path("x.jsonl"), .append = append};
    struct json_object *document;
    struct schema *schema;
    struct error why = {0};
    ck_assert_int_eq(json_parse(schema_text, strlen(schema_text), &document, NULL), STATUS_OK);
    ck_assert_msg(schema_compile(document, NULL, &schema, &why) == STATUS_OK, "%s", error_text(&why));
    struct validation v = {.schema = schema, .faults_max = 100, .tell = tell, .arg = &told};
    testkit_write(told.path, content, strlen(content));
    ck_assert_msg(validate_file(&v, told.path, &why) == STATUS_OK, "%s", error_text(&why));
    json_object_put(document);
    schema_free(schema);
    return told;
}

static void a_file_that_grows_is_judged_as_far_as_it_was(void)
{
    static const char objects[] = "{\"type\":\"object\"}";
    struct told told = judge(objects, "1\n2\n", "3\n4\n{\"to");
    ck_assert_str_eq(told.kinds, "schema:1 schema:2 growing:3 ");
    told = judge(objects, "1\n{\"a", "\": 5}\n{");
    ck_assert_str_eq(told.kinds, "schema:1 growing:3 ");
    told = judge(objects, "1\n{\"a", "b");
    ck_assert_str_eq(told.kinds, "schema:1 growing:2 ");
    told = judge(objects, "1\n{\"a", NULL);
    ck_assert_str_eq(told.kinds, "schema:1 torn:2 ");
}

static void a_value_that_the_schema_gives_up_on_is_one_fault(void)
{
    struct told told = judge("{\"$ref\":\"#\"}", "1\n{}\n", NULL);
    ck_assert_str_eq(told.kinds, "given_up:1 given_up:2 ");
}

#define OLD_RECORD(version)                                                                                  \
    "{" version "\"timestamp\":\"2026-01-30T12:00:00Z\",\"mlx_knife_version\":\"2.0.4\",\"test\":\"a\","     \
    "\"outcome\":\"passed\"}\n"
#define OLD_VERSION "\"schema_version\":\"0.2.2\","

/* On which lines of a file of this name there are faults, as "2 3 ". */
static void faulty_lines(const char *name, const char *content, char *lines, size_t size)
{
    struct told told = {.path = testkit_tmp_path(name)};
    struct validation v = {.faults_max = 100, .tell = tell, .arg = &told};
    struct error why = {0};
    long last = 0;
    lines[0] = '\0';
    testkit_write(told.path, content, strlen(content));
    ck_assert_msg(validate_file(&v, told.path, &why) == STATUS_OK, "%s", error_text(&why));
    for (const char *at = told.kinds; (at = strchr(at, ':')) != NULL; at++) {
        long line = strtol(at + 1, NULL, 10);
        size_t len = strlen(lines);
        if (line != last)
            snprintf(lines + len, size - len, "%ld ", line);
        last = line;
    }
}

static void an_odd_line_of_an_older_format_does_not_change_what_the_next_are(void)
{
    static const char odd_second[] = OLD_RECORD(OLD_VERSION) OLD_RECORD("") OLD_RECORD(OLD_VERSION);
    static const char odd_first[] = OLD_RECORD("") OLD_RECORD(OLD_VERSION);
    char lines[64];
    faulty_lines("old.jsonl", odd_second, lines, sizeof lines);
    ck_assert_str_eq(lines, "2 ");
    faulty_lines("benchmark.jsonl", odd_second, lines, sizeof lines);
    ck_assert_str_eq(lines, "2 ");
    faulty_lines("old.jsonl", odd_first, lines, sizeof lines);
    ck_assert_str_eq(lines, "1 ");
    faulty_lines(
        "benchmark.jsonl", odd_first, lines, sizeof lines); /* the name says that it is one of ours */
    ck_assert_str_eq(lines, "1 2 ");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_name_of_a_file_tells_its_kind),
        TESTKIT_TEST(notes_are_told_once_and_are_bounded),
        TESTKIT_TEST(a_file_that_grows_is_judged_as_far_as_it_was),
        TESTKIT_TEST(a_value_that_the_schema_gives_up_on_is_one_fault),
        TESTKIT_TEST(an_odd_line_of_an_older_format_does_not_change_what_the_next_are),
        {0},
    };
    return testkit_run("validate", tests);
}
