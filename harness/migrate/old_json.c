/* JSON as Python writes it: NaN, Infinity and -Infinity stand where a number may stand. */
#include "old_files.h"

#include "buf.h"
#include "json.h"

#include <string.h>

/* They are parsed as strings that begin with NUL, which nobody else writes, and then taken out of the tree. */
static const struct {
    const char *word, *stand_in;
} words[] = {
    {"-Infinity", "\"\\u0000-Infinity\""},
    {"Infinity", "\"\\u0000Infinity\""},
    {"NaN", "\"\\u0000NaN\""},
};
enum { WORDS = sizeof words / sizeof *words };

/* Length of the string that begins at text, with both quotes where it ends. */
static size_t string_length(const char *text, size_t len)
{
    size_t at = 1;
    while (at < len && text[at] != '"')
        at += text[at] == '\\' && at + 1 < len ? 2 : 1;
    return at < len ? at + 1 : len;
}

static int word_at(const char *text, size_t len)
{
    for (int i = 0; i < WORDS; i++)
        if (len >= strlen(words[i].word) && memcmp(text, words[i].word, strlen(words[i].word)) == 0)
            return i;
    return WORDS;
}

/* Appends text with stand-ins; *replaced: there were such words. */
static enum status replace_words(const char *text, size_t len, struct buf *out, bool *replaced)
{
    for (size_t at = 0; at < len;) {
        size_t taken = text[at] == '"' ? string_length(text + at, len - at) : 1;
        int word = taken == 1 ? word_at(text + at, len - at) : WORDS;
        if (word < WORDS) {
            buf_append_text(out, words[word].stand_in);
            taken = strlen(words[word].word);
            *replaced = true;
        } else {
            buf_append(out, text + at, taken);
        }
        at += taken;
    }
    return buf_status(out);
}

static bool is_stand_in(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) == 0 ||
        json_object_get_string(value)[0] != '\0')
        return false;
    const char *word = json_object_get_string(value) + 1;
    for (int i = 0; i < WORDS; i++)
        if (strcmp(word, words[i].word) == 0)
            return true;
    return false;
}

static bool tell(struct json_object *nonfinite, const struct buf *pointer, struct json_object *value)
{
    return json_set_text(nonfinite, buf_text(pointer), json_object_get_string(value) + 1);
}

static bool take_out(struct json_object *value, struct buf *pointer, struct json_object *nonfinite);

static void cut(struct buf *pointer, size_t len)
{
    pointer->len = len;
    if (pointer->data != NULL)
        pointer->data[len] = '\0';
}

static bool take_out_of_members(
    struct json_object *object, struct buf *pointer, struct json_object *nonfinite)
{
    bool ok = true;
    size_t len = pointer->len;
    struct lh_entry *next;
    for (struct lh_entry *at = json_object_get_object(object)->head; ok && at != NULL; at = next) {
        struct json_object *value = lh_entry_v(at);
        const char *key = lh_entry_k(at);
        next = lh_entry_next(at);
        ok = json_pointer_append(pointer, key) == STATUS_OK;
        if (ok && is_stand_in(value)) {
            ok = tell(nonfinite, pointer, value);
            json_object_object_del(object, key);
        } else if (ok) {
            ok = take_out(value, pointer, nonfinite);
        }
        cut(pointer, len);
    }
    return ok;
}

static bool take_out_of_items(struct json_object *array, struct buf *pointer, struct json_object *nonfinite)
{
    bool ok = true;
    size_t len = pointer->len;
    for (size_t i = 0; ok && i < json_object_array_length(array); i++) {
        struct json_object *value = json_object_array_get_idx(array, i);
        ok = buf_printf(pointer, "/%zu", i) == STATUS_OK;
        if (ok && is_stand_in(value)) {
            ok = tell(nonfinite, pointer, value);
            json_object_array_put_idx(array, i, NULL);
        } else if (ok) {
            ok = take_out(value, pointer, nonfinite);
        }
        cut(pointer, len);
    }
    return ok;
}

static bool take_out(struct json_object *value, struct buf *pointer, struct json_object *nonfinite)
{
    switch (json_object_get_type(value)) {
    case json_type_object:
        return take_out_of_members(value, pointer, nonfinite);
    case json_type_array:
        return take_out_of_items(value, pointer, nonfinite);
    default:
        return true;
    }
}

static enum status parse_replaced(
    const struct buf *text, struct json_object **tree, struct json_object **nonfinite, struct error *e)
{
    struct buf pointer = BUF_INIT(2 * JSON_FILE_MAX);
    enum status s = json_parse(buf_text(text), text->len, tree, e);
    if (s != STATUS_OK)
        goto out;
    *nonfinite = json_object_new_object();
    if (*nonfinite == NULL || !take_out(*tree, &pointer, *nonfinite)) {
        json_object_put(*tree);
        json_object_put(*nonfinite);
        *tree = *nonfinite = NULL;
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    }
out:
    buf_fini(&pointer);
    return s;
}

enum status old_json_parse(
    const char *text, size_t len, struct json_object **tree, struct json_object **nonfinite, struct error *e)
{
    *nonfinite = NULL;
    enum status s = json_parse(text, len, tree, e);
    if (s != STATUS_INVALID)
        return s;
    struct buf replaced = BUF_INIT(JSON_FILE_MAX);
    bool some = false;
    if (replace_words(text, len, &replaced, &some) == STATUS_OK && some) {
        struct error of_replaced = {0};
        enum status again = parse_replaced(&replaced, tree, nonfinite, &of_replaced);
        if (again != STATUS_INVALID && e != NULL)
            *e = of_replaced;
        s = again;
    }
    buf_fini(&replaced);
    return s;
}
