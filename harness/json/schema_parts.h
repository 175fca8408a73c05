/*
 * schema_parts.h - what a compiled schema is made of, shared by the schema_*.c files. Inside harness/json.
 *
 * A schema is a set of nodes, one per subschema, each a list of rules, one per keyword that says something.
 * Compiling goes scan (find resources, anchors, nodes) -> queue (compile the rules of a node; a reference may
 * bring in further documents and nodes). Validating applies nodes to places of the instance; all that changes
 * is in struct run.
 */
#ifndef ASSAY_SCHEMA_PARTS_H
#define ASSAY_SCHEMA_PARTS_H

#include "schema.h"
#include "schema_regex.h"
#include "schema_table.h"

#include <math.h>

enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_OBJECT = 4,
    TYPE_ARRAY = 8,
    TYPE_NUMBER = 16,
    TYPE_INTEGER = 32, /* always together with TYPE_NUMBER in a value's types */
    TYPE_STRING = 64,
    TYPE_ANY = 127,
};

enum {
    VOCABULARY_CORE = 1,
    VOCABULARY_APPLICATOR = 2,
    VOCABULARY_UNEVALUATED = 4,
    VOCABULARY_VALIDATION = 8,
    VOCABULARY_NO_RULES = 16, /* meta-data, format-annotation, content: nothing to check */
    VOCABULARY_ALL = 31,
    VOCABULARY_DRAFT_07 = 32, /* alone: a resource of that draft, which has no vocabularies */
};

/* A value of the instance and the way to it. */
struct place {
    const struct json_object *value;
    unsigned types; /* TYPE_* it is an instance of */
    const struct place *up;
    const char *key; /* member of up; NULL: item of up */
    size_t index;
};

/* Made for every value of an instance, so they are inline. */
static inline bool is_whole(double real)
{
    bool small = fabs(real) < 0x1p62; /* others have no fraction */
    return small ? (double)(int64_t)real == real : real == real;
}

static inline unsigned types_of(enum json_type type)
{
    static const unsigned char types[] = {[json_type_null] = TYPE_NULL,
        [json_type_boolean] = TYPE_BOOLEAN,
        [json_type_double] = TYPE_NUMBER,
        [json_type_int] = TYPE_NUMBER | TYPE_INTEGER,
        [json_type_object] = TYPE_OBJECT,
        [json_type_array] = TYPE_ARRAY,
        [json_type_string] = TYPE_STRING};
    return types[type];
}

static inline unsigned place_types(const struct json_object *value)
{
    unsigned types = types_of(json_object_get_type(value));
    if (types == TYPE_NUMBER && is_whole(json_object_get_double(value)))
        types |= TYPE_INTEGER;
    return types;
}

static inline struct place place_member(
    const struct place *up, const char *key, const struct json_object *value)
{
    return (struct place){.value = value, .types = place_types(value), .up = up, .key = key};
}

static inline struct place place_item(const struct place *up, size_t index)
{
    const struct json_object *value = json_object_array_get_idx(up->value, index);
    return (struct place){.value = value, .types = place_types(value), .up = up, .index = index};
}

/* Members or items that were evaluated, by position; only kept where unevaluated* asks for it. */
struct seen {
    size_t count;
    uint64_t *words;
    uint64_t few[2]; /* words, where they suffice */
};

struct node;
struct resource;
struct run;
struct rule;
struct compiler;

struct keyword {
    const char *name;
    unsigned vocabulary;
    enum { HOLDS_NO_SCHEMA, HOLDS_SCHEMA, HOLDS_SCHEMA_LIST, HOLDS_SCHEMA_OR_LIST, HOLDS_SCHEMA_MAP } holds;
    unsigned applies; /* instance types that the rule looks at */
    bool looks_only;  /* at the value itself: applies no other schema */
    /* Fills the rule, or sets rule->check to NULL where there is nothing to check. NULL: a keyword without
     * rule. */
    enum status (*compile)(
        struct compiler *c, struct node *node, struct json_object *value, struct rule *rule);
    bool (*check)(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen);
};

struct value_set;

struct node_list {
    const struct node **items;
    size_t count;
};

/* A text that is compared with, its length known. */
struct word {
    const char *text;
    size_t len;
};

