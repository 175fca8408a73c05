#include "json_again.h"

#include "json_number.h"
#include "json_plain.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 4096, HOLES_MAX = 64, MISSES_MAX = 64, DIGITS_MAX = 15 };

/* A value that may differ. */
struct hole {
    struct json_object *node; /* of the tree */
    size_t at, len;           /* in the text remembered */
    bool changed;             /* the node has another value than that */
};

struct json_known {
    struct json_object *tree;
    size_t len;
    int hole_count;
    struct hole holes[HOLES_MAX];
    char text[]; /* as it was when it was parsed */
};

static void known_free(struct json_known *k)
{
    if (!k)
        return;
    json_object_put(k->tree);
    free(k);
}

void json_again_fini(struct json_again *again)
{
    for (int i = 0; i < again->count; i++)
        known_free(again->known[i]);
    *again = (struct json_again){0};
}

/* ---- values ---- */

/* How long the plain string is that begins here, without its quotes; false: none does. Not an empty one: json-c 0.16
 * loses the memory of a string that becomes empty. */
static bool plain_string(const char *at, const char *end, size_t *len)
{
    const char *stop = memchr(at, '"', (size_t)(end - at));
    *len = stop ? (size_t)(stop - at) : 0;
    return *len > 0 && json_is_plain_text(at, *len);
}

static size_t count_digits(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && at[n] >= '0' && at[n] <= '9')
        n++;
    return n;
}

/* Digits, and for a real number a point and digits. What may follow is for the text behind to say. */
static bool simple_number(const char *at, const char *end, bool real, size_t *len)
{
    size_t whole = count_digits(at, end), part = 0;
    if (whole == 0 || whole > DIGITS_MAX || (at[0] == '0' && whole > 1))
        return false;
    *len = whole;
    if (!real)
        return true;
    if (at + whole == end || at[whole] != '.')
        return false;
    part = count_digits(at + whole + 1, end);
    *len += 1 + part;
    return part > 0 && part <= DIGITS_MAX;
}

static bool find_value(const struct json_object *node, const char *at, const char *end, size_t *len)
{
    switch (json_object_get_type(node)) {
    case json_type_string:
        return plain_string(at, end, len);
    case json_type_int:
        return simple_number(at, end, false, len);
    case json_type_double:
        return simple_number(at, end, true, len);
    default:
        return false;
    }
}

static bool set_integer(struct json_object *node, const char *digits, size_t len)
{
    int64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (digits[i] - '0');
    return json_object_set_int64(node, value);
}

static bool set_real(struct json_object *node, const char *text, size_t len)
{
    struct json_object *number = NULL;
    bool set = json_number_parse(text, len, &number) == STATUS_OK &&
               json_object_set_double(node, json_object_get_double(number));
    json_object_put(number);
    return set;
}

static bool set_value(struct json_object *node, const char *text, size_t len)
{
    if (json_object_is_type(node, json_type_string))
        return json_object_set_string_len(node, text, (int)len);
    return json_object_is_type(node, json_type_int) ? set_integer(node, text, len)
                                                    : set_real(node, text, len);
}

/* ---- to remember ---- */

/* Goes through text and tree side by side: the text is known to be JSON, and has no backslash. */
struct walk {
    struct json_known *k;
    const char *at, *end;
};

static void skip_space(struct walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\n' || *w->at == '\t' || *w->at == '\r'))
        w->at++;
}

static void skip_char(struct walk *w)
{
    skip_space(w);
    w->at += w->at < w->end;
}

static void skip_string(struct walk *w)
{
    const char *stop;
    skip_char(w);
    stop = memchr(w->at, '"', (size_t)(w->end - w->at));
    w->at = stop ? stop + 1 : w->end;
}

static void note_hole(struct walk *w, struct json_object *node, const char *at)
{
    size_t len;
    if (w->k->hole_count == HOLES_MAX || !find_value(node, at, w->end, &len))
        return;
    if (at + len < w->end && !strchr("\" \t\r\n,]}", at[len]))
        return; /* more of the number */
    w->k->holes[w->k->hole_count++] =
        (struct hole){.node = node, .at = (size_t)(at - w->k->text), .len = len};
}

static void walk_value(struct walk *w, struct json_object *node);

static void walk_members(struct walk *w, struct json_object *object)
{
    skip_char(w); /* the brace */
    json_object_object_foreach(object, key, value)
    {
        (void)key;
        skip_string(w);
        skip_char(w); /* the colon */
        walk_value(w, value);
        skip_char(w); /* the comma or the last brace */
    }
    if (json_object_object_length(object) == 0)
        skip_char(w);
}

