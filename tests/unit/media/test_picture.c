/* Pictures, and their PNG and JPEG as another program reads them. */
#include "picture.h"

#include "decoder.h"
#include "jpeg_write.h"
#include "png_write.h"
#include "sha256.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64 << 20 };

static struct picture blank(int width, int height)
{
    struct picture p;
    ck_assert_int_eq(picture_init(&p, width, height, &picture_white), STATUS_OK);
    return p;
}

static bool is_colour(const struct picture *p, int x, int y, const struct colour *c)
{
    const uint8_t *pixel = p->pixels + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
    return pixel[0] == c->r && pixel[1] == c->g && pixel[2] == c->b;
}

/* Everything that can be drawn, at odd sizes too. */
static struct picture busy(int width, int height)
{
    struct picture p = blank(width, height);
    for (int i = 0; i < SHAPE_COUNT; i++)
        picture_shape(&p, (enum shape)i, width * (i + 1) / 4, height / 3, width / 9, &picture_colours[i]);
    picture_number(&p, "1234567890", &picture_black);
    picture_mark(&p, 7);
    return p;
}

static void sizes_that_cannot_be_are_refused(void)
{
    struct picture p;
    ck_assert_int_eq(picture_init(&p, 0, 8, &picture_white), STATUS_INVALID);
    ck_assert_int_eq(picture_init(&p, 8, -1, &picture_white), STATUS_INVALID);
    ck_assert_int_eq(picture_init(&p, PICTURE_SIDE_MAX + 1, 8, &picture_white), STATUS_INVALID);
    picture_fini(&p);
}

static void shapes_are_where_they_were_put(void)
{
    struct picture p = blank(100, 100);
    const struct colour *red = &picture_colours[0], *green = &picture_colours[1];
    picture_shape(&p, SHAPE_CIRCLE, 30, 30, 10, red);
    picture_shape(&p, SHAPE_TRIANGLE, 70, 70, 10, green);
    picture_shape(&p, SHAPE_SQUARE, 0, 0, 3, green); /* in part outside */
    ck_assert(is_colour(&p, 30, 30, red) && is_colour(&p, 30, 40, red) && is_colour(&p, 20, 30, red));
    ck_assert(is_colour(&p, 21, 21, &picture_white) && is_colour(&p, 30, 41, &picture_white));
    ck_assert(is_colour(&p, 70, 60, green) && is_colour(&p, 60, 80, green) && is_colour(&p, 80, 80, green));
    ck_assert(is_colour(&p, 62, 62, &picture_white) && is_colour(&p, 78, 62, &picture_white));
    ck_assert(is_colour(&p, 3, 3, green) && is_colour(&p, 4, 4, &picture_white));
    picture_fini(&p);
}

/* The seven of 5 x 7 dots, looked at dot by dot. */
static void digits_have_the_shape_of_the_font(void)
{
    static const char *const seven[] = {"#####", "....#", "...#.", "..#..", ".#...", ".#...", ".#..."};
    struct picture p = blank(10, 14);
    picture_number(&p, "7", &picture_black); /* one pixel a dot, in the middle */
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 5; x++)
            ck_assert_msg(is_colour(&p, 2 + x, 3 + y, seven[y][x] == '#' ? &picture_black : &picture_white),
                "dot %d, %d", x, y);
    picture_number(&p, "", &picture_black);
    picture_fini(&p);
}

static void another_seed_marks_another_picture(void)
{
    struct picture a = blank(128, 16), b = blank(128, 16), c = blank(128, 16);
    picture_mark(&a, 1);
    picture_mark(&b, 1);
    picture_mark(&c, 2);
    ck_assert_mem_eq(a.pixels, b.pixels, 128 * 16 * 3);
    ck_assert(memcmp(a.pixels, c.pixels, 128 * 16 * 3) != 0);
    picture_fini(&a);
    picture_fini(&b);
    picture_fini(&c);
}

static void a_png_unpacks_to_the_same_pixels(void)
{
    static const int sizes[][2] = {{1, 1}, {2, 3}, {31, 17}, {257, 129}, {512, 512}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct picture p = busy(sizes[i][0], sizes[i][1]);
        struct buf png = BUF_INIT(LIMIT), pixels = {0};
        ck_assert_int_eq(png_write(&p, &png), STATUS_OK);
        if (!decoder_unpack("pngtopnm", buf_text(&png), png.len, &pixels))
            TESTKIT_SKIP("pngtopnm (netpbm) is not installed");
        ck_assert_uint_eq(pixels.len, (size_t)p.width * (size_t)p.height * 3);
        ck_assert_mem_eq(pixels.data, p.pixels, pixels.len);
        buf_fini(&pixels);
        buf_fini(&png);
        picture_fini(&p);
    }
}

