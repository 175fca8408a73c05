#include "schema_compat.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

enum { PAIRS_MAX = 8192, REFERENCES_MAX = 32, PATH_MAX_BYTES = 1024 };

/* A schema, and the document that its references start from. */
struct node {
    const struct compat_set *set;
    struct json_object *document, *json;
};

struct comparing {
    struct buf *told;
    size_t breaks;
    char path[PATH_MAX_BYTES]; /* of the value that both describe: "record /model/id" */
    struct {
        struct json_object *then, *now;
    } seen[PAIRS_MAX]; /* compared already, or being compared further up */
    size_t seen_count;
    struct json_object *anything; /* {}: where no schema stands */
};

static void compare(struct comparing *c, struct node then, struct node now);

/* ---- telling ---- */

static ASSAY_PRINTF(2, 3) void tell(struct comparing *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_append_text(c->told, c->path);
    buf_append_text(c->told, ": ");
    buf_vprintf(c->told, format, args);
    buf_append_char(c->told, '\n');
    va_end(args);
    c->breaks++;
}

/* A value as JSON, cut to what a line can hold. */
struct shown {
    char text[96];
};

static struct shown show(struct json_object *value)
{
    struct shown shown;
    struct buf text = BUF_INIT(1 << 20);
    (void)!json_write(value, &text, NULL);
    snprintf(shown.text, sizeof shown.text, "%s", buf_text(&text));
    buf_fini(&text);
    return shown;
}

/* Compares below a step; the path is as before when it returns. */
static void compare_at(struct comparing *c, const char *step, struct node then, struct node now)
{
    size_t len = strlen(c->path);
    snprintf(c->path + len, sizeof c->path - len, "%s", step);
    compare(c, then, now);
    c->path[len] = '\0';
}

/* ---- nodes ---- */

static struct json_object *own(struct node n, const char *keyword)
{
    struct json_object *value = NULL;
    if (json_object_is_type(n.json, json_type_object))
        (void)json_object_object_get_ex(n.json, keyword, &value);
    return value;
}

static struct node child(struct node n, struct json_object *json)
{
    return (struct node){n.set, n.document, json};
}

void compat_set_add(struct compat_set *set, const char *name, struct json_object *document)
{
    if (set->count == COMPAT_SCHEMAS_MAX)
        return;
    snprintf(set->schemas[set->count].name, sizeof set->schemas[0].name, "%s", name);
    set->schemas[set->count++].document = document;
}

static struct json_object *document_named(const struct compat_set *set, const char *name, size_t len)
{
    for (size_t i = 0; i < set->count; i++)
        if (strlen(set->schemas[i].name) == len && memcmp(set->schemas[i].name, name, len) == 0)
            return set->schemas[i].document;
    return NULL;
}

static struct json_object *document_with_id(const struct compat_set *set, const char *id, size_t len)
{
    for (size_t i = 0; i < set->count; i++) {
        const char *own_id = json_get_text(set->schemas[i].document, "/$id");
        if (own_id != NULL && strlen(own_id) == len && memcmp(own_id, id, len) == 0)
            return set->schemas[i].document;
    }
    return NULL;
}

/* "#/$defs/x", "urn:assay:schema:record:1.0.0#/$defs/x", within the set. json NULL: it leads nowhere. */
static struct node follow(struct node n, const char *reference)
{
    size_t len = strcspn(reference, "#");
    if (len > 0)
        n.document = document_with_id(n.set, reference, len);
    n.json =
        n.document != NULL ? json_get(n.document, reference[len] == '#' ? reference + len + 1 : "") : NULL;
    return n;
}

