/*
 * audio.* - speech to text, sound within a message, text to speech.
 *
 * Word error rates need speech whose words are known: espeak-ng speaks our own passages before any clock starts.
 * Without it nothing is said about words; what tones alone can tell, time and tokens, is measured with tones.
 */
#include "suite.h"

#include "sensed.h"

#include "base64.h"
#include "media_facts.h"
#include "sound.h"
#include "speech.h"
#include "word_errors.h"

#include <string.h>

enum { PASSAGES = 6, WAV_BYTES_MAX = 16 << 20 };

/* No numbers, names or rare words: what is misheard is misheard, not spelt another way. */
static const char *const passages[PASSAGES] = {
    "The old bridge crosses a quiet river behind the village. In spring the water rises to the stones, and "
    "children throw small boats of paper from the wall.",
    "Every morning the baker opens the window before the street is awake. Warm air and the smell of bread "
    "drift "
    "down to the people who wait for the first train.",
    "My neighbour repairs clocks in a narrow room full of shelves. He says that a good clock is one you "
    "never "
    "hear, because it does its work and asks for nothing.",
    "A light rain fell during the night and washed the dust from the leaves. Now the garden is bright again, "
    "and "
    "the cat walks slowly along the dry edge of the path.",
    "She packed a warm coat, two apples and a map of the hills. The weather would change before evening, but "
    "the "
    "hut beside the lake had a stove and plenty of wood.",
    "The orchestra began with a single note that was almost too soft to hear. Then the drums answered from "
    "the "
    "back of the hall, and everybody leaned forward.",
};

struct spoken {
    struct buf wav;
    double seconds;
};

/* Takes the sound. */
static void keep(struct spoken *s, struct sound *sound)
{
    buf_init(&s->wav, WAV_BYTES_MAX);
    ck_assert_msg(wav_write(&s->wav, sound->samples, sound->count, sound->rate_hz) == STATUS_OK,
        "no memory for a sound of %zu samples", sound->count);
    s->seconds = sound_seconds(sound);
    sound_fini(sound);
}

static void make_tones(struct spoken *s, double seconds, uint64_t seed)
{
    struct sound sound;
    ck_assert_msg(sound_tones(&sound, seconds, seed) == STATUS_OK, "no memory for a sound");
    keep(s, &sound);
}

static void speak_passages(struct assay_context *ctx, struct spoken spoken[PASSAGES])
{
    char version[64];
    for (size_t i = 0; i < PASSAGES; i++) {
        struct sound sound;
        struct error why = {0};
        enum status s = speech_make(passages[i], &sound, &why);
        if (s == STATUS_UNAVAILABLE)
            assay_skip(ctx, "%s: without speech there is no word error rate", error_text(&why));
        ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
        keep(&spoken[i], &sound);
    }
    speech_version(version, sizeof version);
    assay_note(ctx, "speech", "%s", version);
}

/* ---- speech to text ---- */

static const struct exchange *transcribe(struct assay_context *ctx, const struct spoken *spoken)
{
    struct target_request r = {.task = TASK_TRANSCRIBE,
        .transcribe = {.model = assay_model(ctx)->id,
            .audio = buf_text(&spoken->wav),
            .audio_len = spoken->wav.len,
            .file_name = "speech.wav",
            .type = "audio/wav",
            .language = "en"}};
    double latency_s;
    const struct exchange *x = assay_ask(ctx, &r);
    check_sensed(ctx, x, MODALITY_AUDIO, "to transcribe");
    if (exchange_latency_s(x, &latency_s))
        assay_observe(ctx, "audio_rtf", latency_s / spoken->seconds);
    return x;
}

static void speech_is_transcribed(struct assay_context *ctx)
{
    struct spoken spoken[PASSAGES];
    speak_passages(ctx, spoken);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        size_t i = (size_t)(repeat + PASSAGES * 1000) % PASSAGES;
        struct word_errors errors;
        struct error why = {0};
        const struct exchange *x = transcribe(ctx, &spoken[i]);
        ck_assert_msg(
            word_errors_count(passages[i], buf_text(&x->answer), x->answer.len, &errors, &why) == STATUS_OK,
            "%s", error_text(&why));
        assay_observe(ctx, "wer", word_errors_rate(&errors));
    }
    for (size_t i = 0; i < PASSAGES; i++)
        buf_fini(&spoken[i].wav);
}

struct length {
    double seconds;
};

static void tones_are_transcribed(struct assay_context *ctx)
{
    const struct length *length = assay_data(ctx);
    assay_note(ctx, "sound", "tones: nothing is said about words");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct spoken tones;
        make_tones(&tones, length->seconds, assay_unique(ctx, 0));
        transcribe(ctx, &tones);
        buf_fini(&tones.wav);
    }
}

/* ---- sound within a message ---- */

static const char describe[] = "Describe what you hear, in one sentence.";
enum { DESCRIBE_TOKENS = 32 };

