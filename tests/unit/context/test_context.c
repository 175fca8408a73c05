/* Every word of assay.h, said by a case that the real supervisor runs on the simulator. */
#include "case_run.h"
#include "prompts.h"
#include "canned_server.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static void repeats(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_tokens = 4;
    ck_assert_int_eq(assay_repeats(ctx), 3);
    for (int repeat = 0, next = -2; assay_next(ctx, &repeat); next++) {
        ck_assert_int_eq(repeat, next);
        ck_assert_int_eq(assay_chat(ctx, &request)->error, EXCHANGE_OK);
        assay_observe(ctx, "load_s", repeat);
    }
    ck_assert_int_eq(assay_chat(ctx, &request)->error, EXCHANGE_OK);
}

static void salts(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_tokens = 1;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        char pair[16];
        snprintf(pair, sizeof pair, "pair-%d", repeat);
        assay_salt(ctx, pair);
        assay_chat(ctx, &request);
        assay_chat(ctx, &request);
        assay_salt(ctx, NULL);
        assay_chat(ctx, &request);
    }
}

static void checks(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_tokens = 4;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        assay_measure(ctx, false);
        assay_chat(ctx, &request);
        assay_measure(ctx, true);
        if (repeat == 2)
            assay_chat(ctx, &request);
    }
}

static void raw(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        const struct exchange *x = assay_raw(ctx, "GET", "/models", NULL, NULL, 0);
        ck_assert_int_eq(x->http_status, 200);
        ck_assert_ptr_nonnull(strstr(buf_text(&x->body), "sim-instant"));
    }
}

static void requests(struct assay_context *ctx)
{
    static const struct chat_message talk[] = {
        {"system", "Be brief."}, {"user", "One?"}, {"assistant", "1"}, {"user", "Two?"}};
    ck_assert_str_eq(assay_model(ctx)->id, "sim-instant");
    ck_assert(target_info(assay_target(ctx))->simulated);
    struct chat_request request = assay_request_messages(ctx, talk, 4);
    ck_assert_str_eq(request.model, "sim-instant");
    ck_assert_int_eq(request.seed, 42);
    ck_assert(request.stream);
    request.max_tokens = 1;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        assay_chat(ctx, &request);
        request = assay_request_words(ctx, 50, "What now?", 3);
        ck_assert_int_eq(request.max_tokens, 3);
        assay_chat(ctx, &request);
    }
}

static void notes(struct assay_context *ctx)
{
    static const char *const configured[] = {"</s>", "END", NULL}, *const detected[] = {"END", NULL};
    assay_note(ctx, "colour", "%s\033[31m", "blue");
    assay_note(ctx, "colour", "%s", "green");
    assay_event(ctx, "doors_open");
    assay_event(ctx, "doors_closed");
    assay_stop_tokens(ctx, configured, detected, true);
}

static void skips(struct assay_context *ctx)
{
    assay_note(ctx, "seen", "before");
    assay_skip(ctx, "no %s\nhere", "camera");
}

static void mistypes_a_metric(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_observe(ctx, "ttft", 1);
}

static void observes_too_late(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);)
        ;
    assay_observe(ctx, "load_s", 1);
}

static void mistypes_a_prompt(struct assay_context *ctx)
{
    assay_request(ctx, "shrot");
}

static void asks_nobody(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    ck_assert_ptr_null(assay_model(ctx));
    ck_assert_ptr_null(assay_target(ctx));
    assay_chat(ctx, &request);
}

enum { CROWD = 4 };

static void measures(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_require(ctx, assay_chat(ctx, &request));
}

static void asks_together(struct assay_context *ctx)
{
    struct target_request requests[CROWD];
    struct exchange xs[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        requests[i] = (struct target_request){.task = TASK_CHAT, .chat = assay_request(ctx, "short")};
        requests[i].chat.max_tokens = 4;
        exchange_init(&xs[i]);
    }
    requests[CROWD - 1].hang_up_after_events = 2;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        assay_ask_all(ctx, requests, CROWD, xs);
        for (size_t i = 0; i + 1 < CROWD; i++)
            assay_require(ctx, &xs[i]);
        ck_assert_int_eq(xs[CROWD - 1].error, EXCHANGE_CANCELLED);
        ck_assert_uint_ge(exchange_token_events(&xs[CROWD - 1]), 2);
    }
    for (size_t i = 0; i < CROWD; i++)
        exchange_fini(&xs[i]);
}

