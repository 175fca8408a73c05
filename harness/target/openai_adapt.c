#include "openai_adapt.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

/* other NULL: the member is left out. value NULL: any. */
static const struct {
    const char *member, *value; /* value: of its member "type" */
    const char *named;          /* what the refusal has to name */
    const char *other;          /* the name it goes by instead */
    const char *replacement;    /* JSON that takes the member's place */
    const char *words;
} ways[] = {
    {.member = "max_tokens",
        .named = "max_completion_tokens",
        .other = "max_completion_tokens",
        .words = "max_completion_tokens for max_tokens"},
    {.member = "stream_options", .named = "stream_options", .words = "no stream_options"},
    {.member = "encoding_format", .named = "encoding_format", .words = "no encoding_format"},
    {.member = "response_format",
        .value = "json_object",
        .named = "response_format",
        .replacement = "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"strict\":true,"
                       "\"schema\":{\"type\":\"object\"}}}",
        .words = "a schema of any object for json_object"},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static bool has(struct json_object *root, size_t way)
{
    struct json_object *member = NULL;
    const char *type;
    if (!json_object_is_type(root, json_type_object) ||
        !json_object_object_get_ex(root, ways[way].member, &member))
        return false;
    type = json_get_text(member, "/type");
    return !ways[way].value || (type && strcmp(type, ways[way].value) == 0);
}

static bool names(const struct exchange *x, const char *what)
{
    return strstr(x->error_text, what) || strstr(buf_text(&x->body), what);
}

unsigned openai_adapt_refused(const struct exchange *x, const struct buf *body, unsigned tried)
{
    struct json_object *root = NULL;
    unsigned what = 0;
    if ((x->http_status != 400 && x->http_status != 422) ||
        json_parse(buf_text(body), body->len, &root, NULL) != STATUS_OK)
        return 0;
    for (size_t i = 0; !what && i < WAYS; i++)
        if (!(tried & 1u << i) && has(root, i) && names(x, ways[i].named))
            what = 1u << i;
    json_object_put(root);
    return what;
}

static bool change(struct json_object *root, size_t way)
{
    struct json_object *member = NULL, *replacement = NULL;
    bool ok = true;
    if (!has(root, way) || !json_object_object_get_ex(root, ways[way].member, &member))
        return true;
    if (ways[way].other)
        ok = json_set(root, ways[way].other, json_object_get(member));
    if (ways[way].replacement)
        return json_parse(ways[way].replacement, strlen(ways[way].replacement), &replacement, NULL) ==
                   STATUS_OK &&
               json_set(root, ways[way].member, replacement);
    json_object_object_del(root, ways[way].member);
    return ok;
}

enum status openai_adapt_body(struct buf *body, unsigned what)
{
    struct json_object *root = NULL;
    enum status s = json_parse(buf_text(body), body->len, &root, NULL);
    for (size_t i = 0; s == STATUS_OK && i < WAYS; i++)
        if ((what & 1u << i) && !change(root, i))
            s = STATUS_NO_MEMORY;
    if (s == STATUS_OK) {
        buf_clear(body);
        s = json_write(root, body, NULL);
    }
    json_object_put(root);
    return s;
}

void openai_adapt_describe(unsigned what, char *text, size_t size)
{
    int len = 0;
    *text = '\0';
    for (size_t i = 0; i < WAYS && len >= 0 && (size_t)len < size; i++)
        if (what & 1u << i)
            len += snprintf(text + len, size - (size_t)len, "%s%s", len ? "; " : "", ways[i].words);
}
