/* Ollama's and llama.cpp's own protocols on answers as the real servers give them. */
#include "target_bench.h"

#include "clock.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define JSON(body) "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" body
#define LINES "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nServer: llama.cpp\r\n\r\n"

static void start(
    struct target_bench *b, const char *protocol, const struct canned_reply *replies, size_t count)
{
    target_bench_init(b, replies, count, (struct target_options){.protocol = protocol});
}

static const struct chat_message hello = {.role = "user", .content = "Hello."};
static const struct target_request chat = {.task = TASK_CHAT,
    .chat = {.model = "tiny",
        .messages = &hello,
        .message_count = 1,
        .max_tokens = 3,
        .temperature = 0,
        .seed = 1,
        .stream = true}};

/* ---- Ollama ---- */

#define SAYS(text)                                                                                           \
    "{\"model\":\"tiny\",\"message\":{\"role\":\"assistant\",\"content\":\"" text "\"},\"done\":false}\n"
#define LAST                                                                                                 \
    "{\"model\":\"tiny\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_"        \
    "reason\":"                                                                                              \
    "\"length\",\"total_duration\":953000000,\"load_duration\":300000000,\"prompt_eval_count\":44,"          \
    "\"prompt_eval_duration\":311000000,\"eval_count\":3,\"eval_duration\":40000000}\n"

