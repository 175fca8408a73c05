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
static inline unsigned place_types(const struct json_object *value)
{
    static const unsigned types[] = {[json_type_null] = TYPE_NULL,
        [json_type_boolean] = TYPE_BOOLEAN,
        [json_type_double] = TYPE_NUMBER,
        [json_type_int] = TYPE_NUMBER | TYPE_INTEGER,
        [json_type_object] = TYPE_OBJECT,
        [json_type_array] = TYPE_ARRAY,
        [json_type_string] = TYPE_STRING};
    enum json_type type = json_object_get_type(value);
    if (type == json_type_double) {
        double real = json_object_get_double(value);
        bool small = fabs(real) < 0x1p62; /* others have no fraction */
        bool whole = small ? (double)(int64_t)real == real : real == real;
        return whole ? TYPE_NUMBER | TYPE_INTEGER : TYPE_NUMBER;
    }
    return types[type];
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
    enum { HOLDS_NO_SCHEMA, HOLDS_SCHEMA, HOLDS_SCHEMA_LIST, HOLDS_SCHEMA_MAP } holds;
    unsigned applies; /* instance types that the rule looks at */
    /* Fills the rule, or sets rule->check to NULL where there is nothing to check. NULL: a keyword without
     * rule. */
    enum status (*compile)(
        struct compiler *c, struct node *node, struct json_object *value, struct rule *rule);
    bool (*check)(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen);
};

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
            const struct word *items; /* NULL: not all of the values are texts */
            size_t count;
        } words;
        struct {
            bool small; /* a whole number that a double holds exactly: real and whole are it */
            double real;
            int64_t whole;
        } limit;
        const struct node *target;
        struct node_list list;
        const struct regex *regex;
        const struct object_rule *object;
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
        } items;
        struct {
            const struct node *target;
            uint64_t least, most;
        } contains;
        struct {
            const char **keys;
            const struct node **nodes;
            size_t count;
        } dependent;
    } u;
};

struct node {
    const struct json_object *json;
    struct resource *resource;
    const char *document_uri;
    const char *location; /* JSON pointer in its document */
    struct rule *rules;
    size_t rule_count;
    const struct node *same_as; /* a node that is only a $ref stands for its target */
    unsigned types;    /* what its type keyword allows; TYPE_ANY without one, 0 for the schema false */
    size_t first_rule; /* behind the type, which is looked at before all rules */
    bool always_fails;
    bool queued;
    bool tracks; /* has unevaluatedProperties or unevaluatedItems */
    struct node *next_queued;
    struct node *next_in_bucket;
    struct node *next;
};

struct anchor {
    const char *name;
    struct node *node;
    bool dynamic;
    struct anchor *next;
};

/* A document, or the part of one that has an $id. */
struct resource {
    const char *uri;   /* absolute where that is known, without fragment */
    const char *alias; /* where its document was found, if that differs; NULL */
    struct node *root;
    unsigned vocabularies;
    struct anchor *anchors;
    struct resource *next;
};

struct block;

struct schema {
    struct node *root;
    struct node *nodes;
    struct resource *resources;
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

#define NODE_BUCKETS 1024
struct compiler {
    struct schema *schema;
    const struct schema_options *options;
    struct node *buckets[NODE_BUCKETS]; /* by address of the json value */
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

/* schema_resolve.c */
enum status resolve_document(
    struct compiler *c, struct json_object *document, const char *uri, struct node **root);
/* reference, relative to node, to a node; *anchor is the one that was named, NULL for a pointer. */
enum status resolve_reference(struct compiler *c, const struct node *node, const char *keyword,
    const char *reference, struct node **target, const struct anchor **anchor);
/* A document by its URI, among the sources and the schemas built in; a reference of the caller's.
 * STATUS_NOT_FOUND. */
enum status resolve_find_document(struct compiler *c, const char *uri, struct json_object **document);
struct node *resolve_find_node(const struct compiler *c, const struct json_object *json);
const struct anchor *resolve_dynamic_anchor(const struct resource *resource, const char *name);

/* schema_vocabulary.c: what the $schema of a resource's root says; without one *vocabularies stays as it is.
 */
enum status vocabulary_of(struct compiler *c, const struct node *root, unsigned *vocabularies);

/* schema_keywords.c: ends with name NULL; in the order in which rules are checked */
extern const struct keyword *const schema_keywords[];
const struct keyword *schema_keyword_find(const char *name);

/* schema_validate.c, schema_seen.c */
struct run {
    const struct schema *schema;
    struct schema_report *report; /* NULL while faults are not wanted */
    enum status status;           /* STATUS_LIMIT, STATUS_NO_MEMORY: the answer does not count */
    long steps;
    int depth;
    struct regex_run regex;
    size_t scope_depth;
    const struct resource *scope[SCHEMA_DEPTH_MAX + 1]; /* outermost first; kept only for dynamic schemas */
};

bool check_node(struct run *run, const struct node *node, const struct place *at, struct seen *seen);
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
