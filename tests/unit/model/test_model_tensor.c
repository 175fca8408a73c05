#include "model_tensor.h"

#include "testkit.h"

#include <math.h>
#include <string.h>

static void types_are_known_by_name(void)
{
    enum model_tensor_type type = MODEL_F32;
    ck_assert(model_tensor_type_from_name("q8_0", &type));
    ck_assert_int_eq(type, MODEL_Q8_0);
    ck_assert(model_tensor_type_from_name("f16", &type));
    ck_assert_int_eq(type, MODEL_F16);
    ck_assert(!model_tensor_type_from_name("q4_0", &type));
    ck_assert_int_eq(type, MODEL_F16);
}

static void fill_rows(void *arg, uint64_t row, float *values, size_t count)
{
    const float *source = arg;
    memcpy(values, source + row * count, count * sizeof *values);
}

static struct buf written(enum model_tensor_type type, float *values, uint64_t in, uint64_t out)
{
    struct model_tensor t = {"t", type, {in, out}, 2, fill_rows, values};
    struct error e = {0};
    const char *path = testkit_tmp_path("tensor");
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_msg(model_tensor_write(&t, file, &e) == STATUS_OK, "%s", error_text(&e));
    ck_assert_int_eq(fclose(file), 0);
    struct buf bytes = testkit_read(path);
    ck_assert_uint_eq(bytes.len, model_tensor_bytes(&t));
    return bytes;
}

static void floats_are_written_low_byte_first(void)
{
    float values[] = {1.0F, -2.5F, 0.0F, 65504.0F};
    struct buf f32 = written(MODEL_F32, values, 2, 2), f16 = written(MODEL_F16, values, 4, 1);
    ck_assert_mem_eq(f32.data, "\0\0\x80\x3F\0\0\x20\xC0\0\0\0\0\0\xE0\x7F\x47", 16);
    ck_assert_mem_eq(f16.data, "\0\x3C\0\xC1\0\0\xFF\x7B", 8);
    buf_fini(&f32);
    buf_fini(&f16);
}

/* Scale 1 (half precision 0x3C00) where the largest value is 127; a block of zeros has scale 0. */
static void q8_blocks_have_a_scale_and_32_rounded_values(void)
{
    float values[64] = {127.0F, -127.0F, 0.4F, 0.6F, -0.6F, 100.0F};
    struct buf q8 = written(MODEL_Q8_0, values, 32, 2);
    ck_assert_uint_eq(q8.len, 68);
    ck_assert_mem_eq(q8.data, "\0\x3C\x7F\x81\0\1\xFF\x64", 8);
    for (size_t i = 8; i < 68; i++)
        ck_assert_int_eq(q8.data[i], 0);
    buf_fini(&q8);
}

static void q8_values_are_within_half_a_step_of_the_truth(void)
{
    float values[32];
    for (size_t i = 0; i < 32; i++)
        values[i] = sinf((float)i) * 0.03F;
    struct buf q8 = written(MODEL_Q8_0, values, 32, 1);
    double largest = 0;
    for (size_t i = 0; i < 32; i++)
        largest = fmax(largest, fabs((double)values[i]));
    for (size_t i = 0; i < 32; i++) {
        double read = (double)(signed char)q8.data[2 + i] * largest / 127;
        ck_assert_double_le(fabs(read - (double)values[i]), 0.502 * largest / 127);
    }
    buf_fini(&q8);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(types_are_known_by_name),
        TESTKIT_TEST(floats_are_written_low_byte_first),
        TESTKIT_TEST(q8_blocks_have_a_scale_and_32_rounded_values),
        TESTKIT_TEST(q8_values_are_within_half_a_step_of_the_truth),
        {0},
    };
    return testkit_run("model_tensor", tests);
}
