#include "cross_figures.h"

#include "evidence.h"
#include "json.h"
#include "stats.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 16, NAME_SIZE = 64, CAUSE_SIZE = 160 };

/* All exchanges' values of one metric beside one source. */
struct row {
    char metric[NAME_SIZE], source[NAME_SIZE], cause[CAUSE_SIZE]; /* cause of the last that differed */
    double *client, *server;
    size_t count, cap, differing;
};

struct cross_figures {
    struct row rows[ROWS_MAX];
    size_t count;
};

struct cross_figures *cross_figures_new(void)
{
    return calloc(1, sizeof(struct cross_figures));
}

void cross_figures_free(struct cross_figures *f)
{
    for (size_t i = 0; f && i < f->count; i++) {
        free(f->rows[i].client);
        free(f->rows[i].server);
    }
    free(f);
}

/* NULL: the table is full, which our own metrics never fill. */
static struct row *row_of(struct cross_figures *f, const char *metric, const char *source)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->rows[i].metric, metric) == 0 && strcmp(f->rows[i].source, source) == 0)
            return &f->rows[i];
    if (f->count == ROWS_MAX)
        return NULL;
    struct row *row = &f->rows[f->count++];
    snprintf(row->metric, sizeof row->metric, "%s", metric);
    snprintf(row->source, sizeof row->source, "%s", source);
    return row;
}

static bool grow(struct row *row)
{
    if (row->count < row->cap)
        return true;
    size_t cap = row->cap ? 2 * row->cap : 16;
    double *client = realloc(row->client, cap * sizeof *client);
    row->client = client ? client : row->client;
    double *server = realloc(row->server, cap * sizeof *server);
    row->server = server ? server : row->server;
    if (!client || !server)
        return false;
    row->cap = cap;
    return true;
}

static bool add_pair(struct cross_figures *f, const struct json_object *pair)
{
    const char *metric = json_get_text(pair, "/metric"), *source = json_get_text(pair, "/source");
    const char *cause = json_get_text(pair, "/cause");
    double client, server;
    bool differs = false;
    if (!metric || !source || !json_get_real(pair, "/client", &client) ||
        !json_get_real(pair, "/server", &server))
        return true;
    struct row *row = row_of(f, metric, source);
    if (!row)
        return true;
    if (!grow(row))
        return false;
    (void)json_get_bool(pair, "/differs", &differs);
    row->client[row->count] = client;
    row->server[row->count++] = server;
    row->differing += differs;
    if (cause && (differs || !row->differing))
        snprintf(row->cause, sizeof row->cause, "%s", cause);
    return true;
}

bool cross_figures_add(struct cross_figures *f, const struct json_object *pairs)
{
    bool ok = true;
    for (size_t i = 0; ok && i < json_object_array_length(pairs); i++)
        ok = add_pair(f, json_object_array_get_idx(pairs, i));
    return ok;
}

static double difference_of(const struct row *row, double *client, double *server)
{
    *client = stats_median(row->client, row->count);
    *server = stats_median(row->server, row->count);
    return *server != 0 ? (*client - *server) / *server : *client != 0 ? copysign(1, *client) : 0;
}

static struct json_object *row_to_json(const struct row *row)
{
    double client, server, difference = difference_of(row, &client, &server);
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "metric", row->metric) && json_set_real(o, "client", client) &&
              json_set_real(o, "server", server) && json_set_text(o, "source", row->source) &&
              json_set_real(o, "relative_difference", difference) &&
              json_set_int(o, "n", (int64_t)row->count) &&
              json_set_int(o, "differing", (int64_t)row->differing) &&
              (!row->cause[0] || json_set_text(o, "cause", row->cause));
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static bool is_doubtful(const struct row *row)
{
    return 2 * row->differing > row->count;
}

/* The doubtful row that is furthest apart, else the furthest of all. */
static const struct row *worst_row(const struct cross_figures *f)
{
    const struct row *worst = NULL;
    double furthest = -1, client, server;
    for (size_t i = 0; i < f->count; i++) {
        const struct row *row = &f->rows[i];
        double apart = fabs(difference_of(row, &client, &server));
        bool more = !worst || is_doubtful(row) > is_doubtful(worst) ||
                    (is_doubtful(row) == is_doubtful(worst) && apart > furthest);
        if (!more)
            continue;
        worst = row;
        furthest = apart;
    }
    return worst;
}

static bool add_evidence(const struct row *row, double share, struct json_object *record)
{
    double client, server, difference = difference_of(row, &client, &server);
    char seen[32], said[32];
    struct buf reason = BUF_INIT(1024);
    text_format_significant(seen, sizeof seen, client, 4);
    text_format_significant(said, sizeof said, server, 4);
    buf_printf(&reason, "%s: %s by the client, %s by the server (%s)%s%s", row->metric, seen, said,
        row->source, row->cause[0] ? "; likely " : "", row->cause);
    struct evidence e = {.sensor = "cross_check",
        .flag = "degraded_cross_check",
        .unit = "1",
        .scope = "server",
        .value = difference,
        .threshold = share,
        .raised = is_doubtful(row),
        .reason = buf_text(&reason)};
    bool ok = buf_status(&reason) == STATUS_OK && record_add_evidence(record, &e);
    buf_fini(&reason);
    return ok;
}

bool cross_figures_into_record(const struct cross_figures *f, double share, struct json_object *record)
{
    if (f->count == 0)
        return true;
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < f->count; i++)
        ok = json_add(list, row_to_json(&f->rows[i]));
    ok = json_set(record, "cross_check", list) && ok;
    return ok && add_evidence(worst_row(f), share, record);
}
