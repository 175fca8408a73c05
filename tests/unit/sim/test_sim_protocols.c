/* The simulated server's other protocols through raw sockets: what they say, and that it is true. */
#include "sim_host.h"

#include "base64.h"
#include "json.h"
#include "sim_embed.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct sim_host host;

static void start(void)
{
    sim_host_start(&host, &(struct sim_options){.seed = 1});
}

/* One request on a connection of its own; returns where the body begins. */
static const char *ask(const char *method, const char *path, const char *body, struct buf *raw)
{
    char head[512];
    int fd = sim_host_connect(&host);
    snprintf(head, sizeof head,
        "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", method, path,
        strlen(body));
    buf_clear(raw);
    sim_host_send(fd, head);
    sim_host_send(fd, body);
    sim_host_read_all(fd, raw);
    const char *end = strstr(buf_text(raw), "\r\n\r\n");
    ck_assert_ptr_nonnull(end);
    return end + 4;
}

/* The body of an unstreamed answer as a tree, to be put. */
static struct json_object *ask_json(const char *method, const char *path, const char *body)
{
    struct buf raw = BUF_INIT(16 << 20);
    struct json_object *tree = NULL;
    struct error why = {0};
    const char *answer = ask(method, path, body, &raw);
    ck_assert_msg(json_parse(answer, strlen(answer), &tree, &why) == STATUS_OK, "%s %s: %s: %s", method, path,
        error_text(&why), buf_text(&raw));
    buf_fini(&raw);
    return tree;
}

static int64_t number(const struct json_object *tree, const char *pointer)
{
    int64_t value = -1;
    ck_assert_msg(json_get_int(tree, pointer, &value), "%s is no integer", pointer);
    return value;
}

static double real(const struct json_object *tree, const char *pointer)
{
    double value = -1;
    ck_assert_msg(json_get_real(tree, pointer, &value), "%s is no number", pointer);
    return value;
}

static void expect_text(const struct json_object *tree, const char *pointer, const char *text)
{
    const char *said = json_get_text(tree, pointer);
    ck_assert_msg(said != NULL, "%s is no text", pointer);
    ck_assert_str_eq(said, text);
}

static void a_completion_counts_words_or_tokens_of_its_prompt(void)
{
    start();
    struct json_object *a = ask_json("POST", "/v1/completions",
        "{\"model\":\"sim-instant\",\"prompt\":\"one two three\",\"max_tokens\":5}");
    struct json_object *b = ask_json(
        "POST", "/v1/completions", "{\"model\":\"sim-instant\",\"prompt\":[7,8,9,10],\"max_tokens\":5}");
    expect_text(a, "/object", "text_completion");
    expect_text(a, "/choices/0/finish_reason", "length");
    ck_assert_int_eq(number(a, "/usage/prompt_tokens"), 3);
    ck_assert_int_eq(number(a, "/usage/completion_tokens"), 5);
    ck_assert_int_eq(number(b, "/usage/prompt_tokens"), 4);
    expect_text(b, "/choices/0/text", json_get_text(a, "/choices/0/text"));
    json_object_put(a);
    json_object_put(b);
    sim_host_stop(&host);
}

static void a_streamed_completion_says_text_and_usage(void)
{
    struct buf raw = BUF_INIT(1 << 20);
    start();
    ask("POST", "/v1/completions",
        "{\"model\":\"sim-instant\",\"prompt\":\"x\",\"max_tokens\":3,\"stream\":true,\"stream_options\":"
        "{\"include_usage\":true}}",
        &raw);
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "\"logprobs\":null,\"text\":\""));
    ck_assert_ptr_null(strstr(buf_text(&raw), "\"delta\""));
    ck_assert_ptr_nonnull(
        strstr(buf_text(&raw), "\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":3"));
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "data: [DONE]"));
    buf_fini(&raw);
    sim_host_stop(&host);
}

