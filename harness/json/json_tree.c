#include "json.h"

#include "json_number.h"
#include "json_text.h"

#include <math.h>
#include <string.h>

bool json_pointer_next(const char **pointer, struct buf *token)
{
    const char *c = *pointer;
    buf_clear(token);
    if (*c != '/')
        return false;
    for (c++; *c != '\0' && *c != '/'; c++) {
        if (*c == '~') {
            if (c[1] != '0' && c[1] != '1')
                return false;
            buf_append_char(token, *++c == '0' ? '~' : '/');
        } else {
            buf_append_char(token, *c);
        }
    }
    *pointer = c;
    return buf_status(token) == STATUS_OK;
}

bool json_pointer_index(const char *token, size_t *index)
{
    size_t len = strlen(token);
    if (len == 0 || len > 9 || (token[0] == '0' && len > 1) || strspn(token, "0123456789") != len)
        return false;
    *index = 0;
    for (; *token != '\0'; token++)
        *index = *index * 10 + (size_t)(*token - '0');
    return true;
}

enum status json_pointer_append(struct buf *pointer, const char *key)
{
    buf_append_char(pointer, '/');
    for (size_t plain; *key != '\0'; key += plain) {
        plain = strcspn(key, "~/");
        buf_append(pointer, key, plain);
        if (key[plain] != '\0')
            buf_append_text(pointer, key[plain++] == '~' ? "~0" : "~1");
    }
    return buf_status(pointer);
}

/* One step down: an object's member or an array's item. */
static bool step(const struct json_object *from, const char *token, struct json_object **to)
{
    size_t index;
    if (json_object_is_type(from, json_type_object))
        return json_object_object_get_ex(from, token, to);
    if (!json_object_is_type(from, json_type_array) || !json_pointer_index(token, &index) ||
        index >= json_object_array_length(from))
        return false;
    *to = json_object_array_get_idx(from, index);
    return true;
}

bool json_find(const struct json_object *tree, const char *pointer, struct json_object **value)
{
    struct buf token = BUF_INIT(1 << 20);
    struct json_object *at = (struct json_object *)tree;
    bool there = true;
    while (there && *pointer != '\0')
        there = json_pointer_next(&pointer, &token) && step(at, buf_text(&token), &at);
    buf_fini(&token);
    if (there)
        *value = at;
    return there;
}

struct json_object *json_get(const struct json_object *tree, const char *pointer)
{
    struct json_object *value = NULL;
    return json_find(tree, pointer, &value) ? value : NULL;
}

static struct json_object *get_typed(const struct json_object *tree, const char *pointer, enum json_type type)
{
    struct json_object *value = json_get(tree, pointer);
    return value != NULL && json_object_is_type(value, type) ? value : NULL;
}

const char *json_get_text(const struct json_object *tree, const char *pointer)
{
    struct json_object *value = get_typed(tree, pointer, json_type_string);
    return value != NULL ? json_object_get_string(value) : NULL;
}

bool json_get_int(const struct json_object *tree, const char *pointer, int64_t *value)
{
    struct json_object *number = json_get(tree, pointer);
    uint64_t big;
    int64_t small;
    if (json_object_is_type(number, json_type_int)) {
        if (!json_number_fits_i64(number, &small, &big))
            return false;
        *value = small;
        return true;
    }
    if (!json_object_is_type(number, json_type_double))
        return false;
    double real = json_object_get_double(number);
    if (!(real >= -0x1p63 && real < 0x1p63) || real != trunc(real))
        return false;
    *value = (int64_t)real;
    return true;
}

bool json_get_real(const struct json_object *tree, const char *pointer, double *value)
{
    struct json_object *number = json_get(tree, pointer);
    int64_t small;
    uint64_t big;
    if (json_object_is_type(number, json_type_double))
        *value = json_object_get_double(number);
    else if (json_object_is_type(number, json_type_int))
        *value = json_number_fits_i64(number, &small, &big) ? (double)small : (double)big;
    else
        return false;
    return true;
}

