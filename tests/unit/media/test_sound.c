/* Sounds: what is written is read again, another rate keeps the tone, and speech is there where it can be. */
#include "sound.h"

#include "speech.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PI 3.14159265358979323846

static struct wav found(const struct buf *bytes)
{
    struct wav w;
    struct error e = {0};
    ck_assert_msg(wav_find(buf_text(bytes), bytes->len, &w, &e) == STATUS_OK, "%s", error_text(&e));
    return w;
}

static void what_is_written_is_read_again(void)
{
    static const int16_t samples[] = {0, 1, -1, 32767, -32768, 1234};
    struct buf bytes = BUF_INIT(1024);
    ck_assert_int_eq(wav_write(&bytes, samples, 6, 16000), STATUS_OK);
    ck_assert_uint_eq(bytes.len, 44 + 12);
    struct wav w = found(&bytes);
    ck_assert(w.frames == 6 && w.channels == 1 && w.bits == 16 && w.rate_hz == 16000);
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq(wav_sample(&w, i), samples[i] / 32768.0);
    buf_fini(&bytes);
}

static void tones_are_the_same_for_the_same_seed(void)
{
    struct sound a, b, c;
    ck_assert_int_eq(sound_tones(&a, 2.25, 1), STATUS_OK);
    ck_assert_int_eq(sound_tones(&b, 2.25, 1), STATUS_OK);
    ck_assert_int_eq(sound_tones(&c, 2.25, 2), STATUS_OK);
    ck_assert_uint_eq(a.count, 36000);
    ck_assert_double_eq(sound_seconds(&a), 2.25);
    ck_assert_mem_eq(a.samples, b.samples, a.count * sizeof *a.samples);
    ck_assert(memcmp(a.samples, c.samples, a.count * sizeof *a.samples) != 0);
    sound_fini(&a);
    sound_fini(&b);
    sound_fini(&c);
}

static void lengths_that_cannot_be_are_refused(void)
{
    struct sound s;
    ck_assert_int_eq(sound_tones(&s, 0, 1), STATUS_INVALID);
    ck_assert_int_eq(sound_tones(&s, 1e9, 1), STATUS_INVALID);
    ck_assert_int_eq(sound_tones(&s, (double)NAN, 1), STATUS_INVALID);
}

/* A sine of that many Hz at a rate, brought to ours. */
static struct sound resampled(double hz, int rate_hz)
{
    int16_t *samples = calloc((size_t)rate_hz, sizeof *samples);
    struct buf bytes = BUF_INIT(1 << 20);
    struct sound s;
    for (int i = 0; i < rate_hz; i++)
        samples[i] = (int16_t)lrint(16000 * sin(2 * PI * hz * i / rate_hz));
    ck_assert_int_eq(wav_write(&bytes, samples, (size_t)rate_hz, rate_hz), STATUS_OK);
    struct wav w = found(&bytes);
    ck_assert_int_eq(sound_from_wav(&s, &w), STATUS_OK);
    buf_fini(&bytes);
    free(samples);
    return s;
}

/* The largest difference from the sine that it should be, away from the ends; as a share of its height. */
static double error_of(const struct sound *s, double hz, double height)
{
    double most = 0;
    for (size_t i = 200; i + 200 < s->count; i++)
        most = fmax(most, fabs(s->samples[i] - height * sin(2 * PI * hz * (double)i / SOUND_RATE_HZ)));
    return most / 16000;
}

static void another_rate_keeps_the_tone(void)
{
    static const int rates[] = {8000, 16000, 22050, 24000, 44100, 48000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct sound s = resampled(1000, rates[i]);
        ck_assert_uint_eq(s.count, SOUND_RATE_HZ);
        ck_assert_msg(error_of(&s, 1000, 16000) < 0.01, "from %d Hz", rates[i]);
        sound_fini(&s);
    }
}

static void what_the_lower_rate_cannot_hold_is_left_out(void)
{
    struct sound s = resampled(15000, 48000); /* would come back as 1000 Hz */
    ck_assert(error_of(&s, 1000, 0) < 0.01);
    sound_fini(&s);
}

static void speech_is_a_second_or_more_of_sound(void)
{
    struct sound s;
    struct error e = {0};
    char version[64];
    enum status status = speech_make("The old bridge crosses a quiet river.", &s, &e);
    if (status == STATUS_UNAVAILABLE)
        TESTKIT_SKIP("%s", error_text(&e));
    ck_assert_msg(status == STATUS_OK, "%s", error_text(&e));
    ck_assert_msg(sound_seconds(&s) > 1 && sound_seconds(&s) < 10, "%d ms", (int)(1000 * sound_seconds(&s)));
    int most = 0;
    for (size_t i = 0; i < s.count; i++)
        most = abs(s.samples[i]) > most ? abs(s.samples[i]) : most;
    ck_assert_msg(most > 3000, "the loudest sample is %d", most);
    speech_version(version, sizeof version);
    ck_assert_msg(strncmp(version, "espeak-ng ", 10) == 0 && strlen(version) > 10, "\"%s\"", version);
    sound_fini(&s);
}

static void speaks(const char *program)
{
    const char *path = testkit_tmp_path("speaker");
    testkit_write(path, program, strlen(program));
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert_int_eq(setenv("ASSAY_ESPEAK", path, 1), 0);
}

static void a_speaker_that_is_not_there_or_no_good_is_said(void)
{
    static const struct {
        const char *program;
        enum status status;
        const char *text;
    } cases[] = {
        {"#!/bin/sh\nexit 3\n", STATUS_INVALID, "exit code 3"},
        {"#!/bin/sh\necho hello\n", STATUS_INVALID, "not a WAV file"},
        {"#!/bin/sh\nexec yes\n", STATUS_LIMIT, "speaks without end"},
    };
    struct sound s;
    struct error e = {0};
    ck_assert_int_eq(setenv("ASSAY_ESPEAK", "/nonexistent/espeak", 1), 0);
    ck_assert_int_eq(speech_make("a", &s, &e), STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(error_text(&e), "/nonexistent/espeak is not installed"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        e = (struct error){0};
        speaks(cases[i].program);
        ck_assert_int_eq(speech_make("a", &s, &e), cases[i].status);
        ck_assert_msg(strstr(error_text(&e), cases[i].text) != NULL, "%s", error_text(&e));
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_is_written_is_read_again),
        TESTKIT_TEST(tones_are_the_same_for_the_same_seed),
        TESTKIT_TEST(lengths_that_cannot_be_are_refused),
        TESTKIT_TEST(another_rate_keeps_the_tone),
        TESTKIT_TEST(what_the_lower_rate_cannot_hold_is_left_out),
        TESTKIT_TEST(speech_is_a_second_or_more_of_sound),
        TESTKIT_TEST(a_speaker_that_is_not_there_or_no_good_is_said),
        {0},
    };
    return testkit_run("sound", tests);
}