static void vectors_have_unit_length_and_depend_on_the_text_alone(void)
{
    start();
    struct json_object *many =
        ask_json("POST", "/v1/embeddings", "{\"model\":\"sim-embed\",\"input\":[\"b c\",\"a\",\"b c\"]}");
    struct json_object *one = ask_json("POST", "/v1/embeddings", "{\"model\":\"sim-embed\",\"input\":\"a\"}");
    double square = 0;
    ck_assert_int_eq((int)json_object_array_length(json_get_array(many, "/data/1/embedding")), 384);
    for (size_t i = 0; i < 384; i++) {
        char place[64];
        snprintf(place, sizeof place, "/data/1/embedding/%zu", i);
        square += real(many, place) * real(many, place);
    }
    ck_assert_double_eq_tol(square, 1, 1e-5);
    ck_assert(json_deep_equal(json_get(many, "/data/1/embedding"), json_get(one, "/data/0/embedding")));
    ck_assert(json_deep_equal(json_get(many, "/data/0/embedding"), json_get(many, "/data/2/embedding")));
    ck_assert(!json_deep_equal(json_get(many, "/data/0/embedding"), json_get(many, "/data/1/embedding")));
    ck_assert_int_eq(number(many, "/data/2/index"), 2);
    ck_assert_int_eq(number(many, "/usage/prompt_tokens"), 5);
    json_object_put(many);
    json_object_put(one);
    sim_host_stop(&host);
}

static void base64_holds_the_same_numbers(void)
{
    float vector[8];
    struct buf bytes = BUF_INIT(4096);
    start();
    struct json_object *tree = ask_json("POST", "/v1/embeddings",
        "{\"model\":\"sim-embed\",\"input\":\"hello\",\"dimensions\":8,\"encoding_format\":\"base64\"}");
    const char *text = json_get_text(tree, "/data/0/embedding");
    ck_assert_ptr_nonnull(text);
    ck_assert(base64_decode(&bytes, text, strlen(text)));
    sim_embed_vector("hello", 5, vector, 8);
    ck_assert_uint_eq(bytes.len, sizeof vector);
    for (size_t i = 0; i < 8; i++) {
        const unsigned char *at = (const unsigned char *)bytes.data + 4 * i;
        uint32_t bits =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        ck_assert(value == vector[i]);
    }
    buf_fini(&bytes);
    json_object_put(tree);
    sim_host_stop(&host);
}

#define WORDS16 "a a a a a a a a a a a a a a a a"

static void an_over_long_input_is_refused_or_cut(void)
{
    struct buf raw = BUF_INIT(1 << 20), body = BUF_INIT(1 << 20);
    start();
    buf_append_text(&body, "{\"model\":\"sim-embed\",\"input\":\"");
    for (int i = 0; i < 513; i++)
        buf_append_text(&body, "w ");
    buf_append_text(&body, "\"}");
    ask("POST", "/v1/embeddings", buf_text(&body), &raw);
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "HTTP/1.1 400"));
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "513 tokens is longer than the context of 512"));
    struct json_object *cut = ask_json("POST", "/v1/embeddings",
        "{\"model\":\"sim-embed-cut\",\"input\":[\"" WORDS16 "\",\"" WORDS16 " b\"]}");
    ck_assert_int_eq(number(cut, "/usage/prompt_tokens"), 32);
    ck_assert(json_deep_equal(json_get(cut, "/data/0/embedding"), json_get(cut, "/data/1/embedding")));
    json_object_put(cut);
    buf_fini(&raw);
    buf_fini(&body);
    sim_host_stop(&host);
}

static void documents_are_ranked_by_the_words_they_share(void)
{
    start();
    struct json_object *tree = ask_json("POST", "/rerank",
        "{\"model\":\"sim-embed\",\"query\":\"red fox\",\"documents\":[\"a dog\",\"the red fox\",\"a foxy "
        "red "
        "hen\"],\"top_n\":2}");
    ck_assert_int_eq((int)json_object_array_length(json_get_array(tree, "/results")), 2);
    ck_assert_int_eq(number(tree, "/results/0/index"), 1);
    ck_assert(real(tree, "/results/0/relevance_score") == 1);
    ck_assert_int_eq(number(tree, "/results/1/index"), 2);
    ck_assert(real(tree, "/results/1/relevance_score") == 0.5);
    json_object_put(tree);
    sim_host_stop(&host);
}

