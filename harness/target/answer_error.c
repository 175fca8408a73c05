#include "answer_error.h"

#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"

#include <string.h>

bool answer_is_error(struct json_object *root)
{
    struct json_object *object = openai_member(root, "object");
    return openai_member(root, "error") != NULL || (json_object_is_type(object, json_type_string) &&
                                                       strcmp(json_object_get_string(object), "error") == 0);
}

/* Where known servers put the sentence, the most specific first. */
static const char *const message_pointers[] = {
    "/error/message",
    "/error",
    "/message",
    "/detail/0/msg",
    "/detail",
};

void answer_error_message(struct json_object *root, const char *body, size_t len, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof message_pointers / sizeof message_pointers[0]; i++) {
        const char *message = json_get_text(root, message_pointers[i]);
        if (message && *message) {
            exchange_copy_text(out, size, message, strlen(message));
            return;
        }
    }
    exchange_copy_text(out, size, body, len < 200 ? len : 200);
}
