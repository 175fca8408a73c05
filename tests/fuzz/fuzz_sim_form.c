/*
 * Whatever schema arrives at the simulated server: an instance that it makes has been checked, so it writes and
 * reads back as the same; and what is cut into tokens is the text again.
 */
#include "sim_form.h"

#include "sim_instance.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut_into_tokens(struct buf *text)
{
    struct sim_form form = {.text = text->data, .len = text->len};
    size_t at = 0;
    for (size_t n; (n = sim_form_piece(&form, at)) > 0;)
        at += n;
    if (at != text->len || sim_form_count(&form) > (int64_t)text->len)
        abort();
}

static void check(struct json_object *instance)
{
    struct buf text = BUF_INIT(64 << 20);
    struct json_object *again = NULL;
    if (json_write(instance, &text, NULL) == STATUS_OK) {
        if (json_parse(text.data, text.len, &again, NULL) != STATUS_OK || !json_deep_equal(instance, again))
            abort();
        cut_into_tokens(&text);
    }
    json_object_put(again);
    buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_object *schema = NULL;
    struct error why = {0};
    if (json_parse((const char *)data, size, &schema, NULL) != STATUS_OK)
        return 0;
    struct json_object *instance = sim_instance_make(schema, &why), *wrong = sim_instance_make_wrong(schema);
    if (instance)
        check(instance);
    json_object_put(wrong);
    json_object_put(instance);
    json_object_put(schema);
    return 0;
}
