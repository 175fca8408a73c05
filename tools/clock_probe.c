#include "clock_probe.h"

#include "clock.h"
#include "http.h"
#include "target_url.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#define ANSWER_LIMIT_NS (2 * NS_PER_S)

struct probe {
    struct loop *loop;
    int64_t sent_ns, received_ns; /* wall clock */
    int64_t date_s, slack_ns;
    bool dated;
};

/* uvicorn renews its Date once a second, at a moment of its own. */
static int64_t slack_of(const struct http_exchange *x)
{
    const char *server = http_header(x, "Server");
    return server != NULL && strcasecmp(server, "uvicorn") == 0 ? NS_PER_S : 0;
}

static void take_answer(struct http_exchange *x, void *arg)
{
    struct probe *p = arg;
    const struct http_result *r = http_result(x);
    const char *date = http_header(x, "Date");
    time_t at = date != NULL ? curl_getdate(date, NULL) : (time_t)-1;
    int64_t wall_ahead_ns = clock_wall_ns(clock_system()) - loop_now_ns();
    p->dated = r->status != 0 && at != (time_t)-1 && r->t_sent_ns != 0 && r->t_headers_ns != 0;
    p->date_s = (int64_t)at;
    p->slack_ns = slack_of(x);
    p->sent_ns = r->t_sent_ns + wall_ahead_ns;
    p->received_ns = r->t_headers_ns + wall_ahead_ns;
    loop_stop(p->loop);
}

static bool ask(
    struct http_client *client, const struct target_access *access, const char *url, struct probe *p)
{
    struct http_request request = {.method = "GET",
        .url = url,
        .transport = access->transport,
        .total_timeout_ns = ANSWER_LIMIT_NS,
        .max_body_bytes = 1 << 20,
        .on_done = take_answer,
        .arg = p};
    p->dated = false;
    return http_start(client, &request, NULL) != NULL && loop_run(p->loop) == STATUS_OK && p->dated;
}

/* The first question tells the second and is asked at once; each further one when its answer tells most. */
static void ask_all(struct http_client *client, const struct target_access *access, const char *url,
    int questions, struct probe *p, struct clock_bounds *dates)
{
    const struct clock *clock = clock_system();
    for (int i = 0; i < questions; i++) {
        int64_t now_ns = clock_wall_ns(clock);
        clock_sleep_until(clock, clock_mono_ns(clock) + clock_bounds_next_ns(dates, now_ns) - now_ns);
        if (!ask(client, access, url, p))
            return;
        clock_bounds_note(dates, p->sent_ns, p->received_ns, p->date_s, p->slack_ns);
    }
}

void clock_probe(const struct target_access *access, int questions, struct clock_bounds *dates)
{
    struct probe p = {0};
    struct http_client *client = NULL;
    struct target_url url = {0};
    if (target_url_parse(access->url, &url, NULL) == STATUS_OK && loop_new(&p.loop, NULL) == STATUS_OK &&
        http_client_new(p.loop, &client, NULL) == STATUS_OK)
        ask_all(client, access, url.root, questions, &p, dates);
    http_client_free(client);
    loop_free(p.loop);
    target_url_fini(&url);
}
