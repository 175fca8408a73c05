#include "target_bench.h"

#include "clock.h"
#include "testkit.h"

#include <string.h>

struct target *target_bench_open(const struct target_options *options)
{
    struct target *target = NULL;
    struct error why = {0};
    ck_assert_msg(target_open(options, &target, &why) == STATUS_OK, "%s", error_text(&why));
    return target;
}

void target_bench_init(
    struct target_bench *b, const struct canned_reply *replies, size_t count, struct target_options options)
{
    b->server = canned_server_start(replies, count);
    options.url = canned_server_url(b->server);
    if (!options.total_timeout_ns)
        options.total_timeout_ns = 60 * NS_PER_S;
    b->target = target_bench_open(&options);
    exchange_init(&b->x);
}

void target_bench_fini(struct target_bench *b)
{
    target_close(b->target);
    exchange_fini(&b->x);
    canned_server_stop(b->server);
}

static const struct chat_message hello = {"user", "Hello."};

struct chat_request target_bench_request(void)
{
    return (struct chat_request){.model = "m",
        .messages = &hello,
        .message_count = 1,
        .max_tokens = 8,
        .temperature = 0,
        .seed = -1,
        .stream = true,
        .want_usage = true};
}

void target_bench_chat(struct target_bench *b, int max_retries)
{
    struct chat_request request = target_bench_request();
    request.max_retries = max_retries;
    target_chat(b->target, &request, &b->x);
}

const char *target_bench_sent(struct target_bench *b, size_t index)
{
    const char *body = strstr(canned_server_request(b->server, index), "\r\n\r\n");
    return body ? body + 4 : "";
}
