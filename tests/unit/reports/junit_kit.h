/*
 * junit_kit.h - reports of made runs (made_run.h) as trees: written, held against our schema, asked by XPath.
 *
 *     struct junit_document d = junit_kit_one("skipped", "{\"skip_reason\": \"no model\"}");
 *     junit_kit_expect(&d, "string(//testcase[@name='chat.short']/skipped)", "no model");
 *     junit_kit_fini(&d);
 */
#ifndef ASSAY_JUNIT_KIT_H
#define ASSAY_JUNIT_KIT_H

#include "junit.h"
#include "made_run.h"

#include <libxml/tree.h>

#define JUNIT_KIT_TEST "chat.short[sim/tiny]"

/* A report in memory and as a tree; checked against our schema. */
struct junit_document {
    struct buf xml;
    xmlDocPtr doc;
};

struct junit_document junit_kit_write(
    const struct run_data *data, const struct junit_options *options, bool require_clean);
struct junit_document junit_kit_of(struct made_run *made, bool strict);
struct junit_document junit_kit_one(const char *outcome, const char *members);
void junit_kit_fini(struct junit_document *d);
void junit_kit_expect(const struct junit_document *d, const char *path, const char *expected);

#endif
