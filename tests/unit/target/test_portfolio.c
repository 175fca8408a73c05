#include "portfolio.h"

#include "canned_server.h"
#include "clock.h"
#include "loop.h"
#include "testkit.h"
#include "tries.h"

#include <stdlib.h>
#include <string.h>

static const struct canned_reply llamacpp[] = {
    {.text = "HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nContent-Type: application/json\r\n\r\n"
             "{\"data\":[{\"id\":\"a\",\"owned_by\":\"llamacpp\"}],\"build_info\":\"b1\"}",
        .end = CANNED_CLOSE},
};

static struct portfolio discover(const char *const *urls, size_t count, int64_t limit_ns)
{
    struct portfolio p;
    struct error why = {0};
    struct target_access servers[8] = {0};
    for (size_t i = 0; i < count; i++)
        servers[i].url = urls[i];
    struct portfolio_options options = {.servers = servers, .server_count = count, .limit_ns = limit_ns};
    ck_assert_msg(portfolio_discover(&options, &p, &why) == STATUS_OK, "%s", error_text(&why));
    return p;
}

static size_t answering(const struct portfolio *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        n += p->targets[i].status == STATUS_OK;
    return n;
}

static void servers_of_one_kind_get_names_of_their_own(void)
{
    struct canned_server *one = canned_server_start(llamacpp, 1), *two = canned_server_start(llamacpp, 1);
    const char *urls[] = {canned_server_url(one), canned_server_url(two)};
    struct portfolio p = discover(urls, 2, 0);
    ck_assert_uint_eq(p.count, 2);
    ck_assert_uint_eq(answering(&p), 2);
    ck_assert_str_eq(p.targets[0].info.name, "llamacpp");
    ck_assert_str_eq(p.targets[1].info.name, "llamacpp-2");
    ck_assert_str_eq(p.targets[1].info.server_version, "b1");
    ck_assert_uint_eq(p.targets[0].models.count, 1);
    ck_assert_str_eq(p.targets[0].models.items[0].id, "a");
    portfolio_fini(&p);
    canned_server_stop(one);
    canned_server_stop(two);
}

/* Of four servers the first answers. */
static void check_beside_hung(struct tries *tries, const char *const *urls)
{
    int64_t t0_ns = loop_now_ns(), limit_ns = 900 * NS_PER_MS * tries_patience(tries);
    struct portfolio p = discover(urls, 4, limit_ns);
    int64_t took_ns = loop_now_ns() - t0_ns;
    tries_judge(tries, took_ns < 3 * limit_ns && answering(&p) == 1, "%zu of 4 answered, it took %lld ms",
        answering(&p), (long long)(took_ns / NS_PER_MS));
    ck_assert_uint_eq(p.count, 4);
    ck_assert_int_eq(p.targets[2].status, STATUS_TIMEOUT);
    ck_assert_msg(strstr(error_text(&p.targets[2].why), "timed out"), "%s", error_text(&p.targets[2].why));
    ck_assert_uint_eq(p.targets[2].models.count, 0);
    ck_assert_ptr_nonnull(strstr(p.targets[2].info.name, "127.0.0.1_"));
    portfolio_fini(&p);
}

/* Three servers that never answer cost the limit once, and stay in the list with the reason. */
static void hung_servers_cost_their_time_once(void)
{
    static const struct canned_reply hung = {.end = CANNED_HOLD};
    struct canned_server *servers[3], *good = canned_server_start(llamacpp, 1);
    const char *urls[4] = {canned_server_url(good)};
    for (int i = 0; i < 3; i++) {
        servers[i] = canned_server_start(&hung, 1);
        urls[i + 1] = canned_server_url(servers[i]);
    }
    for (struct tries tries = {0}; tries_next(&tries);)
        check_beside_hung(&tries, urls);
    for (int i = 0; i < 3; i++)
        canned_server_stop(servers[i]);
    canned_server_stop(good);
}

