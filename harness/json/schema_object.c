#include "schema_groups.h"

#include <stdatomic.h>
#include <string.h>

/*
 * properties, patternProperties, additionalProperties, required and propertyNames are one rule, so that an
 * object is walked once: each member is looked up in one table of all names that the schema mentions.
 */
struct known_name {
    const char *name;
    size_t len;
    const struct node *node; /* NULL: only required */
    bool required;
    uint16_t start;         /* start_of(name) */
    _Atomic uint32_t after; /* the name that was met behind it the last time: a guess, whoever set it */
};

struct name_pattern {
    const struct regex *regex;
    const struct node *node;
};

struct object_rule {
    struct known_name *names;
    size_t name_count, required_count;
    uint32_t *slots; /* index into names + 1, 0: empty; a power of two of them, at least half empty */
    size_t slot_mask;
    uint64_t seed; /* 0: few names */
    struct name_pattern *patterns;
    size_t pattern_count;
    const struct node *additional;
    const struct node *names_node;
    const struct regex *names_regex; /* where a pattern is all that propertyNames asks for */
    const struct node *names_owner;  /* its node */
    _Atomic uint32_t first;          /* the name that an object began with the last time: a guess */
    bool lists_names_only;           /* neither patterns nor propertyNames */
};

/* Its first two characters, of which the second may be the end: most other names differ in them. */
static inline uint16_t start_of(const char *name)
{
    unsigned first = (unsigned char)name[0], second = first != 0 ? (unsigned char)name[1] : 0;
    return (uint16_t)(first | second << 8);
}

#define NAMES_FEW 32

/* Few names are told apart by some of their characters; many could be chosen so that these are the same. */
static size_t hash_name(const struct object_rule *o, const char *name, size_t len)
{
    if (o->seed != 0)
        return (size_t)table_hash(o->seed, name, len);
    const unsigned char *c = (const unsigned char *)name;
    if (len == 0)
        return 0;
    size_t h = len * 131 + c[0] * 7u + c[len - 1] * 37u + c[len / 2] * 257u + c[len / 3] * 1031u;
    return h ^ h >> 7;
}

static struct known_name *find_name(const struct object_rule *o, const char *name, size_t len)
{
    for (size_t at = hash_name(o, name, len);; at++) {
        uint32_t slot = o->slots[at & o->slot_mask];
        if (slot == 0)
            return NULL;
        struct known_name *known = &o->names[slot - 1];
        if (known->len == len && memcmp(known->name, name, len) == 0)
            return known;
    }
}

static struct known_name *add_name(struct object_rule *o, const char *name)
{
    size_t len = strlen(name), at = hash_name(o, name, len);
    struct known_name *known = find_name(o, name, len);
    if (known != NULL)
        return known;
    while (o->slots[at & o->slot_mask] != 0)
        at++;
    known = &o->names[o->name_count++];
    *known = (struct known_name){.name = name, .len = len, .start = start_of(name)};
    atomic_init(&known->after, (uint32_t)o->name_count);
    o->slots[at & o->slot_mask] = (uint32_t)o->name_count;
    return known;
}

static enum status make_table(struct compiler *c, struct object_rule *o, size_t most_names)
{
    size_t slots = 4;
    while (slots < most_names * 2 + 2)
        slots *= 2;
    o->slot_mask = slots - 1;
    o->seed = most_names > NAMES_FEW ? c->schema->names.seed | 1 : 0;
    o->slots = schema_alloc(c->schema, slots * sizeof *o->slots);
    o->names = schema_alloc(c->schema, most_names * sizeof *o->names);
    return o->slots != NULL && o->names != NULL ? STATUS_OK : compile_no_memory(c);
}

