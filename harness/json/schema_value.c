#include "schema_groups.h"

#include "schema_unique.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static unsigned type_named(const struct json_object *name)
{
    static const struct {
        const char *name;
        unsigned type;
    } types[] = {{"null", TYPE_NULL}, {"boolean", TYPE_BOOLEAN}, {"object", TYPE_OBJECT},
        {"array", TYPE_ARRAY}, {"number", TYPE_NUMBER}, {"integer", TYPE_INTEGER}, {"string", TYPE_STRING}};
    if (!json_object_is_type(name, json_type_string))
        return 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(json_object_get_string((struct json_object *)name), types[i].name) == 0)
            return types[i].type;
    return 0;
}

static enum status compile_type(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    bool is_list = json_object_is_type(value, json_type_array);
    size_t count = is_list ? json_object_array_length(value) : 1;
    for (size_t i = 0; i < count; i++) {
        unsigned type = type_named(is_list ? json_object_array_get_idx(value, i) : value);
        if (type == 0)
            return compile_refuse(c, node, "type", "must be the name of a type or an array of them");
        rule->u.types |= type;
    }
    return STATUS_OK;
}

static bool check_type(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    if ((rule->u.types & at->types) != 0)
        return true;
    char expected[120];
    if (run->report == NULL)
        return false;
    kinds_show(rule->u.types, expected, sizeof expected);
    return fault(run, rule->node, "type", at, "expected %s, found %s", expected, value_kind(at->value));
}

/* ---- const and enum ---- */

static const char *text_of(const struct json_object *value, size_t *len)
{
    *len = (size_t)json_object_get_string_len(value);
    return json_object_get_string((struct json_object *)value);
}

/* Nearly all values that schemas list are texts. */
static bool are_texts(const struct json_object *list)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (!json_object_is_type(json_object_array_get_idx(list, i), json_type_string))
            return false;
    return true;
}

static bool is_one_of(struct run *run, const struct rule *rule, const struct place *at)
{
    size_t len = 0;
    const char *text = (at->types & TYPE_STRING) != 0 ? text_of(at->value, &len) : NULL;
    charge(run, len >> 8);
    for (size_t i = 0; text != NULL && i < rule->u.words.count; i++)
        if (rule->u.words.items[i].len == len && memcmp(rule->u.words.items[i].text, text, len) == 0)
            return true;
    return false;
}

static enum status compile_const(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    (void)node;
    rule->u.words.size = unique_count(value);
    if (!json_object_is_type(value, json_type_string))
        return STATUS_OK;
    struct word *word = schema_alloc(c->schema, sizeof *word);
    if (word == NULL)
        return compile_no_memory(c);
    word->text = text_of(value, &word->len);
    rule->u.words.items = word;
    rule->u.words.count = 1;
    return STATUS_OK;
}

static bool check_const(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    charge(run, rule->u.words.size);
    if (rule->u.words.items != NULL ? is_one_of(run, rule, at) : json_deep_equal(rule->value, at->value))
        return true;
    return run->report != NULL && fault(run, rule->node, "const", at, "expected %s, found %s",
                                      value_show(rule->value).text, value_show(at->value).text);
}

#define FEW 16 /* are compared with one after the other */

static enum status compile_enum(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_array))
        return compile_refuse(c, node, "enum", "must be an array");
    size_t count = json_object_array_length(value);
    if (count > FEW) {
        rule->u.words.set = set_new(c->schema, value);
        return rule->u.words.set != NULL ? STATUS_OK : compile_no_memory(c);
    }
    rule->u.words.size = unique_count(value);
    if (count == 0 || !are_texts(value))
        return STATUS_OK;
    struct word *words = schema_alloc(c->schema, count * sizeof *words);
    if (words == NULL)
        return compile_no_memory(c);
    for (size_t i = 0; i < count; i++)
        words[i].text = text_of(json_object_array_get_idx(value, i), &words[i].len);
    rule->u.words.items = words;
    rule->u.words.count = count;
    return STATUS_OK;
}

#define ENUM_SHOWN 12