static const struct exchange *ask_about(struct assay_context *ctx, const struct media_part *sound)
{
    struct chat_message message = {
        .role = "user", .content = describe, .media = sound, .media_count = sound ? 1 : 0};
    struct chat_request r = assay_request_messages(ctx, &message, 1);
    r.max_tokens = r.max_tokens > 0 ? r.max_tokens : DESCRIBE_TOKENS;
    const struct exchange *x = assay_chat(ctx, &r);
    if (sound)
        check_sensed(ctx, x, MODALITY_AUDIO, "a sound");
    else
        assay_require(ctx, x);
    return x;
}

static void observe_tokens(struct assay_context *ctx, const struct exchange *x, int64_t without)
{
    if (x->tokens.prompt < 0 || without < 0)
        return;
    if (x->tokens.prompt > without)
        assay_observe(ctx, "audio_tokens", (double)(x->tokens.prompt - without));
    else if (is_said_to_have(ctx, MODALITY_AUDIO))
        assay_note(ctx, "audio_tokens", "the server counts none for the sound");
    else
        assay_skip(ctx, "the server takes no notice of a sound: the prompt has %lld tokens with and without",
            (long long)without);
}

static void sound_costs(struct assay_context *ctx)
{
    const struct length *length = assay_data(ctx);
    assay_salt(ctx, "sound");
    int64_t without = ask_about(ctx, NULL)->tokens.prompt;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct spoken tones;
        struct buf text = BUF_INIT(2 * WAV_BYTES_MAX);
        make_tones(&tones, length->seconds, assay_unique(ctx, 0));
        base64_encode(&text, buf_text(&tones.wav), tones.wav.len);
        ck_assert_msg(buf_status(&text) == STATUS_OK, "no memory for a sound");
        struct media_part sound = {MEDIA_AUDIO, "audio/wav", buf_text(&text), text.len};
        observe_tokens(ctx, ask_about(ctx, &sound), without);
        buf_fini(&tones.wav);
        buf_fini(&text);
    }
}

/* ---- text to speech ---- */

/* Words are spoken at some 0.2 to 0.6 s each; far outside of that it is not the text that was spoken. */
#define WORD_S_MIN 0.05
#define WORD_S_MAX 2.0

static size_t count_words(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == ' ';
    return n;
}

static double check_speech(const struct exchange *x, const char *text)
{
    const struct buf *bytes = &x->media[0].bytes;
    struct media_facts facts;
    struct wav wav;
    struct error why = {0};
    double words = (double)count_words(text);
    ck_assert_msg(media_facts_read(buf_text(bytes), bytes->len, &facts, &why) == STATUS_OK, "the speech: %s",
        error_text(&why));
    ck_assert_msg(strcmp(facts.format, "wav") == 0, "asked for wav, got %s", facts.format);
    ck_assert_msg(wav_find(buf_text(bytes), bytes->len, &wav, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(wav_peak(&wav) > 0.001, "%s s of silence", figure(facts.seconds).text);
    ck_assert_msg(facts.seconds > words * WORD_S_MIN && facts.seconds < words * WORD_S_MAX,
        "%s words take %s s", figure(words).text, figure(facts.seconds).text);
    return facts.seconds;
}

static void text_is_spoken(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        const char *text = passages[(size_t)(repeat + PASSAGES * 1000) % PASSAGES];
        struct target_request r = {.task = TASK_SPEAK,
            .speak = {.model = assay_model(ctx)->id, .text = text, .voice = "alloy", .format = "wav"}};
        double latency_s;
        const struct exchange *x = assay_ask(ctx, &r);
        check_sensed(ctx, x, MODALITY_SPEECH, "to speak");
        ck_assert_msg(x->media_count == 1, "the answer has no sound");
        double seconds = check_speech(x, text);
        if (exchange_latency_s(x, &latency_s) && latency_s > 0)
            assay_observe(ctx, "speech_s_per_s", seconds / latency_s);
    }
}

static const struct length ten = {10}, thirty = {30};

#define AUDIO(name, text, ...)                                                                               \
    {                                                                                                        \
        .id = "audio." name, .summary = text, .version = 1, .per_model = true, .where_known = true,          \
        .timeout_s = 900, __VA_ARGS__                                                                        \
    }

const struct assay_case cases_audio[] = {
    AUDIO("transcribe", "speech to text: word error rate and speed, on speech of espeak-ng",
        .body = speech_is_transcribed, .needs = MODALITY_AUDIO, .needs_offers = OFFER_TRANSCRIBE),
    AUDIO("tones_10s", "10 s of tones, transcribed: speed alone", .body = tones_are_transcribed, .data = &ten,
        .needs = MODALITY_AUDIO, .needs_offers = OFFER_TRANSCRIBE),
    AUDIO("tones_30s", "30 s of tones, transcribed: speed alone", .body = tones_are_transcribed,
        .data = &thirty, .needs = MODALITY_AUDIO, .needs_offers = OFFER_TRANSCRIBE, .on_request = true),
    AUDIO("message", "10 s of tones within a message: time and tokens", .body = sound_costs, .data = &ten,
        .needs = MODALITY_TEXT | MODALITY_AUDIO, .needs_offers = OFFER_CHAT | OFFER_SOUND,
        .tokens = DESCRIBE_TOKENS),
    AUDIO("speak", "text to speech: seconds of speech per second, and that it is speech",
        .body = text_is_spoken, .needs = MODALITY_SPEECH, .needs_offers = OFFER_SPEAK),
    {0},
};
