/*
 * testkit.h - what every test program uses: a table of tests run by Check, temporary folders, test data.
 *
 *     static void sum_of_two_and_two_is_four(void)
 *     {
 *         ck_assert_int_eq(2 + 2, 4);
 *     }
 *
 *     int main(void)
 *     {
 *         static const struct testkit_test tests[] = {
 *             TESTKIT_TEST(sum_of_two_and_two_is_four),
 *             {0},
 *         };
 *         return testkit_run("arithmetic", tests);
 *     }
 *
 * Each test runs in a process of its own (CK_FORK=no in the environment for a debugger; CK_RUN_CASE=name runs
 * one). A ck_assert costs a microsecond even when it holds: in loops of millions count what is wrong and
 * assert once. The program exits with 0, 1 (a test failed) or 77 (every test was skipped), as CTest expects.
 */
#ifndef ASSAY_TESTKIT_H
#define ASSAY_TESTKIT_H

#include "buf.h"

#include <check.h>

struct testkit_test {
    const char *name; /* a sentence_with_underscores */
    void (*body)(void);
    double timeout_s; /* 0: 400 s */
};

#define TESTKIT_TEST(function)                                                                               \
    {                                                                                                        \
        .name = #function, .body = (function)                                                                \
    }

int testkit_run(const char *suite, const struct testkit_test *tests);

/* Ends the test as skipped: the reason is printed, and the program exits with 77 if no test did anything
 * else. */
#define TESTKIT_SKIP(...)                                                                                    \
    do {                                                                                                     \
        testkit_note_skip(__VA_ARGS__);                                                                      \
        return;                                                                                              \
    } while (0)
void testkit_note_skip(const char *reason, ...) ASSAY_PRINTF(1, 2);

/* A folder of this test's own, empty at first, removed when the program ends. */
const char *testkit_tmp(void);

/* "<that folder>/name"; the text is good for the next 15 calls. */
const char *testkit_tmp_path(const char *name);

/* A file of the project, named from its top folder; the text is good for the next 15 calls. */
const char *testkit_path(const char *relative);

/* The same below ASSAY_SHARED_DIR (environment, else as configured): NULL where it does not exist. */
const char *testkit_shared_path(const char *relative);

/* The whole file; fails the test where it cannot be read. To be freed with buf_fini. */
struct buf testkit_read(const char *path);

/* Writes the file; fails the test where that is impossible. */
void testkit_write(const char *path, const void *bytes, size_t len);

#endif
