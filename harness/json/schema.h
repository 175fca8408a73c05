/*
 * schema.h - JSON Schema, drafts 2020-12 and 07: compile once, validate many.
 *
 * A compiled schema never changes: any number of threads may validate with it at once. Nothing is fetched: a
 * $ref to another document finds it among the sources given at compile time or fails there. $schema says which
 * draft a document is of, or a part of it with an $id of its own; without one it is of the draft of the
 * document that refers to it. All vocabularies are understood; `format` is an annotation unless assert_formats
 * is set (date-time only). A meta-schema that leaves a vocabulary out is obeyed, one that requires an unknown
 * vocabulary and every other draft are refused. Patterns are ECMA 262's, on code points, run by PCRE2.
 *
 *     struct schema *schema;
 *     if (schema_compile(document, NULL, &schema, &why) != STATUS_OK) ...
 *     struct schema_report report = {.max = 10};
 *     if (schema_validate(schema, instance, &report) == STATUS_INVALID)
 *         for (size_t i = 0; i < report.count; i++)
 *             printf("%s: %s\n", report.faults[i].instance, report.faults[i].text);
 *     schema_report_fini(&report);          // "/outcome: expected a string, found an integer"
 *     schema_free(schema);
 */
#ifndef ASSAY_SCHEMA_H
#define ASSAY_SCHEMA_H

#include "json.h"

struct schema;

/* A document that $ref, $dynamicRef and $schema may name. The schema keeps a reference to it, not a copy. */
struct schema_source {
    const char *uri; /* where it would be fetched from; its own $id counts as well */
    struct json_object *document;
};

enum schema_draft { SCHEMA_DRAFT_2020_12, SCHEMA_DRAFT_07 };

struct schema_options {
    const struct schema_source *sources;
    size_t source_count;
    const char *uri;         /* base URI of the document where it has no $id of its own; NULL: none */
    enum schema_draft draft; /* of a document without $schema */
    bool assert_formats;     /* date-time */
    long steps_max;          /* applications of a subschema in one validation; 0: SCHEMA_STEPS_MAX */
};
#define SCHEMA_STEPS_MAX 100000000L
#define SCHEMA_DEPTH_MAX 512 /* subschemas applied within one another */

/*
 * options may be NULL. STATUS_INVALID: the document is not a schema that this validator understands; the
 * error's pointer is the place in the document. Also STATUS_LIMIT, STATUS_NO_MEMORY. document must not change
 * afterwards.
 */
enum status schema_compile(struct json_object *document, const struct schema_options *options,
    struct schema **schema, struct error *e) ASSAY_MUST_CHECK;
void schema_free(struct schema *schema);

struct schema_fault {
    char *instance; /* JSON pointer of what is wrong */
    char *schema;   /* URI with a pointer to the keyword that says so */
    char *text;     /* one sentence: "expected a string, found an integer" */
};

struct schema_report {
    size_t max; /* most faults to collect, set by the caller; 0: 20 */
    size_t count;
    struct schema_fault *faults;
    bool more;          /* there were more than max, or not all were looked for */
    const char *reason; /* of STATUS_LIMIT, in words; static */
};

/*
 * STATUS_OK: valid. STATUS_INVALID: not, and the report (may be NULL) says why. STATUS_LIMIT: no answer, since the
 * schema recurses without end, takes too many steps or a pattern backtracks too much; the report has the reason.
 * STATUS_NO_MEMORY. Appends to the report.
 */
enum status schema_validate(const struct schema *schema, const struct json_object *instance,
    struct schema_report *report) ASSAY_MUST_CHECK;

/* The same with the first fault, its instance pointer included, as an error. */
enum status schema_check(
    const struct schema *schema, const struct json_object *instance, struct error *e) ASSAY_MUST_CHECK;

void schema_report_fini(struct schema_report *report);

#endif