static bool says_nothing(const char *keyword)
{
    static const char *const silent[] = {"$schema", "$id", "$comment", "$defs", "$anchor", "definitions",
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", NULL};
    for (size_t i = 0; silent[i] != NULL; i++)
        if (strcmp(keyword, silent[i]) == 0)
            return true;
    return false;
}

/* A node that only refers to another one is that one. */
static struct node resolve(struct node n)
{
    for (int i = 0; i < REFERENCES_MAX; i++) {
        const char *reference = json_get_text(n.json, "/$ref");
        bool alone = reference != NULL;
        if (alone) {
            json_object_object_foreach(n.json, keyword, value)
            {
                (void)value;
                alone = alone && (strcmp(keyword, "$ref") == 0 || says_nothing(keyword));
            }
        }
        if (!alone)
            return n;
        n = follow(n, reference);
    }
    return n;
}

/* ---- types and values ---- */

static const char *const type_names[] = {"null", "boolean", "object", "array", "number", "string",
    "integer"}; /* bit i; number has integer's bit as well */

static unsigned type_bit(const char *name)
{
    for (unsigned i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (strcmp(type_names[i], name) == 0)
            return i == 4 ? 1U << 4 | 1U << 6 : 1U << i;
    return 0;
}

static unsigned type_of_value(struct json_object *value)
{
    static const char *const names[] = {[json_type_null] = "null",
        [json_type_boolean] = "boolean",
        [json_type_double] = "number",
        [json_type_int] = "integer",
        [json_type_object] = "object",
        [json_type_array] = "array",
        [json_type_string] = "string"};
    return type_bit(names[json_object_get_type(value)]);
}

/* 0: any. */
static unsigned types_of(struct node n)
{
    struct json_object *type = own(n, "type"), *words = own(n, "enum"), *word = own(n, "const");
    unsigned types = 0;
    if (json_object_is_type(type, json_type_string))
        return type_bit(json_object_get_string(type));
    for (size_t i = 0; type != NULL && i < json_object_array_length(type); i++)
        types |= type_bit(json_object_get_string(json_object_array_get_idx(type, i)));
    if (type != NULL || (words == NULL && word == NULL))
        return types;
    for (size_t i = 0; words != NULL && i < json_object_array_length(words); i++)
        types |= type_of_value(json_object_array_get_idx(words, i));
    return words != NULL ? types : type_of_value(word);
}

static void compare_types(struct comparing *c, struct node then, struct node now)
{
    unsigned before = types_of(then), after = types_of(now);
    if (after != 0 && (before == 0 || (before & ~after) != 0))
        tell(c, "fewer types than before");
    else if (before != 0 && (after == 0 || (after & ~before) != 0))
        tell(c, "other types than readers know");
}

static bool has_word(struct node n, struct json_object *word)
{
    struct json_object *words = own(n, "enum");
    if (words == NULL)
        return json_deep_equal(own(n, "const"), word);
    for (size_t i = 0; i < json_object_array_length(words); i++)
        if (json_deep_equal(json_object_array_get_idx(words, i), word))
            return true;
    return false;
}

static bool lists_words(struct node n)
{
    return json_object_object_get_ex(n.json, "enum", NULL) ||
           json_object_object_get_ex(n.json, "const", NULL);
}

static void compare_words(struct comparing *c, struct node then, struct node now)
{
    struct json_object *words = own(then, "enum");
    if (!lists_words(now))
        return;
    if (!lists_words(then)) {
        tell(c, "only certain values are allowed now");
        return;
    }
    if (words == NULL && !has_word(now, own(then, "const")))
        tell(c, "%s is no longer allowed", show(own(then, "const")).text);
    for (size_t i = 0; words != NULL && i < json_object_array_length(words); i++) {
        struct json_object *word = json_object_array_get_idx(words, i);
        if (!has_word(now, word))
            tell(c, "%s is no longer allowed", show(word).text);
    }
}

/* ---- bounds ---- */

static const struct {
    const char *keyword;
    int direction; /* 1: a larger one is stricter */
} bounds[] = {
    {"minimum", 1},
    {"exclusiveMinimum", 1},
    {"minLength", 1},
    {"minItems", 1},
    {"minProperties", 1},
    {"minContains", 1},
    {"maximum", -1},
    {"exclusiveMaximum", -1},
    {"maxLength", -1},
    {"maxItems", -1},
    {"maxProperties", -1},
    {"maxContains", -1},
};

static void compare_bounds(struct comparing *c, struct node then, struct node now)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct json_object *before = own(then, bounds[i].keyword), *after = own(now, bounds[i].keyword);
        if (after == NULL)
            continue;
        double difference = json_object_get_double(after) - json_object_get_double(before);
        if (before == NULL || difference * bounds[i].direction > 0)
            tell(c, "%s %s is stricter than before", bounds[i].keyword, show(after).text);
    }
}

