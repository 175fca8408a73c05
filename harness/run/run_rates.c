#include "run_rates.h"

#include "drift.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- from test to test: spool/rates.json, an array of [moment, rate, test] by "target model" ---- */

static enum status read_rates(const struct run_folder *folder, struct buf *path, struct json_object **tree)
{
    enum status s = run_folder_path(folder, "spool/rates.json", path);
    return s == STATUS_OK ? json_read_file(buf_text(path), tree, NULL) : s;
}

static void drop_rate(struct run_rates *rates, size_t i)
{
    memmove(rates->items + i, rates->items + i + 1, (rates->count - i - 1) * sizeof *rates->items);
    rates->count--;
}

static void append_rate(struct run_rates *rates, struct run_rate rate)
{
    if (rates->count == RATES_MAX)
        drop_rate(rates, 0);
    rates->items[rates->count++] = rate;
}

static void name_key(const char *target, const char *model, char key[1024])
{
    snprintf(key, 1024, "%.400s %.600s", target, model);
}

void rates_recall(
    const struct run_folder *folder, const char *target, const char *model, struct run_rates *rates)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *tree = NULL, *pairs = NULL;
    char key[1024];
    name_key(target, model, key);
    *rates = (struct run_rates){.count = 0};
    if (read_rates(folder, &path, &tree) == STATUS_OK && json_object_object_get_ex(tree, key, &pairs)) {
        size_t n = json_object_is_type(pairs, json_type_array) ? json_object_array_length(pairs) : 0;
        for (size_t i = 0; i < n; i++) {
            const struct json_object *pair = json_object_array_get_idx(pairs, i);
            struct run_rate rate;
            if (json_get_real(pair, "/0", &rate.at_s) && json_get_real(pair, "/1", &rate.per_s) &&
                json_get_int(pair, "/2", &rate.test))
                append_rate(rates, rate);
        }
    }
    json_object_put(tree);
    buf_fini(&path);
}

static struct json_object *pairs_of(const struct run_rates *rates)
{
    struct json_object *pairs = json_object_new_array();
    bool ok = pairs != NULL;
    for (size_t i = 0; ok && i < rates->count; i++) {
        struct json_object *pair = json_object_new_array();
        const struct run_rate *rate = &rates->items[i];
        ok = json_add_real(pair, rate->at_s) && json_add_real(pair, rate->per_s) &&
             json_add_int(pair, rate->test);
        ok = json_add(pairs, pair) && ok;
    }
    if (ok)
        return pairs;
    json_object_put(pairs);
    return NULL;
}

void rates_remember(
    const struct run_folder *folder, const char *target, const char *model, const struct run_rates *rates)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(1 << 22);
    struct json_object *tree = NULL;
    char key[1024];
    if (!rates->grew)
        return;
    name_key(target, model, key);
    if (read_rates(folder, &path, &tree) != STATUS_OK)
        tree = json_object_new_object();
    if (json_set(tree, key, pairs_of(rates)) && json_write(tree, &text, NULL) == STATUS_OK)
        (void)!fs_write_atomic(buf_text(&path), buf_text(&text), text.len, NULL);
    json_object_put(tree);
    buf_fini(&path);
    buf_fini(&text);
}

/* ---- in the record ---- */

static bool add_drift(const struct run_rates *rates, struct json_object *record)
{
    char of[64];
    double at_s[RATES_MAX], per_s[RATES_MAX];
    for (size_t i = 0; i < rates->count; i++) {
        at_s[i] = rates->items[i].at_s;
        per_s[i] = rates->items[i].per_s;
    }
    snprintf(of, sizeof of, "the model's %zu tests", rates->count);
    return drift_add(record, "rate_drift_between",
        &(struct drift_series){"decode_tokens_per_s", of, at_s, per_s, rates->count, true});
}

/* A test that is measured again and again on a restless machine is still one case among others. */
static void forget_test(struct run_rates *rates, int64_t test)
{
    for (size_t i = rates->count; i-- > 0;)
        if (rates->items[i].test == test)
            drop_rate(rates, i);
}

bool rates_into_record(
    struct run_rates *rates, const char *test, int64_t start_unix_ns, struct json_object *record)
{
    struct run_rate rate = {
        .at_s = (double)start_unix_ns / 1e9, .test = (int64_t)(text_hash(test, strlen(test)) >> 1)};
    if (!json_get_real(record, "/performance/decode_tokens_per_s/median", &rate.per_s) || rate.per_s <= 0)
        return true;
    forget_test(rates, rate.test);
    append_rate(rates, rate);
    rates->grew = true;
    return rates->count < DRIFT_VALUES_MIN || add_drift(rates, record);
}
