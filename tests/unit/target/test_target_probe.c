#include "target.h"

#include "canned_server.h"
#include "clock.h"
#include "model_details.h"
#include "openai_models.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON(server, body)                                                                                   \
    "HTTP/1.1 200 OK\r\n" server "Content-Type: application/json\r\nConnection: close\r\n\r\n" body

/* The answers of a server in the order in which it is asked, and what is to be known of it then. */
static const struct {
    const char *why;
    struct canned_reply replies[4];
    const char *name, *server, *version, *second_request;
    bool simulated;
    const char *protocol; /* its own; NULL: OpenAI's */
} servers[] = {
    {"llama.cpp",
        {{.text = JSON("Server: llama.cpp\r\n",
              "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"owned_by\":\"llamacpp\"}]}"),
             .end = CANNED_CLOSE},
            {.text = JSON("Server: llama.cpp\r\n", "{\"build_info\":\"b11669-Debian\"}"),
                .end = CANNED_CLOSE},
            {.text = JSON("Server: llama.cpp\r\n", "{\"build_info\":\"b11669-Debian\"}"),
                .end = CANNED_CLOSE}},
        "llamacpp", "llama.cpp", "b11669-Debian", "GET /props HTTP/1.1", false, "llamacpp"},
    {"Ollama",
        {{.text = JSON(
              "", "{\"object\":\"list\",\"data\":[{\"id\":\"tiny:latest\",\"owned_by\":\"library\"}]}"),
             .end = CANNED_CLOSE},
            {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE}},
        "ollama", "ollama", "0.17.4", "GET /api/version HTTP/1.1", false, "ollama"},
    {"Ollama without models",
        {{.text = JSON("", "{\"object\":\"list\",\"data\":null}"), .end = CANNED_CLOSE},
            {.text = "HTTP/1.1 200 OK\r\n\r\nOllama is running", .end = CANNED_CLOSE},
            {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE}},
        "ollama", "ollama", "0.17.4", "GET / HTTP/1.1", false, "ollama"},
    {"vLLM",
        {{.text = JSON("server: uvicorn\r\n", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"vllm\"}]}"),
             .end = CANNED_CLOSE},
            {.text = JSON("server: uvicorn\r\n", "{\"version\":\"0.11.0\"}"), .end = CANNED_CLOSE}},
        "vllm", "vllm", "0.11.0", "GET /version HTTP/1.1", false},
    {"SGLang",
        {{.text = JSON("server: uvicorn\r\n", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"sglang\"}]}"),
            .end = CANNED_CLOSE}},
        "sglang", "sglang", "", "", false},
    {"KoboldCpp",
        {{.text = JSON(
              "Server: KoboldCppServer 1\r\n", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"koboldcpp\"}]}"),
             .end = CANNED_CLOSE},
            {.text = JSON("", "{\"result\":\"KoboldCpp\",\"version\":\"1.92\"}"), .end = CANNED_CLOSE}},
        "koboldcpp", "koboldcpp", "1.92", "GET /api/extra/version HTTP/1.1", false},
    {"TabbyAPI",
        {{.text = JSON("server: uvicorn\r\n", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"tabbyAPI\"}]}"),
            .end = CANNED_CLOSE}},
        "tabbyapi", "tabbyapi", "", "", false},
    {"llama-swap",
        {{.text = JSON("", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"llama-swap\"}]}"), .end = CANNED_CLOSE}},
        "llamaswap", "llama-swap", "", "", false},
    {"mlx_lm",
        {{.text = JSON("Server: BaseHTTP/0.6 Python/3.11.7\r\n", "{\"data\":[{\"id\":\"/m\"}]}"),
            .end = CANNED_CLOSE}},
        "mlx_lm", "mlx_lm", "", "", false},
    {"mlx-knife",
        {{.text = JSON("server: uvicorn\r\n", "{\"data\":[{\"id\":\"a/b\",\"owned_by\":\"mlx-knife-2.0\"}]}"),
            .end = CANNED_CLOSE}},
        "mlxknife", "mlx-knife", "", "", false},
    {"LM Studio",
        {{.text = JSON(
              "X-Powered-By: Express\r\n", "{\"data\":[{\"id\":\"a\",\"owned_by\":\"organization_owner\"}]}"),
             .end = CANNED_CLOSE},
            {.text = JSON("", "{\"data\":[{\"id\":\"a\"}]}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"models\":[{\"key\":\"a\"}]}"), .end = CANNED_CLOSE}},
        "lmstudio", "lmstudio", "", "GET /api/v0/models HTTP/1.1", false, "lmstudio"},
    {"LM Studio without models",
        {{.text = JSON("", "{\"data\":[]}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"error\":\"Unexpected endpoint or method. (GET /)\"}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"data\":[]}"), .end = CANNED_CLOSE},
            {.text = JSON("", "{\"error\":\"Unexpected endpoint or method. (GET /api/v1/models)\"}"),
                .end = CANNED_CLOSE}},
        "lmstudio", "lmstudio", "", "GET / HTTP/1.1", false, "lmstudio"},
    {"the simulator",
        {{.text = JSON(
              "Server: assay-sim/0.1.0\r\nX-Assay-Simulated: 1\r\n", "{\"data\":[{\"id\":\"sim-steady\"}]}"),
            .end = CANNED_CLOSE}},
        "sim", "assay-sim", "0.1.0", "", true},
    {"one that says its name",
        {{.text = JSON("Server: Acme/9.1 (x)\r\n", "{\"data\":[{\"id\":\"a\"}]}"), .end = CANNED_CLOSE}},
        NULL, "Acme", "9.1", "", false},
    {"one that hides behind a framework",
        {{.text = JSON("Server: uvicorn\r\n", "{\"data\":[{\"id\":\"a\"}]}"), .end = CANNED_CLOSE}}, NULL, "",
        "", "", false},
};

