/*
 * junit.h - the report of one run for continuous integration: JUnit XML, from records only.
 *
 * One <testsuite> per suite, target and model, one <testcase> per test (its last attempt; earlier ones stand
 * in it as flaky or rerun results), and a suite "gate" whose cases say why a release is blocked. Text is
 * sanitised, written as text nodes; numbers are locale-proof. Names and values that consumers choke on are
 * avoided: no point inside the last part of a classname (Jenkins splits there), no suite without tests, no
 * two cases of one name, no node, file or number of elements above what GitLab takes.
 *
 *     struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
 *     struct junit_options options = {.strict = false};
 *     if (junit_write(&data, &gate, &options, &xml, &why) == STATUS_OK)
 *         s = junit_check(xml.data, xml.len, options.strict, &why);
 */
#ifndef ASSAY_JUNIT_H
#define ASSAY_JUNIT_H

#include "gate_judge.h"

#include "buf.h"

#define JUNIT_BYTES_MAX ((size_t)1 << 30)          /* what is ever composed in memory */
#define JUNIT_FILE_WANTED ((size_t)30 << 20)       /* GitLab takes 30 MB per file, */
#define JUNIT_ELEMENTS_WANTED ((size_t)200 * 1000) /* 250 000 elements, */
#define JUNIT_TEXT_LIMIT                                                                                     \
    ((size_t)10 * 1000 * 1000)            /* bytes per text node, the limit of libxml2 and its users */
#define JUNIT_TEXT_MAX ((size_t)64 << 10) /* what we write stays far below */

struct junit_options {
    bool strict;            /* valid for junit-10 too: no properties, file or line in a testcase */
    size_t bytes_wanted;    /* 0: JUNIT_FILE_WANTED; beyond it details are left out, figures first */
    size_t elements_wanted; /* 0: JUNIT_ELEMENTS_WANTED */
};

enum status junit_write(const struct run_data *data, const struct gate *gate,
    const struct junit_options *options, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* Parses the document again, without network, and holds it against our schema; counts are recounted. */
enum status junit_check(const char *xml, size_t len, bool strict, struct error *e) ASSAY_MUST_CHECK;

/* The same for a file on the disk. */
enum status junit_check_file(const char *path, bool strict, struct error *e) ASSAY_MUST_CHECK;

#endif