static void ollama_streams_lines_and_states_its_true_durations(void)
{
    struct buf raw = BUF_INIT(1 << 20);
    start();
    ask("POST", "/api/generate",
        "{\"model\":\"sim-steady\",\"prompt\":\"a b\",\"options\":{\"num_predict\":5}}", &raw);
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "Content-Type: application/x-ndjson"));
    ck_assert_ptr_null(strstr(buf_text(&raw), "data:"));
    ck_assert_ptr_nonnull(strstr(buf_text(&raw), "\"done\":false}\n"));
    const char *end = strstr(buf_text(&raw), "\"done_reason\":\"length\"");
    ck_assert_ptr_nonnull(end);
    ck_assert_ptr_nonnull(
        strstr(end, "\"total_duration\":90000000,\"load_duration\":0,\"prompt_eval_count\":2,"
                    "\"prompt_eval_duration\":50000000,\"eval_count\":5,\"eval_duration\":"
                    "40000000}\n"));
    struct json_object *whole = ask_json("POST", "/api/chat",
        "{\"model\":\"sim-steady\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":false,"
        "\"options\":{\"num_predict\":5}}");
    ck_assert_int_eq(number(whole, "/eval_count"), 5);
    ck_assert_int_eq(number(whole, "/eval_duration"), 40000000);
    ck_assert_int_eq(number(whole, "/prompt_eval_count"), 4);
    expect_text(whole, "/message/role", "assistant");
    json_object_put(whole);
    buf_fini(&raw);
    sim_host_stop(&host);
}

static size_t loaded(void)
{
    struct json_object *tree = ask_json("GET", "/api/ps", "");
    size_t count = json_object_array_length(json_get_array(tree, "/models"));
    json_object_put(tree);
    return count;
}

static void ollama_loads_with_its_time_and_unloads(void)
{
    start();
    ck_assert_uint_eq(loaded(), 0);
    struct json_object *cold =
        ask_json("POST", "/api/generate", "{\"model\":\"sim-load\",\"prompt\":\"x\",\"stream\":false}");
    struct json_object *warm =
        ask_json("POST", "/api/generate", "{\"model\":\"sim-load\",\"prompt\":\"x\",\"stream\":false}");
    ck_assert_int_eq(number(cold, "/load_duration"), 300000000);
    ck_assert_int_eq(number(warm, "/load_duration"), 0);
    ck_assert_int_eq(number(cold, "/total_duration") - number(warm, "/total_duration"), 300000000);
    ck_assert_int_eq(number(cold, "/prompt_eval_duration"), 50000000);
    ck_assert_uint_eq(loaded(), 1);
    struct json_object *gone = ask_json("POST", "/api/generate", "{\"model\":\"sim-load\",\"keep_alive\":0}");
    expect_text(gone, "/done_reason", "unload");
    ck_assert_uint_eq(loaded(), 0);
    struct json_object *loads =
        ask_json("POST", "/api/generate", "{\"model\":\"sim-load\",\"keep_alive\":\"5m\"}");
    expect_text(loads, "/done_reason", "load");
    ck_assert_uint_eq(loaded(), 1);
    json_object_put(cold);
    json_object_put(warm);
    json_object_put(gone);
    json_object_put(loads);
    sim_host_stop(&host);
}

static void ollama_refuses_in_its_own_words(void)
{
    struct buf raw = BUF_INIT(1 << 20);
    start();
    struct json_object *tree = ask_json("POST", "/api/generate", "{\"model\":\"nothing\",\"prompt\":\"x\"}");
    expect_text(tree, "/error", "the model \"nothing\" does not exist");
    json_object_put(tree);
    buf_fini(&raw);
    sim_host_stop(&host);
}

