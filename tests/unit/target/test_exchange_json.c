#include "exchange.h"

#include "clock.h"
#include "exchange_json.h"
#include "exchange_write.h"
#include "json.h"
#include "our_schemas.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

/* What the writer of exchanges.jsonl adds. */
static void add_place(struct json_object *line)
{
    ck_assert(json_set_text(line, "schema_version", "1.0.0"));
    ck_assert(json_set_text(line, "run_id", "2026-11-20T234605Z-host-0a1b"));
    ck_assert(json_set_text(line, "test", "chat.short[sim/sim-steady]"));
    ck_assert(json_set_int(line, "attempt", 1));
    ck_assert(json_set_int(line, "index", 0));
    ck_assert(json_set_int(line, "repeat", 0));
    ck_assert(json_set_text(line, "role", "measured"));
    ck_assert(json_set_text(line, "kind", "chat"));
}

static void must_be_valid(const struct json_object *line)
{
    struct error why = {0};
    const struct schema *schema = schema_for("exchange");
    ck_assert_ptr_nonnull(schema);
    ck_assert_msg(schema_check(schema, line, &why) == STATUS_OK, "%s", error_text(&why));
}

/* Every field has something in it. */
static void fill(struct exchange *x)
{
    static struct exchange_event events[] = {
        {.t_ns = 1300, .kinds = EVENT_ROLE, .tokens = -1},
        {.t_ns = 1400, .kinds = EVENT_ANSWER, .text_bytes = 5, .tokens = 2},
        {.t_ns = 1600, .kinds = EVENT_ANSWER | EVENT_FINISH | EVENT_USAGE, .text_bytes = 3, .tokens = 1},
        {.t_ns = 1700, .kinds = EVENT_DONE, .tokens = -1},
    };
    exchange_init(x);
    x->http_status = 200;
    snprintf(x->finish_reason, sizeof x->finish_reason, "stop");
    x->attempts = 3;
    x->earlier[0] = EXCHANGE_CONNECT;
    x->earlier[1] = EXCHANGE_RATE_LIMITED;
    x->earlier_count = 2;
    x->retry_after_ns = 7;
    x->streamed = x->simulated = true;
    x->start_unix_ns = 1795212402000000000;
    x->t_intended_ns = 1000;
    x->t_dequeued_ns = 1010;
    x->t_sent_ns = 1100;
    x->t_headers_ns = 1200;
    x->t_event1_ns = 1300;
    x->t_first_token_ns = x->t_first_answer_ns = 1400;
    x->t_last_token_ns = 1600;
    x->t_done_ns = 1700;
    x->resolve_ns = 1;
    x->connect_ns = 2;
    x->tls_ns = 3;
    x->events = events;
    x->event_count = sizeof events / sizeof events[0];
    x->tokens = (struct exchange_tokens){.prompt = 9,
        .completion = 3,
        .reasoning = 0,
        .cached = 4,
        .source = TOKENS_SERVER_USAGE,
        .agrees = 1};
    x->native = (struct exchange_native){.source = "llamacpp_timings",
        .prompt_s = 0.5,
        .decode_s = 0.25,
        .load_s = 1,
        .total_s = 2,
        .ttft_s = 0.1,
        .decode_per_s = 12,
        .prefill_per_s = 10,
        .prompt_n = 5,
        .decode_n = 3,
        .cached_n = 4};
    snprintf(x->server_header, sizeof x->server_header, "assay-sim/0.1.0");
    x->bytes_received = 1234;
}