/* What is stricter or looser than what cannot be told: it may go, and otherwise has to stay as it was. */
static void compare_unchanged(struct comparing *c, struct node then, struct node now)
{
    static const char *const keywords[] = {"pattern", "format", "multipleOf", "uniqueItems", "not",
        "contains", "patternProperties", "dependentRequired", "dependentSchemas", "dependencies",
        "$dynamicRef", "contentEncoding", "contentMediaType"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        struct json_object *before = own(then, keywords[i]), *after = own(now, keywords[i]);
        bool is_off = json_object_is_type(after, json_type_boolean) && !json_object_get_boolean(after);
        if (after != NULL && !is_off && (before == NULL || !json_deep_equal(before, after)))
            tell(c, before == NULL ? "%s is new" : "%s is another", keywords[i]);
    }
}

/* ---- members ---- */

static bool has_text(struct json_object *list, const char *text)
{
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text) == 0)
            return true;
    return false;
}

static void compare_required(struct comparing *c, struct node then, struct node now)
{
    struct json_object *before = own(then, "required"), *after = own(now, "required");
    for (size_t i = 0; after != NULL && i < json_object_array_length(after); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(after, i));
        if (!has_text(before, name))
            tell(c, "\"%s\" is required now", name);
    }
    for (size_t i = 0; before != NULL && i < json_object_array_length(before); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(before, i));
        if (!has_text(after, name))
            tell(c, "\"%s\" is no longer required, and readers count on it", name);
    }
}

static bool is_closed(struct node n)
{
    static const char *const keywords[] = {"additionalProperties", "unevaluatedProperties"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        struct json_object *value = own(n, keywords[i]);
        if (json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value))
            return true;
    }
    return false;
}

static void compare_properties(struct comparing *c, struct node then, struct node now)
{
    struct json_object *before = own(then, "properties"), *after = own(now, "properties"), *other = NULL;
    char step[300];
    if (before != NULL) {
        json_object_object_foreach(before, name, schema)
        {
            snprintf(step, sizeof step, "/%s", name);
            if (after == NULL || !json_object_object_get_ex(after, name, &other))
                tell(c, "\"%s\" is gone", name);
            else
                compare_at(c, step, child(then, schema), child(now, other));
        }
    }
    if (after == NULL || is_closed(then))
        return;
    json_object_object_foreach(after, name, schema)
    {
        bool any = json_object_is_type(schema, json_type_boolean) || json_object_object_length(schema) == 0;
        if (!any && (before == NULL || !json_object_object_get_ex(before, name, NULL)))
            tell(c, "\"%s\" could be anything before", name);
    }
}

/* ---- schemas within schemas ---- */

static void compare_one(
    struct comparing *c, const char *keyword, const char *step, struct node then, struct node now)
{
    struct json_object *before = own(then, keyword), *after = own(now, keyword);
    if (after != NULL)
        compare_at(c, step, child(then, before != NULL ? before : c->anything), child(now, after));
}

static void compare_parts(struct comparing *c, struct node then, struct node now)
{
    static const struct {
        const char *keyword, *step;
    } parts[] = {{"additionalProperties", "/*"}, {"unevaluatedProperties", "/*"},
        {"propertyNames", "/(name)"}, {"items", "/[]"}, {"unevaluatedItems", "/[]"},
        {"additionalItems", "/[]"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        compare_one(c, parts[i].keyword, parts[i].step, then, now);
}

static void compare_condition(struct comparing *c, struct node then, struct node now)
{
    struct json_object *asked = own(now, "if");
    if (asked == NULL || (own(now, "then") == NULL && own(now, "else") == NULL))
        return;
    if (own(then, "if") != NULL && !json_deep_equal(own(then, "if"), asked)) {
        tell(c, "the condition (if) is another");
        return;
    }
    compare_one(c, "then", "", then, now);
    compare_one(c, "else", "", then, now);
}

static bool has_item(struct json_object *list, struct json_object *item)
{
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++)
        if (json_deep_equal(json_object_array_get_idx(list, i), item))
            return true;
    return false;
}

/* Of each item of `from` that `in` has not: its neighbour at the same place in `in`, or a break. */
static void compare_list(
    struct comparing *c, const char *keyword, bool all, struct node then, struct node now)
{
    struct json_object *before = own(then, keyword), *after = own(now, keyword);
    struct json_object *from = all ? after : before, *in = all ? before : after;
    for (size_t i = 0; from != NULL && i < json_object_array_length(from); i++) {
        if (has_item(in, json_object_array_get_idx(from, i)))
            continue;
        struct json_object *other = in != NULL ? json_object_array_get_idx(in, i) : NULL;
        if (other == NULL)
            tell(c, all ? "%s asks for more" : "an alternative of %s is gone", keyword);
        else
            compare_at(c, "", child(then, json_object_array_get_idx(before, i)),
                child(now, json_object_array_get_idx(after, i)));
    }
}

static void compare_lists(struct comparing *c, struct node then, struct node now)
{
    static const char *const choices[] = {"anyOf", "oneOf"};
    compare_list(c, "allOf", true, then, now);
    compare_list(c, "prefixItems", true, then, now);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (own(now, choices[i]) == NULL)
            continue;
        if (own(then, choices[i]) == NULL)
            tell(c, "%s is new", choices[i]);
        else
            compare_list(c, choices[i], false, then, now);
    }
}

