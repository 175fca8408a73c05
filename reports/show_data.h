/*
 * show_data.h - the lines of exchanges.jsonl and answers.jsonl that belong to one attempt of one test.
 *
 *     struct show_data shown;
 *     if (show_data_load(&data, test, attempt_number, &shown, &why) == STATUS_OK) ...
 *     show_data_fini(&shown);
 */
#ifndef ASSAY_SHOW_DATA_H
#define ASSAY_SHOW_DATA_H

#include "run_data.h"

#include "buf.h"

struct show_lines {
    struct json_object **items; /* in the order of the file */
    size_t count;
    size_t unreadable; /* lines of the whole file that could not be believed */
    bool absent;       /* there is no such file */
};

struct show_data {
    struct show_lines exchanges, answers;
    struct buf log; /* what the test printed, as far as it was kept */
};

enum status show_data_load(const struct run_data *data, const char *test, int64_t attempt,
    struct show_data *shown, struct error *e) ASSAY_MUST_CHECK;
void show_data_fini(struct show_data *shown);

/* The answer to an exchange, by its index; NULL if none was kept. */
struct json_object *show_data_answer(const struct show_data *shown, int64_t index);

#endif
