#include "live_script.h"

#include "json.h"
#include "plan.h"
#include "text.h"

#include <string.h>

/* A CMake bracket argument, long enough that the text cannot close it. */
static void append_argument(struct buf *script, const char *text)
{
    char equals[16] = "=";
    char closing[32];
    for (size_t n = 1; n < sizeof equals - 1; n++) {
        snprintf(closing, sizeof closing, "]%s]", equals);
        if (!strstr(text, closing))
            break;
        equals[n] = '=';
        equals[n + 1] = '\0';
    }
    buf_printf(script, " [%s[%s]%s]", equals, text, equals);
}

static void append_slug(struct buf *script, const char *text)
{
    text_slug(script, text);
}

const char *live_script_name(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

/* "desk.reply" of the program desk is not said twice: no other program is called so. */
static bool begins_with(const char *test, const char *name)
{
    size_t len = strlen(name);
    return strncmp(test, name, len) == 0 && test[len] == '.';
}

enum status live_script_test_name(struct buf *out, const char *name, const char *test)
{
    if (name && !begins_with(test, name)) {
        append_slug(out, name);
        buf_append_char(out, '.');
    }
    return text_slug(out, test);
}

/* "live_e2e", or with the name of another program: several may stand in one project. */
static void append_group(struct buf *script, const struct live_place *place, char between)
{
    buf_append_text(script, "live_e2e");
    if (place->name) {
        buf_append_char(script, between);
        append_slug(script, place->name);
    }
}

/* The two fixtures: run.json and its folder before the first test, records and reports after the last. */
static void append_fixtures(struct buf *script, const struct live_place *place)
{
    static const struct {
        const char *verb, *property;
    } fixtures[] = {{"begin", "FIXTURES_SETUP"}, {"end", "FIXTURES_CLEANUP"}};
    for (size_t i = 0; i < 2; i++) {
        buf_append_text(script, "add_test(");
        append_group(script, place, '.');
        buf_printf(script, ".%s", fixtures[i].verb);
        append_argument(script, place->program);
        buf_printf(script, " live %s", fixtures[i].verb);
        append_argument(script, place->folder);
        buf_append_text(script, ")\nset_tests_properties(");
        append_group(script, place, '.');
        buf_printf(script, ".%s PROPERTIES %s ", fixtures[i].verb, fixtures[i].property);
        append_group(script, place, '_');
        buf_append_text(script, "_run LABELS live_e2e_fixture RUN_SERIAL TRUE TIMEOUT 120 WORKING_DIRECTORY");
        append_argument(script, place->working);
        buf_append_text(script, ")\n");
    }
}

static void append_labels(struct buf *script, const struct live_place *place, const char *case_id,
    const char *target, const char *model)
{
    buf_append_text(script, "live_e2e;");
    if (place->suite) {
        append_slug(script, place->suite);
        buf_append_char(script, ';');
    }
    buf_printf(script, "%.*s", (int)strcspn(case_id, "."), case_id);
    if (target) {
        buf_append_char(script, ';');
        append_slug(script, target);
    }
    if (model) {
        buf_append_char(script, ';');
        append_slug(script, model);
    }
}

static void append_test(struct buf *script, const struct live_place *place, const struct assay_case *c,
    const struct json_object *planned)
{
    const char *test = json_get_text(planned, "/test");
    struct buf slug = BUF_INIT(512), name = BUF_INIT(1024);
    append_slug(&slug, test);
    (void)live_script_test_name(&name, place->name, test);
    buf_printf(script, "add_test(%s", buf_text(&name));
    append_argument(script, place->program);
    buf_append_text(script, " live test");
    append_argument(script, place->folder);
    buf_printf(
        script, " %s)\nset_tests_properties(%s PROPERTIES LABELS \"", buf_text(&slug), buf_text(&name));
    append_labels(script, place, c->id, json_get_text(planned, "/target"), json_get_text(planned, "/model"));
    double timeout_s = (c->timeout_s > 0 ? c->timeout_s : ASSAY_CASE_TIMEOUT_S) + LIVE_GRACE_S +
                       (c->per_model ? LIVE_LOAD_S : 0);
    buf_append_text(script, "\" FIXTURES_REQUIRED ");
    append_group(script, place, '_');
    buf_printf(script,
        "_run RUN_SERIAL TRUE RESOURCE_LOCK assay_measurement SKIP_RETURN_CODE 77 TIMEOUT %d "
        "WORKING_DIRECTORY",
        (int)timeout_s);
    append_argument(script, place->working);
    buf_append_text(script, ")\n");
    buf_fini(&slug);
    buf_fini(&name);
}

enum status live_script_begin(struct buf *script, const struct live_place *place)
{
    buf_append_text(script, "# ");
    append_group(script, place, '.');
    return buf_append_char(script, '\n');
}

enum status live_script_tests(struct buf *script, const struct live_place *place,
    const struct assay_case *cases, const struct json_object *run)
{
    struct json_object *plan = json_get_array(run, "/plan");
    size_t count = plan ? json_object_array_length(plan) : 0;
    if (count > 0)
        append_fixtures(script, place);
    for (size_t i = 0; i < count; i++) {
        const struct json_object *planned = json_object_array_get_idx(plan, i);
        const char *id = json_get_text(planned, "/case");
        const struct assay_case *c = id ? plan_find_case(cases, id) : NULL;
        if (c)
            append_test(script, place, c, planned);
    }
    return buf_status(script);
}

enum status live_script_problem(struct buf *script, const struct live_place *place, const char *name,
    enum live_problem problem, const char *reason)
{
    struct buf clean = BUF_INIT(8192), slug = BUF_INIT(512);
    text_sanitise(&clean, reason, strlen(reason), 2048);
    append_slug(&slug, name);
    buf_append_text(script, "add_test(");
    append_group(script, place, '.');
    buf_printf(script, ".%s", buf_text(&slug));
    append_argument(script, place->program);
    buf_printf(script, " live %s", problem == LIVE_FAILS ? "fail" : "skip");
    append_argument(script, buf_text(&clean));
    buf_append_text(script, ")\nset_tests_properties(");
    append_group(script, place, '.');
    buf_printf(script, ".%s PROPERTIES LABELS live_e2e SKIP_RETURN_CODE 77 TIMEOUT 60)\n", buf_text(&slug));
    buf_fini(&clean);
    buf_fini(&slug);
    return buf_status(script);
}