static void llamacpp_states_timings_and_keeps_to_ignore_eos(void)
{
    start();
    struct json_object *tree =
        ask_json("POST", "/completion", "{\"prompt\":[1,2,3],\"n_predict\":60,\"ignore_eos\":true}");
    ck_assert_int_eq(number(tree, "/tokens_predicted"), 60);
    ck_assert_int_eq(number(tree, "/tokens_evaluated"), 3);
    expect_text(tree, "/stop_type", "limit");
    ck_assert(real(tree, "/timings/prompt_ms") == 50);
    ck_assert(real(tree, "/timings/predicted_ms") == 590);
    json_object_put(tree);
    tree = ask_json("POST", "/v1/chat/completions",
        "{\"model\":\"sim-timings-wrong\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_"
        "tokens\":11}");
    ck_assert(real(tree, "/timings/predicted_ms") == 50);
    json_object_put(tree);
    sim_host_stop(&host);
}

static void the_tokenizer_agrees_with_the_counts(void)
{
    start();
    struct json_object *tree = ask_json("POST", "/tokenize", "{\"content\":\"  one t42\\ntwo \"}");
    struct json_object *count = ask_json("POST", "/v1/completions",
        "{\"model\":\"sim-instant\",\"prompt\":\"  one t42\\ntwo \",\"max_tokens\":1}");
    struct json_object *back = ask_json("POST", "/detokenize", "{\"tokens\":[42,1000001]}");
    ck_assert_int_eq((int)json_object_array_length(json_get_array(tree, "/tokens")), 3);
    ck_assert_int_eq(number(count, "/usage/prompt_tokens"), 3);
    ck_assert_int_eq(number(tree, "/tokens/1"), 42);
    expect_text(back, "/content", "t42 t1000001");
    json_object_put(tree);
    json_object_put(count);
    json_object_put(back);
    sim_host_stop(&host);
}

static void what_is_no_request_is_refused_everywhere(void)
{
    static const char *const paths[] = {"/v1/completions", "/v1/embeddings", "/v1/rerank", "/completion",
        "/tokenize", "/detokenize", "/apply-template", "/embedding", "/api/generate", "/api/chat",
        "/api/embed", "/api/embeddings", "/api/show"};
    static const char *const bodies[] = {"", "[]", "{", "{\"model\":7}",
        "{\"model\":\"sim-instant\",\"prompt\":{},"
        "\"input\":7,\"messages\":[7],\"content\":7,\"tokens\":\"x\",\"options\":7,\"documents\":[{}],"
        "\"query\":\"q\"}"};
    struct buf raw = BUF_INIT(1 << 20);
    start();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t j = 0; j < sizeof bodies / sizeof *bodies; j++) {
            if (j == 4 && strcmp(paths[i], "/api/show") == 0)
                continue;
            ask("POST", paths[i], bodies[j], &raw);
            ck_assert_msg(strncmp(buf_text(&raw), "HTTP/1.1 4", 10) == 0, "%s %s: %s", paths[i], bodies[j],
                buf_text(&raw));
        }
    buf_fini(&raw);
    sim_host_stop(&host);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_completion_counts_words_or_tokens_of_its_prompt),
        TESTKIT_TEST(a_streamed_completion_says_text_and_usage),
        TESTKIT_TEST(vectors_have_unit_length_and_depend_on_the_text_alone),
        TESTKIT_TEST(base64_holds_the_same_numbers),
        TESTKIT_TEST(an_over_long_input_is_refused_or_cut),
        TESTKIT_TEST(documents_are_ranked_by_the_words_they_share),
        TESTKIT_TEST(ollama_streams_lines_and_states_its_true_durations),
        TESTKIT_TEST(ollama_loads_with_its_time_and_unloads),
        TESTKIT_TEST(ollama_refuses_in_its_own_words),
        TESTKIT_TEST(llamacpp_states_timings_and_keeps_to_ignore_eos),
        TESTKIT_TEST(the_tokenizer_agrees_with_the_counts),
        TESTKIT_TEST(what_is_no_request_is_refused_everywhere),
        {0},
    };
    return testkit_run("sim_protocols", tests);
}