static void needs_slots(struct assay_context *ctx)
{
    assay_note(ctx, "ran", "although nobody says how busy the simulator is");
}

static void asks_what_is_not_offered(struct assay_context *ctx)
{
    assay_require(ctx, assay_raw(ctx, "GET", "/no/such/thing", NULL, NULL, 0));
}

#define CASE(function, ...)                                                                                  \
    {                                                                                                        \
        .id = "own." #function, .summary = "-", .body = (function), .version = 1, __VA_ARGS__                \
    }

static const struct assay_case cases[] = {
    CASE(repeats, .per_model = true),
    CASE(salts, .per_model = true),
    CASE(checks, .per_model = true),
    CASE(raw, .per_model = false),
    CASE(requests, .per_model = true, .repeats = 1, .warmup = -1),
    CASE(measures, .per_model = true),
    CASE(asks_together, .per_model = true),
    CASE(needs_slots, .per_model = true, .needs_offers = OFFER_CHAT | OFFER_SLOTS),
    CASE(asks_what_is_not_offered, .per_model = true),
    CASE(notes, .no_target = true),
    CASE(skips, .per_model = true),
    CASE(mistypes_a_metric, .no_target = true),
    CASE(observes_too_late, .no_target = true),
    CASE(mistypes_a_prompt, .per_model = true),
    CASE(asks_nobody, .no_target = true),
    {0},
};

static struct case_run on(const char *id, const char *scenario)
{
    struct case_run run;
    static const struct assay_suite suite = {.cases = cases, .prompts = prompts_all};
    case_run_open(&run, &suite, id, scenario);
    return run;
}

static struct case_run of(const char *id)
{
    return on(id, "sim-instant");
}

static void ends(const char *id, const char *outcome, const char *text)
{
    struct case_run run = of(id);
    const char *message = json_get_text(run.record, "/message");
    ck_assert_str_eq(json_get_text(run.record, "/outcome"), outcome);
    ck_assert_ptr_nonnull(message);
    ck_assert_msg(strstr(message, text) != NULL, "%s", message);
    case_run_close(&run);
}

static int64_t number(const struct json_object *tree, const char *pointer)
{
    int64_t value = -1;
    (void)json_get_int(tree, pointer, &value);
    return value;
}

#define MODELS(member)                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"data\":[{\"id\":\"a\"," member "}]}"

static void describes(struct assay_context *ctx)
{
    assay_note(ctx, "ran", "%s", assay_model(ctx)->id);
}

static void has_text(struct json_object *tree, const char *pointer, const char *text)
{
    const char *value = json_get_text(tree, pointer);
    ck_assert_msg(
        value && strcmp(value, text) == 0, "%s is %s, not %s", pointer, value ? value : "absent", text);
}

static void warmups_and_what_stands_outside_the_loop_are_recorded_but_not_measured(void)
{
    static const char *const roles[] = {"warmup", "warmup", "measured", "measured", "measured", "check"};
    struct case_run run = of("own.repeats");
    has_text(run.record, "/outcome", "passed");
    ck_assert_uint_eq(case_run_count(run.exchanges), 6);
    for (size_t i = 0; i < 6; i++) {
        has_text(case_run_at(run.exchanges, i), "/role", roles[i]);
        ck_assert_int_eq(number(case_run_at(run.exchanges, i), "/repeat"), i < 5 ? (int64_t)i - 2 : 0);
        has_text(case_run_at(run.answers, i), "/role", roles[i]);
    }
    ck_assert_int_eq(number(run.record, "/performance/ttft_s/n"), 3);
    ck_assert_int_eq(number(run.record, "/tokens/completion/n"), 3 * 4);
    double sum = 0, value = 0;
    for (size_t i = 0; i < 3; i++, sum += value) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/performance/load_s/values/%zu", i);
        ck_assert(json_get_real(run.record, pointer, &value));
    }
    ck_assert_double_eq_tol(sum, 0 + 1 + 2, 1e-9); /* the warm-ups observed -2 and -1 */
    case_run_close(&run);
}