static void a_stream_of_lines_has_text_counts_and_durations(void)
{
    static const struct canned_reply reply = {
        .text = LINES SAYS(" one") SAYS(" two") SAYS(" three") LAST, .piece = 40, .end = CANNED_CLOSE};
    struct target_bench b;
    start(&b, "ollama", &reply, 1);
    target_ask(b.target, &chat, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_ptr_nonnull(strstr(canned_server_request(b.server, 0), "POST /api/chat HTTP/1.1\r\n"));
    ck_assert_str_eq(target_bench_sent(&b, 0),
        "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello.\"}],"
        "\"stream\":true,\"options\":{\"num_predict\":3,\"seed\":1,\"temperature\":0.0}}");
    ck_assert_str_eq(buf_text(&b.x.answer), " one two three");
    ck_assert_uint_eq(exchange_token_events(&b.x), 3);
    ck_assert(b.x.streamed && exchange_events_are_tokens(&b.x));
    ck_assert_str_eq(b.x.finish_reason, "length");
    ck_assert_str_eq(b.x.model, "tiny");
    ck_assert_str_eq(b.x.native.source, "ollama_durations");
    ck_assert_double_eq_tol(b.x.native.load_s, 0.3, 1e-9);
    ck_assert_double_eq_tol(b.x.native.prompt_s, 0.311, 1e-9);
    ck_assert_double_eq_tol(b.x.native.decode_s, 0.04, 1e-9);
    ck_assert_int_eq(b.x.tokens.prompt, 44);
    ck_assert_int_eq(b.x.tokens.completion, 3);
    ck_assert_int_eq(b.x.tokens.source, TOKENS_SERVER_NATIVE);
    target_bench_fini(&b);
}

static void becomes(const char *reply_text, enum exchange_error error, const char *text)
{
    struct canned_reply reply = {.text = reply_text, .end = CANNED_CLOSE};
    struct target_bench b;
    start(&b, "ollama", &reply, 1);
    target_ask(b.target, &chat, &b.x);
    ck_assert_msg(b.x.error == error, "%s: %s", exchange_error_name(b.x.error), b.x.error_text);
    ck_assert_msg(strstr(b.x.error_text, text) != NULL, "%s", b.x.error_text);
    target_bench_fini(&b);
}

static void what_breaks_a_stream_of_lines_is_named(void)
{
    becomes(LINES SAYS(" one"), EXCHANGE_TRUNCATED, "");
    becomes(LINES SAYS(" one") "{\"error\":\"out of memory\"}\n", EXCHANGE_STREAM_ERROR, "out of memory");
    becomes(LINES SAYS(" one") "nonsense\n", EXCHANGE_PROTOCOL, "line 2 is not a JSON object");
    becomes(LINES "[1]\n", EXCHANGE_PROTOCOL, "line 1");
    becomes(LINES LAST, EXCHANGE_EMPTY, "no token");
    becomes("HTTP/1.1 404 Not Found\r\nContent-Length: 36\r\n\r\n{\"error\":\"model 'tiny' not found\"}  ",
        EXCHANGE_HTTP_4XX, "model 'tiny' not found");
}

static void thinking_is_a_channel_of_its_own(void)
{
    static const struct canned_reply reply = {
        .text = LINES
        "{\"message\":{\"role\":\"assistant\",\"thinking\":\"hm\",\"content\":\"\"},\"done\":false}\n" SAYS(
            "yes") LAST,
        .end = CANNED_CLOSE};
    struct target_bench b;
    start(&b, "ollama", &reply, 1);
    target_ask(b.target, &chat, &b.x);
    ck_assert_str_eq(buf_text(&b.x.reasoning), "hm");
    ck_assert_str_eq(buf_text(&b.x.answer), "yes");
    ck_assert_int_lt(b.x.t_first_token_ns, b.x.t_first_answer_ns + 1);
    target_bench_fini(&b);
}

static void options_go_where_ollama_wants_them(void)
{
    static const struct canned_reply reply = {
        .text = JSON("{\"model\":\"tiny\",\"message\":{\"role\":\"assistant\","
                     "\"content\":\"{}\"},\"done\":true,\"done_reason\":"
                     "\"stop\",\"total_duration\":5,\"eval_count\":1}"),
        .end = CANNED_CLOSE};
    static const char *const stops[] = {"END", NULL};
    struct target_bench b;
    struct target_request r = chat;
    r.chat.stream = false;
    r.chat.stop = stops;
    r.chat.think = CHOICE_NO;
    r.chat.schema_json = "{\"type\":\"object\"}";
    r.chat.engine = (struct engine_options){.num_ctx = 2048,
        .num_batch = 256,
        .num_thread = 2,
        .num_gpu = -1,
        .keep_alive_ns = 90 * NS_PER_S,
        .more_json = "{\"mirostat\":1,\"num_ctx\":4096}"};
    start(&b, "ollama", &reply, 1);
    target_ask(b.target, &r, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert(!b.x.streamed);
    ck_assert_str_eq(target_bench_sent(&b, 0),
        "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello.\"}],"
        "\"stream\":false,\"think\":false,\"format\":{\"type\":\"object\"},\"options\":{"
        "\"num_predict\":3,\"seed\":1,\"temperature\":0.0,\"stop\":[\"END\"],\"num_ctx\":4096,"
        "\"num_batch\":256,\"num_thread\":2,\"num_gpu\":0,\"mirostat\":1},\"keep_alive\":\"90000ms\"}");
    target_bench_fini(&b);
}

static void ollamas_vectors_are_read(void)
{
    static const struct canned_reply reply = {
        .text = JSON("{\"model\":\"bert\",\"embeddings\":[[0.5,-1],[2,3]],\"total_duration\":126000000,"
                     "\"load_duration\":5000000,\"prompt_eval_count\":13}"),
        .end = CANNED_CLOSE};
    static const char *const texts[] = {"a", "b"};
    struct target_bench b;
    struct target_request r = {.task = TASK_EMBED,
        .embed = {.model = "bert", .inputs = texts, .input_count = 2, .truncate = CHOICE_NO}};
    start(&b, "ollama", &reply, 1);
    target_ask(b.target, &r, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_ptr_nonnull(strstr(target_bench_sent(&b, 0), "\"input\":[\"a\",\"b\"]"));
    ck_assert_ptr_nonnull(strstr(target_bench_sent(&b, 0), "\"truncate\":false"));
    ck_assert_uint_eq(b.x.vectors.count, 2);
    ck_assert_float_eq(b.x.vectors.values[1], -1.0F);
    ck_assert_int_eq(b.x.tokens.prompt, 13);
    target_bench_fini(&b);
}

#define PS(models) JSON("{\"models\":[" models "]}")
#define LOADED "{\"name\":\"tiny:latest\",\"model\":\"tiny:latest\",\"size\":89163776}"

static void a_model_is_loaded_once_and_gone_when_the_list_says_so(void)
{
    static const struct canned_reply replies[] = {
        {.text = PS(""), .end = CANNED_CLOSE},
        {.text = JSON("{\"model\":\"tiny\",\"response\":\"\",\"done\":true,\"done_reason\":\"load\"}"),
            .end = CANNED_CLOSE},
        {.text = PS(LOADED), .end = CANNED_CLOSE},
        {.text = JSON("{\"done\":true,\"done_reason\":\"unload\"}"), .end = CANNED_CLOSE},
        {.text = PS(LOADED), .end = CANNED_CLOSE},
        {.text = PS(""), .end = CANNED_CLOSE},
    };
    struct target_bench b;
    struct load_report report;
    struct error why = {0};
    start(&b, "ollama", replies, 6);
    ck_assert_msg(target_load(b.target, "tiny", NULL, &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(!report.was_loaded && report.t_end_ns > report.t_start_ns);
    ck_assert_str_eq(target_bench_sent(&b, 1), "{\"model\":\"tiny\",\"stream\":false,\"options\":{}}");
    ck_assert_msg(target_unload(b.target, "tiny", &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(report.was_loaded);
    ck_assert_str_eq(
        target_bench_sent(&b, 3), "{\"model\":\"tiny\",\"stream\":false,\"options\":{},\"keep_alive\":0}");
    ck_assert_uint_eq(canned_server_request_count(b.server), 6);
    target_bench_fini(&b);
}

static bool note(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg)
{
    struct buf *seen = arg;
    buf_printf(seen, "%s %d/%d;", what, (int)done_bytes, (int)total_bytes);
    return strcmp(what, "enough") != 0;
}

static enum status pull(const char *lines, struct buf *seen, struct error *why)
{
    struct canned_reply reply = {.text = lines, .end = CANNED_CLOSE};
    struct target_bench b;
    start(&b, "ollama", &reply, 1);
    enum status s = target_pull(b.target, "tiny", note, seen, why);
    ck_assert_str_eq(target_bench_sent(&b, 0), "{\"model\":\"tiny\",\"stream\":true}");
    target_bench_fini(&b);
    return s;
}

static void a_model_is_fetched_with_progress(void)
{
    struct buf seen = BUF_INIT(4096);
    struct error why = {0};
    ck_assert_int_eq(
        pull(LINES "{\"status\":\"pulling manifest\"}\n{\"status\":\"pulling abc\",\"digest\":\"sha256:abc\","
                   "\"total\":100,\"completed\":40}\n{\"status\":\"success\"}\n",
            &seen, &why),
        STATUS_OK);
    ck_assert_str_eq(buf_text(&seen), "pulling manifest 0/-1;pulling abc 40/100;success 0/-1;");
    ck_assert_int_eq(pull(LINES "{\"error\":\"pull model manifest: file does not exist\"}\n", &seen, &why),
        STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "file does not exist"));
    ck_assert_int_eq(pull(LINES "{\"status\":\"pulling manifest\"}\n", &seen, &why), STATUS_NOT_FOUND);
    ck_assert_int_eq(
        pull(LINES "{\"status\":\"enough\"}\n{\"status\":\"success\"}\n", &seen, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "stopped"));
    buf_fini(&seen);
}

static enum status create(const char *answer, struct error *why)
{
    struct canned_reply reply = {.text = answer, .end = CANNED_CLOSE};
    struct target_bench b;
    start(&b, "ollama", &reply, 1);
    enum status s = target_create(b.target, "tiny-8k", "tiny", "{\"num_ctx\":8192}", why);
    ck_assert_str_eq(target_bench_sent(&b, 0),
        "{\"model\":\"tiny-8k\",\"stream\":true,\"from\":\"tiny\",\"parameters\":{\"num_ctx\":8192}}");
    target_bench_fini(&b);
    return s;
}

static enum status delete (const char *answer, struct error *why) {
    struct canned_reply reply = {.text = answer, .end = CANNED_CLOSE}; struct target_bench b;
    start(&b, "ollama", &reply, 1);
    enum status s = target_delete(b.target, "tiny-8k", why);
    ck_assert_str_eq(target_bench_sent(&b, 0), "{\"model\":\"tiny-8k\",\"stream\":false}");
    target_bench_fini(&b);
    return s;
}

static void a_variant_is_made_and_deleted(void)
{
    struct error why = {0};
    ck_assert_int_eq(
        create(LINES "{\"status\":\"writing manifest\"}\n{\"status\":\"success\"}\n", &why), STATUS_OK);
    ck_assert_int_eq(create(LINES "{\"error\":\"no such parameter\"}\n", &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "cannot make tiny-8k of tiny"));
    ck_assert_int_eq(create("HTTP/1.1 404 Not Found\r\n\r\n404 page not found", &why), STATUS_UNAVAILABLE);
    ck_assert_int_eq(delete ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &why), STATUS_OK);
    ck_assert_int_eq(delete ("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n"
                             "{\"error\":\"model 'tiny-8k' not found\"}",
                         &why),
        STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "not found"));
}

/* ---- llama.cpp ---- */

#define PIECE(text, token)                                                                                   \
    "data: {\"index\":0,\"content\":\"" text "\",\"tokens\":[" token "],\"stop\":false}\n\n"

static void llamacpps_completion_says_the_tokens_of_each_event(void)
{
    static const struct canned_reply reply = {
        .text = STREAM PIECE(" a", "7")
            PIECE(" bc", "8,9") "data: {\"index\":0,\"content\":\"\",\"tokens\":[],\"stop\":true,"
                                "\"model\":\"m\",\"stop_type\":\"limit\",\"timings\":{\"cache_n\":2,"
                                "\"prompt_n\":3,\"prompt_ms\":6.5,\"predicted_n\":3,"
                                "\"predicted_ms\":20}}\n\n",
        .end = CANNED_CLOSE};
    static const int32_t tokens[] = {1, 2, 3, 4, 5};
    struct target_bench b;
    struct target_request r = {.task = TASK_COMPLETION,
        .completion = {.tokens = tokens,
            .token_count = 5,
            .max_tokens = 3,
            .temperature = 0,
            .seed = -1,
            .stream = true,
            .engine = {.cache_prompt = CHOICE_NO, .ignore_eos = CHOICE_YES}}};
    static const struct canned_reply both[] = {
        {.text = JSON("{\"build_info\":\"b1\"}"), .end = CANNED_CLOSE}, {.text = "", .end = CANNED_CLOSE}};
    struct canned_reply replies[2] = {both[0], reply};
    struct error why = {0};
    start(&b, "llamacpp", replies, 2);
    ck_assert_int_eq(target_probe(b.target, &why), STATUS_OK);
    target_ask(b.target, &r, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_str_eq(target_bench_sent(&b, 1),
        "{\"prompt\":[1,2,3,4,5],\"max_tokens\":3,\"temperature\":0.0,\"stream\":true,"
        "\"cache_prompt\":false,\"ignore_eos\":true,\"n_predict\":3,\"return_tokens\":true}");
    ck_assert_str_eq(buf_text(&b.x.answer), " a bc");
    ck_assert_int_eq(b.x.events[0].tokens, 1);
    ck_assert_int_eq(b.x.events[1].tokens, 2);
    ck_assert_str_eq(b.x.finish_reason, "length");
    ck_assert_int_eq(b.x.tokens.prompt, 5);
    ck_assert_int_eq(b.x.tokens.cached, 2);
    ck_assert_int_eq(b.x.tokens.completion, 3);
    ck_assert_double_eq_tol(b.x.native.decode_s, 0.02, 1e-9);
    target_bench_fini(&b);
}

static void tokens_are_counted_by_the_models_own_tokenizer(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON("{\"tokens\":[353,484,2]}"), .end = CANNED_CLOSE},
        {.text = JSON("{\"tokens\":[353,-1]}"), .end = CANNED_CLOSE},
        {.text = JSON("{}"), .end = CANNED_CLOSE}};
    struct target_bench b;
    struct token_list tokens;
    struct error why = {0};
    start(&b, "llamacpp", replies, 3);
    ck_assert_int_eq(target_tokenize(b.target, NULL, "The quick", 9, &tokens, &why), STATUS_OK);
    ck_assert_str_eq(target_bench_sent(&b, 0), "{\"content\":\"The quick\",\"add_special\":false}");
    ck_assert_uint_eq(tokens.count, 3);
    ck_assert_int_eq(tokens.items[1], 484);
    token_list_fini(&tokens);
    ck_assert_int_eq(target_tokenize(b.target, NULL, "x", 1, &tokens, &why), STATUS_INVALID);
    ck_assert_int_eq(target_tokenize(b.target, NULL, "x", 1, &tokens, &why), STATUS_INVALID);
    target_bench_fini(&b);
}

static void slots_say_how_busy_the_server_is(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON(
             "[{\"id\":0,\"n_ctx\":2048,\"is_processing\":true},{\"id\":1,\"n_ctx\":2048,\"is_processing\":"
             "false}]"),
            .end = CANNED_CLOSE},
        {.text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n# HELP x\nllamacpp:requests_processing "
                 "1\n"
                 "llamacpp:requests_deferred 4\n",
            .end = CANNED_CLOSE},
        {.text = JSON("{\"error\":{\"code\":501,\"message\":\"no slots\"}}"), .end = CANNED_CLOSE},
    };
    struct target_bench b;
    struct server_slots slots;
    struct error why = {0};
    start(&b, "llamacpp", replies, 3);
    ck_assert_int_eq(target_slots(b.target, NULL, &slots, &why), STATUS_OK);
    ck_assert_int_eq(slots.total, 2);
    ck_assert_int_eq(slots.busy, 1);
    ck_assert_int_eq(slots.waiting, 4);
    ck_assert_int_eq(slots.context, 2048);
    ck_assert_int_eq(target_slots(b.target, NULL, &slots, &why), STATUS_UNAVAILABLE);
    target_bench_fini(&b);
}

static void a_protocol_before_the_url_is_spoken_and_no_other(void)
{
    static const struct canned_reply reply = {
        .text = JSON("{\"data\":[{\"id\":\"tiny:latest\",\"owned_by\":\"library\"}]}"), .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct target *target = NULL;
    struct error why = {0};
    char url[128];
    snprintf(url, sizeof url, "openai+%s", canned_server_url(server));
    struct target_options options = {.url = url, .total_timeout_ns = 60 * NS_PER_S};
    ck_assert_msg(target_open(&options, &target, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(target_probe(target, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_str_eq(target_info(target)->protocol, "openai");
    ck_assert_str_eq(target_info(target)->server, "ollama");
    ck_assert_ptr_null(strchr(target_info(target)->endpoint, '+'));
    target_close(target);
    options.url = "gopher+http://127.0.0.1:1";
    ck_assert_int_eq(target_open(&options, &target, &why), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "unknown protocol \"gopher\""));
    canned_server_stop(server);
}

/* What it lists, what it says of itself, and its answers to a request for a vector and for a word. */
#define LISTED                                                                                               \
    JSON("{\"data\":[{\"id\":\"m\",\"owned_by\":\"llamacpp\",\"architecture\":{\"input_modalities\":["       \
         "\"text\"],"                                                                                        \
         "\"output_modalities\":[\"text\"]}}]}")
#define NO_VECTORS "HTTP/1.1 501 No\r\nContent-Length: 2\r\n\r\n{}"
#define NO_WORDS "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}"

static void llamacpp_is_asked_whether_its_model_makes_vectors(void)
{
    static const struct {
        struct canned_reply replies[4];
        unsigned modalities;
        size_t requests;
    } servers[] = {
        {{{.text = LISTED, .end = CANNED_CLOSE}, {.text = JSON("{}"), .end = CANNED_CLOSE},
             {.text = NO_VECTORS}},
            MODALITY_TEXT, 3},
        {{{.text = LISTED, .end = CANNED_CLOSE}, {.text = JSON("{}"), .end = CANNED_CLOSE},
             {.text = JSON("{}"), .end = CANNED_CLOSE}, {.text = NO_WORDS}},
            MODALITY_EMBEDDING, 4},
        {{{.text = LISTED, .end = CANNED_CLOSE}, {.text = JSON("{}"), .end = CANNED_CLOSE},
             {.text = JSON("{}"), .end = CANNED_CLOSE}, {.text = JSON("{}"), .end = CANNED_CLOSE}},
            MODALITY_TEXT | MODALITY_EMBEDDING, 4},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct target_bench b;
        struct model_list models;
        start(&b, "llamacpp", servers[i].replies, servers[i].requests);
        ck_assert_int_eq(target_list_models(b.target, &models, NULL), STATUS_OK);
        ck_assert_uint_eq(models.count, 1);
        ck_assert_uint_eq(models.items[0].modalities, servers[i].modalities);
        ck_assert_uint_eq(canned_server_request_count(b.server), servers[i].requests);
        model_list_fini(&models);
        target_bench_fini(&b);
    }
}

static void the_slots_of_a_model_are_asked_for_by_its_name(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON("[{\"is_processing\":true,\"n_ctx\":64},{}]"), .end = CANNED_CLOSE},
        {.text = JSON("llamacpp:requests_deferred 3\n"), .end = CANNED_CLOSE},
    };
    struct target_bench b;
    struct server_slots slots = {0};
    start(&b, "llamacpp", replies, 2);
    ck_assert_int_eq(target_slots(b.target, "a b/\xc3\xa4:1", &slots, NULL), STATUS_OK);
    ck_assert_int_eq(slots.total, 2);
    ck_assert_int_eq(slots.busy, 1);
    ck_assert_int_eq(slots.waiting, 3);
    ck_assert_ptr_nonnull(strstr(canned_server_request(b.server, 0), "GET /slots?model=a%20b%2F%C3%A4%3A1 "));
    ck_assert_ptr_nonnull(
        strstr(canned_server_request(b.server, 1), "GET /metrics?model=a%20b%2F%C3%A4%3A1 "));
    target_bench_fini(&b);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_stream_of_lines_has_text_counts_and_durations),
        TESTKIT_TEST(what_breaks_a_stream_of_lines_is_named),
        TESTKIT_TEST(thinking_is_a_channel_of_its_own),
        TESTKIT_TEST(options_go_where_ollama_wants_them),
        TESTKIT_TEST(ollamas_vectors_are_read),
        TESTKIT_TEST(a_model_is_loaded_once_and_gone_when_the_list_says_so),
        TESTKIT_TEST(a_model_is_fetched_with_progress),
        TESTKIT_TEST(a_variant_is_made_and_deleted),
        TESTKIT_TEST(llamacpps_completion_says_the_tokens_of_each_event),
        TESTKIT_TEST(tokens_are_counted_by_the_models_own_tokenizer),
        TESTKIT_TEST(a_protocol_before_the_url_is_spoken_and_no_other),
        TESTKIT_TEST(slots_say_how_busy_the_server_is),
        TESTKIT_TEST(llamacpp_is_asked_whether_its_model_makes_vectors),
        TESTKIT_TEST(the_slots_of_a_model_are_asked_for_by_its_name),
        {0},
    };
    return testkit_run("native", tests);
}
