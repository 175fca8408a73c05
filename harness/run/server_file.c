#include "server_file.h"

#include "clock.h"
#include "fs.h"
#include "jsonl.h"
#include "monitor_line.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Reading two clocks takes a moment; being set takes more. */
#define JUMP_MIN_NS (20 * NS_PER_MS)
#define FRESH_NS (3 * NS_PER_S) /* a file that was written to so long ago is still written to */

/* ---- lines ---- */

enum status server_file_each(
    const char *path, server_file_take *take, void *arg, size_t *left_out, struct error *e)
{
    struct jsonl *lines;
    bool enough = false;
    enum status s = jsonl_open(path, &lines, e);
    if (s != STATUS_OK)
        return s;
    for (struct jsonl_line line; s == STATUS_OK && !enough && jsonl_next(lines, &line);) {
        if (line.status == STATUS_OK && json_object_is_type(line.tree, json_type_object))
            s = take(arg, line.tree, &enough, e);
        else if (left_out != NULL)
            (*left_out)++;
    }
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

/* ---- what is no such file ---- */

static const struct {
    const char *magic, *name, *unpack;
    size_t len;
} packed[] = {
    {"\x1f\x8b", "gzip", "gzip -d", 2},
    {"\x28\xb5\x2f\xfd", "zstd", "zstd -d", 4},
    {"\xfd"
     "7zXZ",
        "xz", "xz -d", 5},
    {"BZh", "bzip2", "bzip2 -d", 3},
};

static enum status refuse_packed(const char *path, struct error *e)
{
    char head[8] = "";
    long len = fs_read_small("", path, head, sizeof head);
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if (len >= (long)packed[i].len && memcmp(head, packed[i].magic, packed[i].len) == 0)
            return error_set(e, STATUS_INVALID, "%s is compressed (%s): unpack it first, with %s", path,
                packed[i].name, packed[i].unpack);
    return STATUS_OK;
}

static enum status refuse_what_is_no_file(const char *path, struct error *e)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return STATUS_OK; /* whoever opens it says so */
    if (!S_ISREG(about.st_mode))
        return error_set(e, STATUS_INVALID, "%s is no ordinary file: it is read more than once", path);
    if (about.st_size == 0)
        return error_set(e, STATUS_INVALID,
            "%s is empty: the monitor there wrote nothing; its standard error says why", path);
    return refuse_packed(path, e);
}

/* ---- the survey ---- */

struct surveying {
    struct server_file *file;
    bool first_seen;
    int64_t ahead_low_ns, ahead_high_ns; /* of its wall clock before its monotonic one */
};

static void take_start(struct server_file *f, struct json_object *line)
{
    const char *host = json_get_text(line, "/host");
    double period_s = 0;
    f->start = json_object_get(line);
    snprintf(f->host, sizeof f->host, "%s", host != NULL && host[0] != '\0' ? host : "unknown");
    if (json_get_real(line, "/period_s", &period_s) && period_s > 1e-6 && period_s < 1e6)
        f->period_ns = (int64_t)(period_s * 1e9);
    (void)json_get_bool(line, "/clock/known", &f->clock.known);
    (void)json_get_bool(line, "/clock/kept", &f->clock.kept);
    (void)json_get_real(line, "/clock/error_s", &f->clock.error_s);
}

static void take_sample(struct surveying *v, const struct sample *sample)
{
    struct server_file *f = v->file;
    int64_t ahead_ns = sample->t_unix_ns - sample->t_mono_ns;
    if (f->samples++ == 0) {
        f->first_ns = f->last_ns = sample->t_unix_ns;
        v->ahead_low_ns = v->ahead_high_ns = ahead_ns;
    }
    f->first_ns = sample->t_unix_ns < f->first_ns ? sample->t_unix_ns : f->first_ns;
    f->last_ns = sample->t_unix_ns > f->last_ns ? sample->t_unix_ns : f->last_ns;
    v->ahead_low_ns = ahead_ns < v->ahead_low_ns ? ahead_ns : v->ahead_low_ns;
    v->ahead_high_ns = ahead_ns > v->ahead_high_ns ? ahead_ns : v->ahead_high_ns;
}

static enum status survey_line(void *arg, struct json_object *line, bool *enough, struct error *e)
{
    struct surveying *v = arg;
    struct sample sample;
    const char *type = json_get_text(line, "/type");
    (void)e;
    if (!v->first_seen && type != NULL && strcmp(type, "start") == 0)
        take_start(v->file, line);
    v->first_seen = true;
    *enough = v->file->start == NULL; /* it is the first line or not there */
    if (monitor_line_read(line, &sample))
        take_sample(v, &sample);
    else if (type != NULL && strcmp(type, "summary") == 0)
        v->file->ended = true;
    return STATUS_OK;
}

enum status server_file_survey(const char *path, struct server_file *file, struct error *e)
{
    struct surveying v = {.file = file};
    *file = (struct server_file){0};
    enum status s = refuse_what_is_no_file(path, e);
    if (s == STATUS_OK)
        s = server_file_each(path, survey_line, &v, &file->left_out, e);
    if (s == STATUS_OK && file->start == NULL)
        s = error_set(e, STATUS_INVALID, "%s does not begin as a file of `assay monitor` does%s", path,
            file->left_out > 0 ? ": its first line cannot be read" : "");
    if (s == STATUS_OK && json_get_text(file->start, "/scope") != NULL)
        s = error_set(e, STATUS_INVALID,
            "%s was brought into a run already: name the file that the monitor wrote", path);
    if (s == STATUS_OK && file->samples == 0)
        s = error_set(e, STATUS_INVALID, "%s holds no sample", path);
    if (v.ahead_high_ns - v.ahead_low_ns > JUMP_MIN_NS)
        file->jump_ns = v.ahead_high_ns - v.ahead_low_ns;
    return s;
}

void server_file_fini(struct server_file *file)
{
    json_object_put(file->start);
    *file = (struct server_file){0};
}

void server_file_await(const char *path, const struct server_file *file)
{
    const struct clock *clock = clock_system();
    struct stat about;
    if (file->ended || stat(path, &about) != 0)
        return;
    int64_t written_ns = (int64_t)about.st_mtime * NS_PER_S, now_ns = clock_wall_ns(clock);
    if (now_ns - written_ns > FRESH_NS || now_ns < written_ns - FRESH_NS)
        return;
    int64_t rest_ns = 2 * file->period_ns < 5 * NS_PER_S ? 2 * file->period_ns : 5 * NS_PER_S;
    clock_sleep_until(clock, clock_mono_ns(clock) + rest_ns + NS_PER_S / 2);
}
