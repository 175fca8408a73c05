#include "calibration.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "our_schemas.h"
#include "text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALIBRATION_VERSION "1.0.0"

static const int64_t old_ns = INT64_C(30) * 24 * 3600 * NS_PER_S;

/* The figures of a rung that may be unknown. `envelope`: an error, which grows with the load. */
static const struct {
    const char *name;
    size_t offset;
    bool envelope;
} figures[] = {
    {"gap_s", offsetof(struct calibration_rung, gap_s), false},
    {"ttft_s", offsetof(struct calibration_rung, ttft_s), false},
    {"ttft_error_mean_s", offsetof(struct calibration_rung, ttft_error_mean_s), true},
    {"ttft_error_p99_s", offsetof(struct calibration_rung, ttft_error_p99_s), true},
    {"ttft_error_max_s", offsetof(struct calibration_rung, ttft_error_max_s), true},
    {"itl_p99_error_s", offsetof(struct calibration_rung, itl_p99_error_s), true},
    {"tokens_share", offsetof(struct calibration_rung, tokens_share), false},
    {"cpu_s_per_100k_events", offsetof(struct calibration_rung, cpu_s_per_100k_events), false},
    {"rss_bytes", offsetof(struct calibration_rung, rss_bytes), false},
    {"server_lateness_p99_s", offsetof(struct calibration_rung, server_lateness_p99_s), false},
};
enum { FIGURES = sizeof figures / sizeof *figures };

static double *figure(struct calibration_rung *rung, size_t i)
{
    return (double *)(void *)((char *)rung + figures[i].offset);
}

static void copy_text(char *to, size_t size, const struct json_object *tree, const char *pointer)
{
    const char *text = json_get_text(tree, pointer);
    snprintf(to, size, "%s", text ? text : "");
}

static void read_machine(struct calibration *c, const struct json_object *machine)
{
    copy_text(c->host, sizeof c->host, machine, "/host");
    copy_text(c->kernel, sizeof c->kernel, machine, "/kernel");
    copy_text(c->architecture, sizeof c->architecture, machine, "/architecture");
    copy_text(c->cpu, sizeof c->cpu, machine, "/cpu/model");
    c->cpus = 0;
    (void)json_get_int(machine, "/cpu/logical", &c->cpus);
}

void calibration_set_machine(
    struct calibration *c, const char *assay_version, const struct json_object *machine)
{
    snprintf(c->assay_version, sizeof c->assay_version, "%s", assay_version);
    read_machine(c, machine);
}

enum status calibration_path(struct buf *path, struct error *e)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && data[0] == '/')
        buf_printf(path, "%s/assay/calibration.json", data);
    else if (home && home[0] == '/')
        buf_printf(path, "%s/.local/share/assay/calibration.json", home);
    else
        return error_set(e, STATUS_USAGE, "there is no folder for a calibration: set XDG_DATA_HOME or HOME");
    return buf_status(path) == STATUS_OK
               ? STATUS_OK
               : error_set(e, STATUS_LIMIT, "the path of the calibration is too long");
}

static bool put_rung(struct json_object *rungs, const struct calibration_rung *rung)
{
    struct calibration_rung copy = *rung;
    struct json_object *o = json_object_new_object();
    bool ok = json_set_int(o, "streams", rung->streams) && json_set_int(o, "tokens", rung->tokens) &&
              json_set_bool(o, "valid", rung->valid);
    for (size_t i = 0; i < FIGURES; i++)
        if (isfinite(*figure(&copy, i)))
            ok = ok && json_set_real(o, figures[i].name, *figure(&copy, i));
    return json_add(rungs, o) && ok;
}

static struct json_object *machine_of(const struct calibration *c)
{
    struct json_object *machine = json_object_new_object(), *cpu = json_object_new_object();
    bool ok = json_set_text(machine, "host", c->host) && json_set_text(machine, "kernel", c->kernel) &&
              json_set_text(machine, "architecture", c->architecture) &&
              (c->cpu[0] == '\0' || json_set_text(cpu, "model", c->cpu)) &&
              (c->cpus <= 0 || json_set_int(cpu, "logical", c->cpus));
    ok = json_set(machine, "cpu", cpu) && ok;
    if (ok)
        return machine;
    json_object_put(machine);
    return NULL;
}

enum status calibration_to_json(const struct calibration *c, struct json_object **tree, struct error *e)
{
    char made[CLOCK_RFC3339_SIZE];
    struct json_object *o = json_object_new_object(), *rungs = json_object_new_array();
    clock_format_rfc3339(c->made_unix_ns, made);
    bool ok = json_set_text(o, "schema_version", CALIBRATION_VERSION) && json_set_text(o, "made", made) &&
              json_set_int(o, "made_unix_ns", c->made_unix_ns) &&
              json_set_text(o, "assay_version", c->assay_version) && json_set(o, "machine", machine_of(c)) &&
              json_set_int(o, "threads", c->threads) && json_set_bool(o, "tls", c->tls);
    for (size_t i = 0; i < c->count; i++)
        ok = ok && put_rung(rungs, &c->rungs[i]);
    ok = json_set(o, "rungs", rungs) && ok;
    *tree = ok ? o : NULL;
    if (ok)
        return STATUS_OK;
    json_object_put(o);
    return error_set(e, STATUS_NO_MEMORY, "no memory for a calibration");
}

