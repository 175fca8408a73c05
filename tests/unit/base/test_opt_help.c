#include "opt.h"

#include "testkit.h"

#include <stdlib.h>
#include <string.h>

static const struct opt table[] = {
    {"port", 'p', OPT_INT, 0, "N", "port, 0 = any free one", .min = 0, .max = 65535},
    {"rate", 0, OPT_REAL, 0, "R", "requests per second", .min = 0.5, .max = 1000},
    {"model", 'm', OPT_LIST, 0, "NAME",
        "only models that match this pattern, which may hold * and ? as in a shell"},
    {"attempt", 0, OPT_INT, 0, "N", "this attempt", .min = 1, .max = 1e9},
    {"seed", 0, OPT_INT, 0, "N", "of all draws", .min = 0, .max = 9e15},
    {"a-name-much-too-long-for-the-column", 0, OPT_TEXT, 0, "FILE", "a file"},
    {"verbose", 'v', OPT_FLAG, 0, NULL, "say more"},
    {"secret", 0, OPT_FLAG, 0, NULL, "not shown", .hidden = true},
    {0},
};

static const struct opt_usage usage = {
    .verb = "sim",
    .operands = "[SCENARIO]",
    .summary = "plays a simulated model server with exactly known times, so that a client can be measured "
               "against the truth.",
    .details = "A paragraph that is\nrather long, long enough to be wrapped at the eightieth column of an "
               "ordinary terminal.\n"
               "\n"
               "Examples:\n"
               "  assay sim --port 8080     # an example keeps    its blanks",
};

/* "-m" and "-p" begin in column 3, names in column 7, words in column 21, nothing passes column 80. */
static const char *const wanted =
    "Usage: assay sim [options] [SCENARIO]\n"
    "\n"
    "Plays a simulated model server with exactly known times, so that a client can be\n"
    "measured against the truth.\n"
    "\n"
    "Options:\n"
    "  -p, --port N      port, 0 = any free one (0 to 65535)\n"
    "      --rate R      requests per second (0.5 to 1000)\n"
    "  -m, --model NAME  only models that match this pattern, which may hold * and ?\n"
    "                    as in a shell (may be repeated)\n"
    "      --attempt N   this attempt (at least 1)\n"
    "      --seed N      of all draws\n"
    "      --a-name-much-too-long-for-the-column FILE\n"
    "                    a file\n"
    "  -v, --verbose     say more\n"
    "  -h, --help        show this text\n"
    "\n"
    "A paragraph that is rather long, long enough to be wrapped at the eightieth\n"
    "column of an ordinary terminal.\n"
    "\n"
    "Examples:\n"
    "  assay sim --port 8080     # an example keeps    its blanks\n";

static void help_is_aligned_and_wrapped(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    opt_print_help(out, &usage, table);
    (void)fclose(out);
    ck_assert_str_eq(text, wanted);
    free(text);
}

static void check_wrapped(const char *in, int column, int indent, int width, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    opt_print_wrapped(out, in, strlen(in), column, indent, width);
    (void)fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

static void wrapping_counts_characters_and_never_breaks_a_word(void)
{
    check_wrapped("", 0, 0, 10, "\n");
    check_wrapped("one two", 0, 0, 7, "one two\n");
    check_wrapped("one two", 0, 0, 6, "one\ntwo\n");
    check_wrapped("one  two ", 0, 0, 80, "one two\n");
    check_wrapped("a_word_wider_than_the_line x", 0, 2, 10, "a_word_wider_than_the_line\n  x\n");
    check_wrapped("\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f", 0, 0, 5, "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f\n");
    check_wrapped("one two", 3, 3, 10, "one two\n");
    check_wrapped("one two", 4, 4, 10, "one\n    two\n");
}

static void a_pipe_is_eighty_columns_wide(void)
{
    FILE *out = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(opt_help_width(out), 80);
    (void)fclose(out);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(help_is_aligned_and_wrapped),
        TESTKIT_TEST(wrapping_counts_characters_and_never_breaks_a_word),
        TESTKIT_TEST(a_pipe_is_eighty_columns_wide),
        {0},
    };
    return testkit_run("opt_help", tests);
}
