/* What a picture or a sound of a server says of itself, and what hostile ones do. */
#include "media_facts.h"

#include "jpeg_write.h"
#include "png_write.h"
#include "sound.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 20 };

static struct media_facts facts_of(const void *bytes, size_t len)
{
    struct media_facts f;
    struct error e = {0};
    ck_assert_msg(media_facts_read(bytes, len, &f, &e) == STATUS_OK, "%s", error_text(&e));
    return f;
}

static struct buf file_of(const char *format)
{
    struct buf out = BUF_INIT(LIMIT);
    struct picture p;
    struct sound s;
    if (strcmp(format, "wav") == 0) {
        ck_assert_int_eq(sound_tones(&s, 0.5, 1), STATUS_OK);
        ck_assert_int_eq(wav_write(&out, s.samples, s.count, s.rate_hz), STATUS_OK);
        sound_fini(&s);
        return out;
    }
    ck_assert_int_eq(picture_init(&p, 37, 21, &picture_white), STATUS_OK);
    picture_number(&p, "42", &picture_black);
    ck_assert_int_eq(strcmp(format, "png") == 0 ? png_write(&p, &out) : jpeg_write(&p, &out), STATUS_OK);
    picture_fini(&p);
    return out;
}

static void our_own_files_say_what_they_are(void)
{
    static const char *const formats[] = {"png", "jpeg", "wav"};
    for (size_t i = 0; i < 3; i++) {
        struct buf file = file_of(formats[i]);
        struct media_facts f = facts_of(buf_text(&file), file.len);
        ck_assert_str_eq(f.format, formats[i]);
        if (i < 2)
            ck_assert(f.width == 37 && f.height == 21);
        else
            ck_assert(f.rate_hz == 16000 && f.channels == 1 && f.bits == 16 && f.seconds == 0.5);
        buf_fini(&file);
    }
}

/* A file that ends anywhere before its end is not whole, and nothing behind its end is read (asan). */
static void a_cut_file_is_refused_wherever_it_is_cut(void)
{
    static const char *const formats[] = {"png", "jpeg", "wav"};
    for (size_t i = 0; i < 3; i++) {
        struct buf file = file_of(formats[i]);
        size_t taken = 0;
        for (size_t len = 0; len < file.len; len += len < 700 ? 1 : 97) {
            struct media_facts f;
            char *copy = malloc(len ? len : 1);
            memcpy(copy, buf_text(&file), len);
            taken += media_facts_read(copy, len, &f, NULL) == STATUS_OK;
            free(copy);
        }
        ck_assert_msg(taken == 0, "%zu cut %s files are taken for whole", taken, formats[i]);
        buf_fini(&file);
    }
}

static void a_png_with_a_changed_byte_is_refused(void)
{
    struct buf file = file_of("png");
    size_t taken = 0;
    for (size_t at = 0; at < file.len; at++) {
        struct media_facts f;
        file.data[at] ^= 1;
        taken += media_facts_read(file.data, file.len, &f, NULL) == STATUS_OK;
        file.data[at] ^= 1;
    }
    ck_assert_uint_eq(taken, 0);
    buf_fini(&file);
}

#define BYTES(text) (text), sizeof(text) - 1

static void other_formats_are_known_by_their_heads(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *format;
        int64_t width, height;
    } cases[] = {
        {BYTES("GIF89a\x40\x01\xf0\0\0\0\0;"), "gif", 320, 240},
        {BYTES("RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\x30\x01\0\x9d\x01\x2a\x40\x01\xf0\0"), "webp", 320, 240},
        {BYTES("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0"), "webp", 320, 240},
        {BYTES("RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x3f\xc1\x3b\0\0\0\0\0\0"), "webp", 320, 240},
        {BYTES("ID3\x04"), "mp3", 0, 0},
        {BYTES("fLaC\0\0\0"), "flac", 0, 0},
        {BYTES("OggS\0\x02"), "ogg", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct media_facts f = facts_of(cases[i].bytes, cases[i].len);
        ck_assert_str_eq(f.format, cases[i].format);
        ck_assert_msg(f.width == cases[i].width && f.height == cases[i].height, "case %zu: %lldx%lld", i,
            (long long)f.width, (long long)f.height);
    }
}

