/* Models into memory, out of it, and onto the disk of an LM Studio: its /api/v1. */
#include "lmstudio.h"

#include "clock.h"
#include "exchange_write.h"
#include "json.h"
#include "lms.h"
#include "lmstudio_models.h"
#include "target_get.h"
#include "target_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOWNLOAD_POLL_NS (500 * NS_PER_MS)

/* The port of a server on this machine, where `lms` can reach it; 0: it is elsewhere. */
static int local_port(const struct target *t)
{
    static const char *const hosts[] = {"http://127.0.0.1:", "http://localhost:"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        size_t len = strlen(hosts[i]);
        long port = strncmp(t->url.root, hosts[i], len) == 0 ? strtol(t->url.root + len, NULL, 10) : 0;
        if (port > 0 && port < 65536 && !t->url.unix_socket)
            return (int)port;
    }
    return 0;
}

static bool has_lms(const struct target *t)
{
    return local_port(t) > 0 && lms_is_installed();
}

/* Of an LM Studio without the newer API, which names no instances: the model itself. */
static enum status find_listed(
    struct target *t, const char *model, char *instance, size_t size, struct error *e)
{
    struct model_list models = {0};
    enum status s = t->ops->loaded(t, &models, e);
    *instance = '\0';
    for (size_t i = 0; s == STATUS_OK && i < models.count; i++)
        if (strcmp(models.items[i].id, model) == 0)
            snprintf(instance, size, "%s", model);
    model_list_fini(&models);
    return s;
}

/* Which instance of the model is in memory: its id, "" for none. */
static enum status find_loaded(
    struct target *t, const char *model, char *instance, size_t size, struct error *e)
{
    struct json_object *root = NULL;
    if (!t->lmstudio_v1)
        return find_listed(t, model, instance, size, e);
    enum status s = lmstudio_get_models(t, &root, e);
    const char *id = s == STATUS_OK ? lmstudio_instance_of(root, model) : NULL;
    snprintf(instance, size, "%s", id ? id : "");
    json_object_put(root);
    return s;
}

/* ---- into memory and out of it ---- */

static struct json_object *load_body(const char *model, const struct engine_options *options)
{
    struct json_object *body = json_object_new_object();
    bool ok = json_set_text(body, "model", model);
    if (options && options->num_ctx > 0)
        ok = ok && json_set_int(body, "context_length", options->num_ctx);
    if (options && options->num_batch > 0)
        ok = ok && json_set_int(body, "eval_batch_size", options->num_batch);
    if (ok)
        return body;
    json_object_put(body);
    return NULL;
}

static enum status no_memory(struct error *e)
{
    return error_set(e, STATUS_NO_MEMORY, "out of memory");
}

/* What the server says instead of the member that a success has. */
static enum status refused(struct json_object *root, const char *path, int http_status, struct error *e)
{
    static const char unknown[] = "Unexpected endpoint or method";
    const char *why = json_get_text(root, "/error/message");
    char text[256] = "it does not say that it did";
    why = why ? why : json_get_text(root, "/error");
    if (why)
        exchange_copy_text(text, sizeof text, why, strlen(why));
    return error_set(e,
        strncmp(text, unknown, sizeof unknown - 1) == 0 ? STATUS_UNAVAILABLE
        : http_status == 404                            ? STATUS_NOT_FOUND
                                                        : STATUS_INTERNAL,
        "POST %s: %s", path, text);
}