static void a_full_line_reads_as_documented(void)
{
    struct exchange x;
    struct buf text = BUF_INIT(1 << 16);
    fill(&x);
    struct json_object *line = exchange_to_json(&x);
    ck_assert_int_eq(json_write(line, &text, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&text),
        "{\"streamed\":true,\"error\":\"ok\",\"http_status\":200,\"finish_reason\":\"stop\",\"attempts\":3,"
        "\"retry_after_ns\":7,\"earlier_errors\":[\"connect\",\"rate_limited\"],\"start_unix_ns\":"
        "1795212402000000000,"
        "\"t\":{\"intended_ns\":0,\"dequeued_ns\":10,\"sent_ns\":100,\"headers_ns\":200,\"event1_ns\":300,"
        "\"first_token_ns\":400,\"first_answer_ns\":400,\"last_token_ns\":600,\"done_ns\":700},"
        "\"connection\":{\"reused\":false,\"resolve_ns\":1,\"connect_ns\":2,\"tls_ns\":3},"
        "\"events\":{\"t_ns\":[300,100,200,100],\"kinds\":[1,4,52,128],\"bytes\":[0,5,3,0],\"tokens\":[-1,2,"
        "1,-1]},"
        "\"tokens\":{\"prompt\":9,\"completion\":3,\"reasoning\":0,\"cached\":4,\"source\":\"server_usage\","
        "\"agrees\":true},"
        "\"native\":{\"source\":\"llamacpp_timings\",\"prompt_s\":0.5,\"decode_s\":0.25,\"load_s\":1.0,"
        "\"total_s\":2.0,"
        "\"ttft_s\":0.1,\"decode_per_s\":12.0,\"prefill_per_s\":10.0,\"prompt_n\":5,\"decode_n\":3,\"cached_"
        "n\":4},"
        "\"bytes_received\":1234,\"server_header\":\"assay-sim/0.1.0\",\"simulated\":true}");
    add_place(line);
    must_be_valid(line);
    json_object_put(line);
    buf_fini(&text);
}

static void what_is_not_known_is_left_out(void)
{
    struct exchange x;
    exchange_init(&x);
    x.t_intended_ns = x.t_dequeued_ns = 5;
    x.start_unix_ns = 1795212402000000000;
    x.error = EXCHANGE_CONNECT;
    snprintf(x.error_text, sizeof x.error_text, "refused");
    struct json_object *line = exchange_to_json(&x);
    static const char *const absent[] = {"http_status", "finish_reason", "events", "tokens", "native",
        "server_header", "earlier_errors", "retry_after_ns"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        ck_assert_msg(!json_object_object_get_ex(line, absent[i], NULL), "%s", absent[i]);
    ck_assert_str_eq(json_get_text(line, "/error"), "connect");
    ck_assert_str_eq(json_get_text(line, "/error_text"), "refused");
    add_place(line);
    must_be_valid(line);
    json_object_put(line);
    exchange_fini(&x);
}

static void every_class_and_source_is_in_the_schema(void)
{
    for (int error = 0; error < EXCHANGE_ERROR_COUNT; error++)
        for (int source = TOKENS_NONE; source <= TOKENS_TOKENIZER; source++) {
            struct exchange x;
            fill(&x);
            x.error = (enum exchange_error)error;
            snprintf(x.error_text, sizeof x.error_text, "%s", error ? "why" : "");
            x.tokens.source = (enum token_source)source;
            x.tokens.agrees = source - 1;
            x.connection_reused = source % 2 == 0;
            struct json_object *line = exchange_to_json(&x);
            add_place(line);
            must_be_valid(line);
            json_object_put(line);
        }
}

/* Those that are copied as they are among those that are not. */
static void what_a_server_says_of_itself_is_made_safe_and_cut(void)
{
    static const struct {
        const char *text, *kept;
    } cases[] = {
        {"", ""},
        {"uvicorn", "uvicorn"},
        {"a b~!\"\\", "a b~!\"\\"},
        {"just 15 letters", "just 15 letters"},
        {"these are too many", "these are to"},
        {"tab\there", "tab here"},
        {"\x1b[31mred", "red"},
        {"del\x7f", "del\\x7f"},
        {"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
        {"14 letters and\xc3\xa9", "14 letters and"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char field[16];
        exchange_copy_text(field, sizeof field, cases[i].text, strlen(cases[i].text));
        ck_assert_msg(
            strncmp(field, cases[i].kept, strlen(cases[i].kept)) == 0, "%s: %s", cases[i].text, field);
        ck_assert_uint_lt(strlen(field), sizeof field);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_full_line_reads_as_documented),
        TESTKIT_TEST(what_is_not_known_is_left_out),
        TESTKIT_TEST(every_class_and_source_is_in_the_schema),
        TESTKIT_TEST(what_a_server_says_of_itself_is_made_safe_and_cut),
        {0},
    };
    return testkit_run("exchange_json", tests);
}
