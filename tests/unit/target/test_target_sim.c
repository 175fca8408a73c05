/* The client against the simulated server: for each scenario the outcome that it is made to provoke. */
#include "target.h"

#include "clock.h"
#include "loop.h"
#include "sim.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <string.h>

enum tokens_are { UNKNOWN, EVENTS, NOT_EVENTS };

static const struct {
    const char *scenario;
    enum exchange_error error;
    const char *finish_reason;
    enum tokens_are tokens;
    bool reasoning;
} scenarios[] = {
    {"sim-fast", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-instant", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-reasoning", EXCHANGE_OK, "stop", EVENTS, true},
    {"sim-reasoning-plain", EXCHANGE_OK, "stop", EVENTS, true},
    {"sim-think", EXCHANGE_OK, "stop", EVENTS, true},
    {"sim-burst4", EXCHANGE_OK, "stop", NOT_EVENTS, false},
    {"sim-coalesced", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-role-early", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-role-with-first", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-role-absent", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-headers-early", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-no-usage", EXCHANGE_OK, "stop", UNKNOWN, false},
    {"sim-usage-whole", EXCHANGE_OK, "stop", UNKNOWN, false},
    {"sim-usage-each", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-usage-stop", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-no-finish", EXCHANGE_OK, "", EVENTS, false},
    {"sim-no-done", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-cut-tail", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-crlf", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-cr", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-no-space", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-comments", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-fields", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-multi-line", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-multibyte", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-split-utf8", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-split-event", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-until-close", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-http10", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-long-line", EXCHANGE_OK, "stop", EVENTS, false},
    {"sim-empty", EXCHANGE_EMPTY, "stop", UNKNOWN, false},
    {"sim-error-in-stream", EXCHANGE_STREAM_ERROR, "", UNKNOWN, false},
    {"sim-bad-json", EXCHANGE_PROTOCOL, "", UNKNOWN, false},
    {"sim-bad-chunk", EXCHANGE_PROTOCOL, "", UNKNOWN, false},
    {"sim-close", EXCHANGE_TRUNCATED, "", UNKNOWN, false},
    {"sim-close-bytes", EXCHANGE_TRUNCATED, "", UNKNOWN, false},
    {"sim-reset", EXCHANGE_TRUNCATED, "", UNKNOWN, false},
    {"sim-reset-bytes", EXCHANGE_TRUNCATED, "", UNKNOWN, false},
    {"sim-500", EXCHANGE_HTTP_5XX, "", UNKNOWN, false},
    {"sim-hang", EXCHANGE_TIMEOUT_FIRST_TOKEN, "", UNKNOWN, false},
    {"sim-endless", EXCHANGE_TIMEOUT_TOTAL, "", UNKNOWN, false},
};

struct fixture {
    struct sim_process sim;
    struct target *target;
    struct exchange x;
};

/* On a crowded machine all but those that hang need their time, too. */
static void start_with(struct fixture *f, int patience)
{
    struct error why = {0};
    *f = (struct fixture){0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &f->sim, &why) == STATUS_OK, "%s", error_text(&why));
    struct target_options o = {.url = f->sim.url,
        .managed = true,
        .first_token_timeout_ns = 2 * NS_PER_S * patience,
        .total_timeout_ns = 4 * NS_PER_S * patience};
    ck_assert_msg(target_open(&o, &f->target, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(target_probe(f->target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&f->x);
}

static void start(struct fixture *f)
{
    start_with(f, TRIES_MOST);
}

static void stop(struct fixture *f)
{
    target_close(f->target);
    exchange_fini(&f->x);
    sim_stop(&f->sim);
}

static struct chat_request request_of(const char *model, bool stream)
{
    static const struct chat_message message = {"user", "Tell me about latency."};
    return (struct chat_request){.model = model,
        .messages = &message,
        .message_count = 1,
        .temperature = 0,
        .seed = 1,
        .stream = stream,
        .want_usage = true};
}

static void chat(struct fixture *f, const char *model, bool stream)
{
    struct chat_request request = request_of(model, stream);
    target_chat(f->target, &request, &f->x);
}

static void check_tokens(const char *scenario, const struct exchange *x, enum tokens_are expected)
{
    if (expected == UNKNOWN)
        return;
    ck_assert_msg(x->tokens.source == TOKENS_SERVER_USAGE, "%s", scenario);
    ck_assert_msg(exchange_events_are_tokens(x) == (expected == EVENTS), "%s: %d tokens, %zu events",
        scenario, (int)x->tokens.completion, exchange_token_events(x));
}

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

struct crowd {
    struct loop *loop;
    int left;
};

static void crowd_done(struct exchange *x, void *arg)
{
    struct crowd *crowd = arg;
    (void)x;
    if (--crowd->left == 0)
        loop_stop(crowd->loop);
}

static void check_scenario(size_t i, const struct exchange *x)
{
    const char *name = scenarios[i].scenario;
    ck_assert_msg(
        x->error == scenarios[i].error, "%s: %s (%s)", name, exchange_error_name(x->error), x->error_text);
    ck_assert_msg(x->error != EXCHANGE_OK || strcmp(x->finish_reason, scenarios[i].finish_reason) == 0,
        "%s: %s", name, x->finish_reason);
    ck_assert_msg((x->reasoning.len > 0) == scenarios[i].reasoning, "%s", name);
    ck_assert_msg(x->http_status == 0 || x->simulated, "%s", name);
    if (x->error == EXCHANGE_OK)
        check_tokens(name, x, scenarios[i].tokens);
}

static bool is_late(const struct exchange *x)
{
    return x->error == EXCHANGE_TIMEOUT_CONNECT || x->error == EXCHANGE_TIMEOUT_FIRST_TOKEN ||
           x->error == EXCHANGE_TIMEOUT_TOTAL;
}

/* All at once: one hangs, one never ends, one is reset, and none of them disturbs another. */
static void check_all_at_once(struct tries *tries)
{
    static struct exchange xs[SCENARIOS];
    struct fixture f;
    start_with(&f, tries_patience(tries));
    struct crowd crowd = {.loop = target_loop(f.target), .left = SCENARIOS};
    for (size_t i = 0; i < SCENARIOS; i++) {
        struct chat_request request = request_of(scenarios[i].scenario, true);
        exchange_init(&xs[i]);
        ck_assert_ptr_nonnull(target_chat_start(f.target, &request, &xs[i], crowd_done, &crowd));
    }
    while (crowd.left)
        ck_assert_int_eq(loop_run(crowd.loop), STATUS_OK);
    for (size_t i = 0; i < SCENARIOS; i++) {
        bool late = xs[i].error != scenarios[i].error && is_late(&xs[i]);
        tries_judge(tries, !late, "%s: %s", scenarios[i].scenario, xs[i].error_text);
        if (!late)
            check_scenario(i, &xs[i]);
        exchange_fini(&xs[i]);
    }
    stop(&f);
}

static void every_scenario_ends_as_it_is_meant_to(void)
{
    for (struct tries tries = {0}; tries_next(&tries);)
        check_all_at_once(&tries);
}

static void the_simulator_says_that_it_is_one(void)
{
    struct fixture f;
    start(&f);
    const struct target_info *info = target_info(f.target);
    ck_assert_str_eq(info->server, "assay-sim");
    ck_assert(info->simulated && info->managed);
    stop(&f);
}

static void streamed_equals_unstreamed(void)
{
    static const char *const models[] = {"sim-fast", "sim-think", "sim-reasoning", "sim-multibyte"};
    struct fixture f;
    struct buf answer = BUF_INIT(1 << 20), reasoning = BUF_INIT(1 << 20);
    start(&f);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        chat(&f, models[i], true);
        ck_assert_msg(f.x.error == EXCHANGE_OK && f.x.streamed, "%s", f.x.error_text);
        int64_t tokens = f.x.tokens.completion;
        buf_clear(&answer);
        buf_clear(&reasoning);
        buf_append(&answer, buf_text(&f.x.answer), f.x.answer.len);
        buf_append(&reasoning, buf_text(&f.x.reasoning), f.x.reasoning.len);
        chat(&f, models[i], false);
        ck_assert_msg(f.x.error == EXCHANGE_OK && !f.x.streamed, "%s", f.x.error_text);
        ck_assert_str_eq(buf_text(&f.x.answer), buf_text(&answer));
        ck_assert_str_eq(buf_text(&f.x.reasoning), buf_text(&reasoning));
        ck_assert_int_eq(f.x.tokens.completion, tokens);
    }
    buf_fini(&answer);
    buf_fini(&reasoning);
    stop(&f);
}

static void a_role_sent_early_is_not_the_first_token(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct fixture f;
        double ttfe_s, ttft_s;
        start(&f);
        chat(&f, "sim-role-early", true);
        ck_assert_int_eq(f.x.error, EXCHANGE_OK);
        ck_assert(exchange_ttfe_s(&f.x, &ttfe_s) && exchange_ttft_s(&f.x, &ttft_s));
        ck_assert_double_ge(ttft_s, 0.049); /* the scenario's time to the first token is 50 ms */
        tries_judge(&tries, ttfe_s < ttft_s, "both were read at once, after %d ms", (int)(ttft_s * 1000));
        stop(&f);
    }
}

static void a_counted_stop_token_is_no_token_of_the_stream(void)
{
    static const char *const both[] = {"sim-usage-stop", "sim-fast"};
    struct fixture f;
    start(&f);
    for (int i = 0; i < 2; i++) {
        struct tpot tpot;
        chat(&f, both[i], true);
        int64_t events = (int64_t)exchange_token_events(&f.x);
        ck_assert_int_eq(f.x.tokens.completion, events + (i == 0));
        ck_assert(exchange_tpot(&f.x, &tpot) && tpot.k1_known);
        double span_s = (double)(f.x.t_last_token_ns - f.x.t_first_token_ns) / (double)NS_PER_S;
        ck_assert_double_eq_tol(tpot.seconds * (double)(events - 1), span_s, 1e-9);
    }
    stop(&f);
}

static void refusals_are_retried_until_one_is_served(void)
{
    struct fixture f;
    struct chat_request request = request_of("sim-503", true);
    request.max_retries = 2;
    start(&f);
    int refused = 0;
    for (int i = 0; i < 2; i++) {
        target_chat(f.target, &request, &f.x);
        ck_assert_msg(f.x.error == EXCHANGE_OK, "%s", f.x.error_text);
        for (int k = 0; k < f.x.earlier_count; k++)
            refused += f.x.earlier[k] == EXCHANGE_HTTP_5XX;
        ck_assert_int_eq(f.x.attempts, f.x.earlier_count + 1);
    }
    ck_assert_int_ge(refused, 1);
    stop(&f);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_scenario_ends_as_it_is_meant_to),
        TESTKIT_TEST(the_simulator_says_that_it_is_one),
        TESTKIT_TEST(streamed_equals_unstreamed),
        TESTKIT_TEST(a_role_sent_early_is_not_the_first_token),
        TESTKIT_TEST(a_counted_stop_token_is_no_token_of_the_stream),
        TESTKIT_TEST(refusals_are_retried_until_one_is_served),
        {0},
    };
    return testkit_run("target_sim", tests);
}
