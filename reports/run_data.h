/*
 * run_data.h - everything the reports know of a run: its folder read once, every line checked against its
 * schema.
 *
 * Reports are pure functions of this. A line that cannot be read or does not keep to its schema is a problem,
 * never dropped in silence: a run with problems is not clean. All attempts are kept; the last one of a test
 * counts.
 *
 *     struct run_data data;
 *     if (run_data_load("runs/latest", &data, &why) != STATUS_OK) ...
 *     for (size_t i = 0; i < data.test_count; i++)
 *         if (data.tests[i].last) printf("%s\n", data.tests[i].last->outcome->name);
 *     run_data_fini(&data);
 */
#ifndef ASSAY_RUN_DATA_H
#define ASSAY_RUN_DATA_H

#include "outcome_words.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* One valid record. Texts are borrowed from it. */
struct attempt {
    struct json_object *record;
    const char *test;
    int64_t number; /* 1... */
    long line;      /* in benchmark.jsonl */
    const struct outcome_words *outcome;
    size_t test_index; /* in run_data.tests */
};

/* One test, in the order of the plan; tests that were never planned stand behind it. */
struct run_test {
    const char *name;      /* "chat.short[sim/tiny]" */
    const char *case_name; /* "chat.short" */
    const char *suite;     /* "chat" (owned by the run_data where no record says it) */
    const char *target;    /* name, or "" */
    const char *model;     /* id, or "" */
    bool planned;
    const struct attempt *attempts; /* in order of their numbers */
    size_t attempt_count;
    const struct attempt *last; /* NULL: planned, and there is no valid record */
};

struct run_problem {
    const char *file; /* static text */
    long line;        /* 0: the file as a whole */
    char *text;
};

struct run_data {
    char *folder;
    const char *run_id;      /* of run.json, else of the first record, else "" */
    struct json_object *run; /* run.json; NULL where it is missing or invalid */
    struct attempt *attempts;
    size_t attempt_count;
    struct run_test *tests;
    size_t test_count;
    struct lh_table *test_of; /* name of a test -> its place in tests, plus one */
    struct run_problem *problems;
    size_t problem_count;
    size_t simulated, real; /* tests by the kind of their target; those without a target are in neither */
    int64_t start_unix_ns, end_unix_ns; /* of the records, 0 where none says so */
    size_t capacity[3];                 /* of attempts, tests, problems */
    char **names;                       /* owned texts */
    size_t name_count;
};

/*
 * STATUS_NOT_FOUND: no such folder, or neither run.json nor benchmark.jsonl in it. STATUS_IO,
 * STATUS_NO_MEMORY. What is wrong inside the files is in data->problems and not an error of this call.
 */
enum status run_data_load(const char *folder, struct run_data *data, struct error *e) ASSAY_MUST_CHECK;
void run_data_fini(struct run_data *data); /* also of a zeroed one */

size_t run_data_count(
    const struct run_data *data, const char *outcome); /* tests whose last attempt came out so */
const struct run_test *run_data_find(const struct run_data *data, const char *test); /* NULL if unknown */

/* Seconds between the first start and the last end of the records, 0 where unknown. */
double run_data_wall_s(const struct run_data *data);

#endif
