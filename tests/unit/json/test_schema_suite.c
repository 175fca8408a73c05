/*
 * The official JSON-Schema-Test-Suite (commit 44401e0c of 2026-08-22), drafts 2020-12 and 07: the required cases,
 * and a count of the optional ones; skipped where the suite is not at hand.
 */
#include "fs.h"
#include "schema.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE "json-schema-suite/"

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
    const char *draft;
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
    } else if (strncmp(name, "draft", 5) != 0 || strcmp(name, w->draft) == 0) {
        snprintf(relative, sizeof relative, "%s%s/", w->folder, name);
        struct walk below = {w->sources, w->top, relative, w->draft};
        return fs_list(path, visit_remote, &below, NULL) != STATUS_OK;
    }
    return 0;
}

static struct sources load_remotes(const char *top, const char *draft)
{
    struct sources sources = {0};
    struct walk w = {&sources, top, "", draft};
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
    enum schema_draft draft;
    bool quiet; /* what is not required: counted by file */
    long cases, right;
};

static bool judge(const struct score *score, const struct schema *schema, enum status compiled,
    const struct json_object *test, enum status *found)
{
    bool expected = false;
    struct schema_report report = {0};
    ck_assert(json_get_bool(test, "/valid", &expected));
    *found = compiled;
    if (compiled == STATUS_OK)
        *found = schema_validate(schema, json_get(test, "/data"), &report);
    bool told = *found != STATUS_INVALID || report.count > 0;
    ck_assert_msg(told || score->quiet, "invalid without a fault");
    schema_report_fini(&report);
    return compiled == STATUS_OK && *found == (expected ? STATUS_OK : STATUS_INVALID);
}

static void run_group(struct score *score, const char *file, const struct json_object *group)
{
    struct schema_options options = {.sources = score->sources->items,
        .source_count = score->sources->count,
        .draft = score->draft,
        .assert_formats = strstr(score->folder, "/format") != NULL};
    struct error why = {0};
    struct schema *schema = NULL;
    enum status compiled = schema_compile(json_get(group, "/schema"), &options, &schema, &why), found;
    struct json_object *tests = json_get_array(group, "/tests");
    for (size_t i = 0; i < json_object_array_length(tests); i++) {
        const struct json_object *test = json_object_array_get_idx(tests, i);
        bool right = judge(score, schema, compiled, test, &found);
        score->cases++;
        score->right += right;
        if (!right && !score->quiet)
            printf("%s: %s: %s: %s %s\n", file, json_get_text(group, "/description"),
                json_get_text(test, "/description"), status_name(found),
                compiled == STATUS_OK ? "" : error_text(&why));
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
    long cases = score->cases, right = score->right;
    if (json_read_file(path, &groups, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    for (size_t i = 0; i < json_object_array_length(groups); i++)
        run_group(score, name, json_object_array_get_idx(groups, i));
    if (score->quiet)
        printf("  %-36s %3ld of %3ld\n", name, score->right - right, score->cases - cases);
    json_object_put(groups);
    return 0;
}

/* tests/FOLDER of the suite, with the remotes of the draft alone. */
static struct score run_folder(const char *draft_name, enum schema_draft draft, const char *below, bool quiet)
{
    char tests[512], folder[256];
    snprintf(folder, sizeof folder, SUITE "tests/%s%s", draft_name, below);
    const char *found = testkit_shared_path(folder);
    ck_assert_ptr_nonnull(found);
    snprintf(tests, sizeof tests, "%s", found);
    const char *remotes = testkit_shared_path(SUITE "remotes");
    ck_assert_ptr_nonnull(remotes);
    struct sources sources = load_remotes(remotes, draft_name);
    struct score score = {.folder = tests, .sources = &sources, .draft = draft, .quiet = quiet};
    ck_assert_int_eq(fs_list(tests, visit_file, &score, NULL), STATUS_OK);
    free_sources(&sources);
    score.folder = NULL;
    score.sources = NULL;
    return score;
}

#define SKIP_WITHOUT_SUITE()                                                                                 \
    do {                                                                                                     \
        if (testkit_shared_path(SUITE "tests") == NULL)                                                      \
            TESTKIT_SKIP("the JSON-Schema-Test-Suite is not at hand (ASSAY_SHARED_DIR)");                    \
    } while (0)

static void required_cases_of_draft_2020_12_come_out_right(void)
{
    SKIP_WITHOUT_SUITE();
    struct score score = run_folder("draft2020-12", SCHEMA_DRAFT_2020_12, "", false);
    printf("%ld of %ld required cases of draft 2020-12\n", score.right, score.cases);
    ck_assert_int_ge(score.cases, 1299);
    ck_assert_int_ge(score.right, 1299);
}

static void required_cases_of_draft_07_come_out_right(void)
{
    SKIP_WITHOUT_SUITE();
    struct score score = run_folder("draft7", SCHEMA_DRAFT_07, "", false);
    printf("%ld of %ld required cases of draft 07\n", score.right, score.cases);
    ck_assert_int_ge(score.cases, 927);
    ck_assert_int_ge(score.right, 927);
}

/* None of them is promised; each is judged, one way or the other, and the figures say how. */
static void optional_cases_are_counted(void)
{
    SKIP_WITHOUT_SUITE();
    static const struct {
        const char *name;
        enum schema_draft draft;
    } drafts[] = {{"draft2020-12", SCHEMA_DRAFT_2020_12}, {"draft7", SCHEMA_DRAFT_07}};
    static const char *const below[] = {"/optional", "/optional/format"};
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        for (size_t k = 0; k < sizeof below / sizeof *below; k++) {
            struct score score = run_folder(drafts[i].name, drafts[i].draft, below[k], true);
            printf("%s%s: %ld of %ld\n", drafts[i].name, below[k], score.right, score.cases);
            ck_assert_int_gt(score.cases, 50);
        }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(required_cases_of_draft_2020_12_come_out_right),
        TESTKIT_TEST(required_cases_of_draft_07_come_out_right),
        TESTKIT_TEST(optional_cases_are_counted),
        {0},
    };
    return testkit_run("JSON-Schema-Test-Suite", tests);
}