static void walk_items(struct walk *w, struct json_object *array)
{
    size_t count = json_object_array_length(array);
    skip_char(w);
    for (size_t i = 0; i < count; i++) {
        walk_value(w, json_object_array_get_idx(array, i));
        skip_char(w);
    }
    if (count == 0)
        skip_char(w);
}

static void walk_value(struct walk *w, struct json_object *node)
{
    skip_space(w);
    if (json_object_is_type(node, json_type_object)) {
        walk_members(w, node);
    } else if (json_object_is_type(node, json_type_array)) {
        walk_items(w, node);
    } else if (json_object_is_type(node, json_type_string)) {
        note_hole(w, node, w->at + 1);
        skip_string(w);
    } else {
        note_hole(w, node, w->at);
        while (w->at < w->end && !strchr(" \t\r\n,]}", *w->at))
            w->at++;
    }
}

static struct json_known *known_new(const char *text, size_t len, struct json_object *tree)
{
    struct json_known *k = len <= BYTES_MAX ? malloc(sizeof *k + len + 1) : NULL;
    if (!k)
        return NULL;
    k->tree = json_object_get(tree);
    k->len = len;
    k->hole_count = 0;
    memcpy(k->text, text, len);
    k->text[len] = '\0';
    struct walk w = {.k = k, .at = k->text, .end = k->text + len};
    walk_value(&w, tree);
    return k;
}

static void remember(struct json_again *again, const char *text, size_t len, struct json_object *tree)
{
    bool composed = json_object_is_type(tree, json_type_object) || json_object_is_type(tree, json_type_array);
    if (again->misses >= MISSES_MAX || !composed || memchr(text, '\\', len))
        return;
    struct json_known *k = known_new(text, len, tree);
    if (!k)
        return;
    again->misses++;
    if (again->count < JSON_AGAIN_TEXTS) {
        again->known[again->count++] = k;
        return;
    }
    known_free(again->known[again->next]);
    again->known[again->next] = k;
    again->next = (again->next + 1) % JSON_AGAIN_TEXTS;
}

/* ---- to find again ---- */

struct found {
    const char *at;
    size_t len;
    bool same; /* as in the text remembered */
};

/* With what ends it, so that it is not the beginning of a longer one. */
static bool is_same(const struct json_known *k, const struct hole *h, const char *at, const char *end)
{
    return (size_t)(end - at) > h->len && memcmp(at, k->text + h->at, h->len + 1) == 0;
}

static bool find_values(const struct json_known *k, const char *text, size_t len, struct found *found)
{
    const char *at = text, *end = text + len;
    size_t from = 0;
    for (int i = 0; i < k->hole_count; i++) {
        const struct hole *h = &k->holes[i];
        size_t same = h->at - from;
        if ((size_t)(end - at) < same || memcmp(at, k->text + from, same) != 0)
            return false;
        at += same;
        found[i] = (struct found){.at = at, .len = h->len, .same = is_same(k, h, at, end)};
        if (!found[i].same && !find_value(h->node, at, end, &found[i].len))
            return false;
        at += found[i].len;
        from = h->at + h->len;
    }
    return (size_t)(end - at) == k->len - from && memcmp(at, k->text + from, k->len - from) == 0;
}

/* False: no memory, and the tree is good for nothing any more. */
static bool fill_in(struct json_known *k, const struct found *found)
{
    for (int i = 0; i < k->hole_count; i++) {
        struct hole *h = &k->holes[i];
        if (found[i].same && !h->changed)
            continue;
        if (!set_value(h->node, found[i].at, found[i].len))
            return false;
        h->changed = !found[i].same;
    }
    return true;
}

/* Texts come in the same order again, mostly. */
static struct json_known *find(struct json_again *again, const char *text, size_t len)
{
    struct found found[HOLES_MAX];
    for (int i = 0; i < again->count; i++) {
        int at = (again->likely + i) % again->count;
        struct json_known *k = again->known[at];
        if (!find_values(k, text, len, found))
            continue;
        again->likely = at + 1;
        again->misses = 0;
        if (fill_in(k, found))
            return k;
        known_free(k);
        again->known[at] = again->known[--again->count];
        return NULL;
    }
    return NULL;
}

enum status json_again_parse(
    struct json_again *again, const char *text, size_t len, struct json_object **tree, struct error *e)
{
    struct json_known *k = again && len <= 2 * BYTES_MAX ? find(again, text, len) : NULL;
    if (k) {
        *tree = json_object_get(k->tree);
        return STATUS_OK;
    }
    enum status s = json_parse(text, len, tree, e);
    if (s == STATUS_OK && again)
        remember(again, text, len, *tree);
    return s;
}
