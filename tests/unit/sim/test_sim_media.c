/* What the simulated server makes and reads of pictures and forms, without a server. */
#include "sim_media.h"

#include "base64.h"
#include "picture.h"
#include "png_write.h"
#include "sim_multipart.h"
#include "sim_parts.h"
#include "testkit.h"

#include <string.h>

static void a_size_is_two_numbers(void)
{
    static const struct {
        const char *text;
        bool is_size;
    } rows[] = {{"512x256", true}, {"1x2048", true}, {"0x4", false}, {"2049x4", false}, {"512", false},
        {"x", false}, {"-1x4", false}, {"4x4x4", false}, {"99999999999x1", false}, {"", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int width = 0, height = 0;
        ck_assert_msg(
            sim_media_read_size(rows[i].text, &width, &height) == rows[i].is_size, "%s", rows[i].text);
    }
}

static const char form_type[] = "multipart/form-data; boundary=edge";

static void a_form_has_parts_until_its_last_boundary(void)
{
    static const char body[] =
        "--edge\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.wav\"\r\n"
        "Content-Type: audio/wav\r\n\r\nx --edge\r\ny\r\n--edge--\r\n";
    struct sim_form_data form = {.body = body, .len = sizeof body - 1};
    struct sim_part part;
    ck_assert(sim_multipart_begin(&form, form_type));
    ck_assert(sim_multipart_next(&form, &part));
    ck_assert_str_eq(part.name, "model");
    ck_assert_uint_eq(part.len, 1);
    ck_assert(sim_multipart_next(&form, &part));
    ck_assert_str_eq(part.name, "file");
    ck_assert_str_eq(part.file_name, "a b.wav");
    ck_assert_uint_eq(part.len, strlen("x --edge\r\ny"));
    ck_assert(!sim_multipart_next(&form, &part));
    ck_assert(form.whole);
    for (size_t len = 0; len < sizeof body - 5; len++) {
        form = (struct sim_form_data){.body = body, .len = len};
        ck_assert(sim_multipart_begin(&form, form_type));
        while (sim_multipart_next(&form, &part))
            ;
        ck_assert_msg(!form.whole, "%zu bytes are no whole form", len);
    }
}

static void a_form_needs_a_boundary(void)
{
    static const char too_long[] =
        "multipart/form-data; "
        "boundary=12345678901234567890123456789012345678901234567890123456789012345678901";
    static const char *const types[] = {"", "application/json", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"open", too_long};
    struct sim_form_data form = {.body = "", .len = 0};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        ck_assert_msg(!sim_multipart_begin(&form, types[i]), "%s", types[i]);
    ck_assert(sim_multipart_begin(&form, "Multipart/Form-Data; charset=utf-8; boundary=\"a b\""));
    ck_assert_str_eq(form.boundary, "--a b");
}

static bool read_body(const char *content, struct sim_chat *chat, struct sim_refusal *refusal)
{
    struct buf body = BUF_INIT(1 << 20);
    buf_printf(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}", content);
    bool ok = sim_chat_parse(buf_text(&body), body.len, chat, refusal);
    buf_fini(&body);
    return ok;
}

static void pictures_in_a_message_are_counted(void)
{
    struct buf png = BUF_INIT(1 << 20), part = BUF_INIT(1 << 20);
    struct sim_chat one, two;
    struct sim_refusal refusal;
    struct picture picture;
    ck_assert_int_eq(picture_init(&picture, 8, 8, &picture_white), STATUS_OK);
    ck_assert_int_eq(png_write(&picture, &png), STATUS_OK);
    picture_fini(&picture);
    buf_append_text(&part, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,");
    base64_encode(&part, png.data, png.len);
    buf_append_text(&part, "\"}},{\"type\":\"text\",\"text\":\"which number\"}");
    ck_assert(read_body(buf_text(&part), &one, &refusal));
    ck_assert_int_eq(one.images, 1);
    ck_assert_int_eq(one.prompt_tokens, 3 + 2);
    ck_assert(read_body("{\"type\":\"text\",\"text\":\"which number\"}", &two, &refusal));
    ck_assert_int_eq(two.images, 0);
    ck_assert(one.prompt_hash != two.prompt_hash);
    sim_chat_fini(&one);
    sim_chat_fini(&two);
    buf_fini(&png);
    buf_fini(&part);
}

static void what_is_no_picture_or_sound_is_refused(void)
{
    static const char *const parts[] = {"{\"type\":\"image_url\"}",
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://example.org/a.png\"}}",
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,!!\"}}",
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAAAAAAAAAAAAAA\"}}",
        "{\"type\":\"input_audio\"}", "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\"}}"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct sim_chat chat;
        struct sim_refusal refusal;
        ck_assert_msg(!read_body(parts[i], &chat, &refusal), "%s", parts[i]);
        ck_assert_int_eq(refusal.status, 400);
        sim_chat_fini(&chat);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_size_is_two_numbers),
        TESTKIT_TEST(a_form_has_parts_until_its_last_boundary),
        TESTKIT_TEST(a_form_needs_a_boundary),
        TESTKIT_TEST(pictures_in_a_message_are_counted),
        TESTKIT_TEST(what_is_no_picture_or_sound_is_refused),
        {0},
    };
    return testkit_run("sim_media", tests);
}