enum status calibration_save(const char *path, const struct calibration *c, struct error *e)
{
    struct json_object *tree = NULL;
    struct buf text = BUF_INIT(1 << 20), folder = BUF_INIT(1 << 16);
    const char *slash = strrchr(path, '/');
    enum status s = calibration_to_json(c, &tree, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for("calibration"), tree, e);
    if (s == STATUS_OK)
        s = json_write_pretty(tree, &text, e);
    if (s == STATUS_OK && slash != NULL && slash > path) {
        buf_append(&folder, path, (size_t)(slash - path));
        s = fs_make_dirs(buf_text(&folder), e);
    }
    if (s == STATUS_OK)
        s = fs_write_atomic(path, buf_text(&text), text.len, e);
    json_object_put(tree);
    buf_fini(&text);
    buf_fini(&folder);
    return s;
}

static void read_rung(struct calibration_rung *rung, const struct json_object *o)
{
    *rung = (struct calibration_rung){0};
    (void)json_get_int(o, "/streams", &rung->streams);
    (void)json_get_int(o, "/tokens", &rung->tokens);
    (void)json_get_bool(o, "/valid", &rung->valid);
    for (size_t i = 0; i < FIGURES; i++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/%s", figures[i].name);
        if (!json_get_real(o, pointer, figure(rung, i)))
            *figure(rung, i) = (double)NAN;
    }
}

static void read_tree(struct calibration *c, const struct json_object *tree)
{
    struct json_object *rungs = json_get_array(tree, "/rungs");
    (void)json_get_int(tree, "/made_unix_ns", &c->made_unix_ns);
    (void)json_get_int(tree, "/threads", &c->threads);
    (void)json_get_bool(tree, "/tls", &c->tls);
    copy_text(c->assay_version, sizeof c->assay_version, tree, "/assay_version");
    read_machine(c, json_get_object(tree, "/machine"));
    for (size_t i = 0; i < json_object_array_length(rungs) && c->count < CALIBRATION_RUNGS_MAX; i++)
        read_rung(&c->rungs[c->count++], json_object_array_get_idx(rungs, i));
}

enum status calibration_load(const char *path, struct calibration *c, struct error *e)
{
    struct json_object *tree = NULL;
    *c = (struct calibration){0};
    enum status s = json_read_file(path, &tree, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for("calibration"), tree, e);
    if (s == STATUS_OK)
        read_tree(c, tree);
    else
        error_locate(e, path, 0, 0, NULL);
    json_object_put(tree);
    return s;
}

static double events_per_s(const struct calibration_rung *rung)
{
    return rung->gap_s > 0 ? (double)rung->streams / rung->gap_s : 0;
}

/* Does a have the lower load of both? */
static bool is_lower(const struct calibration_rung *a, const struct calibration_rung *b)
{
    return a->streams < b->streams || (a->streams == b->streams && events_per_s(a) < events_per_s(b));
}

static const struct calibration_rung *least_that_covers(
    const struct calibration *c, const struct calibration_need *need)
{
    const struct calibration_rung *best = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct calibration_rung *r = &c->rungs[i];
        bool covers =
            r->valid && r->streams >= need->streams && events_per_s(r) >= need->events_per_s * 0.999;
        if (covers && (best == NULL || is_lower(r, best)))
            best = r;
    }
    return best;
}

bool calibration_error_at(const struct calibration *c, const struct calibration_need *need,
    struct calibration_rung *error, int64_t *highest)
{
    const struct calibration_rung *rung = least_that_covers(c, need);
    for (size_t i = 0; highest && i < c->count; i++)
        if (i == 0 || c->rungs[i].streams > *highest)
            *highest = c->rungs[i].streams;
    if (highest && c->count == 0)
        *highest = 0;
    if (rung == NULL)
        return false;
    *error = *rung;
    for (size_t i = 0; i < c->count; i++) {
        struct calibration_rung lower = c->rungs[i];
        for (size_t f = 0; f < FIGURES && lower.valid && is_lower(&lower, rung); f++)
            if (figures[f].envelope)
                *figure(error, f) = fmax(*figure(error, f), *figure(&lower, f)); /* ignores NAN */
    }
    return true;
}

static void note_change(struct buf *why, const char *what, const char *was, const char *is)
{
    if (strcmp(was, is) != 0) {
        buf_printf(why, "It was made %s ", what);
        text_sanitise_line(why, was, strlen(was), 128);
        buf_append_text(why, "; now it is ");
        text_sanitise_line(why, is, strlen(is), 128);
        buf_append_text(why, ".\n");
    }
}

bool calibration_is_stale(const struct calibration *c, const struct calibration *now, struct buf *why)
{
    size_t before = why->len;
    char made[CLOCK_RFC3339_SIZE];
    note_change(why, "on host", c->host, now->host);
    note_change(why, "under kernel", c->kernel, now->kernel);
    note_change(why, "on processor", c->cpu, now->cpu);
    note_change(why, "by version", c->assay_version, now->assay_version);
    if (c->cpus != now->cpus)
        buf_printf(why, "It was made with %lld processors; now there are %lld.\n", (long long)c->cpus,
            (long long)now->cpus);
    clock_format_rfc3339(c->made_unix_ns, made);
    if (now->made_unix_ns - c->made_unix_ns > old_ns)
        buf_printf(why, "It was made more than 30 days ago, on %.10s.\n", made);
    return why->len > before;
}
