#include "config_print.h"

#include "run_json.h"
#include "text.h"
#include "verb.h"

#include <stdio.h>
#include <string.h>

static struct json_object *list_value(const struct opt_list *list)
{
    struct json_object *array = json_object_new_array();
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < list->count; i++) {
        struct buf word = BUF_INIT(1 << 16);
        ok = run_json_redact(&word, list->items[i]) == STATUS_OK && json_add_text(array, buf_text(&word));
        buf_fini(&word);
    }
    if (ok)
        return array;
    json_object_put(array);
    return NULL;
}

static struct json_object *text_value(const char *text)
{
    struct buf shown = BUF_INIT(1 << 20);
    run_json_redact(&shown, text);
    struct json_object *value = json_object_new_string(buf_text(&shown));
    buf_fini(&shown);
    return value;
}

/* The value as JSON: null for a text that is not set; times in seconds. */
static struct json_object *value_of(const struct opt *o, const void *options)
{
    const char *field = (const char *)options + o->offset;
    int64_t whole;
    double real;
    bool flag;
    const char *text;
    memcpy(&whole, field, o->optional ? sizeof whole : 0);
    if (o->optional && whole == OPT_NONE)
        return json_object_new_boolean(false);
    switch (o->kind) {
    case OPT_FLAG:
        memcpy(&flag, field, sizeof flag);
        return json_object_new_boolean(flag);
    case OPT_INT:
    case OPT_BYTES:
        memcpy(&whole, field, sizeof whole);
        return json_object_new_int64(whole);
    case OPT_REAL:
        memcpy(&real, field, sizeof real);
        return json_object_new_double(real);
    case OPT_DURATION:
        memcpy(&whole, field, sizeof whole);
        return json_object_new_double((double)whole / 1e9);
    case OPT_LIST:
        return list_value((const struct opt_list *)(const void *)field);
    case OPT_TEXT:
        break;
    }
    memcpy(&text, field, sizeof text);
    return text ? text_value(text) : NULL;
}

static bool add_row(struct json_object *tree, const struct opt *o, const void *options, const char *origin)
{
    char key[64];
    struct json_object *row = json_object_new_object();
    opt_key(o, key, sizeof key);
    struct json_object *value = value_of(o, options);
    bool ok = row != NULL && json_object_object_add(row, "value", value) == 0 &&
              json_set_text(row, "from", origin[0] ? origin : "default");
    return json_set(tree, key, row) && ok;
}

static void print_row(const char *key, const struct json_object *row)
{
    struct buf value = BUF_INIT(1 << 20), clean = BUF_INIT(1 << 20);
    if (json_write(json_get(row, "/value"), &value, NULL) == STATUS_OK)
        text_sanitise(&clean, buf_text(&value), value.len, 4096);
    printf("%-14s %-40s %s\n", key, buf_text(&clean), json_get_text(row, "/from"));
    buf_fini(&value);
    buf_fini(&clean);
}

int config_print(
    const struct opt *table, const void *options, const struct config_origins *origins, bool json)
{
    struct json_object *tree = json_object_new_object();
    struct buf text = BUF_INIT(16 << 20);
    bool ok = tree != NULL;
    for (size_t i = 0; ok && table[i].name; i++)
        if (!table[i].flag_only)
            ok = add_row(tree, &table[i], options, origins->rows[i]);
    if (ok && json) {
        ok = json_write_pretty(tree, &text, NULL) == STATUS_OK;
        fputs(buf_text(&text), stdout);
    } else if (ok) {
        json_object_object_foreach(tree, key, row) print_row(key, row);
    }
    json_object_put(tree);
    buf_fini(&text);
    return ok ? EXIT_FINE : EXIT_OWN_FAILURE;
}
