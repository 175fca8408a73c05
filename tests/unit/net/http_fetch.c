#include "http_fetch.h"

#include "clock.h"
#include "loop.h"
#include "testkit.h"

#include <stdio.h>

static void fetch_headers(struct http_exchange *x, void *arg)
{
    struct http_fetch *f = arg;
    const char *server = http_header(x, "server");
    f->headers++;
    snprintf(f->server, sizeof f->server, "%s", server ? server : "");
    if (f->cancel_in_headers)
        http_cancel(x);
}

static void fetch_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct http_fetch *f = arg;
    f->reads++;
    if (!f->first_read_ns)
        f->first_read_ns = t_ns;
    ck_assert_int_eq(buf_append(&f->body, bytes, len), STATUS_OK);
    if (f->cancel_in_data)
        http_cancel(f->handle);
}

static void fetch_done(struct http_exchange *x, void *arg)
{
    struct http_fetch *f = arg;
    f->dones++;
    f->result = *http_result(x);
    f->handle = NULL;
    loop_stop(f->loop);
}

void http_fetch_init(struct http_fetch *f)
{
    *f = (struct http_fetch){.body = BUF_INIT(1 << 24)};
    ck_assert_int_eq(loop_new(&f->loop, NULL), STATUS_OK);
    ck_assert_int_eq(http_client_new(f->loop, &f->client, NULL), STATUS_OK);
}

void http_fetch_fini(struct http_fetch *f)
{
    http_client_free(f->client);
    loop_free(f->loop);
    buf_fini(&f->body);
}

struct http_request http_fetch_request(struct http_fetch *f, const char *url)
{
    return (struct http_request){.method = "GET",
        .url = url,
        .on_headers = fetch_headers,
        .on_data = fetch_data,
        .on_done = fetch_done,
        .arg = f,
        .connect_timeout_ns = 30 * NS_PER_S,
        .total_timeout_ns = 60 * NS_PER_S};
}

void http_fetch_run(struct http_fetch *f, const struct http_request *request)
{
    int dones = f->dones;
    struct error why = {0};
    f->handle = http_start(f->client, request, &why);
    ck_assert_msg(f->handle != NULL, "%s", error_text(&why));
    while (f->dones == dones)
        ck_assert_int_eq(loop_run(f->loop), STATUS_OK);
}

struct http_fetch http_fetch_one(const struct canned_reply *reply)
{
    struct http_fetch f;
    struct canned_server *server = canned_server_start(reply, 1);
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    http_fetch_run(&f, &request);
    canned_server_stop(server);
    return f;
}
