/* The model of an engine in virtual time: steps, batches, memory; and that what is computed of it is what it does. */
#include "sim_engine_play.h"

#include "clock.h"
#include "rng.h"

#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS NS_PER_MS

/* Prompts 1 ms per token; step(n) = 10 + n ms. */
static const struct sim_engine_spec small = {
    .max_batch = 4, .prefill_tokens_per_s = 1000, .decode_base_s = 0.010, .decode_per_sequence_s = 0.001};

static struct sim_engine_spec chunked(int64_t chunk)
{
    struct sim_engine_spec spec = small;
    spec.prefill = SIM_PREFILL_CHUNKED;
    spec.chunk_tokens = chunk;
    return spec;
}

static void play(const struct sim_engine_spec *spec, struct sim_engine_request *requests, size_t count)
{
    ck_assert_int_eq(sim_engine_play(spec, requests, count), STATUS_OK);
}

static void alone_a_request_takes_its_prompt_and_then_a_step_for_each_token(void)
{
    struct sim_engine_spec spec = chunked(16);
    struct sim_engine_request r = {.at_ns = 7, .prompt_tokens = 40, .output_tokens = 11};
    play(&small, &r, 1);
    ck_assert_int_eq(r.admitted_ns, 7);
    ck_assert_int_eq(r.first_ns, 7 + 40 * MS);
    ck_assert_int_eq(r.last_ns, r.first_ns + 10 * 11 * MS);
    ck_assert_double_eq_tol(sim_engine_ttft_alone_s(&small, 40), 0.040, 1e-12);
    play(&spec, &r, 1); /* 16, 16 and 8 tokens of the prompt, each with a step's base */
    ck_assert_int_eq(r.first_ns, 7 + (40 + 3 * 10) * MS);
    ck_assert_int_eq(r.last_ns, r.first_ns + 10 * 11 * MS);
    ck_assert_double_eq_tol(sim_engine_ttft_alone_s(&spec, 40), 0.070, 1e-12);
}

static void prompts_go_first_and_let_the_batch_wait(void)
{
    struct sim_engine_request r[] = {{.at_ns = 0, .prompt_tokens = 10, .output_tokens = 3},
        {.at_ns = 5 * MS, .prompt_tokens = 20, .output_tokens = 2}};
    play(&small, r, 2);
    ck_assert_int_eq(r[0].first_ns, 10 * MS);
    ck_assert_int_eq(r[1].admitted_ns, 10 * MS);
    ck_assert_int_eq(r[1].first_ns, 30 * MS);
    ck_assert_int_eq(r[1].last_ns, 42 * MS); /* step(2) */
    ck_assert_int_eq(r[0].last_ns, 53 * MS); /* and step(1) */
}

static void chunks_of_prompts_share_the_steps_of_the_batch(void)
{
    struct sim_engine_spec spec = chunked(8);
    struct sim_engine_request r[] = {{.at_ns = 0, .prompt_tokens = 8, .output_tokens = 4},
        {.at_ns = 1 * MS, .prompt_tokens = 12, .output_tokens = 2}};
    play(&spec, r, 2);
    ck_assert_int_eq(r[0].first_ns, 18 * MS);
    ck_assert_int_eq(r[1].first_ns, (18 + 19 + 15) * MS); /* 10 + 1 + 8, then 10 + 1 + 4 */
    ck_assert_int_eq(r[1].last_ns, (52 + 12) * MS);
    ck_assert_int_eq(r[0].last_ns, 64 * MS);
}

static void who_finds_the_batch_full_waits_for_a_place(void)
{
    struct sim_engine_request r[6];
    for (int i = 0; i < 6; i++)
        r[i] = (struct sim_engine_request){.prompt_tokens = 10, .output_tokens = 2};
    play(&small, r, 6);
    ck_assert_int_eq(r[0].first_ns, 10 * MS); /* nobody else was there when it came */
    ck_assert_int_eq(r[3].first_ns, 40 * MS); /* three prompts in one step */
    ck_assert_int_eq(r[3].last_ns, 54 * MS);
    ck_assert_int_eq(r[4].admitted_ns, 54 * MS);
    ck_assert_int_eq(r[5].first_ns, 74 * MS);
}

