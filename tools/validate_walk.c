#include "validate_walk.h"

#include "run_operand.h"

#include "fs.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 16, PATH_LENGTH_MAX = 4096 };

struct folder {
    struct validate_walk *walk;
    const char *path;
    int depth;
    size_t *looked_at; /* files */
};

static bool is_over(const struct validate_walk *walk)
{
    return walk->v->full || validate_is_stopped(walk->v);
}

static void judge_path(struct validate_walk *walk, const char *path)
{
    struct error why = {0};
    if (validate_file(walk->v, path, &why) != STATUS_OK)
        walk->fail(&why, walk->arg);
}

/* Nobody named the file: that no schema is known for it is worth a note. */
static void judge_found(struct validate_walk *walk, const char *path)
{
    struct error why = {0};
    enum status s = validate_file(walk->v, path, &why);
    if (s == STATUS_USAGE) {
        struct validate_fault note = {.severity = VALIDATE_NOTE,
            .kind = "unknown",
            .file = path,
            .pointer = "",
            .schema = "",
            .text = "no schema is known for it: left out",
            .times = 1};
        walk->v->tell(&note, walk->v->arg);
        walk->v->notes++;
    } else if (s != STATUS_OK) {
        walk->fail(&why, walk->arg);
    }
}

static bool is_wanted(const struct validate_walk *walk, const char *path)
{
    static const char *const ends[] = {".json", ".jsonl", ".ndjson"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (validate_name_ends(path, ends[i]))
            return true;
    return walk->v->schema == NULL && validate_kind_of_name(path) != NULL;
}

static void walk_folder(struct validate_walk *walk, const char *path, int depth, size_t *looked_at);

static int visit(const char *name, void *arg)
{
    const struct folder *folder = arg;
    char path[PATH_LENGTH_MAX];
    struct stat st;
    int len = snprintf(path, sizeof path, "%s%s%s", folder->path,
        folder->path[0] != '\0' && folder->path[strlen(folder->path) - 1] == '/' ? "" : "/", name);
    if (name[0] == '.' || len < 0 || (size_t)len >= sizeof path)
        return 0;
    bool seen = lstat(path, &st) == 0;
    if (!seen && errno == ENOENT) /* a run that goes on: it is gone since */
        return 0;
    if (seen && S_ISDIR(st.st_mode)) {
        walk_folder(folder->walk, path, folder->depth + 1, folder->looked_at);
    } else if (is_wanted(folder->walk, path) && (!seen || stat(path, &st) != 0 || S_ISREG(st.st_mode))) {
        /* what leads nowhere or cannot be looked at fails there, and is not passed over */
        (*folder->looked_at)++;
        judge_found(folder->walk, path);
    }
    return is_over(folder->walk);
}

static void walk_folder(struct validate_walk *walk, const char *path, int depth, size_t *looked_at)
{
    struct folder folder = {.walk = walk, .path = path, .depth = depth, .looked_at = looked_at};
    struct error why = {0};
    enum status s = depth <= DEPTH_MAX ? fs_list(path, visit, &folder, &why)
                                       : error_set(&why, STATUS_LIMIT, "folders are nested too deep here");
    if (s == STATUS_OK)
        return;
    error_locate(&why, path, 0, 0, NULL);
    walk->fail(&why, walk->arg);
    (*looked_at)++;
}

static void judge_operand(struct validate_walk *walk, const char *path)
{
    size_t looked_at = 0;
    if (strcmp(path, "-") == 0 || !fs_is_folder(path)) {
        judge_path(walk, path);
        return;
    }
    walk_folder(walk, path, 0, &looked_at);
    if (looked_at > 0 || is_over(walk))
        return;
    struct error why = {0};
    (void)error_set(&why, STATUS_NOT_FOUND, "there is no file in this folder that could be judged");
    error_locate(&why, path, 0, 0, NULL);
    walk->fail(&why, walk->arg);
}

/* "latest" and the name of a run below runs/ mean the folder, as for every other verb. */
static bool walk_run(struct validate_walk *walk, const char *operand)
{
    struct buf folder = BUF_INIT(PATH_LENGTH_MAX);
    bool found = strcmp(operand, "-") != 0 && !fs_exists(operand) &&
                 run_operand_find(operand, &folder, NULL) == STATUS_OK;
    if (found)
        judge_operand(walk, buf_text(&folder));
    buf_fini(&folder);
    return found;
}

static bool is_pattern(const char *operand)
{
    struct stat st;
    return strpbrk(operand, "*?[") != NULL && lstat(operand, &st) != 0 && errno == ENOENT;
}

void validate_walk(struct validate_walk *walk, const char *operand)
{
    glob_t found = {0};
    if (walk_run(walk, operand))
        return;
    if (!is_pattern(operand)) {
        judge_operand(walk, operand);
        return;
    }
    struct error why = {0};
    int result = glob(operand, 0, NULL, &found);
    if (result == GLOB_NOMATCH)
        (void)error_set(&why, STATUS_NOT_FOUND, "no file has a name like this");
    else if (result != 0)
        (void)error_set(
            &why, result == GLOB_NOSPACE ? STATUS_NO_MEMORY : STATUS_IO, "cannot look for such files");
    if (result != 0) {
        error_locate(&why, operand, 0, 0, NULL);
        walk->fail(&why, walk->arg);
    }
    for (size_t i = 0; result == 0 && i < found.gl_pathc && !is_over(walk); i++)
        judge_operand(walk, found.gl_pathv[i]);
    globfree(&found);
}
