#include "redirect.h"

#include "target_url.h"
#include "testkit.h"

#include <stdlib.h>

static void the_same_server_is_followed_and_no_other(void)
{
    static const struct {
        const char *from, *location, *next; /* NULL: refused */
    } steps[] = {
        {"http://box:8080/v1/models", "/api/v1/models", "http://box:8080/api/v1/models"},
        {"http://box:8080/v1/models", "models/", "http://box:8080/v1/models/"},
        {"http://box/v1", "HTTP://BOX:80/v2", "http://BOX:80/v2"},
        {"https://box/v1", "//box/v2", "https://box/v2"},
        {"http://box/v1", "https://box/v1", NULL},
        {"http://box/v1", "http://box:81/v1", NULL},
        {"http://box/v1", "http://box.evil/v1", NULL},
        {"http://box/v1", "http://box@evil/v1", NULL},
        {"http://box/v1", "//evil/v1", NULL},
        {"http://box/v1", "file:///etc/passwd", NULL},
        {"http://box/v1", "http://[", NULL},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct error why = {0};
        char *next = NULL;
        enum status s = redirect_resolve(steps[i].from, "POST", 307, steps[i].location, &next, &why);
        ck_assert_msg(
            (s == STATUS_OK) == (steps[i].next != NULL), "%s: %s", steps[i].location, error_text(&why));
        if (steps[i].next)
            ck_assert_str_eq(next, steps[i].next);
        free(next);
    }
}

static void an_answer_to_be_fetched_is_only_for_a_get(void)
{
    struct error why = {0};
    char *next = NULL;
    ck_assert_int_ne(redirect_resolve("http://box/a", "POST", 303, "/b", &next, &why), STATUS_OK);
    ck_assert_int_eq(redirect_resolve("http://box/a", "GET", 303, "/b", &next, &why), STATUS_OK);
    free(next);
}

static void a_socket_may_stand_in_the_url(void)
{
    struct target_url u;
    struct error why = {0};
    ck_assert_int_eq(target_url_parse("http+unix://%2Frun%2Fmodel.sock/api/v1/", &u, &why), STATUS_OK);
    ck_assert_str_eq(u.root, "http://localhost/api");
    ck_assert_str_eq(u.shown, "http+unix://%2Frun%2Fmodel.sock/api");
    ck_assert_str_eq(u.unix_socket, "/run/model.sock");
    ck_assert_str_eq(u.host_port, "model.sock");
    ck_assert(u.has_version);
    target_url_fini(&u);
    static const char *const wrong[] = {"http+unix://", "http+unix:///run/m.sock", "http+unix://box",
        "http+unix://%2F", "http+unix://%2Fa%00b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(target_url_parse(wrong[i], &u, &why) == STATUS_INVALID, "%s", wrong[i]);
}

static void names_of_hosts_can_be_read(void)
{
    static const char *const names[][2] = {{"http://[::1]:8080", "ip6-1_8080"},
        {"http://[fe80::2:3]:80/v1", "ip6-fe80-2-3_80"}, {"HTTP://Box:1", "Box_1"},
        {"https://a.example", "a.example_443"}};
    struct target_url u;
    struct error why = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(target_url_parse(names[i][0], &u, &why), STATUS_OK);
        ck_assert_str_eq(u.host_port, names[i][1]);
        target_url_fini(&u);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_same_server_is_followed_and_no_other),
        TESTKIT_TEST(an_answer_to_be_fetched_is_only_for_a_get),
        TESTKIT_TEST(a_socket_may_stand_in_the_url),
        TESTKIT_TEST(names_of_hosts_can_be_read),
        {0},
    };
    return testkit_run("redirect", tests);
}
