/* The official JSON-Schema-Test-Suite, draft 2020-12, required cases; skipped where the suite is not at hand.
 */
#include "fs.h"
#include "schema.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE "json-schema-suite/"
#define CASES_KNOWN 1299 /* at commit 44401e0c of 2026-08-22 */
#define CASES_LEAST 1299 /* of them that must come out right */

struct sources {
    struct schema_source *items;
    size_t count;
};

static void add_source(struct sources *sources, const char *path, const char *relative)
{
    struct error why = {0};
    struct json_object *document = NULL;
    if (json_read_file(path, &document, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    char *uri = malloc(strlen(relative) + 64);
    sources->items = realloc(sources->items, (sources->count + 1) * sizeof *sources->items);
    ck_assert(uri != NULL && sources->items != NULL);
    snprintf(uri, strlen(relative) + 64, "http://localhost:1234/%s", relative);
    sources->items[sources->count++] = (struct schema_source){uri, document};
}

struct walk {
    struct sources *sources;
    const char *top, *folder; /* folder: "" or "nested/" */
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int visit_remote(const char *name, void *arg)
{
    struct walk *w = arg;
    char relative[512], path[1024];
    snprintf(relative, sizeof relative, "%s%s", w->folder, name);
    snprintf(path, sizeof path, "%s/%s", w->top, relative);
    if (ends_with(name, ".json")) {
        add_source(w->sources, path, relative);
    } else if (strncmp(name, "draft", 5) != 0 || strcmp(name, "draft2020-12") == 0) {
        snprintf(relative, sizeof relative, "%s%s/", w->folder, name);
        struct walk below = {w->sources, w->top, relative};
        return fs_list(path, visit_remote, &below, NULL) != STATUS_OK;
    }
    return 0;
}

static struct sources load_remotes(const char *top)
{
    struct sources sources = {0};
    struct walk w = {&sources, top, ""};
    ck_assert_int_eq(fs_list(top, visit_remote, &w, NULL), STATUS_OK);
    ck_assert_uint_gt(sources.count, 10);
    return sources;
}

static void free_sources(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        free((char *)sources->items[i].uri);
        json_object_put(sources->items[i].document);
    }
    free(sources->items);
}

struct score {
    const char *folder;
    const struct sources *sources;
    long cases, right;
};

static void run_group(struct score *score, const char *file, const struct json_object *group)
{
    struct schema_options options = {.sources = score->sources->items, .source_count = score->sources->count};
    struct error why = {0};
    struct schema *schema = NULL;
    enum status compiled = schema_compile(json_get(group, "/schema"), &options, &schema, &why);
    struct json_object *tests = json_get_array(group, "/tests");
    for (size_t i = 0; i < json_object_array_length(tests); i++) {
        const struct json_object *test = json_object_array_get_idx(tests, i);
        bool expected = false;
        ck_assert(json_get_bool(test, "/valid", &expected));
        struct schema_report report = {0};
        enum status s = compiled;
        if (s == STATUS_OK)
            s = schema_validate(schema, json_get(test, "/data"), &report);
        bool right = s == (expected ? STATUS_OK : STATUS_INVALID) && compiled == STATUS_OK &&
                     (expected || report.count > 0);
        score->cases++;
        score->right += right;
        if (!right)
            printf("%s: %s: %s: %s %s\n", file, json_get_text(group, "/description"),
                json_get_text(test, "/description"), status_name(s),
                compiled == STATUS_OK ? "" : error_text(&why));
        schema_report_fini(&report);
    }
    schema_free(schema);
}

static int visit_file(const char *name, void *arg)
{
    struct score *score = arg;
    char path[1024];
    struct json_object *groups = NULL;
    if (!ends_with(name, ".json"))
        return 0;
    snprintf(path, sizeof path, "%s/%s", score->folder, name);
    struct error why = {0};
    if (json_read_file(path, &groups, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    for (size_t i = 0; i < json_object_array_length(groups); i++)
        run_group(score, name, json_object_array_get_idx(groups, i));
    json_object_put(groups);
    return 0;
}

static void required_cases_of_the_official_suite_come_out_right(void)
{
    const char *tests = testkit_shared_path(SUITE "tests/draft2020-12");
    const char *remotes = testkit_shared_path(SUITE "remotes");
    if (tests == NULL || remotes == NULL)
        TESTKIT_SKIP("the JSON-Schema-Test-Suite is not at hand (ASSAY_SHARED_DIR)");
    struct sources sources = load_remotes(remotes);
    struct score score = {.folder = tests, .sources = &sources};
    ck_assert_int_eq(fs_list(tests, visit_file, &score, NULL), STATUS_OK);
    printf("%ld of %ld required cases of draft 2020-12\n", score.right, score.cases);
    free_sources(&sources);
    ck_assert_int_ge(score.cases, CASES_KNOWN);
    ck_assert_int_ge(score.right, CASES_LEAST);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(required_cases_of_the_official_suite_come_out_right),
        {0},
    };
    return testkit_run("JSON-Schema-Test-Suite", tests);
}