static void each_exchange_has_a_salt_of_its_own_at_the_start_of_its_first_message(void)
{
    struct case_run run = of("own.repeats");
    for (size_t i = 0; i < 6; i++) {
        const char *salt = json_get_text(case_run_at(run.exchanges, i), "/salt");
        const char *said = json_get_text(case_run_at(run.answers, i), "/prompt/0/content");
        ck_assert_ptr_nonnull(salt);
        ck_assert_int_eq(strncmp(said, salt, strlen(salt)), 0);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(salt, json_get_text(case_run_at(run.exchanges, k), "/salt"));
    }
    struct case_run again = of("own.repeats");
    for (size_t i = 0; i < 6; i++)
        has_text(
            case_run_at(again.exchanges, i), "/salt", json_get_text(case_run_at(run.exchanges, i), "/salt"));
    case_run_close(&again);
    case_run_close(&run);
}

static void a_pair_shares_its_salt_and_unsalted_messages_have_none(void)
{
    struct case_run run = of("own.salts");
    ck_assert_uint_eq(case_run_count(run.exchanges), 15);
    for (size_t i = 0; i < 15; i += 3) {
        const char *salt = json_get_text(case_run_at(run.exchanges, i), "/salt");
        ck_assert_ptr_nonnull(salt);
        has_text(case_run_at(run.exchanges, i + 1), "/salt", salt);
        ck_assert_ptr_null(json_get_text(case_run_at(run.exchanges, i + 2), "/salt"));
        const char *salted = json_get_text(case_run_at(run.answers, i), "/prompt/0/content");
        const char *bare = json_get_text(case_run_at(run.answers, i + 2), "/prompt/0/content");
        ck_assert_str_eq(salted + strlen(salt) + 1, bare);
        if (i > 0)
            ck_assert_str_ne(salt, json_get_text(case_run_at(run.exchanges, i - 3), "/salt"));
    }
    case_run_close(&run);
}

static void checks_enter_no_metric_until_measuring_is_switched_on_again(void)
{
    struct case_run run = of("own.checks");
    ck_assert_uint_eq(case_run_count(run.exchanges), 6);
    has_text(case_run_at(run.exchanges, 0), "/role", "check"); /* of a warm-up */
    has_text(case_run_at(run.exchanges, 5), "/role", "measured");
    ck_assert_int_eq(number(run.record, "/performance/ttft_s/n"), 1);
    ck_assert_int_eq(number(run.record, "/tokens/completion/n"), 4);
    case_run_close(&run);
}

static void raw_requests_are_recorded_with_method_and_path_and_never_measured(void)
{
    struct case_run run = of("own.raw");
    has_text(run.record, "/test", "own.raw[sim]");
    ck_assert_uint_eq(case_run_count(run.exchanges), 5);
    has_text(case_run_at(run.exchanges, 4), "/kind", "raw");
    has_text(case_run_at(run.exchanges, 4), "/role", "check");
    has_text(case_run_at(run.exchanges, 4), "/method", "GET");
    has_text(case_run_at(run.exchanges, 4), "/path", "/models");
    ck_assert_ptr_null(json_get(run.record, "/performance"));
    ck_assert_uint_eq(case_run_count(run.answers), 0);
    case_run_close(&run);
}

