#include "run_json.h"

#include "anonymise.h"
#include "clock.h"
#include "identity.h"
#include "json.h"
#include "lifecycle.h"
#include "program_json.h"
#include "sensors_absent.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* What stands before the last @ of an authority is a secret; several URLs may stand in one word. */
enum status run_json_redact(struct buf *out, const char *word)
{
    const char *scheme;
    while ((scheme = strstr(word, "://"))) {
        const char *authority = scheme + 3, *at = NULL;
        const char *end = authority + strcspn(authority, "/?# \t\n,");
        for (const char *p = authority; p < end; p++)
            if (*p == '@')
                at = p;
        buf_append(out, word, (size_t)(authority - word));
        if (at)
            buf_append_text(out, "***");
        word = at ? at : authority;
    }
    return buf_append_text(out, word);
}

/* The line of a header, in this word or the one before it: its value may be a secret. */
static const char *header_of(const char *word, const char *before)
{
    if (strncmp(word, "--header=", 9) == 0)
        return word + 9;
    if (strncmp(word, "-H", 2) == 0 && word[2])
        return word + 2;
    return before && (strcmp(before, "--header") == 0 || strcmp(before, "-H") == 0) ? word : NULL;
}

static void redact_word(struct buf *out, const char *word, const char *before)
{
    const char *header = header_of(word, before), *colon = header ? strchr(header, ':') : NULL;
    if (!colon || header[0] == '@') {
        run_json_redact(out, word);
        return;
    }
    buf_append(out, word, (size_t)(colon - word));
    buf_append_text(out, ": ***");
}

static struct json_object *command_to_json(int argc, char **argv)
{
    struct json_object *list = json_object_new_array();
    struct buf word = BUF_INIT(1 << 20), clean = BUF_INIT(1 << 20);
    bool ok = list != NULL;
    for (int i = 0; ok && i < argc; i++) {
        buf_clear(&word);
        buf_clear(&clean);
        redact_word(&word, argv[i], i > 0 ? argv[i - 1] : NULL);
        text_sanitise(&clean, buf_text(&word), word.len, 4096);
        ok = json_add_text(list, buf_text(&clean));
    }
    buf_fini(&word);
    buf_fini(&clean);
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static struct json_object *notes_to_json(const struct opt_list *notes)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < notes->count; i++)
        ok = json_add_text(list, notes->items[i]);
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static struct json_object *machine_of(const struct run_request *r)
{
    struct json_object *machine = machine_identity_to_json("");
    if (r->anonymise)
        anonymise_machine(machine);
    return machine;
}

static bool fill(struct json_object *run, const struct run_request *r)
{
    return json_set_text(run, "schema_version", "1.0.0") &&
           json_set_int(run, "seed", (int64_t)r->settings.seed) && json_set_text(run, "driver", r->driver) &&
           json_set(run, "assay", program_to_json()) && json_set(run, "machine", machine_of(r)) &&
           (!r->anonymise || json_set_text(run, "anonymous", "asked")) && sensors_told_into(run, "") &&
           json_set(run, "parameters", settings_to_json(&r->settings)) &&
           json_set_text(run, "unload", r->unload != NULL ? r->unload : lifecycle_policies[0]) &&
           (r->argc == 0 || json_set(run, "command", command_to_json(r->argc, r->argv))) &&
           (r->notes.count == 0 || json_set(run, "notes", notes_to_json(&r->notes)));
}

int64_t run_json_memory(const struct json_object *machine)
{
    int64_t total = 0, limit = 0;
    (void)json_get_int(machine, "/memory/total_bytes", &total);
    (void)json_get_int(machine, "/memory/limit_bytes", &limit);
    return limit > 0 && (limit < total || total == 0) ? limit : total;
}

enum status run_json_new(const struct run_request *request, const struct portfolio *portfolio,
    struct json_object **run, struct error *e)
{
    *run = json_object_new_object();
    struct plan_request plan = request->plan;
    plan.seed = request->settings.seed;
    enum status s =
        *run && fill(*run, request) ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    if (s == STATUS_OK && plan.filter.memory_bytes == 0)
        plan.filter.memory_bytes = run_json_memory(json_get(*run, "/machine"));
    if (s == STATUS_OK)
        s = plan_into_run_json(&plan, portfolio, *run, e);
    if (s != STATUS_OK) {
        json_object_put(*run);
        *run = NULL;
    }
    return s;
}

enum status run_json_create_folder(
    const char *runs, struct json_object *run, struct run_folder *folder, struct error *e)
{
    char host[256], moment[CLOCK_RFC3339_SIZE];
    machine_host_name("", host, sizeof host);
    if (anonymise_is_asked(run))
        snprintf(host, sizeof host, "%s", ANONYMOUS_HOST);
    int64_t now_ns = clock_wall_ns(clock_system());
    enum status s = run_folder_create(runs, host, now_ns, folder, e);
    if (s != STATUS_OK) {
        json_object_put(run);
        return s;
    }
    clock_format_rfc3339(now_ns, moment);
    if (json_set_text(run, "run_id", folder->run_id) && json_set_text(run, "started", moment) &&
        json_set_int(run, "start_unix_ns", now_ns))
        return run_folder_save(folder, run, e);
    json_object_put(run);
    return error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
}

size_t run_json_plan_length(const struct json_object *run)
{
    const struct json_object *plan = json_get_array(run, "/plan");
    return plan ? json_object_array_length(plan) : 0;
}