static bool refuse_enum(struct run *run, const struct rule *rule, const struct place *at)
{
    struct buf list = BUF_INIT(4096);
    size_t count = json_object_array_length(rule->value);
    for (size_t i = 0; i < count && i < ENUM_SHOWN; i++) {
        buf_append_text(&list, i > 0 ? ", " : "");
        buf_append_text(&list, value_show(json_object_array_get_idx(rule->value, i)).text);
    }
    if (count > ENUM_SHOWN)
        buf_append_text(&list, ", ...");
    fault(run, rule->node, "enum", at, "%s is none of %s", value_show(at->value).text, buf_text(&list));
    buf_fini(&list);
    return false;
}

static bool equals_one(struct run *run, const struct rule *rule, const struct place *at)
{
    if (rule->u.words.set != NULL)
        return set_has(rule->u.words.set, rule->value, at->value, &run->steps);
    charge(run, rule->u.words.size);
    size_t count = json_object_array_length(rule->value);
    for (size_t i = 0; i < count; i++)
        if (json_deep_equal(json_object_array_get_idx(rule->value, i), at->value))
            return true;
    return false;
}

static bool check_enum(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    if (rule->u.words.items != NULL ? is_one_of(run, rule, at) : equals_one(run, rule, at))
        return true;
    return run->report != NULL && refuse_enum(run, rule, at);
}

/* ---- texts ---- */

/* Code points, in what is taken to be UTF-8. */
static size_t count_characters(const struct place *at)
{
    size_t len, count = 0;
    const char *text = text_of(at->value, &len);
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static enum status compile_length(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    return compile_bound(c, node, rule->keyword->name, value, &rule->u.bound);
}

static bool check_min_length(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    if ((uint64_t)json_object_get_string_len(at->value) / 4 >= rule->u.bound)
        return true; /* no character has more than 4 bytes */
    charge(run, (size_t)json_object_get_string_len(at->value) >> 8);
    size_t count = count_characters(at);
    if (count >= rule->u.bound)
        return true;
    return fault(run, rule->node, "minLength", at, "expected at least %llu characters, found %zu",
        (unsigned long long)rule->u.bound, count);
}

static bool check_max_length(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    if ((uint64_t)json_object_get_string_len(at->value) <= rule->u.bound)
        return true;
    charge(run, (size_t)json_object_get_string_len(at->value) >> 8);
    size_t count = count_characters(at);
    if (count <= rule->u.bound)
        return true;
    return fault(run, rule->node, "maxLength", at, "expected at most %llu characters, found %zu",
        (unsigned long long)rule->u.bound, count);
}

static enum status compile_pattern(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(c, node, "pattern", "must be a string");
    return compile_regex(c, node, "pattern", json_object_get_string(value),
        (size_t)json_object_get_string_len(value), &rule->u.regex);
}

static bool check_pattern(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t len;
    bool matches;
    const char *text = text_of(at->value, &len);
    charge(run, pattern_steps(len));
    enum status s = regex_match(rule->u.regex, &run->regex, text, len, &matches);
    if (s != STATUS_OK)
        return give_up(run, s, GIVE_UP_PATTERN);
    if (matches)
        return true;
    return run->report != NULL && fault(run, rule->node, "pattern", at, "%s does not match the pattern %s",
                                      value_show(at->value).text, regex_pattern(rule->u.regex));
}

#define VALUE_KEYWORD(keyword, types, compile_function, check_function)                                      \
    {                                                                                                        \
        .name = (keyword), .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07, .applies = (types),    \
        .compile = (compile_function), .check = (check_function), .looks_only = true                         \
    }

const struct keyword keyword_type = VALUE_KEYWORD("type", TYPE_ANY, compile_type, check_type);
const struct keyword keyword_const = VALUE_KEYWORD("const", TYPE_ANY, compile_const, check_const);
const struct keyword keyword_enum = VALUE_KEYWORD("enum", TYPE_ANY, compile_enum, check_enum);
const struct keyword keyword_min_length =
    VALUE_KEYWORD("minLength", TYPE_STRING, compile_length, check_min_length);
const struct keyword keyword_max_length =
    VALUE_KEYWORD("maxLength", TYPE_STRING, compile_length, check_max_length);
const struct keyword keyword_pattern = VALUE_KEYWORD("pattern", TYPE_STRING, compile_pattern, check_pattern);
