#include "run_rates.h"

#include "drift.h"
#include "evidence.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- from test to test: spool/rates.json, an array of pairs by "target model" ---- */

static enum status read_rates(const struct run_folder *folder, struct buf *path, struct json_object **tree)
{
    enum status s = run_folder_path(folder, "spool/rates.json", path);
    return s == STATUS_OK ? json_read_file(buf_text(path), tree, NULL) : s;
}

static void append_rate(struct run_rates *rates, double at_s, double rate)
{
    if (rates->count == RATES_MAX) {
        memmove(rates->at_s, rates->at_s + 1, (RATES_MAX - 1) * sizeof *rates->at_s);
        memmove(rates->rate, rates->rate + 1, (RATES_MAX - 1) * sizeof *rates->rate);
        rates->count--;
    }
    rates->at_s[rates->count] = at_s;
    rates->rate[rates->count++] = rate;
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
            double at_s, rate;
            if (json_get_real(pair, "/0", &at_s) && json_get_real(pair, "/1", &rate))
                append_rate(rates, at_s, rate);
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
        ok = json_add_real(pair, rates->at_s[i]) && json_add_real(pair, rates->rate[i]);
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
    snprintf(of, sizeof of, "the model's %zu tests", rates->count);
    return drift_add(record, "rate_drift_between",
        &(struct drift_series){"decode_tokens_per_s", of, rates->at_s, rates->rate, rates->count, true});
}

bool rates_into_record(struct run_rates *rates, int64_t start_unix_ns, struct json_object *record)
{
    double rate;
    if (!json_get_real(record, "/performance/decode_tokens_per_s/median", &rate) || rate <= 0)
        return true;
    append_rate(rates, (double)start_unix_ns / 1e9, rate);
    rates->grew = true;
    return rates->count < DRIFT_VALUES_MIN || add_drift(rates, record);
}
