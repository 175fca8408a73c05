#include "testkit.h"

#include "fs.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATHS_KEPT = 16, TIMEOUT_S = 400 }; /* what hangs; slow is a machine, and a sanitizer */

static const struct testkit_test *table;
static int current = -1;
static char folder[64]; /* of the program; each test has a sub-folder */
static struct {
    atomic_int skipped, finished;
} * counts; /* in memory shared with the forked tests */

static const char *keep_path(const char *front, const char *back)
{
    static char paths[PATHS_KEPT][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % PATHS_KEPT];
    (void)snprintf(path, PATH_MAX, "%s/%s", front, back);
    return path;
}

void testkit_note_skip(const char *reason, ...)
{
    va_list args;
    va_start(args, reason);
    (void)printf("skipped: %s: ", current >= 0 ? table[current].name : "");
    (void)vprintf(reason, args);
    (void)printf("\n");
    (void)fflush(stdout);
    va_end(args);
    atomic_fetch_add(&counts->skipped, 1);
}

const char *testkit_tmp(void)
{
    char name[16];
    (void)snprintf(name, sizeof name, "%d", current);
    const char *path = keep_path(folder, name);
    struct error why = {0};
    if (fs_make_dirs(path, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return path;
}

const char *testkit_tmp_path(const char *name)
{
    return keep_path(testkit_tmp(), name);
}

const char *testkit_path(const char *relative)
{
    return keep_path(TESTKIT_PROJECT_DIR, relative);
}

const char *testkit_shared_path(const char *relative)
{
    const char *shared = getenv("ASSAY_SHARED_DIR");
    const char *path = keep_path(shared != NULL && shared[0] != '\0' ? shared : TESTKIT_SHARED_DIR, relative);
    return fs_exists(path) ? path : NULL;
}

struct buf testkit_read(const char *path)
{
    struct buf content = BUF_INIT((size_t)1 << 30);
    struct error why = {0};
    if (fs_read_file(path, &content, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return content;
}

void testkit_write(const char *path, const void *bytes, size_t len)
{
    struct error why = {0};
    if (fs_write_atomic(path, bytes, len, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
}

/* Check hands over the loop index, which is the test's place in the table. */
static void run_one(int index)
{
    current = index;
    table[index].body();
    atomic_fetch_add(&counts->finished, 1);
}

/* One TCase per test: it carries the time-out, and its name selects it with CK_RUN_CASE. */
static void add_test(Suite *suite, TTest *test, int index)
{
    const struct testkit_test *t = &table[index];
    *test = (TTest){.name = t->name, .fn = run_one, .file = __FILE__, .line = __LINE__};
    TCase *tcase = tcase_create(t->name);
    tcase_set_timeout(tcase, t->timeout_s > 0 ? t->timeout_s : TIMEOUT_S);
    _tcase_add_test(tcase, test, 0, 0, index, index + 1);
    suite_add_tcase(suite, tcase);
}

static int run_suite(const char *name, TTest *tests, int count)
{
    Suite *suite = suite_create(name);
    for (int i = 0; i < count; i++)
        add_test(suite, &tests[i], i);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int ran = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    /* Check takes exit(0) in the middle of a test for success; a test that passed came to its end. */
    int left = ran - failed - atomic_load(&counts->finished);
    if (left > 0)
        (void)printf("%d tests ended their process before their own end\n", left);
    if (failed > 0 || left > 0 || ran == 0)
        return 1;
    return atomic_load(&counts->skipped) == ran ? 77 : 0;
}

int testkit_run(const char *suite, const struct testkit_test *tests)
{
    int count = 0;
    while (tests[count].name != NULL)
        count++;
    table = tests;
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(
        folder, sizeof folder, "%.40s/assay-test-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TTest *records = calloc((size_t)count + 1, sizeof *records);
    int code = 1;
    if (counts == MAP_FAILED || records == NULL || mkdtemp(folder) == NULL) {
        perror("testkit");
        free(records);
        return 1;
    }
    code = run_suite(suite, records, count);
    struct error why = {0};
    if (fs_remove_tree(folder, &why) != STATUS_OK)
        (void)fprintf(stderr, "testkit: %s\n", error_text(&why));
    (void)munmap(counts, sizeof *counts);
    free(records);
    return code;
}
