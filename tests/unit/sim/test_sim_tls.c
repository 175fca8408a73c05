/* The simulated server behind TLS: with the client that measures, which verifies, and with clients that break off. */
#include "sim_host.h"

#include "clock.h"
#include "http.h"
#include "sim_tls.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct sim_host host;

struct fetch {
    struct loop *loop;
    struct buf body;
    struct http_result result;
};

static void keep(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct fetch *f = arg;
    (void)t_ns;
    ck_assert_int_eq(buf_append(&f->body, bytes, len), STATUS_OK);
}

static void finish(struct http_exchange *x, void *arg)
{
    struct fetch *f = arg;
    f->result = *http_result(x);
    loop_stop(f->loop);
}

/* The transport owns its texts; it is never ended here. */
static char *ca(void)
{
    static char path[SIM_CA_SIZE];
    snprintf(path, sizeof path, "%s", sim_server_ca(host.server));
    return path;
}

static void fetch(struct fetch *f, const char *path, const char *body, char *ca_file)
{
    char url[128];
    struct error why = {0};
    struct http_transport way = {.ca_file = ca_file};
    snprintf(url, sizeof url, "%s%s", sim_server_url(host.server), path);
    *f = (struct fetch){.body = BUF_INIT(1 << 24)};
    ck_assert_int_eq(loop_new(&f->loop, &why), STATUS_OK);
    struct http_client *client = NULL;
    ck_assert_int_eq(http_client_new(f->loop, &client, &why), STATUS_OK);
    struct http_request request = {.method = body ? "POST" : "GET",
        .url = url,
        .transport = &way,
        .body = body,
        .body_len = body ? strlen(body) : 0,
        .total_timeout_ns = 60 * NS_PER_S,
        .on_data = keep,
        .on_done = finish,
        .arg = f};
    ck_assert_ptr_nonnull(http_start(client, &request, &why));
    ck_assert_int_eq(loop_run(f->loop), STATUS_OK);
    http_client_free(client);
    loop_free(f->loop);
}

static void the_client_verifies_the_certificate_that_was_made(void)
{
    struct fetch f;
    sim_host_start(&host, &(struct sim_options){.tls = "self"});
    ck_assert(strncmp(sim_server_url(host.server), "https://127.0.0.1:", 18) == 0);
    fetch(&f, "/health", NULL, ca());
    ck_assert_msg(f.result.error == HTTP_OK, "%s", f.result.text);
    ck_assert_str_eq(buf_text(&f.body), "{\"status\":\"ok\"}");
    ck_assert_int_gt(f.result.tls_ns, 0);
    buf_fini(&f.body);
    fetch(&f, "/health", NULL, NULL);
    ck_assert_int_eq(f.result.error, HTTP_TLS); /* no authority of this system knows it */
    buf_fini(&f.body);
    sim_host_stop(&host);
}

/* More than a record in either direction, and than a read takes at once. */
static void long_bodies_and_streams_arrive_whole(void)
{
    struct fetch f;
    struct buf body = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){.tls = "self"});
    buf_append_text(&body,
        "{\"model\":\"sim-instant\",\"stream\":true,\"max_tokens\":400,\"messages\":[{\"role\":"
        "\"user\",\"content\":\"");
    for (int i = 0; i < 60000; i++)
        buf_append_text(&body, "word ");
    buf_append_text(&body, "\"}]}");
    fetch(&f, "/v1/chat/completions", buf_text(&body), ca());
    ck_assert_msg(f.result.error == HTTP_OK && f.result.status == 200, "%s", f.result.text);
    ck_assert_ptr_nonnull(strstr(buf_text(&f.body), "data: [DONE]\n\n"));
    buf_fini(&f.body);
    buf_fini(&body);
    sim_host_stop(&host);
}

static void who_speaks_no_tls_or_breaks_off_does_no_harm(void)
{
    struct fetch f;
    struct buf answer = BUF_INIT(4096);
    sim_host_start(&host, &(struct sim_options){.tls = "self"});
    for (int i = 0; i < 20; i++) {
        int fd = sim_host_connect(&host);
        sim_host_send_bytes(fd, "\x16\x03\x01\x02\x00\x01", (size_t)i % 7);
        if (i % 2)
            sim_host_send(fd, "GET /health HTTP/1.1\r\n\r\n");
        close(fd);
    }
    int fd = sim_host_connect(&host);
    sim_host_send(fd, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    sim_host_read_all(fd, &answer);
    close(fd);
    ck_assert_ptr_null(strstr(buf_text(&answer), "HTTP/1.1"));
    fetch(&f, "/health", NULL, ca());
    ck_assert_int_eq(f.result.error, HTTP_OK);
    buf_fini(&f.body);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void wrong_files_are_refused_with_a_reason(void)
{
    static const struct {
        const char *how, *text;
    } rows[] = {
        {"", "TLS needs \"self\" or two files, CERTIFICATE,KEY; not \"\""},
        {"only-one.pem", "not \"only-one.pem\""},
        {"only-one.pem,", "not \"only-one.pem,\""},
        {"/nowhere/c.pem,/nowhere/k.pem", "the certificate cannot be used: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error why = {0};
        struct sim_tls *tls;
        ck_assert_int_eq(sim_tls_open(rows[i].how, "127.0.0.1", &tls, &why), STATUS_USAGE);
        ck_assert_msg(strstr(error_text(&why), rows[i].text) != NULL, "%s", error_text(&why));
        ck_assert_ptr_null(tls);
    }
}

static void the_certificate_that_was_made_goes_with_the_server(void)
{
    struct sim_process sim;
    struct error why = {0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.tls = "self"}, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    char ca[SIM_CA_SIZE];
    memcpy(ca, sim.ca, sizeof ca);
    ck_assert_int_eq(access(ca, R_OK), 0);
    sim_stop(&sim);
    ck_assert_int_ne(access(ca, F_OK), 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_client_verifies_the_certificate_that_was_made),
        TESTKIT_TEST(long_bodies_and_streams_arrive_whole),
        TESTKIT_TEST(who_speaks_no_tls_or_breaks_off_does_no_harm),
        TESTKIT_TEST(wrong_files_are_refused_with_a_reason),
        TESTKIT_TEST(the_certificate_that_was_made_goes_with_the_server),
        {0},
    };
    return testkit_run("sim_tls", tests);
}