struct rule {
    bool (*check)(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen);
    unsigned applies;
    const struct keyword *keyword;
    const struct node *node;         /* whose rule it is */
    const struct json_object *value; /* of the keyword */
    union {
        unsigned types;
        uint64_t bound;
        struct {
            const struct word *items; /* NULL: not all of the values are texts, or they are many */
            size_t count;
            const struct value_set *set; /* NULL: they are few */
            size_t size;                 /* values in the values, where they are few */
        } words;
        struct {
            bool small; /* a whole number that a double holds exactly: real and whole are it */
            double real;
            int64_t whole;
        } limit;
        const struct node *target;
        struct node_list list;
        const struct regex *regex;
        struct object_rule *object;
        struct {
            const struct node *target;
            const char *anchor; /* NULL: an ordinary reference */
        } dynamic;
        struct {
            const struct node *test, *yes, *no;
        } branch;
        struct {
            struct node_list prefix;
            const struct node *rest;
            const char *rest_keyword;
        } items;
        struct {
            const struct node *target;
            uint64_t least, most;
        } contains;
        struct {
            const char **keys;
            const struct node **nodes; /* NULL: needs names instead (draft 07) */
            size_t count;
        } dependent;
    } u;
};

struct node {
    unsigned types;      /* what its type keyword allows; TYPE_ANY without one, 0 for the schema false */
    bool asks_type_only; /* there is no other rule */
    bool looks_only;     /* so do all of its rules */
    bool always_fails;
    bool tracks; /* has unevaluatedProperties or unevaluatedItems */
    bool queued;
    struct rule *rules;
    size_t rule_count;
    size_t first_rule;          /* behind the type, which is looked at before all rules */
    const struct node *same_as; /* a node that is only a $ref stands for its target */
    struct resource *resource;
    const struct json_object *json;
    const char *document_uri;
    const struct node *above; /* and the way from there to here: node_append_location() */
    const char *keyword, *key;
    size_t item;
    struct node *next_queued;
    struct node *next;
};

struct anchor {
    const char *name; /* borrowed from the document */
    struct node *node;
    bool dynamic;
    struct anchor *next;
};

/* A document, or the part of one that has an $id. */
struct resource {
    const char *uri; /* absolute where that is known, without fragment */
    struct node *root;
    unsigned vocabularies;
    struct anchor *anchors;
    struct resource *next;
};

static inline bool is_draft_07(const struct node *node)
{
    return node->resource->vocabularies == VOCABULARY_DRAFT_07;
}

/* Unlike json_get_text() without memory of its own. */
static inline const char *text_of_member(const struct json_object *object, const char *key)
{
    struct json_object *value = NULL;
    bool there =
        json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_string);
    return there ? json_object_get_string(value) : NULL;
}

struct block;

struct schema {
    struct node *root;
    struct node *nodes;
    struct resource *resources;
    struct table names;    /* resources by URI, anchors by resource and name */
    struct regex *regexes; /* linked list */
    struct block *blocks;  /* memory of all of the above */
    struct json_object **documents;
    size_t document_count;
    bool dynamic; /* has a $dynamicRef that depends on the way taken */
    bool assert_formats;
    long steps_max;
};

/* schema_memory.c: zeroed memory that lives as long as the schema; NULL without memory. */
void *schema_alloc(struct schema *s, size_t bytes);
char *schema_copy_text(struct schema *s, const char *text, size_t len);

struct compiler {
    struct schema *schema;
    const struct schema_options *options;
    struct table found;   /* nodes by their json value, regexes by their pattern */
    size_t pattern_bytes; /* of all regexes */
    struct node *queue, **queue_end;
    struct error *e;
};

/* schema_compile.c, for the compile functions of keywords */
enum status compile_refuse(struct compiler *c, const struct node *node, const char *keyword,
    const char *format, ...) ASSAY_PRINTF(4, 5);
enum status compile_no_memory(struct compiler *c);
/* The node of a subschema found by the scan, which will be compiled. */
enum status compile_subschema(struct compiler *c, const struct node *parent, const char *keyword,
    const struct json_object *json, const struct node **node);
enum status compile_list(struct compiler *c, const struct node *parent, const char *keyword,
    const struct json_object *array, struct node_list *list);
enum status compile_bound(struct compiler *c, const struct node *node, const char *keyword,
    const struct json_object *value, uint64_t *bound);
/* A pattern; compiled ones are shared. */
enum status compile_regex(struct compiler *c, const struct node *node, const char *keyword,
    const char *pattern, size_t len, const struct regex **regex);
void compile_enqueue(struct compiler *c, struct node *node);
/* The value of another keyword of the same node, or NULL where it is absent or its vocabulary not in use. */
struct json_object *compile_sibling(const struct node *node, const char *keyword);

/* schema_scan.c: vocabularies are those of a document that does not say. */
enum status scan_document(struct compiler *c, struct json_object *document, const char *uri,
    unsigned vocabularies, struct node **root);
/* What a pointer of a resource leads to, where no keyword says that there is a schema. */
enum status scan_below(struct compiler *c, const struct resource *from, const char *pointer,
    struct json_object *json, struct node **node);