#define HEAD(coding, channels, bits)                                                                         \
    "RIFF\0\0\0\0WAVEfmt \x10\0\0\0" coding channels "\x40\x1f\0\0\0\0\0\0\0\0" bits

static void sounds_that_cannot_be_are_refused_with_the_reason(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {BYTES(""), "0 bytes of another kind"},
        {BYTES("<html>not found</html>"), "another kind"},
        {BYTES("RIFF\0\0\0\0WAVE"), "no samples"},
        {BYTES("RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd"), "before their format"},
        {BYTES("RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd"), "4 bytes of 16"},
        {BYTES(HEAD("\x01\0", "\0\0", "\x10\0")), "0 channels"},
        {BYTES(HEAD("\x02\0", "\x01\0", "\x04\0")), "not plain samples"},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x0c\0")), "not plain samples"},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "data\x08\0\0\0abcd"), "cut: 4 bytes of samples of 8"},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "LIST\xff\xff\xff\x7f"
                                                  "abcd"),
            "no samples"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct media_facts f;
        struct error e = {0};
        ck_assert_int_eq(media_facts_read(cases[i].bytes, cases[i].len, &f, &e), STATUS_INVALID);
        ck_assert_msg(strstr(error_text(&e), cases[i].text) != NULL, "case %zu: %s", i, error_text(&e));
    }
}

/* A server that streams its sound writes the head before it knows the length. */
static void a_length_that_was_not_known_reaches_to_the_end(void)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {{BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "data\0\0\0\0abcdefgh")},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "data\xff\xff\xff\xff"
                                                  "abcdefgh")},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "data\0\xf0\xff\x7f"
                                                  "abcdefgh")}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct media_facts f = facts_of(cases[i].bytes, cases[i].len);
        ck_assert_double_eq_tol(f.seconds, 4 / 8000.0, 1e-12);
    }
}

static void samples_of_every_width_are_between_minus_one_and_one(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        double value;
    } cases[] = {
        {BYTES(HEAD("\x01\0", "\x01\0", "\x08\0") "data\x01\0\0\0\xc0"), 0.5},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x10\0") "data\x02\0\0\0\0\x80"), -1},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x18\0") "data\x03\0\0\0\0\0\x40"), 0.5},
        {BYTES(HEAD("\x01\0", "\x01\0", "\x20\0") "data\x04\0\0\0\0\0\0\xc0"), -0.5},
        {BYTES(HEAD("\x03\0", "\x01\0", "\x20\0") "data\x04\0\0\0\0\0\0\x3f"), 0.5},
        {BYTES(HEAD("\x03\0", "\x01\0", "\x20\0") "data\x04\0\0\0\0\0\xc0\x7f"), 0},
        {BYTES(HEAD("\x03\0", "\x01\0", "\x40\0") "data\x08\0\0\0\0\0\0\0\0\0\xe0\xbf"), -0.5},
        {BYTES(HEAD("\x01\0", "\x02\0", "\x10\0") "data\x04\0\0\0\0\x40\0\x20"), 0.375},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wav w;
        ck_assert_int_eq(wav_find(cases[i].bytes, cases[i].len, &w, NULL), STATUS_OK);
        ck_assert_uint_eq(w.frames, 1);
        ck_assert_msg(wav_sample(&w, 0) == cases[i].value, "case %zu", i);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(our_own_files_say_what_they_are),
        TESTKIT_TEST(a_cut_file_is_refused_wherever_it_is_cut),
        TESTKIT_TEST(a_png_with_a_changed_byte_is_refused),
        TESTKIT_TEST(other_formats_are_known_by_their_heads),
        TESTKIT_TEST(sounds_that_cannot_be_are_refused_with_the_reason),
        TESTKIT_TEST(a_length_that_was_not_known_reaches_to_the_end),
        TESTKIT_TEST(samples_of_every_width_are_between_minus_one_and_one),
        {0},
    };
    return testkit_run("media_facts", tests);
}