static struct target *open_on(struct canned_server *server, const char *path, const char *name)
{
    char url[128];
    struct target *target = NULL;
    struct error why = {0};
    unsetenv("ASSAY_API_KEY");
    unsetenv("OPENAI_API_KEY");
    snprintf(url, sizeof url, "%s%s", canned_server_url(server), path);
    struct target_options options = {.url = url, .name = name, .total_timeout_ns = 60 * NS_PER_S};
    ck_assert_msg(target_open(&options, &target, &why) == STATUS_OK, "%s", error_text(&why));
    return target;
}

static void known_servers_are_recognised(void)
{
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct canned_server *server = canned_server_start(servers[i].replies, 4);
        struct target *target = open_on(server, "", NULL);
        struct error why = {0};
        ck_assert_msg(target_probe(target, &why) == STATUS_OK, "%s: %s", servers[i].why, error_text(&why));
        const struct target_info *info = target_info(target);
        char host_port[64], endpoint[64];
        snprintf(host_port, sizeof host_port, "127.0.0.1_%d", canned_server_port(server));
        const char *protocol = servers[i].protocol ? servers[i].protocol : "openai";
        bool at_root = strcmp(protocol, "ollama") == 0 || strcmp(protocol, "lmstudio") == 0;
        snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%d%s", canned_server_port(server),
            at_root ? "" : "/v1");
        ck_assert_str_eq(info->name, servers[i].name ? servers[i].name : host_port);
        ck_assert_str_eq(info->server, servers[i].server);
        ck_assert_str_eq(info->server_version, servers[i].version);
        ck_assert_str_eq(info->protocol, protocol);
        ck_assert_str_eq(info->endpoint, endpoint);
        ck_assert(info->simulated == servers[i].simulated);
        ck_assert(!info->managed);
        ck_assert_ptr_nonnull(strstr(canned_server_request(server, 1), servers[i].second_request));
        target_close(target);
        canned_server_stop(server);
    }
}

static void a_name_that_was_given_stays(void)
{
    struct canned_server *server = canned_server_start(servers[0].replies, 2);
    struct target *target = open_on(server, "/v1", "mine");
    ck_assert_int_eq(target_probe(target, NULL), STATUS_OK);
    ck_assert_str_eq(target_info(target)->name, "mine");
    ck_assert_ptr_nonnull(strstr(canned_server_request(server, 0), "GET /v1/models HTTP/1.1"));
    target_close(target);
    canned_server_stop(server);
}