/* The mean difference is what quality 90 costs; the largest stands at the edges of digits. */
static void a_jpeg_unpacks_to_nearly_the_same_pixels(void)
{
    static const int sizes[][2] = {{1, 1}, {8, 8}, {31, 17}, {257, 129}, {512, 512}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct picture p = busy(sizes[i][0], sizes[i][1]);
        struct buf jpeg = BUF_INIT(LIMIT), pixels = {0};
        int64_t sum = 0;
        int most = 0;
        ck_assert_int_eq(jpeg_write(&p, &jpeg), STATUS_OK);
        if (!decoder_unpack("jpegtopnm", buf_text(&jpeg), jpeg.len, &pixels))
            TESTKIT_SKIP("jpegtopnm (netpbm) is not installed");
        ck_assert_uint_eq(pixels.len, (size_t)p.width * (size_t)p.height * 3);
        for (size_t k = 0; k < pixels.len; k++) {
            int away = abs((int)(uint8_t)pixels.data[k] - (int)p.pixels[k]);
            sum += away;
            most = away > most ? away : most;
        }
        ck_assert_msg(sum <= 5 * (int64_t)pixels.len && most <= 80, "%dx%d: %lld of %zu, at most %d", p.width,
            p.height, (long long)sum, pixels.len, most);
        buf_fini(&pixels);
        buf_fini(&jpeg);
        picture_fini(&p);
    }
}

/* The bytes that the tests above have unpacked, pinned for machines without a decoder. */
static void the_same_picture_has_the_same_bytes(void)
{
    static const struct {
        enum status (*write)(const struct picture *, struct buf *);
        const char *sha256;
    } files[] = {{png_write, "73fa3774cc5c5dd681f1852b9697787aeb6bc39b552a6b498b7e8e367510d806"},
        {jpeg_write, "7c0b12bf6fdf64425d8284330fc232d175a4dd3e2a1265fa584f380d96b28b22"}};
    struct picture p = busy(257, 129);
    for (size_t i = 0; i < 2; i++) {
        struct buf out = BUF_INIT(LIMIT);
        char hash[65];
        ck_assert_int_eq(files[i].write(&p, &out), STATUS_OK);
        sha256_hex(buf_text(&out), out.len, hash);
        ck_assert_str_eq(hash, files[i].sha256);
        buf_fini(&out);
    }
    picture_fini(&p);
}

static void a_large_flat_picture_is_a_small_file(void)
{
    struct picture p = blank(1024, 1024);
    struct buf png = BUF_INIT(LIMIT), jpeg = BUF_INIT(LIMIT);
    picture_number(&p, "472", &picture_black);
    ck_assert_int_eq(png_write(&p, &png), STATUS_OK);
    ck_assert_int_eq(jpeg_write(&p, &jpeg), STATUS_OK);
    ck_assert_msg(png.len < 40000 && jpeg.len < 80000, "%zu and %zu bytes", png.len, jpeg.len);
    buf_fini(&png);
    buf_fini(&jpeg);
    picture_fini(&p);
}

static void a_limit_is_reported(void)
{
    struct picture p = blank(64, 64);
    struct buf png = BUF_INIT(100), jpeg = BUF_INIT(100);
    ck_assert_int_eq(png_write(&p, &png), STATUS_LIMIT);
    ck_assert_int_eq(jpeg_write(&p, &jpeg), STATUS_LIMIT);
    buf_fini(&png);
    buf_fini(&jpeg);
    picture_fini(&p);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(sizes_that_cannot_be_are_refused),
        TESTKIT_TEST(shapes_are_where_they_were_put),
        TESTKIT_TEST(digits_have_the_shape_of_the_font),
        TESTKIT_TEST(another_seed_marks_another_picture),
        TESTKIT_TEST(a_png_unpacks_to_the_same_pixels),
        TESTKIT_TEST(a_jpeg_unpacks_to_nearly_the_same_pixels),
        TESTKIT_TEST(the_same_picture_has_the_same_bytes),
        TESTKIT_TEST(a_large_flat_picture_is_a_small_file),
        TESTKIT_TEST(a_limit_is_reported),
        {0},
    };
    return testkit_run("picture", tests);
}
