#include "byte_in.h"

#include "line_out.h"
#include "testkit.h"

#include <string.h>
#ifdef ASSAY_HAS_ZLIB
#include <zlib.h>
#endif

static struct buf read_all(const char *path, enum status expected, const char *why)
{
    struct buf out = BUF_INIT(1 << 24);
    struct error e = {0};
    ck_assert_msg(byte_in_read_file(path, NULL, &out, &e) == expected, "%s: %s", path, error_text(&e));
    ck_assert_msg(strstr(e.text, why) != NULL, "%s", e.text);
    return out;
}

/* More than a block, and not the same over and over. */
static struct buf some_text(void)
{
    struct buf text = BUF_INIT(1 << 24);
    for (int i = 0; i < 40000; i++)
        buf_printf(&text, "{\"item\":%d}\n", i * 7919);
    return text;
}

static void assert_reads(const char *path, const struct buf *text, size_t times)
{
    struct buf found = read_all(path, STATUS_OK, "");
    ck_assert_uint_eq(found.len, text->len * times);
    for (size_t i = 0; i < times; i++)
        ck_assert_int_eq(memcmp(found.data + i * text->len, text->data, text->len), 0);
    buf_fini(&found);
}

static void write_twice(const char *path, const struct buf *packed)
{
    struct buf both = BUF_INIT(1 << 24);
    buf_append(&both, packed->data, packed->len);
    buf_append(&both, packed->data, packed->len);
    testkit_write(path, both.data, both.len);
    buf_fini(&both);
}

/* Of what is compressed: whole, two behind one another, half of it, with a byte that is wrong. */
static void judge_packed(struct buf *packed, const struct buf *text)
{
    const char *path = testkit_tmp_path("packed");
    testkit_write(path, packed->data, packed->len);
    assert_reads(path, text, 1);
    write_twice(path, packed);
    assert_reads(path, text, 2);
    testkit_write(path, packed->data, packed->len / 2);
    struct buf half = read_all(path, STATUS_INVALID, "ends in the middle");
    ck_assert_uint_gt(half.len, 0);
    ck_assert_int_eq(memcmp(half.data, text->data, half.len), 0);
    packed->data[packed->len - 3] ^= 0x55; /* of a checksum */
    testkit_write(path, packed->data, packed->len);
    struct buf damaged = read_all(path, STATUS_INVALID, "is damaged: ");
    buf_fini(&half);
    buf_fini(&damaged);
}

static void a_file_comes_as_it_is(void)
{
    struct buf text = some_text();
    const char *path = testkit_tmp_path("plain");
    static const struct {
        const char *text;
        size_t len;
    } small[] = {{"", 0}, {"x", 1}, {"\x28\xb5", 2}, {"\x1f", 1}, {"\0\0\0\0\0\0\0", 7}};
    testkit_write(path, text.data, text.len);
    assert_reads(path, &text, 1);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        testkit_write(path, small[i].text, small[i].len);
        struct buf found = read_all(path, STATUS_OK, "");
        ck_assert(found.len == small[i].len && memcmp(buf_text(&found), small[i].text, found.len) == 0);
        buf_fini(&found);
    }
    buf_fini(&text);
}

static void zstd_is_unpacked(void)
{
#ifdef ASSAY_HAS_ZSTD
    struct buf text = some_text();
    struct line_out *out;
    const char *path = testkit_tmp_path("a.zst");
    ck_assert_int_eq(line_out_open(path, &out, NULL), STATUS_OK);
    ck_assert_int_eq(line_out_add(out, text.data, text.len - 1, NULL), STATUS_OK);
    ck_assert_int_eq(line_out_close(out, NULL), STATUS_OK);
    struct buf packed = testkit_read(path);
    judge_packed(&packed, &text);
    buf_fini(&packed);
    buf_fini(&text);
#else
    TESTKIT_SKIP("built without zstd");
#endif
}

static void gzip_is_unpacked(void)
{
#ifdef ASSAY_HAS_ZLIB
    struct buf text = some_text();
    const char *path = testkit_tmp_path("a.gz");
    gzFile out = gzopen(path, "wb");
    ck_assert_int_eq(gzwrite(out, text.data, (unsigned)text.len), (int)text.len);
    ck_assert_int_eq(gzclose(out), Z_OK);
    struct buf packed = testkit_read(path);
    judge_packed(&packed, &text);
    buf_fini(&packed);
    buf_fini(&text);
#else
    TESTKIT_SKIP("built without zlib");
#endif
}

static void what_cannot_be_unpacked_is_refused_with_what_to_do(void)
{
    const char *path = testkit_tmp_path("other");
    testkit_write(path, "BZh91AY", 7);
    struct buf none = read_all(path, STATUS_UNAVAILABLE, "compressed (bzip2)");
    testkit_write(path,
        "\xfd"
        "7zXZ\0\0",
        7);
    struct buf nor = read_all(path, STATUS_UNAVAILABLE, "unpack it first, with xz -d");
    buf_fini(&none);
    buf_fini(&nor);
}

static void what_cannot_be_read_says_so(void)
{
    struct buf none = read_all(testkit_tmp_path("absent"), STATUS_NOT_FOUND, "no such file");
    struct buf nor = read_all(testkit_tmp(), STATUS_IO, "cannot read on");
    struct buf small = BUF_INIT(10);
    const char *path = testkit_tmp_path("large");
    testkit_write(path, "0123456789a", 11);
    ck_assert_int_eq(byte_in_read_file(path, NULL, &small, NULL), STATUS_LIMIT);
    buf_fini(&none);
    buf_fini(&nor);
    buf_fini(&small);
}

static void a_name_is_known_without_its_packing(void)
{
    ck_assert_uint_eq(byte_in_name_len("a.jsonl"), 7);
    ck_assert_uint_eq(byte_in_name_len("a.jsonl.gz"), 7);
    ck_assert_uint_eq(byte_in_name_len("a.jsonl.zst"), 7);
    ck_assert_uint_eq(byte_in_name_len(".gz"), 3);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_file_comes_as_it_is),
        TESTKIT_TEST(zstd_is_unpacked),
        TESTKIT_TEST(gzip_is_unpacked),
        TESTKIT_TEST(what_cannot_be_unpacked_is_refused_with_what_to_do),
        TESTKIT_TEST(what_cannot_be_read_says_so),
        TESTKIT_TEST(a_name_is_known_without_its_packing),
        {0},
    };
    return testkit_run("byte_in", tests);
}
