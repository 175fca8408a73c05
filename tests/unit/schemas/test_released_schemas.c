/*
 * What was released is kept: the schemas of now against those of the newest folder in schemas/released, and the
 * examples that were valid then.
 */
#include "schema_compat.h"

#include "testkit.h"

#include "fs.h"
#include "json.h"
#include "our_schemas.h"
#include "schema_reading.h"
#include "schemas.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".schema.json"

struct reading {
    char folder[PATH_MAX];
    struct compat_set *set;
    const char *kind; /* of examples */
    int examples, wrong;
};

static struct json_object *read_json(const char *path)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_read_file(path, &tree, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return tree;
}

/* Three numbers as one, so that 1.10.0 is behind 1.9.0. */
static long order_of(const char *version)
{
    long order = 0, parts = 0;
    for (char *end; *version >= '0' && *version <= '9'; parts++) {
        order = order * 1000 + strtol(version, &end, 10);
        version = *end == '.' ? end + 1 : end;
    }
    return parts == 3 && *version == '\0' ? order : -1;
}

static int note_newest(const char *name, void *arg)
{
    char *newest = arg;
    if (order_of(name) > order_of(newest))
        snprintf(newest, 32, "%s", name);
    return 0;
}

static void find_newest(char version[32])
{
    version[0] = '\0';
    ck_assert_int_eq(fs_list(testkit_path("schemas/released"), note_newest, version, NULL), STATUS_OK);
    ck_assert_msg(version[0] != '\0', "nothing was released: tools/freeze-schemas VERSION");
}

/* What is not out yet may still change: that is told, and is no failure. */
static bool is_draft(const char *version)
{
    char path[64];
    snprintf(path, sizeof path, "schemas/released/%s/DRAFT", version);
    return fs_exists(testkit_path(path));
}

static int read_schema(const char *name, void *arg)
{
    struct reading *r = arg;
    char path[PATH_MAX + 256], kind[64];
    size_t len = strlen(name);
    if (len <= strlen(SUFFIX) || strcmp(name + len - strlen(SUFFIX), SUFFIX) != 0)
        return 0;
    snprintf(path, sizeof path, "%s/%s", r->folder, name);
    snprintf(kind, sizeof kind, "%.*s", (int)(len - strlen(SUFFIX)), name);
    compat_set_add(r->set, kind, read_json(path));
    return 0;
}

static void read_schemas(const char *folder, struct compat_set *set)
{
    struct reading r = {.set = set};
    set->count = 0;
    snprintf(r.folder, sizeof r.folder, "%s", testkit_path(folder));
    ck_assert_int_eq(fs_list(r.folder, read_schema, &r, NULL), STATUS_OK);
}

static void free_schemas(struct compat_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        json_object_put(set->schemas[i].document);
}

static void schemas_keep_what_was_released(void)
{
    char version[32], folder[64];
    static struct compat_set then, now;
    struct buf told = BUF_INIT(1 << 20);
    find_newest(version);
    snprintf(folder, sizeof folder, "schemas/released/%s", version);
    read_schemas(folder, &then);
    read_schemas("schemas", &now);
    ck_assert_uint_ge(then.count, 16);
    size_t breaks = schema_compat_breaks(&then, &now, &told);
    free_schemas(&then);
    free_schemas(&now);
    if (breaks > 0 && is_draft(version))
        TESTKIT_SKIP("%zu breaks since the draft of %s:\n%s", breaks, version, buf_text(&told));
    ck_assert_msg(
        breaks == 0, "%zu breaks since %s (docs/versions.md):\n%s", breaks, version, buf_text(&told));
    buf_fini(&told);
}

static int judge_example(const char *name, void *arg)
{
    struct reading *r = arg;
    char path[PATH_MAX + 256];
    struct error why = {0};
    snprintf(path, sizeof path, "%s/%s", r->folder, name);
    struct json_object *tree = read_json(path);
    if (schema_check(schema_for(r->kind), tree, &why) != STATUS_OK ||
        schema_check_for_reading(r->kind, tree, &why) != STATUS_OK) {
        printf("%s: %s\n", path, error_text(&why));
        r->wrong++;
    }
    r->examples++;
    json_object_put(tree);
    return 0;
}

static int judge_examples(const char *kind, void *arg)
{
    struct reading *all = arg, r = {.kind = kind};
    snprintf(r.folder, sizeof r.folder, "%.2000s/%.100s", all->folder, kind);
    ck_assert_msg(schema_for(kind) != NULL, "there is no schema %s any more", kind);
    ck_assert_int_eq(fs_list(r.folder, judge_example, &r, NULL), STATUS_OK);
    all->examples += r.examples;
    all->wrong += r.wrong;
    return 0;
}

static void what_was_valid_when_it_was_released_is_valid(void)
{
    char version[32], folder[64];
    struct reading r = {.examples = 0};
    find_newest(version);
    snprintf(folder, sizeof folder, "schemas/released/%s/examples", version);
    snprintf(r.folder, sizeof r.folder, "%s", testkit_path(folder));
    ck_assert_int_eq(fs_list(r.folder, judge_examples, &r, NULL), STATUS_OK);
    (void)fflush(stdout);
    if (r.wrong > 0 && is_draft(version))
        TESTKIT_SKIP("%d examples of the draft of %s are no longer valid", r.wrong, version);
    ck_assert_int_eq(r.wrong, 0);
    ck_assert_int_ge(r.examples, 32);
}

static void current_leads_to_the_newest(void)
{
    char version[32], target[256] = "", wanted[64];
    find_newest(version);
    ssize_t len = readlink(testkit_path("schemas/current"), target, sizeof target - 1);
    ck_assert_msg(len > 0, "schemas/current is no link");
    snprintf(wanted, sizeof wanted, "released/%s", version);
    ck_assert_str_eq(target, wanted);
    ck_assert(fs_exists(testkit_path("schemas/current/record.schema.json")));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(schemas_keep_what_was_released),
        TESTKIT_TEST(what_was_valid_when_it_was_released_is_valid),
        TESTKIT_TEST(current_leads_to_the_newest),
        {0},
    };
    return testkit_run("released_schemas", tests);
}
