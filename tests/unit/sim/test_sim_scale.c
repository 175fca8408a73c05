/* The simulated server at scale: what it says of its own lateness, and the truth summed up. */
#include "sim_host.h"

#include "json.h"
#include "our_schemas.h"
#include "testkit.h"

#include <string.h>
#include <unistd.h>

static struct sim_host host;

static void assert_valid(struct json_object *instance)
{
    struct error why = {0};
    const struct schema *schema = schema_for("truth");
    ck_assert_ptr_nonnull(schema);
    ck_assert_msg(schema_check(schema, instance, &why) == STATUS_OK, "%s", error_text(&why));
}

/* A request on a connection of its own; the answer is read to its end and, where wanted, kept. */
static struct json_object *ask(const char *request)
{
    struct buf answer = BUF_INIT(1 << 20);
    struct json_object *tree = NULL;
    int fd = sim_host_connect(&host);
    sim_host_send(fd, request);
    ck_assert_int_eq(sim_host_read_all(fd, &answer), 0);
    const char *body = strstr(buf_text(&answer), "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_int_eq(json_parse(body + 4, strlen(body + 4), &tree, NULL), STATUS_OK);
    close(fd);
    buf_fini(&answer);
    return tree;
}

static void stream_one(const char *model)
{
    struct buf answer = BUF_INIT(1 << 20);
    int fd = sim_host_connect(&host);
    sim_host_post(fd, model, true, ",\"max_tokens\":20");
    sim_host_read_until(fd, &answer, "0\r\n\r\n");
    close(fd);
    buf_fini(&answer);
}

static int64_t events_in(struct json_object *lateness)
{
    int64_t events = -1;
    ck_assert(json_get_int(lateness, "/events", &events));
    json_object_put(lateness);
    return events;
}

static void the_lateness_so_far_can_be_asked_for_and_begun_anew(void)
{
    static const char get[] = "GET /sim/lateness HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    static const char post[] =
        "POST /sim/lateness HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    sim_host_start(&host, &(struct sim_options){.as = "ollama"});
    struct json_object *none = ask(get);
    ck_assert_ptr_null(json_get(none, "/lateness"));
    ck_assert_int_eq(events_in(none), 0);
    stream_one("sim-fast");
    struct json_object *some = ask(get);
    double p50_s = -1, p99_s = -1, max_s = -1;
    ck_assert(json_get_real(some, "/lateness/p50_s", &p50_s) &&
              json_get_real(some, "/lateness/p99_s", &p99_s) &&
              json_get_real(some, "/lateness/max_s", &max_s));
    ck_assert(p50_s > 0 && p50_s <= p99_s && p99_s <= max_s && max_s < 5);
    ck_assert_int_eq(events_in(some), 23); /* the role, 20 tokens, the finish, [DONE] */
    ck_assert_int_eq(events_in(ask(post)), 23);
    ck_assert_int_eq(events_in(ask(get)), 0);
    sim_host_stop(&host);
}

static void the_truth_can_be_summed_up(void)
{
    struct json_object *request, *truth;
    int64_t read_ns = 0, first_ns = 0, last_ns = 0, events = 0, tokens = 0, all = 0;
    sim_host_start(&host, &(struct sim_options){.truth_brief = true});
    stream_one("sim-fast");
    sim_host_stop(&host);
    truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(json_object_array_length(truth), 2);
    assert_valid(request = json_object_array_get_idx(truth, 0));
    assert_valid(json_object_array_get_idx(truth, 1));
    ck_assert_ptr_null(json_get(request, "/events"));
    ck_assert(json_get_int(request, "/read_ns", &read_ns) && json_get_int(request, "/sum/events", &events) &&
              json_get_int(request, "/sum/token_events", &tokens) &&
              json_get_int(request, "/sum/first_token_ns", &first_ns) &&
              json_get_int(request, "/sum/last_token_ns", &last_ns));
    ck_assert_int_eq(events, 23);
    ck_assert_int_eq(tokens, 20);
    ck_assert_int_ge(first_ns, read_ns + 2000000);
    ck_assert_int_ge(last_ns, first_ns + 1);
    ck_assert(json_get_int(json_object_array_get_idx(truth, 1), "/events", &all));
    ck_assert_int_eq(all, 23);
    json_object_put(truth);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_lateness_so_far_can_be_asked_for_and_begun_anew),
        TESTKIT_TEST(the_truth_can_be_summed_up),
        {0},
    };
    return testkit_run("sim_scale", tests);
}
