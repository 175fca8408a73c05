/* LM Studio's own protocol on answers as its documentation gives them, and on the simulator. */
#include "target_bench.h"

#include "clock.h"
#include "cross_check.h"
#include "sim.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define JSON(body)                                                                                           \
    {                                                                                                        \
        .text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" body, .end = CANNED_CLOSE        \
    }
#define UNKNOWN JSON("{\"error\":\"Unexpected endpoint or method. (GET /api/v1/models)\"}")

#define OLD_ENTRY(state)                                                                                     \
    "{\"id\":\"granite\",\"object\":\"model\",\"type\":\"vlm\",\"publisher\":\"ibm\",\"arch\":\"granite\","  \
    "\"compatibility_type\":\"mlx\",\"quantization\":\"4bit\",\"state\":\"" state                            \
    "\",\"max_context_length\":32768,\"capabilities\":[\"tool_use\"]}"
#define OLD(state) JSON("{\"object\":\"list\",\"data\":[" OLD_ENTRY(state) "]}")
#define NEW(instances)                                                                                       \
    JSON("{\"models\":[{\"type\":\"llm\",\"key\":\"granite\",\"architecture\":\"granite\","                  \
         "\"quantization\":{\"name\":\"4bit\",\"bits_per_weight\":4},\"size_bytes\":17990911801,"            \
         "\"params_string\":\"26B-A4B\",\"loaded_instances\":[" instances                                    \
         "],\"max_context_length\":32768,\"format\":\"mlx\",\"capabilities\":{\"vision\":true,"              \
         "\"trained_for_tool_use\":true}},{\"type\":\"embedding\",\"key\":\"nomic\",\"params_string\":"      \
         "null,\"loaded_instances\":[],\"max_context_length\":2048,\"format\":\"gguf\"}]}")
#define INSTANCE "{\"id\":\"granite:2\",\"config\":{\"context_length\":4096}}"

/* The first two replies are those to the probe. */
static void start(struct target_bench *b, const struct canned_reply *replies, size_t count)
{
    struct error why = {0};
    target_bench_init(b, replies, count, (struct target_options){.protocol = "lmstudio"});
    ck_assert_msg(target_probe(b->target, &why) == STATUS_OK, "%s", error_text(&why));
}

static bool asked(struct target_bench *b, size_t i, const char *line)
{
    const char *request = canned_server_request(b->server, i);
    return strncmp(request, line, strlen(line)) == 0;
}

/* ---- models ---- */

static void both_lists_together_say_all_there_is(void)
{
    static const struct canned_reply replies[] = {OLD("loaded"), NEW(INSTANCE), OLD("loaded"), NEW(INSTANCE)};
    struct target_bench b;
    struct model_list models;
    start(&b, replies, 4);
    ck_assert_str_eq(target_info(b.target)->server, "lmstudio");
    ck_assert_int_eq(target_list_models(b.target, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 1);
    const struct model_info *m = &models.items[0];
    ck_assert_str_eq(m->id, "granite");
    ck_assert_str_eq(m->family, "granite");
    ck_assert_str_eq(m->format, "mlx");
    ck_assert_str_eq(m->quantization, "4bit");
    ck_assert_int_eq(m->context_length, 32768);
    ck_assert_int_eq(m->loaded_context, 4096);
    ck_assert_int_eq(m->size_bytes, 17990911801);
    ck_assert_int_eq(m->parameters, 26000000000);
    ck_assert_int_eq(m->state, MODEL_LOADED);
    ck_assert_uint_eq(m->modalities, MODALITY_TEXT | MODALITY_VISION | MODALITY_TOOLS);
    model_list_fini(&models);
    target_bench_fini(&b);
}

/* It answers 200 to what it does not know. */
static void either_list_alone_will_do(void)
{
    static const struct canned_reply older[] = {OLD("not-loaded"), UNKNOWN, OLD("not-loaded")};
    static const struct canned_reply newer[] = {UNKNOWN, NEW(""), UNKNOWN, NEW("")};
    struct target_bench b;
    struct model_list models;
    start(&b, older, 3);
    ck_assert_int_eq(target_list_models(b.target, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 1);
    ck_assert_int_eq(models.items[0].state, MODEL_NOT_LOADED);
    ck_assert_uint_eq(models.items[0].modalities, MODALITY_TEXT | MODALITY_VISION | MODALITY_TOOLS);
    model_list_fini(&models);
    target_bench_fini(&b);
    start(&b, newer, 4);
    ck_assert_int_eq(target_list_models(b.target, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 2);
    ck_assert_int_eq(models.items[0].parameters, 26000000000);
    ck_assert_uint_eq(models.items[1].modalities, MODALITY_EMBEDDING);
    model_list_fini(&models);
    target_bench_fini(&b);
}

static void what_answers_200_to_anything_is_no_lm_studio(void)
{
    static const struct canned_reply replies[] = {UNKNOWN};
    struct canned_server *server = canned_server_start(replies, 1);
    struct target_options options = {.url = canned_server_url(server), .protocol = "lmstudio"};
    struct target *target = NULL;
    struct error why = {0};
    ck_assert_int_eq(target_open(&options, &target, &why), STATUS_OK);
    ck_assert_int_eq(target_probe(target, &why), STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(why.text, "no list of models as LM Studio gives it"));
    target_close(target);
    canned_server_stop(server);
}

/* ---- figures ---- */

#define STATS                                                                                                \
    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":9,\"total_tokens\":14},\"stats\":{"                \
    "\"tokens_per_second\":57.69230769230769,\"time_to_first_token\":0.299,\"generation_time\":0.156,"       \
    "\"stop_reason\":\"maxPredictedTokensReached\"},\"model_info\":{\"arch\":\"granite\"}"

static void an_answer_brings_the_servers_own_figures(void)
{
    static const struct canned_reply replies[] = {OLD("loaded"), UNKNOWN,
        JSON("{\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\" to find\","
             "\"finish_reason\":\"length\"}]," STATS "}")};
    static const struct target_request request = {.task = TASK_COMPLETION,
        .completion = {
            .model = "granite", .prompt = "the meaning", .max_tokens = 9, .temperature = 0, .seed = -1}};
    struct target_bench b;
    start(&b, replies, 3);
    target_ask(b.target, &request, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert(asked(&b, 2, "POST /api/v0/completions HTTP/1.1\r\n"));
    ck_assert_str_eq(b.x.native.source, "lmstudio_stats");
    ck_assert_double_eq_tol(b.x.native.ttft_s, 0.299, 1e-9);
    ck_assert_double_eq_tol(b.x.native.decode_s, 0.156, 1e-9);
    ck_assert_double_eq_tol(b.x.native.decode_per_s, 57.69230769, 1e-6);
    ck_assert_int_eq(b.x.tokens.source, TOKENS_SERVER_USAGE);
    ck_assert_int_eq(b.x.tokens.completion, 9);
    ck_assert_int_eq(b.x.tokens.agrees, -1); /* stats count no tokens */
    target_bench_fini(&b);
}

/* What /v1 of LM Studio has there is an empty object; numbers that are none are left out. */
static void figures_that_are_none_say_nothing(void)
{
    static const char *const empty[] = {
        "{}", "{\"tokens_per_second\":-1}", "[1]", "{\"generation_time\":\"3\"}"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        char reply[512];
        struct target_bench b;
        snprintf(reply, sizeof reply,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"choices\":[{\"index\":0,\"message\":"
            "{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"stats\":%s}",
            empty[i]);
        const struct canned_reply replies[] = {OLD("loaded"), UNKNOWN, {.text = reply, .end = CANNED_CLOSE}};
        struct chat_message hello = {.role = "user", .content = "Hello."};
        struct chat_request request = {.messages = &hello, .message_count = 1, .temperature = 0, .seed = -1};
        start(&b, replies, 3);
        target_chat(b.target, &request, &b.x);
        ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
        ck_assert_msg(b.x.native.source == NULL, "%s", empty[i]);
        target_bench_fini(&b);
    }
}

/* ---- life of a model ---- */

static void a_model_is_loaded_and_unloaded_by_its_instance(void)
{
    static const struct canned_reply replies[] = {OLD("not-loaded"), NEW(""), NEW(""),
        JSON("{\"type\":\"llm\",\"instance_id\":\"granite:2\",\"load_time_seconds\":9.099,\"status\":"
             "\"loaded\"}"),
        NEW(INSTANCE), JSON("{\"instance_id\":\"granite:2\"}")};
    static const struct engine_options options = {.num_ctx = 16384, .num_batch = 256};
    struct target_bench b;
    struct load_report report;
    struct error why = {0};
    start(&b, replies, 6);
    ck_assert_msg(
        target_load(b.target, "granite", &options, &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(!report.was_loaded);
    ck_assert_double_eq_tol(report.server_s, 9.099, 1e-9);
    ck_assert(asked(&b, 3, "POST /api/v1/models/load HTTP/1.1\r\n"));
    ck_assert_str_eq(
        target_bench_sent(&b, 3), "{\"model\":\"granite\",\"context_length\":16384,\"eval_batch_size\":256}");
    ck_assert_msg(target_unload(b.target, "granite", &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(report.was_loaded);
    ck_assert_str_eq(target_bench_sent(&b, 5), "{\"instance_id\":\"granite:2\"}");
    target_bench_fini(&b);
}

static void a_model_is_loaded_by_a_request_where_nothing_else_can(void)
{
    static const struct canned_reply older[] = {
        OLD("not-loaded"), UNKNOWN, OLD("not-loaded"), JSON("{\"object\":\"text_completion\"}")};
    static const struct canned_reply staying[] = {OLD("not-loaded"), NEW(""), NEW(""),
        JSON("{\"error\":\"it makes vectors\"}"), JSON("{\"object\":\"list\"}")};
    static const struct engine_options short_stay = {.keep_alive_ns = 1500 * NS_PER_MS};
    struct target_bench b;
    struct load_report report;
    start(&b, older, 4);
    ck_assert_int_eq(target_load(b.target, "granite", NULL, &report, NULL), STATUS_OK);
    ck_assert_str_eq(target_bench_sent(&b, 3), "{\"model\":\"granite\",\"prompt\":\".\",\"max_tokens\":1}");
    target_bench_fini(&b);
    start(&b, staying, 5);
    ck_assert_int_eq(target_load(b.target, "nomic", &short_stay, &report, NULL), STATUS_OK);
    ck_assert_str_eq(
        target_bench_sent(&b, 4), "{\"model\":\"nomic\",\"input\":\".\",\"max_tokens\":1,\"ttl\":2}");
    target_bench_fini(&b);
}

static void a_refusal_to_load_says_what_kind_it_is(void)
{
    static const struct {
        struct canned_reply reply;
        enum status status;
        const char *text;
    } refusals[] = {
        {JSON("{\"error\":\"Unexpected endpoint or method. (POST /api/v1/models/load)\"}"),
            STATUS_UNAVAILABLE, "Unexpected endpoint"},
        {{.text = "HTTP/1.1 404 Not Found\r\nContent-Length: 62\r\n\r\n"
                  "{\"error\":{\"type\":\"model_not_found\",\"message\":\"no such model\"}}",
             .end = CANNED_CLOSE},
            STATUS_NOT_FOUND, "no such model"},
        {JSON("{\"error\":{\"type\":\"internal_error\",\"message\":\"not enough memory\\u0007\"}}"),
            STATUS_INTERNAL, "not enough memory"},
        {JSON("{\"status\":\"loaded\"}"), STATUS_INTERNAL, "does not say that it did"},
        {JSON("nonsense"), STATUS_INVALID, ""},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct canned_reply replies[] = {OLD("not-loaded"), NEW(""), NEW(""), refusals[i].reply};
        struct target_bench b;
        struct load_report report;
        struct error why = {0};
        start(&b, replies, 4);
        enum status s = target_load(b.target, "granite", NULL, &report, &why);
        ck_assert_msg(s == refusals[i].status, "%zu: %s", i, error_text(&why));
        ck_assert_msg(strstr(why.text, refusals[i].text) && !strchr(why.text, 7), "%s", why.text);
        target_bench_fini(&b);
    }
}

static bool note(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg)
{
    buf_printf(arg, "%s %d/%d;", what, (int)done_bytes, (int)total_bytes);
    return true;
}

static enum status pull(const struct canned_reply *first, const struct canned_reply *then, struct buf *seen)
{
    const struct canned_reply replies[] = {OLD("loaded"), NEW(""), *first, *then};
    struct target_bench b;
    struct error why = {0};
    buf_clear(seen);
    start(&b, replies, 4);
    enum status s = target_pull(b.target, "ibm/granite", note, seen, &why);
    ck_assert(asked(&b, 2, "POST /api/v1/models/download HTTP/1.1\r\n"));
    ck_assert_str_eq(target_bench_sent(&b, 2), "{\"model\":\"ibm/granite\"}");
    target_bench_fini(&b);
    return s;
}

static void a_model_is_fetched_as_a_job_that_is_asked_after(void)
{
    static const struct canned_reply
        begun = JSON("{\"job_id\":\"job_493c\",\"status\":\"downloading\",\"total_size_bytes\":100}"),
        there = JSON("{\"status\":\"already_downloaded\"}"),
        evil = JSON("{\"job_id\":\"../../x?\",\"status\":\"downloading\"}"),
        done = JSON("{\"job_id\":\"job_493c\",\"status\":\"completed\",\"total_size_bytes\":100,"
                    "\"downloaded_bytes\":100}"),
        failed = JSON("{\"job_id\":\"job_493c\",\"status\":\"failed\"}");
    struct buf seen = BUF_INIT(4096);
    ck_assert_int_eq(pull(&begun, &done, &seen), STATUS_OK);
    ck_assert_str_eq(buf_text(&seen), "downloading 0/100;completed 100/100;");
    ck_assert_int_eq(pull(&there, &done, &seen), STATUS_OK);
    ck_assert_int_eq(pull(&begun, &failed, &seen), STATUS_UNAVAILABLE);
    ck_assert_int_eq(pull(&evil, &done, &seen), STATUS_INVALID);
    buf_fini(&seen);
}

/* ---- the simulator ---- */

struct sim_bench {
    struct sim_process sim;
    struct target *target;
    struct exchange x;
};

static void sim_start(struct sim_bench *b)
{
    struct error why = {0};
    ck_assert_int_eq(sim_spawn(&(struct sim_options){.seed = 1}, &b->sim, &why), STATUS_OK);
    struct target_options o = {.url = b->sim.url, .protocol = "lmstudio"};
    ck_assert_int_eq(target_open(&o, &b->target, &why), STATUS_OK);
    ck_assert_msg(target_probe(b->target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&b->x);
}

static void sim_end(struct sim_bench *b)
{
    target_close(b->target);
    exchange_fini(&b->x);
    sim_stop(&b->sim);
}

static enum model_state state_of(struct sim_bench *b, const char *model)
{
    struct model_list models;
    enum model_state state = MODEL_STATE_UNKNOWN;
    ck_assert_int_eq(target_list_models(b->target, &models, NULL), STATUS_OK);
    for (size_t i = 0; i < models.count; i++)
        if (strcmp(models.items[i].id, model) == 0)
            state = models.items[i].state;
    model_list_fini(&models);
    return state;
}

static void the_simulator_keeps_states_and_times_as_lm_studio_does(void)
{
    struct sim_bench b;
    struct load_report report;
    struct chat_message hello = {.role = "user", .content = "Hello."};
    struct chat_request request = {.model = "sim-load",
        .messages = &hello,
        .message_count = 1,
        .max_tokens = 8,
        .temperature = 0,
        .seed = -1};
    sim_start(&b);
    ck_assert(target_info(b.target)->simulated);
    ck_assert_int_eq(state_of(&b, "sim-load"), MODEL_NOT_LOADED);
    ck_assert_int_eq(target_load(b.target, "sim-load", NULL, &report, NULL), STATUS_OK);
    double waited_s = (double)(report.t_end_ns - report.t_start_ns) / 1e9;
    ck_assert_msg(report.server_s > 0 && waited_s >= report.server_s, "%f %f", report.server_s, waited_s);
    ck_assert_int_eq(state_of(&b, "sim-load"), MODEL_LOADED);
    target_chat(b.target, &request, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    double latency_s = (double)(b.x.t_done_ns - b.x.t_sent_ns) / 1e9;
    ck_assert_str_eq(b.x.native.source, "lmstudio_stats");
    ck_assert(b.x.native.ttft_s > 0 && b.x.native.ttft_s + b.x.native.decode_s <= latency_s);
    ck_assert_double_eq_tol(b.x.native.decode_per_s * b.x.native.decode_s, 8, 1e-6);
    ck_assert_int_eq(target_unload(b.target, "sim-load", &report, NULL), STATUS_OK);
    ck_assert_int_eq(state_of(&b, "sim-load"), MODEL_NOT_LOADED);
    sim_end(&b);
}

static void the_simulator_fetches_a_model(void)
{
    struct sim_bench b;
    struct buf seen = BUF_INIT(4096);
    sim_start(&b);
    ck_assert_int_eq(target_pull(b.target, "ibm/granite", note, &seen, NULL), STATUS_OK);
    ck_assert_ptr_nonnull(strstr(buf_text(&seen), "completed 2000000/2000000;"));
    ck_assert_int_eq(target_pull(b.target, "sim-fast", NULL, NULL, NULL), STATUS_OK);
    buf_fini(&seen);
    sim_end(&b);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(both_lists_together_say_all_there_is),
        TESTKIT_TEST(either_list_alone_will_do),
        TESTKIT_TEST(what_answers_200_to_anything_is_no_lm_studio),
        TESTKIT_TEST(an_answer_brings_the_servers_own_figures),
        TESTKIT_TEST(figures_that_are_none_say_nothing),
        TESTKIT_TEST(a_model_is_loaded_and_unloaded_by_its_instance),
        TESTKIT_TEST(a_model_is_loaded_by_a_request_where_nothing_else_can),
        TESTKIT_TEST(a_refusal_to_load_says_what_kind_it_is),
        TESTKIT_TEST(a_model_is_fetched_as_a_job_that_is_asked_after),
        TESTKIT_TEST(the_simulator_keeps_states_and_times_as_lm_studio_does),
        TESTKIT_TEST(the_simulator_fetches_a_model),
        {0},
    };
    return testkit_run("lmstudio", tests);
}
