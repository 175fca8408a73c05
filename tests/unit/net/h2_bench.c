#include "h2_bench.h"

#include "clock.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct h2_bench *h2_bench_begin_with(struct h2_proxy_options o)
{
    struct h2_bench *b = calloc(1, sizeof *b);
    struct error why = {0};
    if (!o.backend) { /* a simulator is a child that must not inherit the threads of a canned server */
        ck_assert_msg(
            sim_spawn(&(struct sim_options){.seed = 1}, &b->sim, &why) == STATUS_OK, "%s", error_text(&why));
        o.backend = b->sim.url;
    }
    b->proxy = h2_proxy_start(&o);
    b->url = h2_proxy_url(b->proxy);
    b->way.http = HTTP_WISH_2;
    if (o.tls)
        ck_assert_int_eq(http_transport_set(&b->way.ca_file, h2_proxy_ca(b->proxy), &why), STATUS_OK);
    ck_assert_int_eq(loop_new(&b->loop, &why), STATUS_OK);
    ck_assert_int_eq(http_client_new(b->loop, &b->client, &why), STATUS_OK);
    return b;
}

struct h2_bench *h2_bench_begin(bool tls, int max_streams)
{
    return h2_bench_begin_with((struct h2_proxy_options){.tls = tls, .max_streams = max_streams});
}

void h2_bench_end(struct h2_bench *b)
{
    http_client_free(b->client);
    loop_free(b->loop);
    http_transport_fini(&b->way);
    h2_proxy_stop(b->proxy);
    sim_stop(&b->sim);
    free(b);
}

static void on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct h2_asked *a = arg;
    if (a->reads++ == 0)
        a->t_first_ns = t_ns;
    ck_assert_int_eq(buf_append(&a->body, bytes, len), STATUS_OK);
    if (a->on_read)
        a->on_read(a);
    if (a->cancel_after && a->reads == a->cancel_after)
        http_cancel(a->x);
}

static void on_done(struct http_exchange *x, void *arg)
{
    struct h2_asked *a = arg;
    a->result = *http_result(x);
    if (--a->bench->open == 0)
        loop_stop(a->bench->loop);
}

void h2_bench_start(struct h2_bench *b, struct h2_asked *a, const char *model, int tokens, bool fresh)
{
    char url[128], body[256];
    struct error why = {0};
    snprintf(url, sizeof url, "%s/v1/chat/completions", b->url);
    snprintf(body, sizeof body,
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"stream\":true,"
        "\"max_tokens\":%d}",
        model, tokens);
    const char *headers[] = {"Content-Type: application/json", NULL};
    buf_init(&a->body, 1 << 20);
    a->bench = b;
    a->x = http_start(b->client,
        &(struct http_request){.method = "POST",
            .url = url,
            .headers = headers,
            .transport = &b->way,
            .body = body,
            .body_len = strlen(body),
            .total_timeout_ns = 300 * NS_PER_S,
            .fresh_connection = fresh,
            .on_data = on_data,
            .on_done = on_done,
            .arg = a},
        &why);
    ck_assert_msg(a->x != NULL, "%s", error_text(&why));
    b->open++;
}

void h2_bench_wait(struct h2_bench *b)
{
    while (b->open > 0)
        ck_assert_int_eq(loop_run(b->loop), STATUS_OK);
}

void h2_bench_forget(struct h2_asked *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_fini(&a[i].body);
}

int h2_bench_made(const struct h2_asked *a, int count)
{
    int connections = 0;
    for (int i = 0; i < count; i++)
        connections += !a[i].result.reused;
    return connections;
}

void h2_bench_check_whole(const struct h2_asked *a)
{
    const struct http_result *r = &a->result;
    ck_assert_msg(r->error == HTTP_OK && r->status == 200, "%d: %s", r->error, r->text);
    ck_assert_int_eq(r->http, 20);
    ck_assert(r->t_sent_ns > 0 && r->t_sent_ns <= r->t_headers_ns && r->t_headers_ns <= a->t_first_ns);
    ck_assert_ptr_nonnull(strstr(buf_text((struct buf *)&a->body), "data: [DONE]"));
}
