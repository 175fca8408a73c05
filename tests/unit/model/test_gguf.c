#include "gguf.h"

#include "testkit.h"

#include <math.h>
#include <string.h>

static void halves_are_rounded_to_nearest_even(void)
{
    static const struct {
        float value;
        unsigned half;
    } pairs[] = {
        {0.0F, 0x0000},
        {-0.0F, 0x8000},
        {1.0F, 0x3C00},
        {-2.0F, 0xC000},
        {65504.0F, 0x7BFF},
        {65519.0F, 0x7BFF},
        {65520.0F, 0x7C00},
        {1e9F, 0x7C00},
        {0x1p-14F, 0x0400},
        {0x1p-24F, 0x0001},
        {0x1p-25F, 0x0000},
        {0x1.8p-25F, 0x0001},
        {0x3p-25F, 0x0002},
        {1.0F + 0x1p-11F, 0x3C00},
        {1.0F + 0x3p-11F, 0x3C02},
        {0x1.ffcp-15F, 0x0400},
        {-INFINITY, 0xFC00},
        {0.1F, 0x2E66},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        ck_assert_msg(model_half_from_float(pairs[i].value) == pairs[i].half, "%a gives %04x, not %04x",
            (double)pairs[i].value, model_half_from_float(pairs[i].value), pairs[i].half);
    ck_assert_uint_eq(model_half_from_float(NAN) & 0x7E00, 0x7E00);
}

static void fill_row_numbers(void *arg, uint64_t row, float *values, size_t count)
{
    (void)arg;
    for (size_t i = 0; i < count; i++)
        values[i] = (float)row + (float)i / 4;
}

/* The whole file, byte by byte: the format is a contract with programs that are not ours. */
static void a_small_file_is_exactly_as_documented(void)
{
    static const char head[] = "GGUF\3\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
                               "\1\0\0\0\0\0\0\0a\4\0\0\0\7\0\0\0"
                               "\1\0\0\0\0\0\0\0b\x8\0\0\0\2\0\0\0\0\0\0\0hi"
                               "\1\0\0\0\0\0\0\0t\2\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
                               "\1\0\0\0\0\0\0\0\0\0\0";
    static const char data[] = "\0\0\0\x34\0\x3C\0\x3D";
    char expected[160] = {0};
    memcpy(expected, head, sizeof head);
    memcpy(expected + 128, data, sizeof data);
    const char *path = testkit_tmp_path("small.gguf");
    struct gguf *g = gguf_new();
    struct error e = {0};
    gguf_add_u32(g, "a", 7);
    gguf_add_text(g, "b", "hi");
    gguf_add_tensor(g, &(struct model_tensor){"t", MODEL_F16, {2, 2}, 2, fill_row_numbers, NULL});
    ck_assert_msg(gguf_write(g, path, &e) == STATUS_OK, "%s", error_text(&e));
    gguf_free(g);
    struct buf file = testkit_read(path);
    ck_assert_uint_eq(file.len % GGUF_ALIGNMENT, 0);
    ck_assert_uint_eq(file.len, sizeof expected);
    ck_assert_mem_eq(file.data, expected, sizeof expected);
    buf_fini(&file);
}

static void a_folder_that_is_not_there_is_an_error_and_leaves_nothing(void)
{
    struct gguf *g = gguf_new();
    struct error e = {0};
    ck_assert_int_eq(gguf_write(g, testkit_tmp_path("absent/x.gguf"), &e), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_text(&e), "absent/x.gguf"));
    gguf_free(g);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(halves_are_rounded_to_nearest_even),
        TESTKIT_TEST(a_small_file_is_exactly_as_documented),
        TESTKIT_TEST(a_folder_that_is_not_there_is_an_error_and_leaves_nothing),
        {0},
    };
    return testkit_run("gguf", tests);
}
