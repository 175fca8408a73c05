#include "verify_run.h"

#include "fs.h"
#include "json.h"
#include "run_files.h"
#include "schema_reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIGNATURE_NAME "run.json.%s.sig"

const char *verify_verdict_name(enum verify_verdict verdict)
{
    static const char *const names[] = {"good", "bad", "unfinished", "unlisted"};
    return names[verdict];
}

const char *signature_state_name(enum signature_state state)
{
    static const char *const names[] = {"unchecked", "good", "bad", "missing"};
    return names[state];
}

enum status signature_path(const char *folder, const char *id, struct buf *out)
{
    return buf_printf(out, "%s/" SIGNATURE_NAME, folder, id);
}

/* A file of the run's folder itself: no link, nothing that would hang us. */
static enum status read_inside(const char *folder, const char *name, struct buf *out, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    int64_t bytes = 0;
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
    enum status s = fs_join(&path, folder, name);
    if (s == STATUS_OK && folder_fd >= 0)
        fd = run_files_open(folder_fd, name, &bytes);
    if (fd < 0 && errno == ENOENT)
        s = error_set(e, STATUS_NOT_FOUND, "there is no %s", buf_text(&path));
    else if (fd < 0 && (errno == ELOOP || errno == EINVAL))
        s = error_set(e, STATUS_INVALID, "%s is a link, or no regular file", buf_text(&path));
    else if (fd < 0)
        s = error_set_errno(e, "cannot open %s", buf_text(&path));
    if (s == STATUS_OK)
        s = fs_read_file(buf_text(&path), out, e);
    if (fd >= 0)
        (void)close(fd);
    if (folder_fd >= 0)
        (void)close(folder_fd);
    buf_fini(&path);
    return s;
}

/* ---- run.json ---- */

static enum status read_run_json(
    const char *folder, struct verified *v, struct json_object **run, struct error *e)
{
    enum status s = read_inside(folder, "run.json", &v->run_json, e);
    if (s == STATUS_OK)
        s = json_parse(buf_text(&v->run_json), v->run_json.len, run, e);
    if (s == STATUS_OK)
        s = schema_check_for_reading("run", *run, e);
    if (s == STATUS_INVALID)
        error_locate(e, "run.json", 0, 0, NULL);
    if (s == STATUS_OK)
        snprintf(v->run_id, sizeof v->run_id, "%s", json_get_text(*run, "/run_id"));
    return s;
}

/* ---- signatures ---- */

static struct verified_signature *find_signature(struct verified *v, const char *id)
{
    for (size_t i = 0; i < v->signature_count; i++)
        if (strcmp(v->signatures[i].id, id) == 0)
            return &v->signatures[i];
    if (v->signature_count == VERIFY_SIGNATURES_MAX)
        return NULL;
    struct verified_signature *s = &v->signatures[v->signature_count++];
    snprintf(s->id, sizeof s->id, "%.16s", id);
    s->state = SIGNATURE_MISSING;
    return s;
}

static int note_signature(const char *name, void *arg)
{
    struct verified *v = arg;
    if (!run_files_is_signature(name))
        return 0;
    struct verified_signature *s = find_signature(v, name + strlen("run.json."));
    if (s != NULL)
        s->state = SIGNATURE_UNCHECKED;
    return s == NULL;
}

static enum status judge_signature(
    const char *folder, const struct sign_key *key, struct verified *v, struct error *e)
{
    struct buf bytes = BUF_INIT(1024);
    struct verified_signature *signature = find_signature(v, key->id);
    char name[64];
    if (signature == NULL)
        return error_set(
            e, STATUS_LIMIT, "there are more than %d signatures and keys", VERIFY_SIGNATURES_MAX);
    if (signature->state != SIGNATURE_UNCHECKED)
        return STATUS_OK;
    snprintf(name, sizeof name, SIGNATURE_NAME, key->id);
    enum status s = read_inside(folder, name, &bytes, e);
    bool fits =
        s == STATUS_OK && sign_key_fits(key, buf_text(&v->run_json), v->run_json.len, bytes.data, bytes.len);
    buf_fini(&bytes);
    if (s != STATUS_OK && s != STATUS_LIMIT && s != STATUS_INVALID) /* those are none: too long, a link */
        return s;
    signature->state = fits ? SIGNATURE_GOOD : SIGNATURE_BAD;
    return STATUS_OK;
}

static enum status judge_signatures(
    const char *folder, const struct sign_key *keys, size_t key_count, struct verified *v, struct error *e)
{
    enum status s = fs_list(folder, note_signature, v, e);
    for (size_t i = 0; s == STATUS_OK && i < key_count; i++)
        s = judge_signature(folder, &keys[i], v, e);
    return s;
}

/* ---- the run ---- */

static bool has_bad_signature(const struct verified *v)
{
    for (size_t i = 0; i < v->signature_count; i++)
        if (v->signatures[i].state == SIGNATURE_BAD || v->signatures[i].state == SIGNATURE_MISSING)
            return true;
    return false;
}

/* What is proved wrong is wrong, whatever cannot be said beside it. */
static enum status judge_files(
    const char *folder, const struct json_object *run, struct verified *v, struct error *e)
{
    const char *why_not = provenance_why_not(folder, run);
    enum status s = STATUS_OK;
    if (why_not != NULL) {
        snprintf(v->why_not, sizeof v->why_not, "%s", why_not);
        v->verdict = provenance_is_over(folder, run) ? VERIFY_UNLISTED : VERIFY_UNFINISHED;
    } else {
        s = provenance_check_files(folder, run, &v->check, e);
        v->verdict = s == STATUS_OK && provenance_check_is_good(&v->check) ? VERIFY_GOOD : VERIFY_BAD;
    }
    if (has_bad_signature(v))
        v->verdict = VERIFY_BAD;
    return s;
}

enum status verify_run(
    const char *folder, const struct sign_key *keys, size_t key_count, struct verified *v, struct error *e)
{
    struct json_object *run = NULL;
    *v = (struct verified){.verdict = VERIFY_BAD, .run_json = BUF_INIT(JSON_FILE_MAX)};
    enum status s = read_run_json(folder, v, &run, e);
    if (s == STATUS_OK)
        s = judge_signatures(folder, keys, key_count, v, e);
    if (s == STATUS_OK)
        s = judge_files(folder, run, v, e);
    json_object_put(run);
    if (s != STATUS_OK)
        verified_fini(v);
    return s;
}

void verified_fini(struct verified *v)
{
    provenance_check_fini(&v->check);
    buf_fini(&v->run_json);
}