static void what_a_model_is_said_to_lack_is_skipped_and_what_is_not_said_is_tried(void)
{
    static const struct assay_case seeing[] = {
        CASE(describes, .per_model = true, .needs = MODALITY_TEXT | MODALITY_VISION), {0}};
    static const struct assay_suite suite = {.cases = seeing};
    static const struct {
        struct canned_reply reply;
        const char *outcome, *reason;
    } servers[] = {
        {{.text = MODELS("\"architecture\":{\"input_modalities\":[\"text\"]}"), .end = CANNED_CLOSE},
            "skipped", "the server says that the model has no vision"},
        {{.text = MODELS("\"architecture\":{\"input_modalities\":[\"text\",\"image\"]}"),
             .end = CANNED_CLOSE},
            "passed", NULL},
        {{.text = MODELS("\"object\":\"model\""), .end = CANNED_CLOSE}, "passed", NULL},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct canned_server *server = canned_server_start(&servers[i].reply, 1);
        struct case_run run;
        case_run_open_at(&run, &suite, "own.describes", canned_server_url(server));
        has_text(run.record, "/outcome", servers[i].outcome);
        if (servers[i].reason)
            has_text(run.record, "/skip_reason", servers[i].reason);
        ck_assert((json_get(run.record, "/metadata/ran") == NULL) == (servers[i].reason != NULL));
        case_run_close(&run);
        canned_server_stop(server);
    }
}

static void a_request_holds_what_the_case_and_the_run_say(void)
{
    struct case_run run = of("own.requests");
    has_text(run.record, "/outcome", "passed");
    ck_assert_int_eq(number(run.record, "/parameters/repeats"), 1);
    ck_assert_int_eq(number(run.record, "/parameters/warmup"), 0);
    struct json_object *talk = case_run_at(run.answers, 0), *words = case_run_at(run.answers, 1);
    has_text(talk, "/prompt/1/content", "One?");
    has_text(talk, "/prompt/3/content", "Two?");
    ck_assert_ptr_nonnull(strstr(json_get_text(talk, "/prompt/0/content"), "] Be brief."));
    const char *text = json_get_text(words, "/prompt/0/content");
    size_t spaces = 0;
    for (const char *p = text; *p && *p != '\n'; p++)
        spaces += *p == ' ';
    ck_assert_uint_eq(spaces, 50); /* one of them behind the salt */
    ck_assert_ptr_nonnull(strstr(text, "\n\nWhat now?"));
    case_run_close(&run);
}

static void notes_events_and_stop_tokens_stand_in_the_record(void)
{
    struct case_run run = of("own.notes");
    has_text(run.record, "/outcome", "passed");
    has_text(run.record, "/test", "own.notes");
    has_text(run.record, "/metadata/colour", "green");
    has_text(run.record, "/timeline/0/event", "doors_open");
    has_text(run.record, "/timeline/1/event", "doors_closed");
    double open_s = -1, closed_s = -1, duration_s = 0;
    ck_assert(json_get_real(run.record, "/timeline/0/t_s", &open_s));
    ck_assert(json_get_real(run.record, "/timeline/1/t_s", &closed_s));
    ck_assert(json_get_real(run.record, "/duration", &duration_s));
    ck_assert(open_s > 0 && closed_s >= open_s && duration_s >= closed_s);
    has_text(run.record, "/stop_tokens/configured/1", "END");
    has_text(run.record, "/stop_tokens/detected/0", "END");
    bool leaked = false;
    ck_assert(json_get_bool(run.record, "/stop_tokens/leaked", &leaked) && leaked);
    case_run_close(&run);
}

static void a_skipped_case_keeps_its_reason_and_its_notes(void)
{
    struct case_run run = of("own.skips");
    has_text(run.record, "/outcome", "skipped");
    has_text(run.record, "/skip_reason", "no camera\nhere");
    has_text(run.record, "/metadata/seen", "before");
    case_run_close(&run);
}

static void slips_of_an_author_fail_the_case_and_name_it(void)
{
    ends("own.mistypes_a_metric", "failed", "no metric \"ttft\": `assay list --metrics` has all");
    ends("own.observes_too_late", "failed", "load_s is observed outside");
    ends("own.mistypes_a_prompt", "failed", "no prompt \"shrot\", neither the suite's own nor assay's");
    ends("own.asks_nobody", "failed", "own.asks_nobody runs without a target");
}

