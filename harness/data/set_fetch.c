#include "set_fetch.h"

#include "data_fetch.h"
#include "json.h"
#include "set_rows.h"
#include "task_images.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_BYTES = 64 << 20, FILE_BYTES = 128 << 20, ABOUT_BYTES = 4 << 20, SPREAD_ROWS = 10 };

/* One set on its way. */
struct fetching {
    const struct set_request *request;
    struct set_ref *ref;
    struct data_fetch *fetch;
    struct json_object *manifest;
    struct buf *tasks;
    int64_t want, seen, rows, skipped, total; /* seen: rows looked at; total -1: not known */
    size_t bytes;
    bool guessed;
};

static void append_escaped(struct buf *out, const char *text, const char *plain)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr(plain, *text))
            buf_append_char(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

static enum status get(
    struct fetching *f, const struct buf *url, size_t max_bytes, struct buf *body, struct error *e)
{
    struct data_answer answer;
    enum status s = buf_status(url) == STATUS_OK
                        ? data_fetch_get(f->fetch, buf_text(url), max_bytes, body, &answer, e)
                        : error_set(e, STATUS_LIMIT, "an address too long to ask");
    f->bytes += body->len;
    if (s == STATUS_OK && answer.revision[0] && !json_get(f->manifest, "/revision") &&
        !json_set_text(f->manifest, "revision", answer.revision))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for what is known of a set");
    return s;
}

/* What came instead of JSON is most often a page for people. */
static enum status get_json(struct fetching *f, const struct buf *url, size_t max_bytes, struct buf *body,
    struct json_object **tree, struct error *e)
{
    enum status s = get(f, url, max_bytes, body, e);
    if (s == STATUS_OK && json_parse(buf_text(body), body->len, tree, NULL) != STATUS_OK)
        s = error_set(e, STATUS_INVALID, "%.*s answers with something else than JSON%s",
            (int)strcspn(buf_text(url), "?"), buf_text(url),
            strchr(buf_text(body), '<') == buf_text(body) ? ": a page for people" : "");
    return s;
}

static void tell(const struct fetching *f)
{
    if (f->request->progress)
        f->request->progress(f->seen, f->want, f->bytes, f->request->arg);
}

/* ---- what is known of it ---- */

static bool keep_known(struct fetching *f, const char *key, const char *text)
{
    return !text || !*text || strlen(text) > 512 || json_set_text(f->manifest, key, text);
}

/* Licence and revision; a hub that does not say keeps nobody from the rows. */
static bool ask_about(struct fetching *f)
{
    struct buf url = BUF_INIT(4096), body = BUF_INIT(ABOUT_BYTES);
    struct json_object *tree = NULL;
    bool ok = true;
    buf_printf(&url, "%s/api/datasets/", f->request->hub_url);
    append_escaped(&url, f->ref->known.dataset, "._-/");
    if (f->ref->revision[0]) {
        buf_append_text(&url, "/revision/");
        append_escaped(&url, f->ref->revision, "._-");
    }
    if (get_json(f, &url, ABOUT_BYTES, &body, &tree, NULL) == STATUS_OK) {
        const char *licence = json_get_text(tree, "/cardData/license");
        licence = licence ? licence : json_get_text(tree, "/cardData/license/0");
        ok = keep_known(f, "licence", licence) && keep_known(f, "revision", json_get_text(tree, "/sha"));
    }
    json_object_put(tree);
    buf_fini(&url);
    buf_fini(&body);
    return ok;
}

static int split_rank(const char *split)
{
    static const char *const order[] = {"test", "validation", "train"};
    for (int i = 0; i < 3; i++)
        if (strcmp(split, order[i]) == 0)
            return i;
    return 3;
}

/* The one named, else test before validation before train; of several subsets the first that has it. */
static const struct json_object *choose_split(const struct set_ref *ref, const struct json_object *splits)
{
    const struct json_object *best = NULL;
    int best_rank = 5;
    for (size_t i = 0; splits && i < json_object_array_length(splits); i++) {
        const struct json_object *one = json_object_array_get_idx(splits, i);
        const char *config = json_get_text(one, "/config"), *split = json_get_text(one, "/split");
        if (!config || !split || (ref->known.config && strcmp(config, ref->known.config) != 0) ||
            (ref->known.split && strcmp(split, ref->known.split) != 0))
            continue;
        if (split_rank(split) < best_rank) {
            best_rank = split_rank(split);
            best = one;
        }
    }
    return best;
}

/* Which subset and which split, where the name does not say both. */
static enum status find_split(struct fetching *f, struct error *e)
{
    struct set_known *k = &f->ref->known;
    struct buf url = BUF_INIT(4096), body = BUF_INIT(ABOUT_BYTES);
    struct json_object *tree = NULL;
    enum status s = STATUS_OK;
    buf_printf(&url, "%s/splits?dataset=", f->request->rows_url);
    append_escaped(&url, k->dataset, "._-");
    if (!k->config || !k->split)
        s = get_json(f, &url, ABOUT_BYTES, &body, &tree, e);
    if (s == STATUS_OK && tree) {
        const struct json_object *found = choose_split(f->ref, json_get_array(tree, "/splits"));
        const char *config = json_get_text(found, "/config"), *split = json_get_text(found, "/split");
        if (!found || strlen(config) >= sizeof f->ref->own[5] || strlen(split) >= sizeof f->ref->own[1])
            s = error_set(e, STATUS_UNAVAILABLE, "%s has no split %s", k->dataset, k->split ? k->split : "");
        else {
            char chosen[sizeof f->ref->own[5]];
            snprintf(chosen, sizeof chosen, "%s", config);
            snprintf(f->ref->own[1], sizeof f->ref->own[1], "%s", split);
            snprintf(f->ref->own[5], sizeof f->ref->own[5], "%s", chosen);
            k->split = f->ref->own[1];
            k->config = f->ref->own[5];
        }
    }
    json_object_put(tree);
    buf_fini(&url);
    buf_fini(&body);
    return s;
}

/* ---- rows ---- */

/* The row's picture as a data: URL; STATUS_INVALID: what came is none, and the row is left out. */
static enum status get_image(
    struct fetching *f, const struct json_object *row, struct buf *image, struct error *e)
{
    const char *address = set_row_image(f->ref, row);
    struct buf url = BUF_INIT(4096), bytes = BUF_INIT(TASK_IMAGE_BYTES);
    if (!address)
        return STATUS_INVALID;
    enum status s = STATUS_OK;
    bool ours =
        data_same_origin(address, f->request->rows_url) || data_same_origin(address, f->request->hub_url);
    buf_append_text(&url, address);
    if (strncmp(address, "https://", 8) != 0 && !ours)
        s = error_set(
            e, STATUS_UNAVAILABLE, "a picture of %s is not on an https address", f->ref->known.dataset);
    if (s == STATUS_OK)
        s = get(f, &url, TASK_IMAGE_BYTES, &bytes, e);
    if (s == STATUS_OK)
        s = task_image_append(buf_text(&bytes), bytes.len, image, NULL);
    buf_fini(&url);
    buf_fini(&bytes);
    return s;
}

static enum status take_row(struct fetching *f, struct json_object *row, int64_t number, struct error *e)
{
    struct buf image = BUF_INIT(2 * TASK_IMAGE_BYTES);
    bool skipped = true;
    enum status s = STATUS_OK;
    f->seen++;
    if (row && !f->guessed) {
        s = set_ref_guess(f->ref, row, e);
        f->guessed = true;
    }
    if (s == STATUS_OK && row && f->ref->known.image) {
        s = get_image(f, row, &image, e);
        if (s == STATUS_INVALID)
            row = NULL, s = STATUS_OK;
    }
    if (s == STATUS_OK && row)
        s = set_row_write(f->ref, row, number, image.len ? buf_text(&image) : NULL, f->tasks, &skipped, e);
    f->skipped += skipped;
    f->rows += !skipped;
    buf_fini(&image);
    if (f->ref->known.image)
        tell(f);
    return s;
}

static enum status take_page(struct fetching *f, const struct buf *body, size_t *count, struct error *e)
{
    struct set_page page;
    enum status s = set_page_parse(buf_text(body), body->len, &page, e);
    if (s != STATUS_OK)
        return s;
    f->total = page.total >= 0 ? page.total : f->total;
    *count = page.count;
    for (size_t i = 0; s == STATUS_OK && i < page.count && f->seen < f->want; i++)
        s = take_row(f, page.rows[i], page.numbers[i], e);
    set_page_fini(&page);
    return s;
}

static enum status get_page(
    struct fetching *f, int64_t offset, int64_t length, size_t *count, struct error *e)
{
    const struct set_known *k = &f->ref->known;
    struct buf url = BUF_INIT(4096), body = BUF_INIT(PAGE_BYTES);
    buf_printf(&url, "%s/rows?dataset=", f->request->rows_url);
    append_escaped(&url, k->dataset, "._-");
    buf_append_text(&url, "&config=");
    append_escaped(&url, k->config, "._-");
    buf_append_text(&url, "&split=");
    append_escaped(&url, k->split, "._-");
    buf_printf(&url, "&offset=%" PRId64 "&length=%" PRId64, offset, length);
    *count = 0;
    enum status s = get(f, &url, PAGE_BYTES, &body, e);
    if (s == STATUS_OK) {
        s = take_page(f, &body, count, e);
        if (s == STATUS_INVALID && e)
            error_locate(e, f->request->rows_url, 0, 0, NULL);
    }
    tell(f);
    buf_fini(&url);
    buf_fini(&body);
    return s;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum status rows_in_order(struct fetching *f, size_t first_count, struct error *e)
{
    enum status s = STATUS_OK;
    size_t count = first_count;
    for (int64_t offset = (int64_t)first_count;
         s == STATUS_OK && count > 0 && f->seen < f->want && (f->total < 0 || offset < f->total);
         offset += (int64_t)count)
        s = get_page(f, offset, least(SET_PAGE_ROWS, f->want - f->seen), &count, e);
    return s;
}

/* Small pages at equal distances; the first is there. */
static enum status rows_from_all_over(struct fetching *f, struct error *e)
{
    int64_t pages = (f->want + SPREAD_ROWS - 1) / SPREAD_ROWS;
    enum status s = STATUS_OK;
    size_t count = 1;
    for (int64_t i = 1; s == STATUS_OK && count > 0 && i < pages; i++)
        s = get_page(f, f->total / pages * i, least(SPREAD_ROWS, f->want - f->seen), &count, e);
    return s;
}

/* A named revision is what was meant; the rows are of the one that the service has. */
static enum status check_revision(const struct fetching *f, struct error *e)
{
    const char *asked = f->ref->revision, *is = json_get_text(f->manifest, "/revision");
    if (!asked[0] || strcmp(asked, "main") == 0 || (is && strncmp(is, asked, strlen(asked)) == 0))
        return STATUS_OK;
    return error_set(e, STATUS_UNAVAILABLE,
        "the service gives rows of revision %.80s and not of %.80s; file=PATH takes a file of any revision",
        is ? is : "(it does not say)", asked);
}

static enum status fetch_rows(struct fetching *f, struct error *e)
{
    bool spread = f->ref->known.spread;
    size_t count = 0;
    enum status s = find_split(f, e);
    if (s == STATUS_OK)
        s = get_page(f, 0, least(spread ? SPREAD_ROWS : SET_PAGE_ROWS, f->want), &count, e);
    if (s == STATUS_OK)
        s = check_revision(f, e);
    if (s != STATUS_OK)
        return s;
    return spread && f->total > f->want ? rows_from_all_over(f, e) : rows_in_order(f, count, e);
}

/* ---- a file ---- */

static enum status take_file_row(struct json_object *row, int64_t number, void *arg, struct error *e)
{
    struct fetching *f = arg;
    f->total = number + 1;
    return f->seen < f->want ? take_row(f, row, number, e) : STATUS_OK;
}

static enum status fetch_file(struct fetching *f, struct error *e)
{
    struct buf url = BUF_INIT(4096), body = BUF_INIT(FILE_BYTES);
    buf_printf(&url, "%s/datasets/", f->request->hub_url);
    append_escaped(&url, f->ref->known.dataset, "._-/");
    buf_append_text(&url, "/resolve/");
    append_escaped(&url, f->ref->revision[0] ? f->ref->revision : "main", "._-");
    buf_append_text(&url, "/");
    append_escaped(&url, f->ref->known.file, "._-/");
    enum status s = get(f, &url, FILE_BYTES, &body, e);
    if (s == STATUS_OK)
        s = set_file_rows(f->ref->known.file, buf_text(&body), body.len, take_file_row, f, e);
    tell(f);
    buf_fini(&url);
    buf_fini(&body);
    return s;
}

/* ---- all of it ---- */

static enum status note(struct fetching *f, struct error *e)
{
    const struct set_known *k = &f->ref->known;
    bool ok = json_set_text(f->manifest, "dataset", k->dataset) &&
              (k->file ? json_set_text(f->manifest, "file", k->file)
                       : json_set_text(f->manifest, "config", k->config) &&
                             json_set_text(f->manifest, "split", k->split)) &&
              json_set_int(f->manifest, "asked", f->want) && json_set_int(f->manifest, "rows", f->rows) &&
              json_set_int(f->manifest, "skipped", f->skipped) &&
              (f->total < 0 || json_set_int(f->manifest, "total", f->total));
    if (!ok)
        return error_set(e, STATUS_NO_MEMORY, "no memory for what is known of a set");
    if (f->rows == 0)
        return error_set(e, STATUS_INVALID, "no row of %s could be made a task (%" PRId64 " left out)",
            f->ref->text, f->skipped);
    return STATUS_OK;
}

enum status set_fetch(const struct set_request *request, struct set_ref *ref, int64_t count,
    struct json_object *manifest, struct buf *tasks, struct error *e)
{
    struct data_fetch_options options = {
        .token = request->token, .token_for = {request->rows_url, request->hub_url}, .clock = request->clock};
    struct fetching f = {
        .request = request, .ref = ref, .manifest = manifest, .tasks = tasks, .want = count, .total = -1};
    enum status s = data_fetch_new(&options, &f.fetch, e);
    if (s == STATUS_OK && !ask_about(&f))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for what is known of a set");
    if (s == STATUS_OK)
        s = ref->known.file ? fetch_file(&f, e) : fetch_rows(&f, e);
    if (s == STATUS_OK)
        s = note(&f, e);
    data_fetch_free(f.fetch);
    return s;
}
