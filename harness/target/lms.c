#include "lms.h"

#include "clock.h"
#include "json.h"
#include "lms_run.h"

#include <stdio.h>
#include <string.h>

#define SHORT_NS (20 * NS_PER_S) /* waking LM Studio up takes some seconds */
#define LOAD_NS (600 * NS_PER_S) /* a model may be large, and its disk slow */
#define OUTPUT_MAX ((size_t)4 << 20)

bool lms_is_installed(void)
{
    char path[1024];
    return lms_run_find(path, sizeof path);
}

/* ---- arguments ---- */

static void add(struct lms_run *run, const char *argument)
{
    size_t count = 0;
    while (run->arguments[count])
        count++;
    if (count < LMS_ARGUMENTS_MAX)
        run->arguments[count] = argument;
}

/* A number as text that lives as long as its caller's array. */
static void add_number(struct lms_run *run, const char *option, int64_t value, char text[24])
{
    if (value <= 0)
        return;
    snprintf(text, 24, "%lld", (long long)value);
    add(run, option);
    add(run, text);
}

/* What begins with a dash would be an option to it. */
static enum status check_name(const char *model, struct error *e)
{
    return model[0] && model[0] != '-' ? STATUS_OK
                                       : error_set(e, STATUS_USAGE, "\"%.80s\" is no name of a model", model);
}

static enum status run_for_json(
    struct lms_run *run, enum json_type type, struct json_object **root, struct error *e)
{
    struct buf out = BUF_INIT(OUTPUT_MAX);
    *root = NULL;
    run->limit_ns = SHORT_NS;
    enum status s = lms_run(run, &out, e);
    if (s == STATUS_OK && json_parse(buf_text(&out), out.len, root, NULL) != STATUS_OK)
        s = error_set(e, STATUS_INVALID, "what lms %s prints is no JSON", run->arguments[0]);
    if (s == STATUS_OK && !json_object_is_type(*root, type)) {
        json_object_put(*root);
        *root = NULL;
        s = error_set(e, STATUS_INVALID, "what lms %s prints has not the shape", run->arguments[0]);
    }
    buf_fini(&out);
    return s;
}

/* ---- the server ---- */

enum status lms_server_status(bool *running, int *port, struct error *e)
{
    struct lms_run run = {.arguments = {"server", "status", "--json", "--quiet"}};
    struct json_object *root = NULL;
    int64_t number = 0;
    enum status s = run_for_json(&run, json_type_object, &root, e);
    if (s == STATUS_OK && !json_get_bool(root, "/running", running))
        s = error_set(e, STATUS_INVALID, "lms server status does not say whether the server runs");
    bool has_port = s == STATUS_OK && json_get_int(root, "/port", &number) && number > 0 && number < 65536;
    if (s == STATUS_OK && *running && !has_port)
        s = error_set(e, STATUS_INVALID, "lms server status names no port of the server that runs");
    *port = has_port ? (int)number : 0;
    json_object_put(root);
    return s;
}

enum status lms_server_start(int port, int *started, struct error *e)
{
    struct lms_run run = {.arguments = {"server", "start"}, .limit_ns = 3 * SHORT_NS};
    char text[24];
    bool running = false;
    add_number(&run, "--port", port, text);
    enum status s = lms_run(&run, NULL, e);
    if (s == STATUS_OK)
        s = lms_server_status(&running, started, e);
    if (s == STATUS_OK && !running)
        s = error_set(e, STATUS_UNAVAILABLE, "lms server start is done, and no server runs");
    return s;
}

enum status lms_server_stop(struct error *e)
{
    struct lms_run run = {.arguments = {"server", "stop"}, .limit_ns = SHORT_NS};
    return lms_run(&run, NULL, e);
}

/* ---- models ---- */

enum status lms_ps(int port, struct json_object **list, struct error *e)
{
    struct lms_run run = {.arguments = {"ps", "--json"}};
    char text[24];
    add_number(&run, "--port", port, text);
    return run_for_json(&run, json_type_array, list, e);
}

const char *lms_instance_of(struct json_object *list, const char *model)
{
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *entry = json_object_array_get_idx(list, i);
        const char *id = json_get_text(entry, "/identifier"), *key = json_get_text(entry, "/modelKey");
        if (id && (strcmp(id, model) == 0 || (key && strcmp(key, model) == 0)))
            return id;
    }
    return NULL;
}

static enum status is_loaded(int port, const char *model, bool *loaded, struct error *e)
{
    struct json_object *list = NULL;
    enum status s = lms_ps(port, &list, e);
    *loaded = s == STATUS_OK && lms_instance_of(list, model);
    json_object_put(list);
    return s;
}

/* It takes what comes nearest to the name; a model that is not the one is not kept. */
enum status lms_load(int port, const char *model, int64_t context, int64_t stay_s, struct error *e)
{
    struct lms_run run = {.arguments = {"load", model, "--yes"}, .limit_ns = LOAD_NS};
    char port_text[24], context_text[24], stay_text[24];
    bool loaded = false;
    enum status s = check_name(model, e);
    add_number(&run, "--port", port, port_text);
    add_number(&run, "--context-length", context, context_text);
    add_number(&run, "--ttl", stay_s, stay_text);
    if (s == STATUS_OK)
        s = lms_run(&run, NULL, e);
    if (s == STATUS_OK)
        s = is_loaded(port, model, &loaded, e);
    if (s == STATUS_OK && !loaded)
        s = error_set(
            e, STATUS_NOT_FOUND, "lms load is done, and \"%.200s\" is not among what is loaded", model);
    return s;
}

enum status lms_unload(int port, const char *model, struct error *e)
{
    struct json_object *list = NULL;
    struct lms_run run = {.limit_ns = 3 * SHORT_NS};
    char text[24];
    bool loaded = false;
    enum status s = lms_ps(port, &list, e);
    const char *instance = s == STATUS_OK ? lms_instance_of(list, model) : NULL;
    if (instance)
        s = check_name(instance, e);
    if (instance && s == STATUS_OK) {
        add(&run, "unload");
        add(&run, instance);
        add_number(&run, "--port", port, text);
        s = lms_run(&run, NULL, e);
    }
    json_object_put(list);
    if (s == STATUS_OK && instance)
        s = is_loaded(port, model, &loaded, e);
    if (s == STATUS_OK && loaded)
        s = error_set(e, STATUS_INTERNAL, "lms unload is done, and the model is loaded all the same");
    return s;
}

enum status lms_get(
    int port, const char *model, int64_t limit_ns, pull_progress_fn progress, void *arg, struct error *e)
{
    struct lms_run run = {
        .arguments = {"get", model, "--yes"}, .limit_ns = limit_ns, .progress = progress, .arg = arg};
    char text[24];
    enum status s = check_name(model, e);
    add_number(&run, "--port", port, text);
    return s == STATUS_OK ? lms_run(&run, NULL, e) : s;
}
