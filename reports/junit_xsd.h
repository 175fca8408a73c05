/*
 * junit_xsd.h - the two XML schemas of our JUnit report, embedded: reports/junit.xsd and
 * reports/junit_strict.xsd.
 *
 *     const struct junit_xsd *xsd = &junit_xsds[JUNIT_XSD_FULL];
 *     xmlSchemaNewMemParserCtxt(xsd->text, (int)xsd->len);
 */
#ifndef ASSAY_JUNIT_XSD_H
#define ASSAY_JUNIT_XSD_H

#include <stddef.h>

enum { JUNIT_XSD_FULL, JUNIT_XSD_STRICT };

struct junit_xsd {
    const char *name; /* of the file, without .xsd */
    const char *text; /* ends with NUL, which len does not count */
    size_t len;
};

extern const struct junit_xsd junit_xsds[];

#endif