static void a_url_that_is_none_stays_with_its_reason(void)
{
    const char *urls[] = {"ftp://127.0.0.1", "http://127.0.0.1:1"};
    struct portfolio p = discover(urls, 2, 0);
    ck_assert_uint_eq(p.count, 2);
    ck_assert_int_eq(p.targets[0].status, STATUS_INVALID);
    ck_assert_int_eq(p.targets[1].status, STATUS_NOT_FOUND);
    ck_assert_str_eq(p.targets[0].info.name, "server");
    portfolio_fini(&p);
}

/* Discovery asks whoever listens: they must not be told a key that was meant for another. */
static void a_server_that_nobody_named_gets_no_key_of_others(void)
{
    static const struct {
        bool found;
        const char *own, *header; /* NULL: none at all */
    } cases[] = {
        {false, NULL, "\r\nAuthorization: Bearer sk-openai\r\n"},
        {true, NULL, NULL},
        {true, "", NULL},
        {true, "sk-own", "\r\nAuthorization: Bearer sk-own\r\n"},
    };
    setenv("OPENAI_API_KEY", "sk-openai", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct canned_server *server = canned_server_start(llamacpp, 1);
        struct target_access access = {.url = canned_server_url(server), .found = cases[i].found};
        struct portfolio_options options = {.servers = &access, .server_count = 1};
        struct portfolio p;
        unsetenv("ASSAY_API_KEY");
        if (cases[i].own)
            setenv("ASSAY_API_KEY", cases[i].own, 1);
        ck_assert_int_eq(portfolio_discover(&options, &p, NULL), STATUS_OK);
        ck_assert_uint_eq(answering(&p), 1);
        ck_assert(p.targets[0].access.found == cases[i].found); /* and so it is when it is measured */
        ck_assert_uint_ge(canned_server_request_count(server), 2);
        for (size_t r = 0; r < canned_server_request_count(server); r++) {
            const char *request = canned_server_request(server, r);
            if (cases[i].header)
                ck_assert_ptr_nonnull(strstr(request, cases[i].header));
            else
                ck_assert_ptr_null(strstr(request, "Authorization"));
        }
        portfolio_fini(&p);
        canned_server_stop(server);
    }
    unsetenv("OPENAI_API_KEY");
    unsetenv("ASSAY_API_KEY");
}

static void servers_on_the_usual_ports_were_named_by_nobody(void)
{
    struct portfolio_options options = {.limit_ns = NS_PER_S};
    struct portfolio p;
    ck_assert_int_eq(portfolio_discover(&options, &p, NULL), STATUS_OK);
    for (size_t i = 0; i < p.count; i++) /* whoever listens on this machine */
        ck_assert(p.targets[i].access.found && portfolio_is_default(p.targets[i].access.url));
    portfolio_fini(&p);
    ck_assert(portfolio_is_default("http://127.0.0.1:8080"));
    ck_assert(portfolio_is_default("http://127.0.0.1:11434/v1"));
    ck_assert(!portfolio_is_default("http://127.0.0.1:80801"));
    ck_assert(!portfolio_is_default("http://127.0.0.1:8080@box"));
    ck_assert(!portfolio_is_default("https://api.openai.com/v1"));
}

static void more_targets_than_a_run_may_have_are_refused(void)
{
    struct target_access servers[65] = {0};
    struct portfolio p;
    struct error why = {0};
    for (size_t i = 0; i < 65; i++)
        servers[i].url = "http://127.0.0.1:1";
    struct portfolio_options options = {.servers = servers, .server_count = 65};
    ck_assert_int_eq(portfolio_discover(&options, &p, &why), STATUS_LIMIT);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "65 targets"));
    ck_assert_uint_eq(p.count, 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(servers_of_one_kind_get_names_of_their_own),
        TESTKIT_TEST(hung_servers_cost_their_time_once),
        TESTKIT_TEST(a_url_that_is_none_stays_with_its_reason),
        TESTKIT_TEST(a_server_that_nobody_named_gets_no_key_of_others),
        TESTKIT_TEST(servers_on_the_usual_ports_were_named_by_nobody),
        TESTKIT_TEST(more_targets_than_a_run_may_have_are_refused),
        {0},
    };
    return testkit_run("portfolio", tests);
}
