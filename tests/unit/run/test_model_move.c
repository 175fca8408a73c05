#include "model_move.h"

#include "clock.h"
#include "sim.h"
#include "stop.h"
#include "testkit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    struct model_move in = move_once(sim.url, "sim-load", true, 100 * NS_PER_S);
    struct model_move again = move_once(sim.url, "sim-load", true, 100 * NS_PER_S);
    struct model_move out = move_once(sim.url, "sim-load", false, 100 * NS_PER_S);
    struct model_move none = move_once(sim.url, "no-such-model", true, 100 * NS_PER_S);
    ck_assert_msg(in.begun && in.ended && !in.was_loaded && !in.error[0], "%s", in.error);
    ck_assert(in.end_ns - in.start_ns >= 290 * NS_PER_MS); /* the simulator's model takes 0.3 s */
    ck_assert(again.begun && again.ended && again.was_loaded && !again.error[0]);
    ck_assert_msg(out.begun && out.ended && out.was_loaded && !out.error[0], "%s", out.error);
    ck_assert(none.begun && none.ended && none.error[0]);
    sim_stop(&sim);
}

/* The kernel takes the connection and nobody reads it. No thread, which the sanitizers' forks do not like. */
static int listen_in_silence(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, size, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

static void a_server_that_hangs_costs_its_limit_and_no_more(void)
{
    char url[64];
    int listener = listen_in_silence(url, sizeof url);
    const struct clock *clock = clock_system();
    int64_t start_ns = clock_mono_ns(clock);
    struct model_move move = move_once(url, "x", true, 300 * NS_PER_MS);
    ck_assert(clock_mono_ns(clock) - start_ns < 60 * NS_PER_S); /* minutes, without a limit */
    ck_assert(!move.begun && !move.ended);
    close(listener);
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