static enum status compile_properties(
    struct compiler *c, struct node *node, struct json_object *value, struct object_rule *o)
{
    if (value == NULL)
        return STATUS_OK;
    json_object_object_foreach(value, name, subschema)
    {
        enum status s = compile_subschema(c, node, "properties", subschema, &add_name(o, name)->node);
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static enum status compile_required(
    struct compiler *c, struct node *node, struct json_object *value, struct object_rule *o)
{
    size_t count = value != NULL ? json_object_array_length(value) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *name = json_object_array_get_idx(value, i);
        if (!json_object_is_type(name, json_type_string))
            return compile_refuse(c, node, "required", "must be an array of strings");
        struct known_name *known = add_name(o, json_object_get_string(name));
        o->required_count += !known->required;
        known->required = true;
    }
    return STATUS_OK;
}

static enum status compile_patterns(
    struct compiler *c, struct node *node, struct json_object *value, struct object_rule *o)
{
    if (value == NULL)
        return STATUS_OK;
    size_t count = (size_t)json_object_object_length(value);
    o->patterns = schema_alloc(c->schema, count * sizeof *o->patterns);
    if (o->patterns == NULL)
        return compile_no_memory(c);
    json_object_object_foreach(value, pattern, subschema)
    {
        struct name_pattern *p = &o->patterns[o->pattern_count++];
        enum status s = compile_subschema(c, node, "patternProperties", subschema, &p->node);
        if (s == STATUS_OK)
            s = compile_regex(c, node, "patternProperties", pattern, strlen(pattern), &p->regex);
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static enum status compile_names(
    struct compiler *c, struct node *node, struct json_object *value, struct object_rule *o)
{
    if (value == NULL)
        return STATUS_OK;
    enum status s = compile_subschema(c, node, "propertyNames", value, &o->names_node);
    struct json_object *pattern = NULL;
    bool alone = json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1;
    if (s != STATUS_OK || !alone || !json_object_object_get_ex(value, "pattern", &pattern) ||
        pattern == NULL || compile_sibling(o->names_node, "pattern") != pattern)
        return s;
    o->names_owner = o->names_node;
    o->names_node = NULL;
    if (!json_object_is_type(pattern, json_type_string))
        return compile_refuse(c, o->names_owner, "pattern", "must be a string");
    return compile_regex(c, o->names_owner, "pattern", json_object_get_string(pattern),
        (size_t)json_object_get_string_len(pattern), &o->names_regex);
}

static const char *const group[] = {
    "required", "properties", "patternProperties", "additionalProperties", "propertyNames"};
enum { REQUIRED, PROPERTIES, PATTERNS, ADDITIONAL, NAMES, GROUP_SIZE };

static enum status compile_group(
    struct compiler *c, struct node *node, struct json_object **values, struct object_rule *o)
{
    size_t most_names =
        values[PROPERTIES] != NULL ? (size_t)json_object_object_length(values[PROPERTIES]) : 0;
    if (values[REQUIRED] != NULL)
        most_names += json_object_array_length(values[REQUIRED]);
    enum status s = make_table(c, o, most_names);
    if (s == STATUS_OK)
        s = compile_properties(c, node, values[PROPERTIES], o);
    if (s == STATUS_OK)
        s = compile_required(c, node, values[REQUIRED], o);
    if (s == STATUS_OK)
        s = compile_patterns(c, node, values[PATTERNS], o);
    if (s == STATUS_OK && values[ADDITIONAL] != NULL)
        s = compile_subschema(c, node, group[ADDITIONAL], values[ADDITIONAL], &o->additional);
    if (s == STATUS_OK)
        s = compile_names(c, node, values[NAMES], o);
    o->lists_names_only = o->pattern_count == 0 && o->names_regex == NULL && o->names_node == NULL;
    return s;
}

/* Called for each keyword of the group; the first that is there builds the rule. */
static enum status compile_object(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    static const enum json_type types[] = {
        [REQUIRED] = json_type_array, [PROPERTIES] = json_type_object, [PATTERNS] = json_type_object};
    struct json_object *values[GROUP_SIZE], *first = NULL;
    for (int i = 0; i < GROUP_SIZE; i++) {
        values[i] = compile_sibling(node, group[i]);
        if (i <= PATTERNS && values[i] != NULL && !json_object_is_type(values[i], types[i]))
            return compile_refuse(c, node, group[i], "must be an %s", i == REQUIRED ? "array" : "object");
        if (first == NULL)
            first = values[i];
    }
    if (first != value) {
        rule->check = NULL;
        return STATUS_OK;
    }
    struct object_rule *o = schema_alloc(c->schema, sizeof *o);
    if (o == NULL)
        return compile_no_memory(c);
    rule->u.object = o;
    return compile_group(c, node, values, o);
}

static bool name_matches(struct run *run, const struct regex *regex, const char *name, size_t len)
{
    bool matches;
    charge(run, pattern_steps(len));
    enum status s = regex_match(regex, &run->regex, name, len, &matches);
    return s == STATUS_OK ? matches : give_up(run, s, GIVE_UP_PATTERN);
}

static bool check_name(struct run *run, const struct object_rule *o, const struct place *member, size_t len)
{
    if (o->names_regex != NULL)
        return name_matches(run, o->names_regex, member->key, len) ||
               fault(run, o->names_owner, "pattern", member, "the name \"%s\" does not match the pattern %s",
                   text_show(member->key, len).text, regex_pattern(o->names_regex));
    struct json_object *text = json_object_new_string_len(member->key, (int)len);
    struct place name = {.value = text, .types = TYPE_STRING, .up = member->up, .key = member->key};
    if (text == NULL)
        return give_up(run, STATUS_NO_MEMORY, NULL);
    bool fine = check_node(run, o->names_node, &name, NULL);
    json_object_put(text);
    return fine;
}

static bool check_additional(struct run *run, const struct rule *rule, const struct place *member)
{
    const struct node *additional = rule->u.object->additional;
    if (additional->always_fails)
        return fault(run, rule->node, "additionalProperties", member, "unknown member \"%s\"",
            text_show(member->key, strlen(member->key)).text);
    return check_node(run, additional, member, NULL);
}

/* What is found out about the members of one object, one after the other. */
struct object_walk {
    size_t required;         /* so many of the required members have been met */
    _Atomic uint32_t *guess; /* writers keep to an order: the name that is tried before the table */
    bool evaluated;          /* some schema applied to the member */
};

static const struct known_name *recognise(
    const struct object_rule *o, struct object_walk *walk, const char *key)
{
    size_t likely = atomic_load_explicit(walk->guess, memory_order_relaxed);
    struct known_name *known = &o->names[likely];
    if (likely >= o->name_count || known->start != start_of(key) || strcmp(known->name, key) != 0) {
        known = find_name(o, key, strlen(key));
        if (known == NULL)
            return NULL;
        atomic_store_explicit(walk->guess, (uint32_t)(known - o->names), memory_order_relaxed);
    }
    walk->guess = &known->after;
    return known;
}

static bool check_patterns(
    struct run *run, const struct object_rule *o, const struct place *member, bool *evaluated)
{
    bool fine = true;
    size_t len = o->pattern_count > 0 ? strlen(member->key) : 0;
    for (size_t i = 0; i < o->pattern_count; i++)
        if (name_matches(run, o->patterns[i].regex, member->key, len)) {
            *evaluated = true;
            fine &= check_node(run, o->patterns[i].node, member, NULL);
        }
    return fine;
}

static bool check_member(
    struct run *run, const struct rule *rule, const struct place *member, struct object_walk *walk)
{
    const struct object_rule *o = rule->u.object;
    const struct known_name *known = recognise(o, walk, member->key);
    bool fine = true;
    walk->evaluated = known != NULL && known->node != NULL;
    walk->required += known != NULL && known->required;
    if (walk->evaluated)
        fine = check_node(run, known->node, member, NULL);
    fine &= check_patterns(run, o, member, &walk->evaluated);
    if (!walk->evaluated && o->additional != NULL) {
        walk->evaluated = true;
        fine &= check_additional(run, rule, member);
    }
    if (o->names_regex != NULL || o->names_node != NULL)
        fine &= check_name(run, o, member, strlen(member->key));
    return fine;
}

static bool refuse_missing(struct run *run, const struct rule *rule, const struct place *at)
{
    const struct object_rule *o = rule->u.object;
    for (size_t i = 0; i < o->name_count && run->report != NULL; i++)
        if (o->names[i].required && !json_object_object_get_ex(at->value, o->names[i].name, NULL))
            fault(run, rule->node, "required", at, "the member \"%s\" is missing",
                text_show(o->names[i].name, o->names[i].len).text);
    return false;
}

/* A schema that mentions few names of an object with many members (as the ones below if do) asks for these
 * alone. */
static bool asks_for_few(const struct object_rule *o, const struct place *at, const struct seen *seen)
{
    return seen == NULL && o->lists_names_only && o->additional == NULL &&
           o->name_count * 2 < (size_t)json_object_object_length(at->value);
}

static bool check_named(
    struct run *run, const struct known_name *known, const struct place *at, const struct json_object *value)
{
    if (run->report == NULL)
        return check_quickly(run, known->node, at, known->name, 0, value);
    struct place member = place_member(at, known->name, value);
    return check_node(run, known->node, &member, NULL);
}

static bool check_few(struct run *run, const struct rule *rule, const struct place *at)
{
    const struct object_rule *o = rule->u.object;
    struct json_object *value;
    bool fine = true;
    charge(run, o->name_count);
    for (size_t i = 0; i < o->name_count && (fine || run->report != NULL); i++) {
        const struct known_name *known = &o->names[i];
        if (!json_object_object_get_ex(at->value, known->name, &value)) {
            fine &= !known->required;
            continue;
        }
        if (known->node != NULL)
            fine &= check_named(run, known, at, value);
    }
    if (!fine)
        refuse_missing(run, rule, at);
    return fine;
}

static bool check_members(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen,
    struct object_walk *walk)
{
    size_t index = 0;
    bool fine = true;
    for (struct lh_entry *e = json_object_get_object(at->value)->head; e != NULL;
         e = lh_entry_next(e), index++) {
        struct place member = place_member(at, lh_entry_k(e), lh_entry_v(e));
        fine &= check_member(run, rule, &member, walk);
        if (!fine && run->report == NULL)
            return false;
        if (walk->evaluated && seen != NULL)
            seen_mark(seen, index);
    }
    return fine;
}

/* The same, for nearly all objects of nearly all documents, which are valid. */
static bool check_members_quietly(
    struct run *run, const struct rule *rule, const struct place *at, struct object_walk *walk)
{
    const struct object_rule *o = rule->u.object;
    for (struct lh_entry *e = json_object_get_object(at->value)->head; e != NULL; e = lh_entry_next(e)) {
        const char *key = lh_entry_k(e);
        const struct known_name *known = o->name_count > 0 ? recognise(o, walk, key) : NULL;
        const struct node *node = known != NULL && known->node != NULL ? known->node : o->additional;
        walk->required += known != NULL && known->required;
        if (node != NULL && !check_quickly(run, node, at, key, 0, lh_entry_v(e)))
            return false;
    }
    return true;
}

static bool check_object(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    struct object_rule *o = rule->u.object;
    struct object_walk walk = {.guess = &o->first};
    if (asks_for_few(o, at, seen))
        return check_few(run, rule, at);
    charge(run, (size_t)json_object_object_length(at->value));
    bool quick = run->report == NULL && seen == NULL && o->lists_names_only;
    bool fine =
        quick ? check_members_quietly(run, rule, at, &walk) : check_members(run, rule, at, seen, &walk);
    if (fine || run->report != NULL)
        fine &= walk.required >= o->required_count || refuse_missing(run, rule, at);
    return fine;
}

const struct keyword keyword_required = {.name = "required",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .applies = TYPE_OBJECT,
    .compile = compile_object,
    .check = check_object};
const struct keyword keyword_properties = {.name = "properties",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA_MAP,
    .applies = TYPE_OBJECT,
    .compile = compile_object,
    .check = check_object};
const struct keyword keyword_pattern_properties = {.name = "patternProperties",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA_MAP,
    .applies = TYPE_OBJECT,
    .compile = compile_object,
    .check = check_object};
const struct keyword keyword_additional_properties = {.name = "additionalProperties",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA,
    .applies = TYPE_OBJECT,
    .compile = compile_object,
    .check = check_object};
const struct keyword keyword_property_names = {.name = "propertyNames",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA,
    .applies = TYPE_OBJECT,
    .compile = compile_object,
    .check = check_object};