static void what_the_prefix_cache_knew_costs_nothing(void)
{
    struct sim_engine_request r = {.prompt_tokens = 40, .cached_tokens = 30, .output_tokens = 1};
    play(&small, &r, 1);
    ck_assert_int_eq(r.first_ns, 10 * MS);
    r.cached_tokens = 40;
    play(&small, &r, 1);
    ck_assert_int_eq(r.first_ns, 1 * MS); /* the last token is computed always */
}

static void without_room_the_youngest_goes_and_is_computed_again(void)
{
    struct sim_engine_spec spec = small;
    spec.kv_tokens = 40;
    struct sim_engine_request r[] = {{.prompt_tokens = 10, .output_tokens = 25},
        {.prompt_tokens = 10, .output_tokens = 20}, {.prompt_tokens = 30, .output_tokens = 20}};
    play(&spec, r, 3);
    ck_assert_int_eq(r[0].preemptions, 0);
    ck_assert_int_eq(r[1].preemptions, 1);
    ck_assert_int_gt(r[1].last_ns, r[0].last_ns);
    ck_assert_int_eq(r[2].last_ns, 0); /* would never fit */
    ck_assert(!sim_engine_fits(&spec, 30, 20) && sim_engine_fits(&spec, 30, 10));
    ck_assert_int_eq(sim_engine_batch_max(&spec, 10, 10), 2);
}

/* Watches the engine's books from outside. */
struct watch {
    struct sim_engine engine;
    struct sim_engine_seq seqs[200];
    int64_t tokens, last_ns;
};

static void on_token(struct sim_engine_seq *seq, int64_t at_ns, void *arg)
{
    struct watch *w = arg;
    ck_assert_int_ge(at_ns, w->last_ns);
    ck_assert_int_le(w->engine.kv_used, w->engine.spec->kv_tokens);
    ck_assert_uint_le(w->engine.count, (size_t)w->engine.spec->max_batch);
    ck_assert_int_le(seq->made, seq->output_tokens);
    w->last_ns = at_ns;
    w->tokens++;
}

static void at_random_the_books_stay_right(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct sim_engine_spec spec = seed % 2 ? small : chunked(7);
        static struct watch w;
        struct rng rng;
        int64_t now_ns = 0, wanted = 0, left = 0;
        spec.kv_tokens = 90;
        memset(&w, 0, sizeof w);
        rng_seed(&rng, seed);
        ck_assert_int_eq(sim_engine_init(&w.engine, &spec, on_token, &w), STATUS_OK);
        for (size_t i = 0; i < 200; i++) {
            struct sim_engine_seq *seq = &w.seqs[i], *gone = &w.seqs[rng_next(&rng) % 200];
            now_ns += (int64_t)(rng_next(&rng) % (uint64_t)(80 * MS));
            sim_engine_advance(&w.engine, now_ns);
            *seq = (struct sim_engine_seq){.prompt_tokens = 1 + (int64_t)(rng_next(&rng) % 40),
                .output_tokens = 1 + (int64_t)(rng_next(&rng) % 40)};
            sim_engine_join(&w.engine, seq, now_ns);
            if (i % 5 == 0)
                sim_engine_leave(&w.engine, gone);
        }
        while (w.engine.step_end_ns != SIM_ENGINE_IDLE)
            sim_engine_advance(&w.engine, w.engine.step_end_ns);
        for (size_t i = 0; i < 200; i++) {
            wanted += w.seqs[i].output_tokens;
            left += w.seqs[i].output_tokens - w.seqs[i].made;
            ck_assert(!w.seqs[i].waiting && w.seqs[i].place == 0);
        }
        ck_assert_int_eq(w.tokens, wanted - left);
        ck_assert_int_eq(w.engine.kv_used, 0);
        ck_assert_uint_eq(w.engine.count + w.engine.waiting, 0);
        sim_engine_fini(&w.engine);
    }
}