/* Takes the body; the answer must have a text at that place. */
static enum status post(struct target *t, const char *path, struct json_object *body, const char *must_have,
    struct json_object **root, struct error *e)
{
    struct exchange x;
    struct buf text = BUF_INIT(1 << 16), answer = BUF_INIT(1 << 20);
    *root = NULL;
    exchange_init(&x);
    enum status s = json_write(body, &text, e);
    if (s == STATUS_OK && !target_post(t, t->url.root, path, &text, &x, &answer) && x.http_status == 0)
        s = error_set(
            e, STATUS_INTERNAL, "POST %s: %s (%s)", path, exchange_error_name(x.error), x.error_text);
    if (s == STATUS_OK && x.error == EXCHANGE_OK)
        s = json_parse(buf_text(&answer), answer.len, root, e);
    else if (s == STATUS_OK && json_parse(buf_text(&x.body), x.body.len, root, NULL) != STATUS_OK)
        *root = NULL;
    if (s == STATUS_OK && (x.error != EXCHANGE_OK || !json_get_text(*root, must_have)))
        s = refused(*root, path, x.http_status, e);
    json_object_put(body);
    buf_fini(&text);
    buf_fini(&answer);
    exchange_fini(&x);
    return s;
}

static enum status post_one(struct target *t, const char *path, const char *key, const char *value,
    const char *must_have, struct json_object **root, struct error *e)
{
    struct json_object *body = json_object_new_object();
    if (json_set_text(body, key, value))
        return post(t, path, body, must_have, root, e);
    json_object_put(body);
    return no_memory(e);
}

static enum status ask_to_load(struct target *t, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e)
{
    struct json_object *body = load_body(model, options), *root = NULL;
    if (!body)
        return no_memory(e);
    enum status s = post(t, "/api/v1/models/load", body, "/instance_id", &root, e);
    if (s == STATUS_OK && !json_get_real(root, "/load_time_seconds", &report->server_s))
        report->server_s = -1;
    json_object_put(root);
    return s;
}

/* A request for next to nothing has the model loaded, for as long as it says. */
static struct json_object *next_to_nothing(const char *model, const char *key, int64_t stay_s)
{
    struct json_object *body = json_object_new_object();
    if (json_set_text(body, "model", model) && json_set_text(body, key, ".") &&
        json_set_int(body, "max_tokens", 1) && (stay_s <= 0 || json_set_int(body, "ttl", stay_s)))
        return body;
    json_object_put(body);
    return NULL;
}

static enum status load_by_request(struct target *t, const char *model, int64_t stay_s, struct error *e)
{
    static const struct {
        const char *path, *key;
    } ways[] = {{"/api/v0/completions", "prompt"}, {"/api/v0/embeddings", "input"}};
    enum status s = STATUS_INTERNAL;
    for (size_t i = 0; s != STATUS_OK && i < sizeof ways / sizeof ways[0]; i++) {
        struct json_object *body = next_to_nothing(model, ways[i].key, stay_s), *root = NULL;
        if (!body)
            return no_memory(e);
        s = post(t, ways[i].path, body, "/object", &root, e);
        json_object_put(root);
    }
    return s;
}

/* How many whole seconds a model is to stay, as far as LM Studio can be told so; 0: until it is unloaded. */
static int64_t stay_s(const struct engine_options *options)
{
    bool limited = options && options->keep_alive_ns > 0 && options->keep_alive_ns != KEEP_ALIVE_FOREVER;
    return limited ? 1 + (options->keep_alive_ns - 1) / NS_PER_S : 0;
}

/* Loading knows no time to stay; a request that loads knows no context. */
enum status lmstudio_load(struct target *t, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e)
{
    char instance[256];
    enum status s = find_loaded(t, model, instance, sizeof instance, e);
    if (s != STATUS_OK)
        return s;
    report->was_loaded = instance[0] != '\0';
    if (report->was_loaded)
        return STATUS_OK;
    if (!t->lmstudio_v1 && has_lms(t))
        return lms_load(local_port(t), model, options ? options->num_ctx : 0, stay_s(options), e);
    if (stay_s(options) > 0 || !t->lmstudio_v1)
        return load_by_request(t, model, stay_s(options), e);
    return ask_to_load(t, model, options, report, e);
}

