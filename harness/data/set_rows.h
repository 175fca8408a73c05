/*
 * set_rows.h - rows of a set, as a service or a file has them, and the tasks they become. Nothing here asks a server.
 *
 *     struct set_page page;
 *     if (set_page_parse(body, len, &page, &why) != STATUS_OK) ...       // the answer of /rows
 *     for (size_t i = 0; i < page.count; i++)
 *         set_row_write(&ref, page.rows[i], page.first + i, image_url, &lines, &skip, &why);
 *     set_page_fini(&page);
 *
 * A row is a flat object: column -> value; labels of classes stand in words.
 */
#ifndef ASSAY_SET_ROWS_H
#define ASSAY_SET_ROWS_H

#include "buf.h"
#include "set_ref.h"

#include <stdint.h>

struct json_object;

#define SET_PAGE_ROWS 100 /* that the service gives at once */

struct set_page {
    struct json_object *tree;  /* behind the rows */
    struct json_object **rows; /* NULL: a row whose cells the service has cut */
    int64_t *numbers;          /* of the rows, in the split */
    size_t count;
    int64_t total; /* rows of the split; -1: not said */
};

/* STATUS_INVALID: not what /rows answers. */
enum status set_page_parse(
    const char *text, size_t len, struct set_page *page, struct error *e) ASSAY_MUST_CHECK;
void set_page_fini(struct set_page *page);

/* Calls take with every row of a file: .csv with a header, else JSON lines. */
enum status set_file_rows(const char *name, const char *text, size_t len,
    enum status (*take)(struct json_object *row, int64_t number, void *arg, struct error *e), void *arg,
    struct error *e) ASSAY_MUST_CHECK;

/* Where a row of a set that nobody described keeps its prompt and its answer, by their usual names: fills
 * ref->known. STATUS_INVALID where it has no such column, with those it has. */
enum status set_ref_guess(
    struct set_ref *ref, const struct json_object *row, struct error *e) ASSAY_MUST_CHECK;

/* Address of the row's picture, NULL without one. */
const char *set_row_image(const struct set_ref *ref, const struct json_object *row);

/* Appends a line of a file of tasks (task.h). *skipped: the row has no prompt, or no answer that can be graded.
 * image: a data: URL, or NULL. */
enum status set_row_write(const struct set_ref *ref, const struct json_object *row, int64_t number,
    const char *image, struct buf *lines, bool *skipped, struct error *e) ASSAY_MUST_CHECK;

#endif