bool json_get_bool(const struct json_object *tree, const char *pointer, bool *value)
{
    struct json_object *found = get_typed(tree, pointer, json_type_boolean);
    if (found != NULL)
        *value = json_object_get_boolean(found) != 0;
    return found != NULL;
}

struct json_object *json_get_object(const struct json_object *tree, const char *pointer)
{
    return get_typed(tree, pointer, json_type_object);
}

struct json_object *json_get_array(const struct json_object *tree, const char *pointer)
{
    return get_typed(tree, pointer, json_type_array);
}

static bool take_member(struct json_object *object, const char *key, struct json_object *value)
{
    if (object != NULL && json_object_object_add(object, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

bool json_set(struct json_object *object, const char *key, struct json_object *value)
{
    return value != NULL && take_member(object, key, value);
}

bool json_set_null(struct json_object *object, const char *key)
{
    return take_member(object, key, NULL);
}

bool json_set_text(struct json_object *object, const char *key, const char *text)
{
    return json_set_bytes(object, key, text, strlen(text));
}

bool json_set_bytes(struct json_object *object, const char *key, const char *text, size_t len)
{
    return len <= INT32_MAX && json_set(object, key, json_object_new_string_len(text, (int)len));
}

bool json_set_int(struct json_object *object, const char *key, int64_t value)
{
    return json_set(object, key, json_object_new_int64(value));
}

bool json_set_real(struct json_object *object, const char *key, double value)
{
    return isfinite(value) && json_set(object, key, json_object_new_double(value));
}

bool json_set_bool(struct json_object *object, const char *key, bool value)
{
    return json_set(object, key, json_object_new_boolean(value));
}

bool json_add(struct json_object *array, struct json_object *value)
{
    if (array != NULL && value != NULL && json_object_array_add(array, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

bool json_add_text(struct json_object *array, const char *text)
{
    return json_add(array, json_object_new_string(text));
}

bool json_add_int(struct json_object *array, int64_t value)
{
    return json_add(array, json_object_new_int64(value));
}

bool json_add_real(struct json_object *array, double value)
{
    return isfinite(value) && json_add(array, json_object_new_double(value));
}

static bool equal_text(const struct json_object *a, const struct json_object *b)
{
    int len = json_object_get_string_len(a);
    return len == json_object_get_string_len(b) &&
           memcmp(json_object_get_string((struct json_object *)a),
               json_object_get_string((struct json_object *)b), (size_t)len) == 0;
}

static bool equal_arrays(const struct json_object *a, const struct json_object *b)
{
    size_t count = json_object_array_length(a);
    if (count != json_object_array_length(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!json_deep_equal(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i)))
            return false;
    return true;
}

static bool equal_objects(const struct json_object *a, const struct json_object *b)
{
    if (json_object_object_length(a) != json_object_object_length(b))
        return false;
    json_object_object_foreach(a, key, value)
    {
        struct json_object *other;
        if (!json_object_object_get_ex(b, key, &other) || !json_deep_equal(value, other))
            return false;
    }
    return true;
}

static bool is_number_type(enum json_type type)
{
    return type == json_type_int || type == json_type_double;
}

bool json_deep_equal(const struct json_object *a, const struct json_object *b)
{
    enum json_type type = json_object_get_type(a), other = json_object_get_type(b);
    if (is_number_type(type) && is_number_type(other))
        return json_number_compare(a, b) == 0;
    if (type != other)
        return false;
    switch (type) {
    case json_type_string:
        return equal_text(a, b);
    case json_type_array:
        return equal_arrays(a, b);
    case json_type_object:
        return equal_objects(a, b);
    case json_type_boolean:
        return json_object_get_boolean(a) == json_object_get_boolean(b);
    default:
        return true; /* null */
    }
}
