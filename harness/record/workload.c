#include "workload.h"

#include "json.h"
#include "metric.h"
#include "sha256.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t sorted_keys(struct json_object *object, const char **keys)
{
    size_t n = 0;
    json_object_object_foreach(object, key, value)
    {
        (void)value;
        keys[n++] = key;
    }
    qsort(keys, n, sizeof *keys, by_name);
    return n;
}

static enum status write_canonical(struct json_object *tree, struct buf *out, struct error *e);

static enum status write_canonical_object(struct json_object *object, struct buf *out, struct error *e)
{
    size_t members = (size_t)json_object_object_length(object);
    const char **keys = calloc(members + 1, sizeof *keys);
    if (keys == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory");
    size_t n = sorted_keys(object, keys);
    enum status s = buf_append_char(out, '{');
    for (size_t i = 0; s == STATUS_OK && i < n; i++) {
        s = json_write_text(keys[i], strlen(keys[i]), out);
        if (s == STATUS_OK)
            s = buf_append_char(out, ':');
        if (s == STATUS_OK)
            s = write_canonical(json_object_object_get(object, keys[i]), out, e);
    }
    free(keys);
    return s == STATUS_OK ? buf_append_char(out, '}') : s;
}

/* Objects with sorted keys; everything else is already written in one way only. */
static enum status write_canonical(struct json_object *tree, struct buf *out, struct error *e)
{
    if (json_object_is_type(tree, json_type_object))
        return write_canonical_object(tree, out, e);
    if (!json_object_is_type(tree, json_type_array))
        return json_write(tree, out, e);
    enum status s = buf_append_char(out, '[');
    for (size_t i = 0; s == STATUS_OK && i < json_object_array_length(tree); i++) {
        s = write_canonical(json_object_array_get_idx(tree, i), out, e);
        if (s == STATUS_OK)
            s = buf_append_char(out, ',');
    }
    return s == STATUS_OK ? buf_append_char(out, ']') : s;
}

static struct json_object *workload_tree(const struct workload *w)
{
    struct json_object *tree = json_object_new_object(), *parameters = NULL;
    bool ok = json_set_text(tree, "case", w->case_id) && json_set_int(tree, "version", w->case_version) &&
              json_set_text(tree, "metrics", METRIC_DEFINITIONS_VERSION) &&
              json_set_text(tree, "host", w->host) && json_set_bool(tree, "simulated", w->simulated);
    if (w->suite != NULL)
        ok = ok && json_set_text(tree, "suite", w->suite);
    if (w->parameters != NULL)
        ok = ok && json_object_deep_copy((struct json_object *)w->parameters, &parameters, NULL) == 0 &&
             json_set(tree, "parameters", parameters);
    if (ok && parameters)
        json_object_object_del(parameters, "cross_check"); /* it judges figures and changes none */
    if (ok)
        return tree;
    json_object_put(tree);
    return NULL;
}

enum status workload_hash(const struct workload *w, char hex[65], struct error *e)
{
    struct buf text = BUF_INIT((size_t)1 << 20);
    struct json_object *tree = workload_tree(w);
    enum status s = tree != NULL ? write_canonical(tree, &text, e)
                                 : error_set(e, STATUS_NO_MEMORY, "no memory for the identity of a record");
    if (s == STATUS_OK)
        sha256_hex(buf_text(&text), text.len, hex);
    json_object_put(tree);
    buf_fini(&text);
    return s;
}

/* Where a member of `subject` comes from. */
static const struct {
    const char *member, *pointer;
    bool of_model;
} subjects[] = {
    {"server", "/server", false},
    {"server_version", "/server_version", false},
    {"model_digest", "/digest", true},
    {"quantization", "/quantization", true},
};

struct json_object *workload_identity(const struct workload *w, const struct json_object *target,
    const struct json_object *model, const char *assay_version, const char *suite_version)
{
    char hex[65];
    struct json_object *identity = json_object_new_object(), *subject = json_object_new_object();
    bool ok = workload_hash(w, hex, NULL) == STATUS_OK && json_set_text(identity, "workload", hex);
    for (size_t i = 0; ok && i < sizeof subjects / sizeof subjects[0]; i++) {
        const struct json_object *from = subjects[i].of_model ? model : target;
        const char *text = from != NULL ? json_get_text(from, subjects[i].pointer) : NULL;
        if (text != NULL && text[0] != '\0')
            ok = json_set_text(subject, subjects[i].member, text);
    }
    if (assay_version != NULL)
        ok = ok && json_set_text(subject, "assay_version", assay_version);
    if (suite_version != NULL)
        ok = ok && json_set_text(subject, "suite_version", suite_version);
    ok = json_set(identity, "subject", subject) && ok;
    if (ok)
        return identity;
    json_object_put(identity);
    return NULL;
}
