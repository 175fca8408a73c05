/* The tasks of OpenAI's protocol beside chat: what is sent, what is read, and what is refused. */
#include "target.h"

#include "canned_server.h"
#include "clock.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define JSON(body) "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" body
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

/* One request to one reply. */
struct asked {
    struct canned_server *server;
    struct target *target;
    struct exchange x;
};

static void ask(struct asked *a, const char *reply, const struct target_request *request)
{
    static struct canned_reply replies[1];
    struct error why = {0};
    replies[0] = (struct canned_reply){.text = reply, .end = CANNED_CLOSE};
    a->server = canned_server_start(replies, 1);
    struct target_options options = {
        .url = canned_server_url(a->server), .protocol = "openai", .total_timeout_ns = 60 * NS_PER_S};
    ck_assert_msg(target_open(&options, &a->target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&a->x);
    target_ask(a->target, request, &a->x);
}

static void done(struct asked *a)
{
    target_close(a->target);
    exchange_fini(&a->x);
    canned_server_stop(a->server);
}

static const char *body_sent(struct asked *a)
{
    const char *request = canned_server_request(a->server, 0), *body = strstr(request, "\r\n\r\n");
    return body ? body + 4 : "";
}

static void sends(struct asked *a, const char *path, const char *body)
{
    char line[128];
    snprintf(line, sizeof line, "POST /v1%s HTTP/1.1\r\n", path);
    ck_assert_ptr_nonnull(strstr(canned_server_request(a->server, 0), line));
    ck_assert_str_eq(body_sent(a), body);
}

static void fails(
    const char *reply, const struct target_request *request, enum exchange_error error, const char *text)
{
    struct asked a;
    ask(&a, reply, request);
    ck_assert_msg(a.x.error == error, "%s: %s (%s)", reply, exchange_error_name(a.x.error), a.x.error_text);
    ck_assert_msg(strstr(a.x.error_text, text) != NULL, "%s", a.x.error_text);
    done(&a);
}

static const char *const texts[] = {"one", "two"};
static const struct target_request embed = {
    .task = TASK_EMBED, .embed = {.model = "e", .inputs = texts, .input_count = 2, .dimensions = 3}};

static void vectors_come_in_the_order_of_the_texts(void)
{
    struct asked a;
    ask(&a,
        JSON("{\"model\":\"e1\",\"data\":[{\"index\":1,\"embedding\":[4,5,6]},{\"index\":0,\"embedding\":[1,"
             "2.5,"
             "-3]}],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}"),
        &embed);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/embeddings",
        "{\"model\":\"e\",\"input\":[\"one\",\"two\"],\"encoding_format\":\"float\",\"dimensions\":3}");
    ck_assert_uint_eq(a.x.vectors.count, 2);
    ck_assert_uint_eq(a.x.vectors.dimension, 3);
    ck_assert_float_eq(a.x.vectors.values[1], 2.5F);
    ck_assert_float_eq(a.x.vectors.values[3], 4.0F);
    ck_assert_int_eq(a.x.tokens.prompt, 7);
    ck_assert_str_eq(a.x.model, "e1");
    done(&a);
}

