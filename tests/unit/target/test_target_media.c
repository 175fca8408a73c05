/* Pictures made, speech and its transcript, through the client and the simulated server. */
#include "target.h"

#include "base64.h"
#include "media_facts.h"
#include "picture.h"
#include "png_write.h"
#include "sim.h"
#include "testkit.h"

#include <string.h>

struct fixture {
    struct sim_process sim;
    struct target *target;
    struct exchange x;
};

static void start_in(struct fixture *f, const char *protocol)
{
    struct error why = {0};
    *f = (struct fixture){0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &f->sim, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(
        target_open(&(struct target_options){.url = f->sim.url, .name = "sim", .protocol = protocol},
            &f->target, &why),
        STATUS_OK);
    ck_assert_msg(target_probe(f->target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&f->x);
}

static void start(struct fixture *f)
{
    start_in(f, NULL);
}

static void stop(struct fixture *f)
{
    exchange_fini(&f->x);
    target_close(f->target);
    sim_stop(&f->sim);
}

static void ask(struct fixture *f, const struct target_request *request)
{
    target_ask(f->target, request, &f->x);
    ck_assert_msg(f->x.error == EXCHANGE_OK, "%s", f->x.error_text);
}

static double latency_s(const struct fixture *f)
{
    double seconds = -1;
    ck_assert(exchange_latency_s(&f->x, &seconds));
    return seconds;
}

static void a_picture_takes_its_steps(void)
{
    struct fixture f;
    struct target_request r = {.task = TASK_IMAGE,
        .image = {
            .model = "sim-image", .prompt = "a lantern", .width = 320, .height = 64, .steps = 20, .seed = 3}};
    start(&f);
    ask(&f, &r);
    ck_assert_uint_eq(f.x.media_count, 1);
    const struct buf *png = &f.x.media[0].bytes;
    struct media_facts facts;
    ck_assert_int_eq(media_facts_read(buf_text(png), png->len, &facts, NULL), STATUS_OK);
    ck_assert_int_eq(facts.width, 320);
    ck_assert_int_eq(facts.height, 64);
    ck_assert(latency_s(&f) >= 0.22); /* 20 ms and 20 steps of 10 ms */
    stop(&f);
}

static void speech_is_made_and_heard_at_its_rate(void)
{
    struct fixture f;
    struct target_request speak = {.task = TASK_SPEAK,
        .speak = {.model = "sim-speak", .text = "one two three four five six seven eight", .format = "wav"}};
    double seconds = 0;
    start(&f);
    ask(&f, &speak);
    ck_assert_str_eq(f.x.media[0].type, "audio/wav");
    struct buf wav = BUF_INIT(1 << 20);
    ck_assert_int_eq(buf_append(&wav, f.x.media[0].bytes.data, f.x.media[0].bytes.len), STATUS_OK);
    struct media_facts facts;
    ck_assert_int_eq(media_facts_read(wav.data, wav.len, &facts, NULL), STATUS_OK);
    seconds = facts.seconds;
    ck_assert_msg(seconds > 2.39 && seconds < 2.41, "%g s", seconds);
    ck_assert(latency_s(&f) >= 0.02 + 0.05 * seconds - 0.001);

    struct target_request hear = {.task = TASK_TRANSCRIBE,
        .transcribe = {.model = "sim-hear",
            .audio = wav.data,
            .audio_len = wav.len,
            .file_name = "speech.wav",
            .type = "audio/wav"}};
    ask(&f, &hear);
    ck_assert_str_eq(buf_text(&f.x.answer), "seven lanterns drift over the quiet harbor");
    ck_assert(latency_s(&f) >= 0.02 + 0.05 * seconds - 0.001);
    buf_fini(&wav);
    stop(&f);
}

static void broken_pictures_are_what_the_scenario_says(void)
{
    static const struct {
        const char *model, *text;
    } rows[] = {{"sim-image-url", "the picture is at a URL"}, {"sim-steady", NULL},
        {"sim-speak", "does not make pictures"}};
    struct fixture f;
    start(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target_request r = {
            .task = TASK_IMAGE, .image = {.model = rows[i].model, .prompt = "a lantern", .seed = -1}};
        target_ask(f.target, &r, &f.x);
        ck_assert_msg(rows[i].text ? strstr(f.x.error_text, rows[i].text) != NULL : f.x.error == EXCHANGE_OK,
            "%s: %s", rows[i].model, f.x.error_text);
    }
    stop(&f);
}

static void ask_about(struct fixture *f, const char *model, const struct chat_message *message)
{
    struct chat_request r = {.model = model,
        .messages = message,
        .message_count = 1,
        .temperature = -1,
        .seed = -1,
        .stream = true,
        .want_usage = true};
    target_chat(f->target, &r, &f->x);
}

static void pictures_count_as_prompt_tokens(void)
{
    static const char *const protocols[] = {"openai", "ollama"};
    struct buf png = BUF_INIT(1 << 20), base64 = BUF_INIT(1 << 20);
    struct picture picture;
    ck_assert_int_eq(picture_init(&picture, 32, 32, &picture_white), STATUS_OK);
    ck_assert_int_eq(png_write(&picture, &png), STATUS_OK);
    picture_fini(&picture);
    base64_encode(&base64, png.data, png.len);
    struct media_part parts[] = {{MEDIA_IMAGE, "image/png", base64.data, base64.len},
        {MEDIA_IMAGE, "image/png", base64.data, base64.len}};
    struct chat_message message = {
        .role = "user", .content = "which number?", .media = parts, .media_count = 2};
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        struct fixture f;
        start_in(&f, protocols[i]);
        ask_about(&f, "sim-vision", &message);
        ck_assert_msg(f.x.error == EXCHANGE_OK, "%s: %s", protocols[i], f.x.error_text);
        ck_assert_str_eq(buf_text(&f.x.answer), "42");
        ck_assert_int_eq(f.x.tokens.prompt, 3 + 2 + 2 * 256);
        ask_about(&f, "sim-hear", &message);
        ck_assert_int_eq(f.x.error, EXCHANGE_HTTP_4XX);
        stop(&f);
    }
    buf_fini(&png);
    buf_fini(&base64);
}

static unsigned modalities_of(const struct model_list *models, const char *id)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->items[i].id, id) == 0)
            return models->items[i].modalities;
    return UINT32_MAX;
}

