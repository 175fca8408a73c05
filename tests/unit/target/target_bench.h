/*
 * target_bench.h - a target on a server of canned replies, and a streamed chat to ask it for.
 *
 *     static const struct canned_reply reply = {.text = STREAM_HEAD SAY("a") STOP DONE, .end = CANNED_CLOSE};
 *     struct target_bench b;
 *     target_bench_init(&b, &reply, 1, (struct target_options){0});
 *     target_bench_chat(&b, 0);
 *     ck_assert_int_eq(b.x.error, EXCHANGE_OK);
 *     target_bench_fini(&b);
 */
#ifndef ASSAY_TARGET_BENCH_H
#define ASSAY_TARGET_BENCH_H

#include "canned_server.h"
#include "target.h"

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nServer: canned/1.0\r\n\r\n"
#define SAY(text) "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

/* A target on a canned server. */
struct target_bench {
    struct canned_server *server;
    struct target *target;
    struct exchange x;
};

struct target *target_bench_open(const struct target_options *options);
void target_bench_init(
    struct target_bench *b, const struct canned_reply *replies, size_t count, struct target_options options);
void target_bench_fini(struct target_bench *b);
struct chat_request target_bench_request(void);
void target_bench_chat(struct target_bench *b, int max_retries);

/* The body of the index-th request that came. */
const char *target_bench_sent(struct target_bench *b, size_t index);

#define JSON_REPLY(status, extra, body)                                                                      \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n" extra "\r\n" body

#endif
