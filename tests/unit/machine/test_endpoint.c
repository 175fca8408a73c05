#include "endpoint.h"

#include "testkit.h"

#include <string.h>

static void urls_lead_to_address_and_port(void)
{
    static const struct {
        const char *url, *last4; /* the last four bytes of the address */
        uint16_t port;
        bool loopback, local;
    } good[] = {
        {"http://127.0.0.1:8080", "\x7f\0\0\1", 8080, true, true},
        {"http://127.0.0.1:8080/v1?x=1#y", "\x7f\0\0\1", 8080, true, true},
        {"http://127.1.2.3", "\x7f\1\2\3", 80, true, true},
        {"https://127.0.0.1/", "\x7f\0\0\1", 443, true, true},
        {"http://user:p@ss:w0rd@127.0.0.1:81/", "\x7f\0\0\1", 81, true, true},
        {"http://[::1]:11434/v1", "\0\0\0\1", 11434, true, true},
        {"http://[2001:db8::5]:9", "\0\0\0\5", 9, false, false},
        {"http://0.0.0.0:1234", "\0\0\0\0", 1234, true, true},
        {"127.0.0.1:8080", "\x7f\0\0\1", 8080, true, true},
        {"http://192.0.2.7:8000", "\xc0\0\2\7", 8000, false, false},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct endpoint e;
        ck_assert_msg(endpoint_resolve(good[i].url, &e), "%s", good[i].url);
        ck_assert_msg(memcmp(e.address + 12, good[i].last4, 4) == 0, "%s", good[i].url);
        ck_assert_msg(e.port == good[i].port, "%s: %u", good[i].url, e.port);
        ck_assert_msg(e.loopback == good[i].loopback && e.local == good[i].local, "%s", good[i].url);
    }
}

static void what_is_no_url_is_refused(void)
{
    static const char *const bad[] = {"", "http://", "http:///v1", "http://[::1:80", "http://[]:80",
        "http://127.0.0.1:port", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://127.0.0.1x:80:80",
        "http://user@:80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct endpoint e;
        ck_assert_msg(!endpoint_resolve(bad[i], &e), "%s", bad[i]);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(urls_lead_to_address_and_port),
        TESTKIT_TEST(what_is_no_url_is_refused),
        {0},
    };
    return testkit_run("endpoint", tests);
}