static void the_list_says_what_models_do(void)
{
    static const struct {
        const char *id;
        unsigned modalities;
    } rows[] = {{"sim-steady", 0}, {"sim-vision", MODALITY_TEXT | MODALITY_VISION},
        {"sim-image", MODALITY_IMAGE}, {"sim-hear", MODALITY_AUDIO}, {"sim-speak", MODALITY_SPEECH}};
    struct fixture f;
    struct error why = {0};
    struct model_list models = {0};
    start(&f);
    ck_assert_msg(target_list_models(f.target, &models, &why) == STATUS_OK, "%s", error_text(&why));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(modalities_of(&models, rows[i].id) == rows[i].modalities, "%s: %u", rows[i].id,
            modalities_of(&models, rows[i].id));
    model_list_fini(&models);
    stop(&f);
}

/* Left out in silence it would be answered as if it were not there. */
static void a_sound_is_refused_where_the_protocol_has_none(void)
{
    static const char *const protocols[] = {"ollama", "lmstudio", "openai"};
    struct media_part sound = {MEDIA_AUDIO, "audio/wav", "UklGRg==", 8};
    struct chat_message message = {.role = "user", .content = "?", .media = &sound, .media_count = 1};
    struct target_request r = {
        .task = TASK_CHAT, .chat = {.model = "m", .messages = &message, .message_count = 1}};
    for (size_t i = 0; i < 3; i++) {
        struct target *target;
        struct exchange x;
        struct error why = {0};
        struct target_options options = {.url = "http://127.0.0.1:9", .protocol = protocols[i]};
        ck_assert_msg(target_open(&options, &target, &why) == STATUS_OK, "%s", error_text(&why));
        exchange_init(&x);
        target_ask(target, &r, &x);
        if (strcmp(protocols[i], "openai") == 0)
            ck_assert_int_eq(x.error, EXCHANGE_CONNECT);
        else
            ck_assert_msg(strstr(x.error_text, "has no sound in a message") != NULL, "%s", x.error_text);
        exchange_fini(&x);
        target_close(target);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_picture_takes_its_steps),
        TESTKIT_TEST(speech_is_made_and_heard_at_its_rate),
        TESTKIT_TEST(broken_pictures_are_what_the_scenario_says),
        TESTKIT_TEST(pictures_count_as_prompt_tokens),
        TESTKIT_TEST(the_list_says_what_models_do),
        TESTKIT_TEST(a_sound_is_refused_where_the_protocol_has_none),
        {0},
    };
    return testkit_run("target_media", tests);
}
