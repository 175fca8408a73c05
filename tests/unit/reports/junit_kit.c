#include "junit_kit.h"

#include "testkit.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

struct junit_document junit_kit_write(
    const struct run_data *data, const struct junit_options *options, bool require_clean)
{
    struct junit_document d = {.xml = BUF_INIT(JUNIT_BYTES_MAX)};
    struct gate gate;
    struct error why = {0};
    ck_assert_int_eq(gate_judge(data, require_clean, &gate, &why), STATUS_OK);
    ck_assert_msg(junit_write(data, &gate, options, &d.xml, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(
        junit_check(d.xml.data, d.xml.len, options->strict, &why) == STATUS_OK, "%s", error_text(&why));
    d.doc = xmlReadMemory(d.xml.data, (int)d.xml.len, "junit.xml", NULL, XML_PARSE_NONET);
    ck_assert_ptr_nonnull(d.doc);
    gate_fini(&gate);
    return d;
}

struct junit_document junit_kit_of(struct made_run *made, bool strict)
{
    struct run_data data;
    struct junit_options options = {.strict = strict};
    made_run_load(made, &data);
    struct junit_document d = junit_kit_write(&data, &options, false);
    run_data_fini(&data);
    return d;
}

struct junit_document junit_kit_one(const char *outcome, const char *members)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, outcome, members);
    return junit_kit_of(&made, false);
}

void junit_kit_fini(struct junit_document *d)
{
    xmlFreeDoc(d->doc);
    buf_fini(&d->xml);
}

/* XPath as a text; to be freed with xmlFree. */
static char *query(const struct junit_document *d, const char *path)
{
    xmlXPathContextPtr context = xmlXPathNewContext(d->doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST path, context);
    ck_assert_msg(found != NULL, "%s is no XPath", path);
    xmlChar *text = xmlXPathCastToString(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return (char *)text;
}

void junit_kit_expect(const struct junit_document *d, const char *path, const char *expected)
{
    char *text = query(d, path);
    ck_assert_msg(strcmp(text, expected) == 0, "%s is \"%s\" and not \"%s\"", path, text, expected);
    xmlFree(text);
}