static struct sim_engine_request *requests_every(size_t count, double gap_s, int64_t prompt, int64_t output)
{
    struct sim_engine_request *r = calloc(count, sizeof *r);
    for (size_t i = 0; i < count; i++)
        r[i] = (struct sim_engine_request){.at_ns = (int64_t)((double)i * gap_s * (double)NS_PER_S),
            .prompt_tokens = prompt,
            .output_tokens = output};
    return r;
}

/* Requests per second over the middle of the run. */
static double middle_rate(const struct sim_engine_request *r, size_t count)
{
    return (double)(count / 2) / ((double)(r[count * 3 / 4].last_ns - r[count / 4].last_ns) / 1e9);
}

static void an_overload_gets_what_the_formula_says(void)
{
    enum { COUNT = 8000 };
    struct sim_engine_spec specs[] = {small, chunked(64), small};
    specs[2].kv_tokens = 100; /* three of 10 + 20 tokens: no fourth */
    for (size_t i = 0; i < 2; i++) {
        double most = sim_engine_requests_per_s_max(&specs[i], 10, 20);
        struct sim_engine_request *r = requests_every(COUNT, 0.2 / most, 10, 20);
        play(&specs[i], r, COUNT);
        ck_assert_double_eq_tol(middle_rate(r, COUNT) / most, 1, 0.01);
        free(r);
    }
    ck_assert_double_eq_tol(
        sim_engine_requests_per_s_max(&small, 10, 20), 1 / (0.010 + 19 * 0.014 / 4), 1e-9);
    ck_assert_int_eq(sim_engine_batch_max(&specs[2], 10, 20), 3);
}

static void streams_that_ask_again_get_what_the_formula_says(void)
{
    enum { COUNT = 4000 };
    for (int64_t streams = 1; streams <= 8; streams++) {
        double most = sim_engine_requests_per_s_at(&small, 10, 50, streams);
        struct sim_engine_request *r = requests_every(COUNT, 0, 10, 50);
        ck_assert_int_eq(sim_engine_play_closed(&small, (size_t)streams, MS / 10, r, COUNT), STATUS_OK);
        ck_assert_double_eq_tol(middle_rate(r, COUNT) / most, 1, 0.03);
        free(r);
    }
}

static void the_highest_load_is_found_where_the_share_turns(void)
{
    struct sim_engine_goal goal = {
        .prompt_tokens = 10, .output_tokens = 20, .ttft_s = 0.3, .share = 0.99, .requests = 5000, .seed = 1};
    double most = sim_engine_requests_per_s_max(&small, 10, 20), rate = sim_engine_rate_max(&small, &goal);
    ck_assert(rate > 0.3 * most && rate < most);
    ck_assert_double_ge(sim_engine_share_at_rate(&small, &goal, rate), 0.99);
    ck_assert_double_lt(sim_engine_share_at_rate(&small, &goal, rate * 1.05), 0.99);
    goal.ttft_s = 0.005; /* less than a prompt takes */
    ck_assert_double_eq(sim_engine_rate_max(&small, &goal), 0);
    goal.ttft_s = 0;
    goal.tpot_s = 0.0128; /* step(2) and now and then another's prompt; step(3) is 13 ms */
    ck_assert_uint_eq(sim_engine_streams_max(&small, &goal), 2);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(alone_a_request_takes_its_prompt_and_then_a_step_for_each_token),
        TESTKIT_TEST(prompts_go_first_and_let_the_batch_wait),
        TESTKIT_TEST(chunks_of_prompts_share_the_steps_of_the_batch),
        TESTKIT_TEST(who_finds_the_batch_full_waits_for_a_place),
        TESTKIT_TEST(what_the_prefix_cache_knew_costs_nothing),
        TESTKIT_TEST(without_room_the_youngest_goes_and_is_computed_again),
        TESTKIT_TEST(at_random_the_books_stay_right),
        TESTKIT_TEST(an_overload_gets_what_the_formula_says),
        TESTKIT_TEST(streams_that_ask_again_get_what_the_formula_says),
        TESTKIT_TEST(the_highest_load_is_found_where_the_share_turns),
        {0},
    };
    return testkit_run("sim_engine", tests);
}
