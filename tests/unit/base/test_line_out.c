#include "line_out.h"

#include "fs.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>
#ifdef ASSAY_HAS_ZSTD
#include <zstd.h>
#endif

enum { LINES = 20000 };

static void write_lines(const char *path)
{
    struct line_out *out;
    struct error why = {0};
    char line[64];
    ck_assert_msg(line_out_open(path, &out, &why) == STATUS_OK, "%s", error_text(&why));
    for (int i = 0; i < LINES; i++) {
        int len = snprintf(line, sizeof line, "{\"item\":%d}", i * 7919);
        ck_assert_int_eq(line_out_add(out, line, (size_t)len, &why), STATUS_OK);
    }
    ck_assert_int_eq(line_out_close(out, &why), STATUS_OK);
}

static struct buf expected_text(void)
{
    struct buf text = BUF_INIT(1 << 24);
    for (int i = 0; i < LINES; i++)
        buf_printf(&text, "{\"item\":%d}\n", i * 7919);
    return text;
}

static void lines_are_written_as_they_are(void)
{
    const char *path = testkit_tmp_path("plain.jsonl");
    struct buf found = BUF_INIT(1 << 24), expected = expected_text();
    write_lines(path);
    ck_assert_int_eq(fs_read_file(path, &found, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&found), buf_text(&expected));
    buf_fini(&found);
    buf_fini(&expected);
}

static void a_name_that_ends_in_zst_is_compressed(void)
{
#ifdef ASSAY_HAS_ZSTD
    const char *path = testkit_tmp_path("packed.jsonl.zst");
    struct buf packed = BUF_INIT(1 << 24), expected = expected_text();
    static char found[1 << 20];
    write_lines(path);
    ck_assert_int_eq(fs_read_file(path, &packed, NULL), STATUS_OK);
    size_t len = ZSTD_decompress(found, sizeof found, packed.data, packed.len);
    ck_assert_msg(!ZSTD_isError(len), "%s", ZSTD_getErrorName(len));
    ck_assert_uint_eq(len, expected.len);
    ck_assert_int_eq(memcmp(found, expected.data, len), 0);
    ck_assert_uint_lt(packed.len, expected.len / 3);
    buf_fini(&packed);
    buf_fini(&expected);
#else
    struct line_out *out;
    struct error why = {0};
    ck_assert_int_eq(line_out_open(testkit_tmp_path("packed.jsonl.zst"), &out, &why), STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "built without zstd"));
#endif
}

static void a_file_that_cannot_be_made_is_named(void)
{
    struct line_out *out;
    struct error why = {0};
    ck_assert_int_eq(line_out_open("/nonexistent/a.jsonl", &out, &why), STATUS_IO);
    ck_assert_ptr_null(out);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "/nonexistent/a.jsonl"));
}

static void a_full_disk_is_seen_at_the_latest_when_closing(void)
{
    struct line_out *out;
    struct error why = {0};
    if (line_out_open("/dev/full", &out, &why) != STATUS_OK)
        return;
    enum status added = line_out_add(out, "{}", 2, &why), closed = line_out_close(out, &why);
    ck_assert(added != STATUS_OK || closed != STATUS_OK);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "/dev/full"));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(lines_are_written_as_they_are),
        TESTKIT_TEST(a_name_that_ends_in_zst_is_compressed),
        TESTKIT_TEST(a_file_that_cannot_be_made_is_named),
        TESTKIT_TEST(a_full_disk_is_seen_at_the_latest_when_closing),
        {0},
    };
    return testkit_run("line_out", tests);
}