struct node *resolve_find_node(const struct compiler *c, const struct json_object *json);
/* Appends the JSON pointer of a node in its document. */
void node_append_location(const struct node *node, struct buf *out);

/* schema_resolve.c */
/* reference, relative to node, to a node; *anchor is the one that was named, NULL for a pointer. */
enum status resolve_reference(struct compiler *c, const struct node *node, const char *keyword,
    const char *reference, struct node **target, const struct anchor **anchor);
/* A document by its URI, among the sources and the schemas built in; a reference of the caller's.
 * STATUS_NOT_FOUND. */
enum status resolve_find_document(struct compiler *c, const char *uri, struct json_object **document);
const struct anchor *resolve_dynamic_anchor(
    const struct schema *s, const struct resource *resource, const char *name);

/* schema_vocabulary.c: what the $schema of a resource's root says, draft and vocabularies; without one
 * *vocabularies stays as it is. */
enum status vocabulary_of(struct compiler *c, const struct node *root, unsigned *vocabularies);

/* schema_keywords.c: ends with name NULL; in the order in which rules are checked */
extern const struct keyword *const schema_keywords[];
size_t schema_keyword_index(const char *name); /* of the end where it is none */
const struct keyword *schema_keyword_find(const char *name);

/* What matching a pattern counts for. */
static inline size_t pattern_steps(size_t len)
{
    return len > 1024 ? len / 2 : 8;
}

/* schema_validate.c, schema_seen.c */
struct run {
    const struct schema *schema;
    struct schema_report *report; /* NULL while faults are not wanted */
    enum status status;           /* STATUS_LIMIT, STATUS_NO_MEMORY: the answer does not count */
    const char *reason;           /* of STATUS_LIMIT */
    long steps;
    int depth;
    struct regex_run regex;
    size_t scope_depth;
    const struct resource *scope[SCHEMA_DEPTH_MAX + 1]; /* outermost first; kept only for dynamic schemas */
};

/* Work that no application of a subschema stands for: looking at so many members, items or bytes. */
static inline void charge(struct run *run, size_t steps)
{
    run->steps += (long)steps;
}

/* Ends the validation without an answer; false. */
static inline bool give_up(struct run *run, enum status status, const char *reason)
{
    if (run->status == STATUS_OK) {
        run->status = status;
        run->reason = reason;
    }
    return false;
}
#define GIVE_UP_PATTERN "matching a pattern takes too many steps or too much memory"

bool check_node(struct run *run, const struct node *node, const struct place *at, struct seen *seen);
/*
 * The same where faults are not wanted and nothing is tracked: the types alone decide about most values, and
 * rules that look only at the value itself about most others.
 */
static inline bool check_quickly(struct run *run, const struct node *node, const struct place *up,
    const char *key, size_t index, const struct json_object *value)
{
    unsigned types = types_of(json_object_get_type(value));
    if (node->asks_type_only && (node->types & types) != 0)
        return true;
    if (types == TYPE_NUMBER && is_whole(json_object_get_double(value)))
        types |= TYPE_INTEGER;
    if ((node->types & types) == 0)
        return false;
    struct place at = {.value = value, .types = types, .up = up, .key = key, .index = index};
    if (!node->looks_only)
        return check_node(run, node, &at, NULL);
    for (const struct rule *rule = node->rules + node->first_rule; rule < node->rules + node->rule_count;
         rule++)
        if ((rule->applies & types) != 0 && !rule->check(run, rule, &at, NULL))
            return false;
    return true;
}

/* The same without faults: for what may fail without harm. */
bool check_quietly(struct run *run, const struct node *node, const struct place *at, struct seen *seen);

bool seen_init(struct run *run, struct seen *s, size_t count);
void seen_fini(struct seen *s);
void seen_mark(struct seen *s, size_t index);
bool seen_has(const struct seen *s, size_t index);
void seen_mark_all(struct seen *s);
void seen_merge(struct seen *into, const struct seen *from);

/*
 * schema_errors.c: adds a fault found by a keyword of a node ("": by the node itself), unless faults are not
 * wanted. Returns false, so: return fault(...).
 */
bool fault(struct run *run, const struct node *node, const char *keyword, const struct place *at,
    const char *format, ...) ASSAY_PRINTF(5, 6);
/* Moves the faults of one report to that of the run, as far as there is room. */
void report_take(struct run *run, struct schema_report *from);
/* "an integer"; a short printable form of a value: "\"abc\"", "12", "an object". */
const char *value_kind(const struct json_object *value);
struct shown {
    char text[80];
};
struct shown value_show(const struct json_object *value);
struct shown text_show(const char *text, size_t len);
void kinds_show(unsigned types, char *text, size_t size);

#endif