static void vectors_in_base64_are_little_endian_floats(void)
{
    struct target_request r = embed;
    struct asked a;
    r.embed.base64 = true;
    ask(&a, JSON("{\"data\":[{\"embedding\":\"AACAPwAAAMA=\"},{\"embedding\":\"AAAAPwAAgD4=\"}]}"), &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    ck_assert_ptr_nonnull(strstr(body_sent(&a), "\"encoding_format\":\"base64\""));
    ck_assert_uint_eq(a.x.vectors.dimension, 2);
    ck_assert_float_eq(a.x.vectors.values[0], 1.0F);
    ck_assert_float_eq(a.x.vectors.values[1], -2.0F);
    ck_assert_float_eq(a.x.vectors.values[3], 0.25F);
    done(&a);
}

static void vectors_that_cannot_be_are_refused(void)
{
    static const struct {
        const char *body, *text;
    } wrong[] = {
        {JSON("{\"data\":[]}"), "0 vectors"},
        {JSON("{\"vectors\":[]}"), "no list of vectors"},
        {JSON("{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[1,2,3]}]}"), "vector 1 has 3 numbers"},
        {JSON("{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}]}"), "there twice"},
        {JSON("{\"data\":[{\"index\":5,\"embedding\":[1]}]}"), "number 5 of 1"},
        {JSON("{\"data\":[{\"index\":-1,\"embedding\":[1]}]}"), "of 1"},
        {JSON("{\"data\":[{\"embedding\":[1,\"x\"]}]}"), "not finite"},
        {JSON("{\"data\":[{\"embedding\":[1,1e300]}]}"), "not finite"},
        {JSON("{\"data\":[{\"embedding\":\"AACA!w==\"}]}"), "not base64"},
        {JSON("{\"data\":[{\"embedding\":\"AADAfw==\"}]}"), "not finite"},
        {JSON("[1]"), "not a JSON object"},
        {JSON("{\"data\":"), "not a JSON object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        fails(wrong[i].body, &embed, EXCHANGE_PROTOCOL, wrong[i].text);
    fails(
        JSON("{\"error\":{\"message\":\"no such thing\"}}"), &embed, EXCHANGE_STREAM_ERROR, "no such thing");
    fails("HTTP/1.1 501 Not Implemented\r\nContent-Length: 2\r\n\r\n{}", &embed, EXCHANGE_HTTP_5XX, "501");
}

static void scores_stand_in_the_order_of_the_documents(void)
{
    struct asked a;
    struct target_request r = {.task = TASK_RERANK,
        .rerank = {.model = "r", .query = "which?", .documents = texts, .document_count = 2}};
    ask(&a,
        JSON("{\"results\":[{\"index\":1,\"relevance_score\":0.9},{\"index\":0,\"relevance_score\":-2}]}"),
        &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/rerank", "{\"model\":\"r\",\"query\":\"which?\",\"documents\":[\"one\",\"two\"]}");
    ck_assert_uint_eq(a.x.score_count, 2);
    ck_assert_double_eq(a.x.scores[0], -2);
    ck_assert_double_eq(a.x.scores[1], 0.9);
    done(&a);
    fails(JSON("{\"results\":[{\"index\":7,\"relevance_score\":1}]}"), &r, EXCHANGE_PROTOCOL,
        "score of its own");
    fails(JSON("{\"results\":[{\"index\":0}]}"), &r, EXCHANGE_PROTOCOL, "score of its own");
    fails(JSON("{}"), &r, EXCHANGE_PROTOCOL, "no list of results");
}

static void a_completion_is_read_as_text(void)
{
    static const int32_t tokens[] = {5, 6, 7};
    struct asked a;
    struct target_request r = {.task = TASK_COMPLETION,
        .completion = {.model = "c",
            .tokens = tokens,
            .token_count = 3,
            .max_tokens = 2,
            .temperature = 0,
            .seed = -1,
            .stream = true,
            .want_usage = true}};
    ask(&a,
        STREAM
        "data: {\"choices\":[{\"text\":\" a\",\"index\":0,\"finish_reason\":null}]}\n\n"
        "data: {\"choices\":[{\"text\":\" b\",\"index\":0,\"finish_reason\":\"length\"}]}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
        &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/completions",
        "{\"model\":\"c\",\"prompt\":[5,6,7],\"max_tokens\":2,\"temperature\":0.0,\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true}}");
    ck_assert_str_eq(buf_text(&a.x.answer), " a b");
    ck_assert_uint_eq(exchange_token_events(&a.x), 2);
    ck_assert_int_eq(a.x.tokens.completion, 2);
    ck_assert_str_eq(a.x.finish_reason, "length");
    done(&a);
}

static void a_picture_comes_as_bytes(void)
{
    struct asked a;
    struct target_request r = {.task = TASK_IMAGE,
        .image = {.model = "p", .prompt = "a cat", .width = 64, .height = 32, .seed = -1}};
    ask(&a, JSON("{\"created\":1,\"data\":[{\"b64_json\":\"iVBORw==\"}]}"), &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/images/generations",
        "{\"model\":\"p\",\"prompt\":\"a cat\",\"n\":1,\"response_format\":\"b64_json\",\"size\":\"64x32\"}");
    ck_assert_uint_eq(a.x.media_count, 1);
    ck_assert_uint_eq(a.x.media[0].bytes.len, 4);
    ck_assert_mem_eq(a.x.media[0].bytes.data, "\x89PNG", 4);
    done(&a);
    fails(JSON("{\"data\":[{\"url\":\"http://elsewhere/x.png\"}]}"), &r, EXCHANGE_PROTOCOL, "at a URL");
    fails(JSON("{\"data\":[{\"b64_json\":\"?\"}]}"), &r, EXCHANGE_PROTOCOL, "not base64");
    fails(JSON("{\"data\":[]}"), &r, EXCHANGE_PROTOCOL, "no list of pictures");
}

static void sound_goes_up_in_a_form_and_text_comes_back(void)
{
    struct asked a;
    struct target_request r = {.task = TASK_TRANSCRIBE,
        .transcribe = {.model = "w",
            .audio = "RIFF\0\xff"
                     "data",
            .audio_len = 10,
            .file_name = "speech.wav",
            .type = "audio/wav",
            .language = "en"}};
    ask(&a, JSON("{\"text\":\"hello there\"}"), &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    const char *sent = canned_server_request(a.server, 0);
    ck_assert_ptr_nonnull(strstr(sent, "POST /v1/audio/transcriptions HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "Content-Type: multipart/form-data; boundary=----assay-"));
    ck_assert_ptr_nonnull(
        strstr(sent, "name=\"file\"; filename=\"speech.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF"));
    ck_assert_str_eq(buf_text(&a.x.answer), "hello there");
    done(&a);
    fails(JSON("{\"words\":1}"), &r, EXCHANGE_PROTOCOL, "no text");
    r.transcribe.file_name = "a\"b\r\n";
    ask(&a, JSON("{}"), &r);
    ck_assert_int_eq(a.x.error, EXCHANGE_INTERNAL);
    ck_assert_uint_eq(canned_server_request_count(a.server), 0);
    done(&a);
}

static void speech_comes_as_bytes_with_their_type(void)
{
    struct asked a;
    struct target_request r = {
        .task = TASK_SPEAK, .speak = {.model = "s", .text = "hi", .voice = "v", .format = "wav"}};
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: audio/wav; rate=1\r\nContent-Length: 6\r\n\r\nRI\0FF!",
        .len =
            sizeof "HTTP/1.1 200 OK\r\nContent-Type: audio/wav; rate=1\r\nContent-Length: 6\r\n\r\nRI\0FF!" -
            1,
        .end = CANNED_CLOSE};
    struct error why = {0};
    a.server = canned_server_start(&reply, 1);
    struct target_options options = {.url = canned_server_url(a.server), .protocol = "openai"};
    ck_assert_int_eq(target_open(&options, &a.target, &why), STATUS_OK);
    exchange_init(&a.x);
    target_ask(a.target, &r, &a.x);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/audio/speech",
        "{\"model\":\"s\",\"input\":\"hi\",\"voice\":\"v\",\"response_format\":\"wav\"}");
    ck_assert_uint_eq(a.x.media_count, 1);
    ck_assert_uint_eq(a.x.media[0].bytes.len, 6);
    ck_assert_str_eq(a.x.media[0].type, "audio/wav");
    done(&a);
    fails("HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 0\r\n\r\n", &r, EXCHANGE_EMPTY,
        "no sound");
}

static void chat_carries_pictures_sound_tools_and_a_schema(void)
{
    static const struct media_part media[] = {
        {MEDIA_IMAGE, "image/png", "aGk=", 4}, {MEDIA_AUDIO, "audio/wav", "AA==", 4}};
    struct chat_message message = {
        .role = "user", .content = "What is it?", .media = media, .media_count = 2};
    struct target_request r = {.task = TASK_CHAT,
        .chat = {.model = "v",
            .messages = &message,
            .message_count = 1,
            .temperature = -1,
            .seed = -1,
            .tools_json = "[{\"type\":\"function\"}]",
            .tool_choice = "look",
            .schema_json = "{\"type\":\"object\"}"}};
    struct asked a;
    ask(&a, JSON("{\"choices\":[{\"message\":{\"content\":\"A cat.\"},\"finish_reason\":\"stop\"}]}"), &r);
    ck_assert_msg(a.x.error == EXCHANGE_OK, "%s", a.x.error_text);
    sends(&a, "/chat/completions",
        "{\"model\":\"v\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_"
        "url\":{\"url\":"
        "\"data:image/"
        "png;base64,aGk=\"}},{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA==\",\"format\":"
        "\"wav\"}},{\"type\":\"text\",\"text\":\"What is it?\"}]}],\"stream\":false,\"tools\":[{\"type\":"
        "\"function\"}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"look\"}},\"response_"
        "format\":"
        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"strict\":true,\"schema\":{\"type\":"
        "\"object\"}}}}");
    done(&a);
}

static void what_a_protocol_lacks_is_never_sent(void)
{
    struct asked a;
    struct target_request r = embed;
    ask(&a, JSON("{}"), &r);
    struct load_report report;
    struct token_list tokens;
    struct error why = {0};
    ck_assert_int_eq(target_load(a.target, "m", NULL, &report, &why), STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(why.text, "the protocol openai has no way to load a model"));
    ck_assert_int_eq(target_tokenize(a.target, "m", "x", 1, &tokens, &why), STATUS_UNAVAILABLE);
    ck_assert_uint_eq(canned_server_request_count(a.server), 1);
    done(&a);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(vectors_come_in_the_order_of_the_texts),
        TESTKIT_TEST(vectors_in_base64_are_little_endian_floats),
        TESTKIT_TEST(vectors_that_cannot_be_are_refused),
        TESTKIT_TEST(scores_stand_in_the_order_of_the_documents),
        TESTKIT_TEST(a_completion_is_read_as_text),
        TESTKIT_TEST(a_picture_comes_as_bytes),
        TESTKIT_TEST(sound_goes_up_in_a_form_and_text_comes_back),
        TESTKIT_TEST(speech_comes_as_bytes_with_their_type),
        TESTKIT_TEST(chat_carries_pictures_sound_tools_and_a_schema),
        TESTKIT_TEST(what_a_protocol_lacks_is_never_sent),
        {0},
    };
    return testkit_run("openai_tasks", tests);
}
