#include "target_sensors.h"

#include "errand.h"
#include "gpu_cards.h"
#include "proc_parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char files_source[] = "/proc/*/fd";
static const char limit_source[] = "/proc/*/limits";
static const char drm_source[] = "/proc/*/fdinfo drm-*";

/* NVIDIA's driver says nothing of its clients there. */
static bool has_telling_driver(const char *root)
{
    struct gpu_card cards[GPUS_MAX];
    size_t count = gpu_cards_find(root, cards, GPUS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cards[i].vendor, "NVIDIA") != 0)
            return true;
    }
    return false;
}

void target_sensors_open(struct target_sensors *s, const char *root)
{
    *s = (struct target_sensors){0};
    snprintf(s->root, sizeof s->root, "%s", root);
    if (has_telling_driver(root))
        s->gpus = drm_clients_new();
}

void target_sensors_close(struct target_sensors *s)
{
    drm_clients_free(s->gpus);
    s->gpus = NULL;
}

static bool full_path(const struct target_sensors *s, pid_t pid, const char *name, char *path, size_t size)
{
    errno = ENAMETOOLONG;
    return (size_t)snprintf(path, size, "%s/proc/%ld/%s", s->root, (long)pid, name) < size;
}

/* 0, or the error's number. One read: the kernel makes these files in one piece. */
static int read_text(const struct target_sensors *s, pid_t pid, const char *name, char *text, size_t size)
{
    char path[600];
    if (!full_path(s, pid, name, path, sizeof path))
        return errno;
    errand_doing(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno;
    ssize_t n = read(fd, text, size - 1);
    int code = n < 0 ? errno : 0;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return code;
}

/* The process ended, or is only waiting to be reaped. */
static bool has_ended(int code)
{
    return code == ENOENT || code == ESRCH;
}

/* A file of the processes that has what is asked for in one line, in kB. */
struct weight {
    const char *file, *key, *source;
};

static void add_up(const struct target_sensors *s, const struct weight *w, const struct target_question *q,
    struct reading *r)
{
    char text[4096];
    double sum = 0;
    size_t known = 0;
    int ended = ENOENT;
    for (size_t i = 0; i < q->count; i++) {
        uint64_t bytes;
        int code = read_text(s, q->pids[i], w->file, text, sizeof text);
        if (code != 0 && !has_ended(code)) {
            reading_unavailable(r, w->source, strerror(code));
            return;
        }
        if (code != 0)
            ended = code;
        else if (proc_find_meminfo(text, w->key, &bytes)) {
            sum += (double)bytes;
            known++;
        }
    }
    if (known > 0)
        reading_set(r, sum, w->source);
    else
        reading_unavailable(r, w->source, strerror(ended));
}

static void weigh(
    const struct target_sensors *s, const struct target_question *question, struct target_readings *readings)
{
    static const struct weight pss = {"smaps_rollup", "Pss", "/proc/*/smaps_rollup Pss"};
    static const struct weight peak = {"status", "VmHWM", "/proc/*/status VmHWM"};
    add_up(s, &peak, question, &readings->rss_peak);
    if (question->rss_bytes <= TARGET_WEIGHED_MAX_BYTES)
        add_up(s, &pss, question, &readings->pss);
    else
        reading_unavailable(
            &readings->pss, pss.source, "more than 32 GiB are resident, which takes too long");
}

static void note_device(struct target_sensors *s, pid_t pid, int folder, const char *descriptor)
{
    static const char devices[] = "/dev/dri/";
    char link[64];
    ssize_t len = readlinkat(folder, descriptor, link, sizeof link - 1);
    link[len > 0 ? len : 0] = '\0';
    if (strncmp(link, devices, sizeof devices - 1) == 0)
        drm_clients_note(s->gpus, s->root, pid, descriptor);
}

/* 0, or the error's number. */
static int count_files(struct target_sensors *s, pid_t pid, size_t *count)
{
    char path[600];
    const struct dirent *entry;
    DIR *folder = full_path(s, pid, "fd", path, sizeof path) ? opendir(path) : NULL;
    *count = 0;
    if (!folder)
        return errno;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        (*count)++;
        if (s->gpus)
            note_device(s, pid, dirfd(folder), entry->d_name);
    }
    closedir(folder);
    return 0;
}

/* Of all processes together, and of the one that has the least left. */
struct files {
    double open, left;
    size_t known, limited;
    int code; /* of a process that does not let us look; 0: none */
};

static void add_files(struct target_sensors *s, pid_t pid, struct files *files)
{
    char text[4096];
    size_t count;
    uint64_t limit;
    int code = count_files(s, pid, &count);
    if (code != 0) {
        files->code = has_ended(code) ? files->code : code;
        return;
    }
    files->open += (double)count;
    files->known++;
    if (read_text(s, pid, "limits", text, sizeof text) != 0 || !proc_parse_files_limit(text, &limit) ||
        limit == UINT64_MAX)
        return;
    double left = limit > count ? (double)(limit - count) : 0;
    files->left = files->limited > 0 ? fmin(files->left, left) : left;
    files->limited++;
}

static void set_files(const struct files *files, struct target_readings *r)
{
    const char *why = files->code != 0 ? strerror(files->code) : "no process of it is in sight";
    bool known = files->code == 0 && files->known > 0;
    if (known)
        reading_set(&r->files_open, files->open, files_source);
    else
        reading_unavailable(&r->files_open, files_source, why);
    if (known && files->limited > 0)
        reading_set(&r->files_left, files->left, limit_source);
    else
        reading_unavailable(&r->files_left, limit_source, known ? "no limit is told" : why);
}

/* A server that uses no GPU has none of it, which is a figure; one that cannot be looked into has none known. */
static void set_gpus(const struct drm_clients *c, const struct files *files, struct target_readings *r)
{
    const char *why = !c            ? "no driver of a GPU here tells of its clients"
                      : files->code ? strerror(files->code)
                                    : NULL;
    bool none = !why && c->now.count == 0;
    if (why)
        reading_unavailable(&r->gpu_memory, drm_source, why);
    else if (none || c->memory_told)
        reading_set(&r->gpu_memory, c->memory_bytes, drm_source);
    else
        reading_unavailable(&r->gpu_memory, drm_source, "this driver does not tell");
    if (why)
        reading_unavailable(&r->gpu_busy, drm_source, why);
    else if (none || c->engines_told)
        reading_set(&r->gpu_busy, c->busy_s, drm_source);
    else
        reading_unavailable(&r->gpu_busy, drm_source, "this driver does not tell");
}

void target_sensors_look(
    struct target_sensors *s, const struct target_question *question, struct target_readings *readings)
{
    struct files files = {0};
    if (s->gpus)
        drm_clients_begin(s->gpus, question->t_ns);
    for (size_t i = 0; i < question->count; i++)
        add_files(s, question->pids[i], &files);
    if (s->gpus)
        drm_clients_end(s->gpus);
    readings->gpu_clients = s->gpus != NULL;
    set_files(&files, readings);
    set_gpus(s->gpus, &files, readings);
    if (question->weigh)
        weigh(s, question, readings);
}
