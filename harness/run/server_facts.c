#include "server_facts.h"

#include "evidence.h"
#include "fs.h"
#include "json.h"
#include "process.h"
#include "timeline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- from test to test ---- */

static enum status read_servers(const struct run_folder *folder, struct buf *path, struct json_object **tree)
{
    enum status s = run_folder_path(folder, "spool/servers.json", path);
    return s == STATUS_OK ? json_read_file(buf_text(path), tree, NULL) : s;
}

void server_recall(const struct run_folder *folder, const char *target, struct server_identity *before)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *tree = NULL, *known = NULL;
    char boot_id[PROCESS_BOOT_ID_SIZE];
    int64_t pid = 0, ticks = 0;
    process_boot_id(boot_id);
    if (read_servers(folder, &path, &tree) == STATUS_OK && json_object_object_get_ex(tree, target, &known)) {
        const char *boot = json_get_text(known, "/boot_id"), *version = json_get_text(known, "/version");
        bool this_boot = boot != NULL && strcmp(boot, boot_id) == 0;
        if (this_boot && json_get_int(known, "/pid", &pid) && json_get_int(known, "/start_ticks", &ticks))
            before->process = (struct server_process){(pid_t)pid, (uint64_t)ticks};
        if (version != NULL)
            snprintf(before->version, sizeof before->version, "%s", version);
    }
    json_object_put(tree);
    buf_fini(&path);
}

static struct server_identity now_of(const struct server_facts *f)
{
    struct server_identity now = f->before;
    if (f->history != NULL && f->history->last.pid != 0)
        now.process = f->history->last;
    if (f->version[0] != '\0')
        snprintf(now.version, sizeof now.version, "%s", f->version);
    return now;
}

static struct json_object *identity_to_json(const struct server_identity *server)
{
    char boot_id[PROCESS_BOOT_ID_SIZE];
    struct json_object *o = json_object_new_object();
    process_boot_id(boot_id);
    bool ok = json_set_int(o, "pid", server->process.pid) &&
              json_set_int(o, "start_ticks", (int64_t)server->process.start_ticks) &&
              json_set_text(o, "boot_id", boot_id) && json_set_text(o, "version", server->version);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

void server_remember(const struct run_folder *folder, const char *target, const struct server_facts *facts)
{
    struct server_identity now = now_of(facts);
    struct buf path = BUF_INIT(4096), text = BUF_INIT(1 << 16);
    struct json_object *tree = NULL;
    if (server_process_same(&now.process, &facts->before.process) &&
        strcmp(now.version, facts->before.version) == 0)
        return;
    if (read_servers(folder, &path, &tree) != STATUS_OK)
        tree = json_object_new_object();
    if (json_set(tree, target, identity_to_json(&now)) && json_write(tree, &text, NULL) == STATUS_OK)
        (void)!fs_write_atomic(buf_text(&path), buf_text(&text), text.len, NULL);
    json_object_put(tree);
    buf_fini(&path);
    buf_fini(&text);
}

/* ---- in the record ---- */

static bool is_another(const struct server_facts *f)
{
    const struct server_process *before = &f->before.process;
    return f->history != NULL && before->pid != 0 && f->history->first.pid != 0 &&
           !server_process_same(before, &f->history->first);
}

static bool has_another_version(const struct server_facts *f)
{
    return f->before.version[0] != '\0' && f->version[0] != '\0' &&
           strcmp(f->before.version, f->version) != 0;
}

/* A restart that brings another version is one restart. */
static size_t count_restarts(const struct server_facts *f)
{
    size_t replaced = f->history != NULL ? f->history->replaced : 0;
    size_t seen = replaced + is_another(f);
    return seen == 0 && has_another_version(f) ? 1 : seen;
}

static void explain(const struct server_facts *f, char *reason, size_t size)
{
    const struct server_history *h = f->history;
    if (h != NULL && h->replaced > 0)
        snprintf(reason, size, "the server's process %ld ended in mid-test, and %ld took its place",
            (long)h->first.pid, (long)h->last.pid);
    else if (is_another(f))
        snprintf(reason, size,
            "since the run's test before this one the server is another process: %ld, now %ld",
            (long)f->before.process.pid, (long)h->first.pid);
    else
        snprintf(reason, size,
            "since the run's test before this one the server's version is another: %s, now %s",
            f->before.version, f->version);
}

static bool add_evidence(const struct server_facts *f, struct json_object *record)
{
    char reason[512];
    size_t restarts = count_restarts(f);
    struct evidence e = {.sensor = "server_restarts",
        .flag = "degraded_server_restarted",
        .unit = "count",
        .scope = "server",
        .value = (double)restarts,
        .raised = restarts > 0};
    if (e.raised) {
        explain(f, reason, sizeof reason);
        e.reason = reason;
    }
    return record_add_evidence(record, &e);
}

bool server_facts_memory(const struct server_facts *facts, double *bytes)
{
    const struct span *memory = facts->window != NULL ? &facts->window->spans[SENSOR_RSS_TARGET] : NULL;
    if (memory == NULL || memory->seen == 0)
        return false;
    *bytes = memory->high;
    return true;
}

static bool set_cpu_and_memory(const struct server_facts *f, struct json_object *o)
{
    const struct span *cpu = &f->window->spans[SENSOR_CPU_TARGET];
    double bytes;
    bool ok = true;
    if (server_facts_memory(f, &bytes))
        ok = json_set_int(o, "rss_peak_bytes", (int64_t)bytes);
    if (cpu->first.status == SENSOR_OK && cpu->last.status == SENSOR_OK &&
        cpu->last.value >= cpu->first.value)
        ok = ok && json_set_real(o, "cpu_s", round((cpu->last.value - cpu->first.value) * 1e6) / 1e6);
    return ok;
}

static bool set_process(const struct server_facts *f, struct json_object *record)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_int(o, "pid", f->history->last.pid) &&
              json_set_bool(o, "restarted", f->history->replaced > 0 || is_another(f)) &&
              set_cpu_and_memory(f, o);
    return json_set(record, "server_process", o) && ok;
}

static bool add_moments(const struct server_history *h, int64_t start_ns, struct json_object *record)
{
    bool ok = true;
    if (h->gone_ns != 0)
        ok = timeline_add(record, "server_gone", (double)(h->gone_ns - start_ns) / 1e9);
    if (h->back_ns != 0)
        ok = ok && timeline_add(record, "server_back", (double)(h->back_ns - start_ns) / 1e9);
    return ok;
}

/* The plan's version is of the run's beginning. */
static bool set_version(const struct server_facts *f, struct json_object *record)
{
    static const char *const places[] = {"/target", "/identity/subject"};
    bool ok = true;
    for (size_t i = 0; ok && f->version[0] != '\0' && i < sizeof places / sizeof places[0]; i++) {
        struct json_object *o = json_get_object(record, places[i]);
        ok = o == NULL || json_set_text(o, "server_version", f->version);
    }
    return ok;
}

bool server_facts_into_record(
    const struct server_facts *facts, int64_t start_mono_ns, struct json_object *record)
{
    const struct server_history *h = facts->history;
    bool known = h != NULL && h->last.pid != 0;
    bool ok = !known || (set_process(facts, record) && add_moments(h, start_mono_ns, record));
    if (known || facts->version[0] != '\0')
        ok = ok && add_evidence(facts, record);
    return ok && set_version(facts, record);
}
