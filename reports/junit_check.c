/* Reads the JUnit report as its consumers will: parse, schema, counts. */
#include "junit.h"

#include "junit_xsd.h"

#include "fs.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

/* No network, no entities from outside, and the limits that other readers have too (no XML_PARSE_HUGE). */
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

struct complaint {
    char text[512];
    int line;
};

static void keep_first(void *arg, xmlErrorPtr error)
{
    struct complaint *complaint = arg;
    if (complaint->text[0])
        return;
    snprintf(
        complaint->text, sizeof complaint->text, "%s", error->message ? error->message : "no reason given");
    complaint->text[strcspn(complaint->text, "\n")] = '\0';
    complaint->line = error->line;
}

static enum status refuse(struct error *e, const struct complaint *complaint, const char *what)
{
    enum status s = error_set(e, STATUS_INVALID, "the JUnit report %s: %s", what, complaint->text);
    error_locate(e, NULL, complaint->line, 0, NULL);
    return s;
}

static xmlSchemaPtr load_schema(bool strict, struct complaint *complaint)
{
    const struct junit_xsd *xsd = &junit_xsds[strict ? JUNIT_XSD_STRICT : JUNIT_XSD_FULL];
    xmlSchemaPtr schema = NULL;
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewMemParserCtxt(xsd->text, (int)xsd->len);
    if (parser) {
        xmlSchemaSetParserStructuredErrors(parser, keep_first, complaint);
        schema = xmlSchemaParse(parser);
    }
    xmlSchemaFreeParserCtxt(parser);
    return schema;
}

static enum status check_schema(xmlDocPtr doc, bool strict, struct error *e)
{
    struct complaint complaint = {0};
    xmlSchemaPtr schema = load_schema(strict, &complaint);
    xmlSchemaValidCtxtPtr validator = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
    enum status s = error_set(NULL, STATUS_INTERNAL, "-");
    if (!validator) {
        s = error_set(e, STATUS_INTERNAL, "our own JUnit schema cannot be used: %s", complaint.text);
    } else {
        xmlSchemaSetValidStructuredErrors(validator, keep_first, &complaint);
        int result = xmlSchemaValidateDoc(validator, doc);
        s = result == 0  ? STATUS_OK
            : result > 0 ? refuse(e, &complaint, "is not valid")
                         : error_set(e, STATUS_INTERNAL, "the JUnit schema could not be applied");
    }
    xmlSchemaFreeValidCtxt(validator);
    xmlSchemaFree(schema);
    return s;
}

static bool is_element(xmlNodePtr node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

struct sums {
    unsigned long long tests, failures, errors, skipped;
};

static void count_case(xmlNodePtr testcase, struct sums *sums)
{
    sums->tests++;
    for (xmlNodePtr child = testcase->children; child; child = child->next) {
        sums->failures += is_element(child, "failure");
        sums->errors += is_element(child, "error");
        sums->skipped += is_element(child, "skipped");
    }
}

static bool says(xmlNodePtr node, const char *attribute, unsigned long long count)
{
    char expected[32];
    xmlChar *text = xmlGetProp(node, BAD_CAST attribute);
    snprintf(expected, sizeof expected, "%llu", count);
    bool same = text && strcmp((const char *)text, expected) == 0;
    xmlFree(text);
    return same;
}

static bool sums_agree(xmlNodePtr node, const struct sums *sums)
{
    return says(node, "tests", sums->tests) && says(node, "failures", sums->failures) &&
           says(node, "errors", sums->errors);
}

static enum status check_counts(xmlDocPtr doc, struct error *e)
{
    struct sums all = {0};
    xmlNodePtr root = xmlDocGetRootElement(doc);
    for (xmlNodePtr suite = root->children; suite; suite = suite->next) {
        struct sums sums = {0};
        if (!is_element(suite, "testsuite"))
            continue;
        for (xmlNodePtr child = suite->children; child; child = child->next)
            if (is_element(child, "testcase"))
                count_case(child, &sums);
        if (!sums_agree(suite, &sums) || !says(suite, "skipped", sums.skipped))
            return error_set(e, STATUS_INVALID,
                "the JUnit report is not valid: line %ld: the counts of the testsuite "
                "do not match its cases",
                xmlGetLineNo(suite));
        all.tests += sums.tests;
        all.failures += sums.failures;
        all.errors += sums.errors;
    }
    if (!sums_agree(root, &all))
        return error_set(e, STATUS_INVALID,
            "the JUnit report is not valid: the counts of testsuites do not match its cases");
    return STATUS_OK;
}

/* Parsers of others stop at a text node of this size, wherever it stands. */
static enum status check_text_sizes(xmlNodePtr node, struct error *e)
{
    for (; node; node = node->next) {
        bool is_text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
        if (is_text && node->content && strlen((const char *)node->content) > JUNIT_TEXT_LIMIT)
            return error_set(
                e, STATUS_INVALID, "the JUnit report is not valid: a text is larger than other parsers take");
        enum status s = node->type == XML_ELEMENT_NODE ? check_text_sizes(node->children, e) : STATUS_OK;
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static enum status check_document(xmlDocPtr doc, const xmlError *problem, bool strict, struct error *e)
{
    if (!doc) {
        struct complaint complaint = {.text = "no reason given"};
        if (problem && problem->message) {
            complaint.text[0] = '\0';
            keep_first(&complaint, (xmlErrorPtr)problem);
        }
        return refuse(e, &complaint, "cannot be parsed");
    }
    enum status s = check_schema(doc, strict, e);
    if (s == STATUS_OK)
        s = check_counts(doc, e);
    return s == STATUS_OK ? check_text_sizes(xmlDocGetRootElement(doc), e) : s;
}

enum status junit_check(const char *xml, size_t len, bool strict, struct error *e)
{
    if (len > (size_t)1 << 30)
        return error_set(e, STATUS_LIMIT, "the JUnit report is larger than 1 GiB");
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (!parser)
        return error_set(e, STATUS_NO_MEMORY, "no memory to check the JUnit report");
    xmlDocPtr doc = xmlCtxtReadMemory(parser, xml, (int)len, "junit.xml", NULL, PARSE_OPTIONS);
    enum status s = check_document(doc, xmlCtxtGetLastError(parser), strict, e);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(parser);
    return s;
}

enum status junit_check_file(const char *path, bool strict, struct error *e)
{
    struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
    enum status s = fs_read_file(path, &xml, e);
    if (s == STATUS_OK) {
        s = junit_check(buf_text(&xml), xml.len, strict, e);
        error_locate(e, path, 0, 0, NULL);
    }
    buf_fini(&xml);
    return s;
}
