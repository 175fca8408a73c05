/* What json_parse accepts, json_write prints so that it is accepted again as the same, and json_locate finds.
 */
#include "json.h"
#include "json_again.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void locate_all(const struct json_object *tree, struct buf *pointer, const char *text, size_t len)
{
    long line = 0, column = 0;
    require(json_locate(text, len, buf_text(pointer), &line, &column) && line > 0 && column > 0);
    if (!json_object_is_type(tree, json_type_object))
        return;
    json_object_object_foreach(tree, key, value)
    {
        size_t before = pointer->len;
        require(json_pointer_append(pointer, key) == STATUS_OK);
        struct json_object *found = NULL;
        struct json_object *top = value;
        require(pointer->len > before && json_find(tree, buf_text(pointer) + before, &found) && found == top);
        locate_all(value, pointer, text, len);
        pointer->len = before;
        pointer->data[before] = '\0';
    }
}

static void write_again(const struct json_object *tree, struct buf *first)
{
    struct buf second = BUF_INIT(SIZE_MAX / 4);
    struct json_object *again = NULL;
    struct error why = {0};
    require(json_write(tree, first, &why) == STATUS_OK);
    require(json_parse(buf_text(first), first->len, &again, &why) == STATUS_OK);
    require(json_deep_equal(tree, again) && json_deep_equal(again, tree));
    require(json_write(again, &second, &why) == STATUS_OK && strcmp(buf_text(first), buf_text(&second)) == 0);
    require(memchr(buf_text(first), '\n', first->len) == NULL);
    json_object_put(again);
    buf_fini(&second);
}

static void parse_again(struct json_again *again, const char *text, size_t len)
{
    struct json_object *full = NULL, *fast = NULL;
    struct error full_why = {0}, fast_why = {0};
    enum status expected = json_parse(text, len, &full, &full_why);
    require(json_again_parse(again, text, len, &fast, &fast_why) == expected);
    require(json_deep_equal(full, fast) && strcmp(full_why.text, fast_why.text) == 0);
    json_object_put(full);
    json_object_put(fast);
}

/* The same text, one with other values, the same: each as if nothing had come before. */
static void parse_alike(const uint8_t *data, size_t size)
{
    struct json_again again = {0};
    struct buf other = BUF_INIT(SIZE_MAX / 4);
    for (size_t i = 0; i < size; i++) {
        bool digit = data[i] >= '0' && data[i] <= '9', letter = data[i] >= 'a' && data[i] <= 'z';
        buf_append_char(&other, digit ? (char)('0' + (data[i] + 3) % 10) : letter ? 'z' : (char)data[i]);
        if (letter && i % 3 == 0)
            buf_append_char(&other, 'y');
    }
    parse_again(&again, (const char *)data, size);
    parse_again(&again, buf_text(&other), other.len);
    parse_again(&again, (const char *)data, size);
    parse_again(&again, buf_text(&other), other.len);
    json_again_fini(&again);
    buf_fini(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_object *tree = NULL;
    struct buf text = BUF_INIT(SIZE_MAX / 4), pointer = BUF_INIT(SIZE_MAX / 4);
    struct error why = {0};
    long line, column;
    parse_alike(data, size);
    (void)json_locate((const char *)data, size, "/a/0", &line, &column); /* on any bytes: no harm */
    if (json_parse((const char *)data, size, &tree, &why) == STATUS_OK) {
        write_again(tree, &text);
        locate_all(tree, &pointer, (const char *)data, size);
    } else {
        require(tree == NULL && why.line > 0 && why.column > 0 && why.text[0] != '\0');
    }
    json_object_put(tree);
    buf_fini(&text);
    buf_fini(&pointer);
    return 0;
}
