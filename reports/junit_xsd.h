/*
 * junit_xsd.h - the two XML schemas of our JUnit report, embedded: reports/junit.xsd and
 * reports/junit_strict.xsd.
 *
 *     xmlSchemaNewMemParserCtxt(junit_xsd_full, (int)strlen(junit_xsd_full));
 */
#ifndef ASSAY_JUNIT_XSD_H
#define ASSAY_JUNIT_XSD_H

extern const char junit_xsd_full[];
extern const char junit_xsd_strict[];

#endif