static void requests_at_the_same_moment_are_recorded_one_by_one(void)
{
    struct case_run run = of("own.asks_together");
    has_text(run.record, "/outcome", "passed");
    ck_assert_uint_eq(case_run_count(run.exchanges), 5 * CROWD);
    ck_assert_uint_eq(case_run_count(run.answers), 5 * CROWD);
    for (size_t i = 0; i < 5 * CROWD; i++) {
        ck_assert_int_eq(number(case_run_at(run.exchanges, i), "/index"), (int64_t)i);
        has_text(case_run_at(run.exchanges, i), "/error", i % CROWD == CROWD - 1 ? "cancelled" : "ok");
        const char *salt = json_get_text(case_run_at(run.exchanges, i), "/salt");
        ck_assert(i == 0 || strcmp(salt, json_get_text(case_run_at(run.exchanges, i - 1), "/salt")) != 0);
        const char *sent = json_get_text(case_run_at(run.answers, i), "/prompt/0/content");
        ck_assert_ptr_nonnull(strstr(sent, salt));
    }
    ck_assert_int_eq(number(run.record, "/performance/latency_s/n"), 3);
    ck_assert_int_eq(number(run.record, "/errors/cancelled"), 5);
    case_run_close(&run);
}

static void what_a_stream_does_not_count_is_counted_by_a_whole_answer(void)
{
    struct case_run run = on("own.measures", "sim-usage-whole");
    has_text(run.record, "/outcome", "passed");
    ck_assert_uint_eq(case_run_count(run.exchanges), 2 + 3 * 2);
    has_text(run.record, "/tokens/completion/source", "server_usage");
    ck_assert_int_eq(number(run.record, "/performance/decode_tokens_per_s/n"), 3);
    has_text(case_run_at(run.exchanges, 3), "/role", "check");
    has_text(case_run_at(run.exchanges, 3), "/salt", json_get_text(case_run_at(run.exchanges, 2), "/salt"));
    case_run_close(&run);
}

static void where_nobody_counts_there_is_no_count_and_one_try(void)
{
    struct case_run run = on("own.measures", "sim-no-usage");
    has_text(run.record, "/outcome", "passed");
    ck_assert_uint_eq(case_run_count(run.exchanges), 2 + 3 + 1);
    ck_assert_ptr_null(json_get(run.record, "/tokens"));
    ck_assert_ptr_null(json_get(run.record, "/performance/decode_tokens_per_s"));
    case_run_close(&run);
}

static void is_skipped(const char *id, const char *reason)
{
    struct case_run run = of(id);
    has_text(run.record, "/outcome", "skipped");
    const char *said = json_get_text(run.record, "/skip_reason");
    ck_assert_msg(said && strstr(said, reason), "%s", said ? said : "no reason");
    case_run_close(&run);
}

static void what_a_server_does_not_offer_is_skipped_with_its_reason(void)
{
    is_skipped("own.needs_slots", "the protocol openai does not offer saying how busy it is");
    is_skipped("own.asks_what_is_not_offered", "the server does not offer it: HTTP 404");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(warmups_and_what_stands_outside_the_loop_are_recorded_but_not_measured),
        TESTKIT_TEST(each_exchange_has_a_salt_of_its_own_at_the_start_of_its_first_message),
        TESTKIT_TEST(a_pair_shares_its_salt_and_unsalted_messages_have_none),
        TESTKIT_TEST(checks_enter_no_metric_until_measuring_is_switched_on_again),
        TESTKIT_TEST(raw_requests_are_recorded_with_method_and_path_and_never_measured),
        TESTKIT_TEST(what_a_model_is_said_to_lack_is_skipped_and_what_is_not_said_is_tried),
        TESTKIT_TEST(a_request_holds_what_the_case_and_the_run_say),
        TESTKIT_TEST(notes_events_and_stop_tokens_stand_in_the_record),
        TESTKIT_TEST(requests_at_the_same_moment_are_recorded_one_by_one),
        TESTKIT_TEST(what_a_stream_does_not_count_is_counted_by_a_whole_answer),
        TESTKIT_TEST(where_nobody_counts_there_is_no_count_and_one_try),
        TESTKIT_TEST(what_a_server_does_not_offer_is_skipped_with_its_reason),
        TESTKIT_TEST(a_skipped_case_keeps_its_reason_and_its_notes),
        TESTKIT_TEST(slips_of_an_author_fail_the_case_and_name_it),
        {0},
    };
    return testkit_run("context", tests);
}