enum status lmstudio_unload(struct target *t, const char *model, struct load_report *report, struct error *e)
{
    struct json_object *root = NULL;
    char instance[256];
    enum status s = find_loaded(t, model, instance, sizeof instance, e);
    report->was_loaded = s == STATUS_OK && instance[0];
    if (!report->was_loaded)
        return s;
    if (!t->lmstudio_v1)
        return has_lms(t) ? lms_unload(local_port(t), model, e)
                          : error_set(e, STATUS_UNAVAILABLE,
                                "this LM Studio is older than 0.4: it unloads only by the program lms, %s",
                                local_port(t) ? "which is not installed" : "which has to run on its machine");
    s = post_one(t, "/api/v1/models/unload", "instance_id", instance, "/instance_id", &root, e);
    json_object_put(root);
    return s;
}

/* ---- onto the disk ---- */

enum job_state { JOB_RUNS, JOB_DONE, JOB_FAILED };

static enum job_state state_of(struct json_object *job)
{
    static const struct {
        const char *status;
        enum job_state state;
    } states[] = {{"completed", JOB_DONE}, {"already_downloaded", JOB_DONE}, {"downloading", JOB_RUNS},
        {"paused", JOB_RUNS}};
    const char *status = json_get_text(job, "/status");
    for (size_t i = 0; status && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(status, states[i].status) == 0)
            return states[i].state;
    return JOB_FAILED;
}

static bool tell(struct json_object *job, pull_progress_fn progress, void *arg)
{
    int64_t total = -1, done = 0;
    char what[64] = "";
    const char *status = json_get_text(job, "/status");
    exchange_copy_text(what, sizeof what, status ? status : "", status ? strlen(status) : 0);
    (void)json_get_int(job, "/total_size_bytes", &total);
    (void)json_get_int(job, "/downloaded_bytes", &done);
    return !progress || progress(what, done, total, arg);
}

/* A job's number goes back into a path. */
static bool is_plain(const char *id)
{
    return id && *id && strlen(id) < 128 &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

/* Until it is there; a download that is given up goes on in LM Studio, which has no way to end one. */
static enum status follow(struct target *t, struct json_object **job, const char *path,
    pull_progress_fn progress, void *arg, struct error *e)
{
    enum status s = STATUS_OK;
    int64_t until_ns = loop_now_ns() + t->total_timeout_ns;
    while (s == STATUS_OK && state_of(*job) == JOB_RUNS) {
        if (!tell(*job, progress, arg))
            return error_set(e, STATUS_NOT_FOUND, "no longer waited for; LM Studio goes on with it");
        if (loop_now_ns() >= until_ns)
            return error_set(e, STATUS_TIMEOUT, "the download is not over in time");
        clock_sleep_until(clock_system(), loop_now_ns() + DOWNLOAD_POLL_NS);
        json_object_put(*job);
        s = target_get_json(t, path, job, e);
    }
    if (s == STATUS_OK && state_of(*job) == JOB_FAILED)
        s = error_set(e, STATUS_UNAVAILABLE, "LM Studio says that the download failed");
    return s;
}

enum status lmstudio_pull(
    struct target *t, const char *model, pull_progress_fn progress, void *arg, struct error *e)
{
    struct json_object *job = NULL;
    char path[192] = "";
    if (!t->lmstudio_v1 && has_lms(t))
        return lms_get(local_port(t), model, t->total_timeout_ns, progress, arg, e);
    enum status s = post_one(t, "/api/v1/models/download", "model", model, "/status", &job, e);
    const char *id = s == STATUS_OK ? json_get_text(job, "/job_id") : NULL;
    bool runs = s == STATUS_OK && state_of(job) == JOB_RUNS;
    if (runs && !is_plain(id))
        s = error_set(e, STATUS_INVALID, "LM Studio names no job that can be asked for");
    if (runs && s == STATUS_OK)
        snprintf(path, sizeof path, "/api/v1/models/download/status/%s", id);
    if (s == STATUS_OK)
        s = follow(t, &job, path, progress, arg, e);
    if (s == STATUS_OK)
        (void)tell(job, progress, arg);
    json_object_put(job);
    return s;
}
