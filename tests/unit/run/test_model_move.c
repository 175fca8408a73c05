#include "model_move.h"

#include "canned_server.h"
#include "clock.h"
#include "sim.h"
#include "stop.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static struct model_move move_once(const char *url, const char *model, bool into, int64_t limit_ns)
{
    struct target_access access = {.url = url};
    struct target_info info = {.name = "x", .protocol = "ollama"};
    struct move_options options = {
        .access = &access, .target = &info, .server_options = "", .limit_ns = limit_ns};
    struct model_move move = {.into = into};
    snprintf(move.model, sizeof move.model, "%s", model);
    stop_begin();
    model_moves_run(&options, &move, 1);
    stop_end();
    return move;
}

static void a_model_goes_in_once_and_out_again(void)
{
    static const char *const models[] = {"sim-load", NULL};
    struct sim_options options = {.models = models, .seed = 1};
    struct sim_process sim;
    struct error why = {0};
    ck_assert_msg(sim_spawn(&options, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    struct model_move in = move_once(sim.url, "sim-load", true, 20 * NS_PER_S);
    struct model_move again = move_once(sim.url, "sim-load", true, 20 * NS_PER_S);
    struct model_move out = move_once(sim.url, "sim-load", false, 20 * NS_PER_S);
    struct model_move none = move_once(sim.url, "no-such-model", true, 20 * NS_PER_S);
    ck_assert_msg(in.begun && in.ended && !in.was_loaded && !in.error[0], "%s", in.error);
    ck_assert(in.end_ns - in.start_ns >= 290 * NS_PER_MS); /* the simulator's model takes 0.3 s */
    ck_assert(again.begun && again.ended && again.was_loaded && !again.error[0]);
    ck_assert_msg(out.begun && out.ended && out.was_loaded && !out.error[0], "%s", out.error);
    ck_assert(none.begun && none.ended && none.error[0]);
    sim_stop(&sim);
}

/* A server that takes the connection and says nothing. */
static void a_server_that_hangs_costs_its_limit_and_no_more(void)
{
    static const struct canned_reply silence = {.end = CANNED_HOLD};
    struct canned_server *server = canned_server_start(&silence, 1);
    const struct clock *clock = clock_system();
    int64_t start_ns = clock_mono_ns(clock);
    struct model_move move = move_once(canned_server_url(server), "x", true, 300 * NS_PER_MS);
    ck_assert(clock_mono_ns(clock) - start_ns < 5 * NS_PER_S);
    ck_assert(!move.begun && !move.ended);
    canned_server_stop(server);
}

static void protocols_that_know_how_are_known_without_asking(void)
{
    ck_assert(model_moves_offered("ollama"));
    ck_assert(!model_moves_offered("openai"));
    ck_assert(!model_moves_offered("no such protocol"));
    ck_assert(!model_moves_offered(NULL));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_model_goes_in_once_and_out_again),
        TESTKIT_TEST(a_server_that_hangs_costs_its_limit_and_no_more),
        TESTKIT_TEST(protocols_that_know_how_are_known_without_asking),
        {0},
    };
    return testkit_run("model_move", tests);
}