static void compare_references(struct comparing *c, struct node then, struct node now)
{
    const char *before = json_get_text(then.json, "/$ref"), *after = json_get_text(now.json, "/$ref");
    if (after == NULL)
        return;
    if (before == NULL)
        tell(c, "it refers to %s as well", after);
    else
        compare(c, follow(then, before), follow(now, after));
}

static void tell_unknown_keywords(struct comparing *c, struct node now)
{
    static const char *const known[] = {"type", "enum", "const", "pattern", "format", "multipleOf",
        "uniqueItems", "not", "contains", "patternProperties", "dependentRequired", "dependentSchemas",
        "dependencies", "$dynamicRef", "contentEncoding", "contentMediaType", "required", "properties",
        "additionalProperties", "unevaluatedProperties", "propertyNames", "items", "unevaluatedItems",
        "additionalItems", "if", "then", "else", "allOf", "anyOf", "oneOf", "prefixItems", "$ref", NULL};
    json_object_object_foreach(now.json, keyword, value)
    {
        bool is_known = says_nothing(keyword);
        (void)value;
        for (size_t i = 0; !is_known && known[i] != NULL; i++)
            is_known = strcmp(keyword, known[i]) == 0;
        for (size_t i = 0; !is_known && i < sizeof bounds / sizeof *bounds; i++)
            is_known = strcmp(keyword, bounds[i].keyword) == 0;
        if (!is_known)
            tell(c, "the keyword \"%s\" is not known here", keyword);
    }
}

/* ---- all of it ---- */

static bool was_seen(struct comparing *c, struct node then, struct node now)
{
    for (size_t i = 0; i < c->seen_count; i++)
        if (c->seen[i].then == then.json && c->seen[i].now == now.json)
            return true;
    if (c->seen_count < PAIRS_MAX) {
        c->seen[c->seen_count].then = then.json;
        c->seen[c->seen_count++].now = now.json;
        return false;
    }
    tell(c, "there are more than %d pairs of schemas", PAIRS_MAX);
    return true;
}

/* true and false: 1 and 0; -1: an object. */
static int boolean_of(struct node n)
{
    return json_object_is_type(n.json, json_type_boolean) ? json_object_get_boolean(n.json) : -1;
}

static void compare(struct comparing *c, struct node then, struct node now)
{
    then = resolve(then);
    now = resolve(now);
    if (now.json == NULL || then.json == NULL) {
        tell(c, "a reference leads nowhere");
        return;
    }
    int before = boolean_of(then), after = boolean_of(now);
    if (before == 0 || after == 1)
        return;
    if (after == 0) {
        tell(c, "what could be there may not be there any more");
        return;
    }
    if (was_seen(c, then, now))
        return;
    compare_types(c, then, now);
    compare_words(c, then, now);
    compare_bounds(c, then, now);
    compare_unchanged(c, then, now);
    compare_required(c, then, now);
    compare_properties(c, then, now);
    compare_parts(c, then, now);
    compare_condition(c, then, now);
    compare_lists(c, then, now);
    compare_references(c, then, now);
    tell_unknown_keywords(c, now);
}

size_t schema_compat_breaks(const struct compat_set *then, const struct compat_set *now, struct buf *told)
{
    static struct comparing c;
    c = (struct comparing){.told = told, .anything = json_object_new_object()};
    for (size_t i = 0; i < then->count; i++) {
        const char *name = then->schemas[i].name;
        struct json_object *before = then->schemas[i].document,
                           *after = document_named(now, name, strlen(name));
        snprintf(c.path, sizeof c.path, "%s ", name);
        if (after == NULL)
            tell(&c, "the schema is gone");
        else
            compare(&c, (struct node){then, before, before}, (struct node){now, after, after});
    }
    json_object_put(c.anything);
    return c.breaks;
}
