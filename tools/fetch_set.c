#include "fetch_set.h"

#include "json.h"
#include "log.h"
#include "set_load.h"
#include "set_ref.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool fetch_set_is_one(const char *name)
{
    return set_ref_is_one(name);
}

enum status fetch_set_suggest(const char *name, struct error *e)
{
    struct buf sets = BUF_INIT(4096);
    for (const struct set_known *k = set_table; k->name; k++)
        buf_printf(&sets, "%s%s", k == set_table ? "" : ", ", k->name);
    enum status s = error_set(e, STATUS_NOT_FOUND,
        "%.200s is neither a file nor a set that is known; sets are %s and hf:OWNER/NAME", name,
        buf_text(&sets));
    buf_fini(&sets);
    return s;
}

struct drawing {
    const char *name;
    bool terminal, drawn;
};

static void draw(int64_t done, int64_t total, size_t bytes, void *arg)
{
    struct drawing *d = arg;
    char size[32];
    if (!d->terminal)
        return;
    text_format_bytes(size, sizeof size, (double)bytes);
    fprintf(stderr, "\r\033[K%.60s: %" PRId64 " of %" PRId64 " rows, %s", d->name, done, total, size);
    fflush(stderr);
    d->drawn = true;
}

static void append_known(
    struct buf *out, const struct json_object *manifest, const char *before, const char *pointer)
{
    const char *text = json_get_text(manifest, pointer);
    if (text)
        buf_printf(out, "%s%.100s", before, text);
}

/* "imdb: 100 tasks of stanfordnlp/imdb test, 131 KiB, licence other, revision e6281661, fetched now" */
static void tell(const char *name, const struct set_loaded *set)
{
    struct buf words = BUF_INIT(4096);
    int64_t rows = 0, skipped = 0, bytes = 0;
    char size[32];
    (void)json_get_int(set->manifest, "/rows", &rows);
    (void)json_get_int(set->manifest, "/skipped", &skipped);
    if (!json_get_int(set->manifest, "/bytes", &bytes))
        bytes = 0;
    buf_printf(&words, "%" PRId64 " tasks", rows);
    append_known(&words, set->manifest, " of ", "/dataset");
    append_known(&words, set->manifest, " ", "/split");
    append_known(&words, set->manifest, " ", "/file");
    text_format_bytes(size, sizeof size, (double)bytes);
    if (bytes > 0)
        buf_printf(&words, ", %s", size);
    append_known(&words, set->manifest, ", licence ", "/licence");
    append_known(&words, set->manifest, ", revision ", "/revision");
    if (skipped > 0)
        buf_printf(&words, ", %" PRId64 " rows left out", skipped);
    if (set->fetched)
        buf_append_text(&words, ", fetched now");
    else
        append_known(&words, set->manifest, ", from the cache of ", "/fetched");
    log_note("%s: %s", name, buf_text(&words));
    if (!json_get_text(set->manifest, "/licence"))
        log_note("%s: nobody says under which licence it is", name);
    if (set->warning[0])
        log_warning("%s", set->warning);
    buf_fini(&words);
}

static const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static bool is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

enum status fetch_set(
    const char *name, int64_t count, bool offline, struct buf *tasks, struct buf *about, struct error *e)
{
    struct drawing drawing = {.name = name, .terminal = is_terminal()};
    struct set_request request = {.name = name,
        .count = count,
        .offline = offline,
        .rows_url = environment("ASSAY_SETS_URL", SET_ROWS_URL),
        .hub_url = environment("ASSAY_SETS_URL", SET_HUB_URL),
        .token = environment("HF_TOKEN", NULL),
        .progress = draw,
        .arg = &drawing};
    struct set_loaded set;
    enum status s = set_load(&request, tasks, &set, e);
    if (drawing.drawn)
        fputs("\r\033[K", stderr);
    if (s != STATUS_OK)
        return s;
    tell(name, &set);
    s = json_write_pretty(set.manifest, about, e);
    set_loaded_fini(&set);
    return s;
}