static void a_gateway_with_its_list_beside_the_url_is_found(void)
{
    static const struct canned_reply replies[] = {
        {.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
        {.text = JSON("", "{\"data\":[{\"id\":\"a\"}]}"), .end = CANNED_CLOSE},
    };
    struct canned_server *server = canned_server_start(replies, 2);
    struct target *target = open_on(server, "/v1beta/openai/", NULL);
    struct model_list models;
    char endpoint[128];
    ck_assert_int_eq(target_probe(target, NULL), STATUS_OK);
    snprintf(endpoint, sizeof endpoint, "%s/v1beta/openai", canned_server_url(server));
    ck_assert_str_eq(target_info(target)->endpoint, endpoint);
    ck_assert_int_eq(target_list_models(target, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 1);
    ck_assert_uint_eq(canned_server_request_count(server), 2); /* the list that the probe got */
    model_list_fini(&models);
    ck_assert_int_eq(target_list_models(target, &models, NULL), STATUS_OK);
    ck_assert_ptr_nonnull(strstr(canned_server_request(server, 2), "GET /v1beta/openai/models HTTP/1.1"));
    model_list_fini(&models);
    target_close(target);
    canned_server_stop(server);
}

static const struct {
    struct canned_reply reply;
    enum status status;
    const char *text;
} refusals[] = {
    {{.end = CANNED_CLOSE}, STATUS_UNAVAILABLE, "speaks no HTTP that can be read (truncated"},
    {{.text = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"}, STATUS_INVALID, "wants an API key"},
    {{.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"}, STATUS_UNAVAILABLE, "http_4xx"},
    {{.text = JSON("", "<html>"), .end = CANNED_CLOSE}, STATUS_INVALID, ""},
    {{.text = JSON("", "{\"models\":[]}"), .end = CANNED_CLOSE}, STATUS_INVALID, "not a list of models"},
    {{.text = JSON("", "{\"data\":7}"), .end = CANNED_CLOSE}, STATUS_INVALID, "not a list of models"},
};

static void what_is_no_model_server_is_refused_with_a_reason(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct canned_server *server = canned_server_start(&refusals[i].reply, 1);
        struct target *target = open_on(server, "", NULL);
        struct error why = {0};
        ck_assert_int_eq(target_probe(target, &why), refusals[i].status);
        ck_assert_msg(
            strstr(error_text(&why), refusals[i].text) && error_text(&why)[0], "%s", error_text(&why));
        target_close(target);
        canned_server_stop(server);
    }
}

static const char list[] = JSON("Server: llama.cpp\r\n",
    "{\"models\":[{\"name\":\"a\",\"capabilities\":[\"completion\",\"multimodal\"]},{\"name\":\"e\","
    "\"capabilities\":[\"embedding\"]}],"
    "\"object\":\"list\",\"data\":["
    "{\"id\":\"a\",\"owned_by\":\"llamacpp\",\"architecture\":{\"input_modalities\":[\"text\",\"image\"]},"
    "\"meta\":"
    "{\"n_ctx\":2048,\"n_ctx_train\":4096,\"n_params\":25723392,\"size\":51464192,\"ftype\":\"F16\"}},"
    "{\"id\":\"e\",\"max_model_len\":512},{\"id\":\"a\",\"context_length\":1},{\"name\":\"no "
    "id\"},{\"id\":\"\"},7]}");

static void models_come_with_what_the_server_says_of_them(void)
{
    static const struct canned_reply reply = {.text = list, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct target *target = open_on(server, "", NULL);
    struct model_list models;
    struct error why = {0};
    ck_assert_int_eq(target_probe(target, &why), STATUS_OK);
    ck_assert_msg(target_list_models(target, &models, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_uint_eq(models.count, 2);
    const struct model_info *a = &models.items[0], *e = &models.items[1];
    ck_assert_str_eq(a->id, "a");
    ck_assert_int_eq(a->context_length, 2048);
    ck_assert_int_eq(a->parameters, 25723392);
    ck_assert_int_eq(a->size_bytes, 51464192);
    ck_assert_str_eq(a->quantization, "F16");
    ck_assert_str_eq(a->framework, "llama.cpp");
    ck_assert_str_eq(a->format, "gguf");
    ck_assert_uint_eq(a->modalities, MODALITY_TEXT | MODALITY_VISION);
    ck_assert_str_eq(e->id, "e");
    ck_assert_int_eq(e->context_length, 512);
    ck_assert_uint_eq(e->modalities, MODALITY_EMBEDDING);
    model_list_fini(&models);
    target_close(target);
    canned_server_stop(server);
}

/* What is in memory: by the kind of server, or where the list itself says so. */
static const struct {
    const char *entry;
    enum model_state state;
} states[] = {
    {"{\"id\":\"a\",\"owned_by\":\"llamacpp\"}", MODEL_LOADED},
    {"{\"id\":\"a\",\"owned_by\":\"vllm\"}", MODEL_LOADED},
    {"{\"id\":\"a\",\"owned_by\":\"mlx-knife\"}", MODEL_STATE_UNKNOWN},
    {"{\"id\":\"a\",\"owned_by\":\"somebody\"}", MODEL_STATE_UNKNOWN},
    {"{\"id\":\"a\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"unloaded\"}}", MODEL_NOT_LOADED},
    {"{\"id\":\"a\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"loaded\"}}", MODEL_LOADED},
    {"{\"id\":\"a\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"loading\"}}", MODEL_STATE_UNKNOWN},
    {"{\"id\":\"a\",\"owned_by\":\"llamacpp\",\"status\":7}", MODEL_LOADED},
};

static void models_of_servers_of_one_model_are_loaded(void)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const struct server_kind *kind = NULL;
        struct model_list models = {0};
        char owner[64], text[256];
        int len = snprintf(text, sizeof text, "{\"data\":[%s]}", states[i].entry);
        openai_models_owner(text, (size_t)len, owner, sizeof owner);
        kind = server_kind_find("", owner);
        ck_assert_int_eq(openai_models_parse(text, (size_t)len, kind, &models, NULL), STATUS_OK);
        ck_assert_uint_eq(models.count, 1);
        ck_assert_msg(models.items[0].state == states[i].state, "%s", states[i].entry);
        model_list_fini(&models);
    }
}

/* A router of llama.cpp says "text" of each model, and how it starts it. */
static void a_model_that_a_router_starts_for_vectors_has_no_text(void)
{
    static const char text[] =
        "{\"data\":[{\"id\":\"b\",\"owned_by\":\"llamacpp\",\"status\":{\"value\":\"unloaded\",\"args\":"
        "[\"llama-server\",\"--embeddings\"]},\"architecture\":{\"input_modalities\":[\"text\"],"
        "\"output_modalities\":[\"text\"]}},{\"id\":\"c\",\"status\":{\"args\":[\"llama-server\",7]},"
        "\"architecture\":{\"input_modalities\":[\"text\"],\"output_modalities\":[\"text\"]}}]}";
    struct model_list models;
    ck_assert_int_eq(openai_models_parse(text, strlen(text), NULL, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 2);
    ck_assert_uint_eq(models.items[0].modalities, MODALITY_EMBEDDING);
    ck_assert_uint_eq(models.items[1].modalities, MODALITY_TEXT);
    model_list_fini(&models);
}

/* The list as the second answer, what Ollama and LM Studio say beside it as the last. */
static const struct {
    struct canned_reply replies[5];
    struct model_info model;
} detailed[] = {
    {{{.text = JSON("", "{\"data\":[{\"id\":\"tiny:latest\",\"owned_by\":\"library\"}]}"),
          .end = CANNED_CLOSE},
         {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE},
         {.text = JSON("", "{\"version\":\"0.17.4\"}"), .end = CANNED_CLOSE},
         {.text = JSON("",
              "{\"models\":[{\"name\":\"tiny:latest\",\"size\":64,"
              "\"digest\":\"ab12\","
              "\"details\":{\"format\":\"gguf\",\"family\":\"llama\",\"parameter_size\":\"32.1M\","
              "\"quantization_level\":\"F16\"}}]}"),
             .end = CANNED_CLOSE},
         {.text = JSON("", "{\"capabilities\":[\"completion\",\"vision\"],"
                           "\"model_info\":{\"llama.context_length\":4096}}"),
             .end = CANNED_CLOSE}},
        {.id = "tiny:latest",
            .digest = "ab12",
            .family = "llama",
            .format = "gguf",
            .quantization = "F16",
            .parameters = 32100000,
            .size_bytes = 64,
            .context_length = 4096,
            .modalities = MODALITY_TEXT | MODALITY_VISION}},
    {{{.text = JSON("", "{\"data\":[{\"id\":\"q\",\"owned_by\":\"organization_owner\"}]}"),
          .end = CANNED_CLOSE},
         {.text = JSON("", "{\"data\":[{\"id\":\"q\"}]}"), .end = CANNED_CLOSE},
         {.text = JSON("", "{\"error\":\"Unexpected endpoint or method. (GET /api/v1/models)\"}"),
             .end = CANNED_CLOSE},
         {.text = JSON("",
              "{\"data\":[{\"id\":\"q\",\"type\":\"vlm\",\"arch\":\"qwen2_vl\",\"quantization\":\"4bit\","
              "\"compatibility_type\":\"mlx\",\"max_context_length\":32768}]}"),
             .end = CANNED_CLOSE}},
        {.id = "q",
            .family = "qwen2_vl",
            .format = "mlx",
            .quantization = "4bit",
            .context_length = 32768,
            .modalities = MODALITY_TEXT | MODALITY_VISION}},
};

static void models_come_with_what_stands_beside_the_list(void)
{
    for (size_t i = 0; i < sizeof detailed / sizeof detailed[0]; i++) {
        struct canned_server *server = canned_server_start(detailed[i].replies, 5);
        struct target *target = open_on(server, "", NULL);
        struct model_list models;
        ck_assert_int_eq(target_probe(target, NULL), STATUS_OK);
        ck_assert_int_eq(target_list_models(target, &models, NULL), STATUS_OK);
        ck_assert_uint_eq(models.count, 1);
        const struct model_info *got = &models.items[0], *want = &detailed[i].model;
        ck_assert_str_eq(got->id, want->id);
        ck_assert_str_eq(got->digest, want->digest);
        ck_assert_str_eq(got->family, want->family);
        ck_assert_str_eq(got->format, want->format);
        ck_assert_str_eq(got->quantization, want->quantization);
        ck_assert_int_eq(got->parameters, want->parameters);
        ck_assert_int_eq(got->size_bytes, want->size_bytes);
        ck_assert_int_eq(got->context_length, want->context_length);
        ck_assert_uint_eq(got->modalities, want->modalities);
        model_list_fini(&models);
        target_close(target);
        canned_server_stop(server);
    }
}

/* LM Studio's other lists fail: it is spoken to as OpenAI's, and the models are there without details. */
static void details_that_fail_take_no_model_away(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON("", "{\"data\":[{\"id\":\"q\",\"owned_by\":\"organization_owner\"}]}"),
            .end = CANNED_CLOSE},
        {.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
        {.text = JSON("", "{\"data\":[{\"id\":\"q\",\"owned_by\":\"organization_owner\"}]}"),
            .end = CANNED_CLOSE},
        {.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
    };
    struct canned_server *server = canned_server_start(replies, 5);
    struct target *target = open_on(server, "", NULL);
    struct model_list models;
    ck_assert_int_eq(target_probe(target, NULL), STATUS_OK);
    ck_assert_int_eq(target_list_models(target, &models, NULL), STATUS_OK);
    ck_assert_uint_eq(models.count, 1);
    ck_assert_str_eq(models.items[0].quantization, "");
    model_list_fini(&models);
    target_close(target);
    canned_server_stop(server);
}

static void sizes_of_models_are_read_in_every_locale(void)
{
    static const struct {
        const char *text;
        int64_t parameters;
    } sizes[] = {{"32.1M", 32100000}, {"7B", 7000000000}, {"1.5K", 1500}, {"1T", 1000000000000}, {"", 0},
        {"M", 0}, {"7", 0}, {"7MB", 0}, {"-7M", 0}, {"nan", 0}, {"99999999999B", 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ck_assert_msg(model_details_parse_size(sizes[i].text) == sizes[i].parameters, "%s", sizes[i].text);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(known_servers_are_recognised),
        TESTKIT_TEST(a_name_that_was_given_stays),
        TESTKIT_TEST(a_gateway_with_its_list_beside_the_url_is_found),
        TESTKIT_TEST(what_is_no_model_server_is_refused_with_a_reason),
        TESTKIT_TEST(models_come_with_what_the_server_says_of_them),
        TESTKIT_TEST(models_of_servers_of_one_model_are_loaded),
        TESTKIT_TEST(a_model_that_a_router_starts_for_vectors_has_no_text),
        TESTKIT_TEST(models_come_with_what_stands_beside_the_list),
        TESTKIT_TEST(details_that_fail_take_no_model_away),
        TESTKIT_TEST(sizes_of_models_are_read_in_every_locale),
        {0},
    };
    return testkit_run("target_probe", tests);
}
