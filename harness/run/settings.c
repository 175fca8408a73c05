#include "settings.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static void get_int(const struct json_object *run, const char *pointer, int *value)
{
    int64_t v;
    if (json_get_int(run, pointer, &v) && v >= 0 && v <= 1000000)
        *value = (int)v;
}

enum status settings_from_run_json(const struct json_object *run, struct run_settings *s, struct error *e)
{
    int64_t seed;
    if (!json_get_int(run, "/seed", &seed) || seed < 0)
        return error_set(e, STATUS_INVALID, "run.json has no seed");
    s->seed = (uint64_t)seed;
    get_int(run, "/parameters/repeats", &s->repeats);
    get_int(run, "/parameters/warmup", &s->warmup);
    get_int(run, "/parameters/max_retries", &s->max_retries);
    json_get_int(run, "/parameters/max_tokens", &s->max_tokens);
    if (!json_get_real(run, "/parameters/temperature", &s->temperature))
        s->temperature = -1;
    if (!json_get_int(run, "/parameters/seed", &s->request_seed))
        s->request_seed = -1;
    json_get_real(run, "/parameters/timeout_s", &s->timeout_s);
    json_get_real(run, "/parameters/cross_check/share", &s->cross_share);
    json_get_real(run, "/parameters/cross_check/slack_s", &s->cross_slack_s);
    const char *set = json_get_text(run, "/parameters/prompt_set");
    if (set)
        snprintf(s->prompt_set, sizeof s->prompt_set, "%s", set);
    const char *file = json_get_text(run, "/parameters/prompt_file");
    snprintf(s->prompt_file, sizeof s->prompt_file, "%s", file ? file : "");
    const char *tasks = json_get_text(run, "/parameters/tasks_file");
    snprintf(s->tasks_file, sizeof s->tasks_file, "%s", tasks ? tasks : "");
    json_get_int(run, "/parameters/task_count", &s->task_count);
    json_get_int(run, "/parameters/task_tokens", &s->task_tokens);
    const struct json_object *options = json_get_object(run, "/parameters/server_options");
    struct buf text = BUF_INIT(sizeof s->server_options - 1);
    enum status status = options ? json_write(options, &text, e) : STATUS_OK;
    snprintf(s->server_options, sizeof s->server_options, "%s", status == STATUS_OK ? buf_text(&text) : "");
    buf_fini(&text);
    return status;
}

static bool set_server_options(struct json_object *o, const char *text)
{
    struct json_object *options = NULL;
    return !text[0] || (json_parse(text, strlen(text), &options, NULL) == STATUS_OK &&
                           json_set(o, "server_options", options));
}

static bool set_cross_check(struct json_object *o, const struct run_settings *s)
{
    struct json_object *limits = json_object_new_object();
    bool ok =
        json_set_real(limits, "share", s->cross_share) && json_set_real(limits, "slack_s", s->cross_slack_s);
    return json_set(o, "cross_check", limits) && ok;
}

struct json_object *settings_to_json(const struct run_settings *s)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_int(o, "repeats", s->repeats) && json_set_int(o, "warmup", s->warmup) &&
              json_set_int(o, "max_retries", s->max_retries) &&
              json_set_text(o, "prompt_set", s->prompt_set) && set_cross_check(o, s) &&
              (s->max_tokens <= 0 || json_set_int(o, "max_tokens", s->max_tokens)) &&
              (s->temperature < 0 || json_set_real(o, "temperature", s->temperature)) &&
              (s->request_seed < 0 || json_set_int(o, "seed", s->request_seed)) &&
              (s->timeout_s <= 0 || json_set_real(o, "timeout_s", s->timeout_s)) &&
              set_server_options(o, s->server_options) &&
              (!s->tasks_file[0] || json_set_text(o, "tasks_file", s->tasks_file)) &&
              (s->task_count <= 0 || (json_set_int(o, "task_count", s->task_count) &&
                                         json_set_int(o, "task_tokens", s->task_tokens))) &&
              (!s->prompt_file[0] || json_set_text(o, "prompt_file", s->prompt_file));
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}
