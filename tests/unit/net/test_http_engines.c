/* Our own engine and libcurl make the same of whatever a server sends, but where this table says otherwise. */
#include "http.h"

#include "canned_server.h"
#include "clock.h"
#include "testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct outcome {
    struct loop *loop;
    enum http_error error;
    int status;
    bool over, has_text;
    struct buf body, head;
};

static void keep_field(const char *name, const char *value, void *arg)
{
    buf_printf(arg, "%s=[%s]\n", name, value);
}

static void keep_head(struct http_exchange *x, void *arg)
{
    struct outcome *o = arg;
    http_each_header(x, keep_field, &o->head);
}

static void keep_body(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct outcome *o = arg;
    ck_assert_int_gt(t_ns, 0);
    ck_assert_int_eq(buf_append(&o->body, bytes, len), STATUS_OK);
}

static void keep_end(struct http_exchange *x, void *arg)
{
    struct outcome *o = arg;
    const struct http_result *r = http_result(x);
    o->error = r->error;
    o->status = r->status;
    o->has_text = *r->text != '\0';
    o->over = true;
    loop_stop(o->loop);
}

static struct outcome fetch(const char *engine, const char *method, const struct canned_reply *reply)
{
    struct outcome o = {.body = BUF_INIT(1 << 20), .head = BUF_INIT(1 << 20)};
    struct canned_server *server = canned_server_start(reply, 1);
    struct http_client *client;
    setenv("ASSAY_HTTP_ENGINE", engine, 1);
    ck_assert_int_eq(loop_new(&o.loop, NULL), STATUS_OK);
    ck_assert_int_eq(http_client_new(o.loop, &client, NULL), STATUS_OK);
    struct http_request request = {.method = method,
        .url = canned_server_url(server),
        .total_timeout_ns = 60 * NS_PER_S,
        .on_headers = keep_head,
        .on_data = keep_body,
        .on_done = keep_end,
        .arg = &o};
    ck_assert_ptr_nonnull(http_start(client, &request, NULL));
    while (!o.over)
        ck_assert_int_eq(loop_run(o.loop), STATUS_OK);
    http_client_free(client);
    loop_free(o.loop);
    canned_server_stop(server);
    return o;
}

static void outcome_fini(struct outcome *o)
{
    buf_fini(&o->body);
    buf_fini(&o->head);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"

/* error and body: what must come of it by either engine; differs: what libcurl does, and why we do not. */
static const struct {
    const char *why, *text;
    size_t len; /* 0: of the text */
    enum http_error error;
    int status;
    const char *body; /* NULL: not compared */
    const char *method;
    const char *differs;
} answers[] = {
    {"plain", OK_HEAD "Content-Length: 2\r\n\r\nok", 0, HTTP_OK, 200, "ok"},
    {"lines end in LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 0, HTTP_OK, 200, "ok"},
    {"no reason", "HTTP/1.1 204\r\n\r\n", 0, HTTP_OK, 204, ""},
    {"1.0 until close", "HTTP/1.0 200 OK\r\n\r\nall", 0, HTTP_OK, 200, "all"},
    {"1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nall", 0, HTTP_OK, 200, "all"},
    {"1.0 that keeps alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nall", 0,
        HTTP_OK, 200, "all"},
    {"1.1 until close", OK_HEAD "\r\nall", 0, HTTP_OK, 200, "all"},
    {"no such version", "HTTP/1.2 200 OK\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"version 2 without asking", "HTTP/2 200\r\n\r\n", 0, HTTP_PROTOCOL, 0, "", NULL,
        "libcurl reads it as an answer until close"},
    {"version 9", "HTTP/9.9 200 OK\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"a status that is none", "HTTP/1.1 abc\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"a status below 100", "HTTP/1.1 099 Low\r\n\r\n", 0, HTTP_PROTOCOL, 0, ""},
    {"a status of 999", "HTTP/1.1 999 High\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_OK, 999, "x"},
    {"two blanks before the status", "HTTP/1.1  200 OK\r\n\r\n", 0, HTTP_OK, 200, ""},
    {"HTTP 0.9", "<html>hello</html>", 0, HTTP_PROTOCOL, 0, ""},
    {"an empty line first", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_PROTOCOL, 0, ""},
    {"three letters of HTTP", "HTT", 0, HTTP_TRUNCATED, 0, NULL},
    {"a line without colon", OK_HEAD "Nothing here\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_PROTOCOL, 0, ""},
    {"a NUL in a field", OK_HEAD "X: a\0b\r\nContent-Length: 1\r\n\r\nx", 47, HTTP_PROTOCOL, 0, ""},
    {"an empty value", OK_HEAD "X:\r\nY: \t \r\nContent-Length: 1\r\n\r\nx", 0, HTTP_OK, 200, "x", NULL,
        "libcurl gives the value as a carriage return"},
    {"blanks around values", OK_HEAD "X:   a b \t\r\nContent-Length:\t1 \r\n\r\nx", 0, HTTP_OK, 200, "x"},
    {"a blank before the colon", OK_HEAD "Content-Length : 1\r\n\r\nx until close", 0, HTTP_OK, 200,
        "x until close"},
    {"fields of one name", OK_HEAD "A: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n", 0, HTTP_OK, 200, ""},
    {"a folded field", OK_HEAD "X: one\r\n  two\r\n\tthree\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_OK, 200,
        "x"},
    {"a fold of blanks", OK_HEAD "X: one\r\n   \r\nContent-Length: 1\r\n\r\nx", 0, HTTP_OK, 200, "x"},
    {"a fold before any field", OK_HEAD " X: one\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_PROTOCOL, 0, "",
        NULL, "libcurl calls it a mistake of the program's"},
    {"a length that is no number", OK_HEAD "Content-Length: many\r\n\r\nx", 0, HTTP_PROTOCOL, 0, ""},
    {"a negative length", OK_HEAD "Content-Length: -1\r\n\r\nx", 0, HTTP_PROTOCOL, 0, ""},
    {"a length beyond all", OK_HEAD "Content-Length: 99999999999999999999\r\n\r\nx", 0, HTTP_OK, 200, "x"},
    {"a length with a tail", OK_HEAD "Content-Length: 1, 1\r\n\r\nx", 0, HTTP_OK, 200, "x"},
    {"two lengths", OK_HEAD "Content-Length: 3\r\nContent-Length: 1\r\n\r\nx", 0, HTTP_OK, 200, "x"},
    {"length and chunks",
        OK_HEAD "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 0, HTTP_OK,
        200, "x"},
    {"chunks and length",
        OK_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n1\r\nx\r\n0\r\n\r\n", 0, HTTP_OK,
        200, "x"},
    {"more than the length", OK_HEAD "Content-Length: 1\r\n\r\nxyz", 0, HTTP_OK, 200, "x"},
    {"less than the length", OK_HEAD "Content-Length: 5\r\n\r\nxyz", 0, HTTP_TRUNCATED, 200, "xyz"},
    {"an encoding nobody knows", OK_HEAD "Transfer-Encoding: rot13\r\n\r\nx", 0, HTTP_PROTOCOL, 200, ""},
    {"identity, then chunked", OK_HEAD "Transfer-Encoding: identity, Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 0,
        HTTP_OK, 200, "x"},
    {"interim answers",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Wait\r\nX: y\r\n\r\n" OK_HEAD "Content-Length: 1\r\n\r\nx",
        0, HTTP_OK, 200, "x"},
    {"only an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", 0, HTTP_TRUNCATED, 0, "", NULL,
        "libcurl says so too, but gives the status 100"},
    {"204 with a length", "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", 0, HTTP_OK, 204, ""},
    {"304 with a length", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n", 0, HTTP_OK, 304, ""},
    {"HEAD", OK_HEAD "Content-Length: 5\r\n\r\n", 0, HTTP_OK, 200, "", "HEAD"},
    {"HEAD of chunks", CHUNKED, 0, HTTP_OK, 200, "", "HEAD"},
    {"chunks", CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0, HTTP_OK, 200, "abcde"},
    {"chunks in LF", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n", 0, HTTP_OK, 200, "abc"},
    {"a large size in capitals", CHUNKED "0A\r\n0123456789\r\n0\r\n\r\n", 0, HTTP_OK, 200, "0123456789"},
    {"extensions", CHUNKED "3;a=b\r\nabc\r\n0;last\r\n\r\n", 0, HTTP_OK, 200, "abc"},
    {"a blank behind the size", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", 0, HTTP_OK, 200, "abc"},
    {"trailers", CHUNKED "3\r\nabc\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", 0, HTTP_OK, 200, "abc"},
    {"no chunks at all", CHUNKED "0\r\n\r\n", 0, HTTP_OK, 200, ""},
    {"a size that is no number", CHUNKED "xyz\r\nabc\r\n0\r\n\r\n", 0, HTTP_PROTOCOL, 200, ""},
    {"an empty size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 0, HTTP_PROTOCOL, 200, ""},
    {"a size beyond all", CHUNKED "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", 0, HTTP_PROTOCOL, 200, ""},
    {"a chunk longer than it says", CHUNKED "2\r\nabc\r\n0\r\n\r\n", 0, HTTP_PROTOCOL, 200, "ab"},
    {"no last chunk", CHUNKED "3\r\nabc\r\n", 0, HTTP_TRUNCATED, 200, "abc"},
    {"a last chunk cut short", CHUNKED "3\r\nabc\r\n0\r\n", 0, HTTP_TRUNCATED, 200, "abc"},
    {"cut within a chunk", CHUNKED "8\r\nabc", 0, HTTP_TRUNCATED, 200, "abc"},
    {"bytes behind the last chunk", CHUNKED "1\r\nx\r\n0\r\n\r\nHTTP/1.1 500 No\r\n\r\n", 0, HTTP_OK, 200,
        "x"},
    {"a head cut short", OK_HEAD "Content-Le", 0, HTTP_TRUNCATED, 0, NULL},
    {"nothing", "", 0, HTTP_TRUNCATED, 0, ""},
};

static void require(size_t i, const char *engine, size_t piece, const struct outcome *o)
{
    ck_assert_msg(o->error == answers[i].error && o->status == answers[i].status,
        "%s, %s, pieces of %zu: %d, status %d", answers[i].why, engine, piece, (int)o->error, o->status);
    ck_assert_msg(o->has_text == (o->error != HTTP_OK), "%s, %s: no reason", answers[i].why, engine);
    if (answers[i].body)
        ck_assert_msg(strcmp(buf_text(&o->body), answers[i].body) == 0, "%s, %s: body \"%s\"", answers[i].why,
            engine, buf_text(&o->body));
}

static void both_engines_make_the_same_of_it(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        for (size_t piece = 0; piece < 2; piece++) {
            const char *method = answers[i].method ? answers[i].method : "GET";
            struct canned_reply reply = {
                .text = answers[i].text, .len = answers[i].len, .piece = piece, .end = CANNED_CLOSE};
            struct outcome own = fetch("", method, &reply), curl = fetch("curl", method, &reply);
            require(i, "own", piece, &own);
            if (!answers[i].differs) {
                require(i, "libcurl", piece, &curl);
                if (own.error == HTTP_OK)
                    ck_assert_msg(strcmp(buf_text(&own.head), buf_text(&curl.head)) == 0, "%s: \"%s\" \"%s\"",
                        answers[i].why, buf_text(&own.head), buf_text(&curl.head));
            }
            outcome_fini(&own);
            outcome_fini(&curl);
        }
}

/* ---- connections, by both engines ---- */

struct session {
    struct outcome last;
    struct http_client *client;
    struct http_result result;
};

static void session_done(struct http_exchange *x, void *arg)
{
    struct session *s = arg;
    s->result = *http_result(x);
    keep_end(x, &s->last);
}

static void session_init(struct session *s, const char *engine)
{
    *s = (struct session){.last = {.body = BUF_INIT(1 << 26), .head = BUF_INIT(1 << 20)}};
    setenv("ASSAY_HTTP_ENGINE", engine, 1);
    ck_assert_int_eq(loop_new(&s->last.loop, NULL), STATUS_OK);
    ck_assert_int_eq(http_client_new(s->last.loop, &s->client, NULL), STATUS_OK);
}

static void session_fini(struct session *s)
{
    http_client_free(s->client);
    loop_free(s->last.loop);
    outcome_fini(&s->last);
}

static void session_ask(struct session *s, struct http_request request)
{
    request.method = request.method ? request.method : "GET";
    request.total_timeout_ns = 60 * NS_PER_S;
    request.on_done = session_done;
    request.arg = s;
    s->last.over = false;
    ck_assert_ptr_nonnull(http_start(s->client, &request, NULL));
    while (!s->last.over)
        ck_assert_int_eq(loop_run(s->last.loop), STATUS_OK);
}

static const char *const engines[] = {"", "curl"};
enum { ENGINES = sizeof engines / sizeof engines[0] };

#define GOOD OK_HEAD "Content-Length: 2\r\n\r\nok"

/* The server answers, and closes the connection without having said that it will. */
static void a_request_on_a_dead_connection_is_made_again(void)
{
    static const struct canned_reply replies[] = {{.text = GOOD, .end = CANNED_RESET}, {.text = GOOD}};
    for (int i = 0; i < ENGINES; i++) {
        struct session s;
        struct canned_server *server = canned_server_start(replies, 2);
        session_init(&s, engines[i]);
        session_ask(&s, (struct http_request){.url = canned_server_url(server)});
        session_ask(&s, (struct http_request){.url = canned_server_url(server)});
        ck_assert_msg(s.result.error == HTTP_OK, "%s: %s", engines[i], s.result.text);
        ck_assert(!s.result.reused);
        ck_assert_int_gt(s.result.connect_ns, 0);
        ck_assert_uint_eq(canned_server_connection_count(server), 2);
        session_fini(&s);
        canned_server_stop(server);
    }
}

/* It reads the second request on the old connection and dies of it, twice: once is chance. */
static void a_request_is_made_again_once_only(void)
{
    static const struct canned_reply replies[] = {{.text = GOOD}, {.end = CANNED_CLOSE}};
    for (int i = 0; i < ENGINES; i++) {
        struct session s;
        struct canned_server *server = canned_server_start(replies, 2);
        session_init(&s, engines[i]);
        session_ask(&s, (struct http_request){.url = canned_server_url(server)});
        session_ask(&s, (struct http_request){.url = canned_server_url(server)});
        ck_assert_int_eq(s.result.error, HTTP_TRUNCATED);
        ck_assert_uint_eq(canned_server_request_count(server), 3);
        session_fini(&s);
        canned_server_stop(server);
    }
}

static void a_connection_is_kept_only_where_both_sides_want_it(void)
{
    static const struct {
        const char *why, *text;
        bool fresh;
        size_t connections; /* of two requests */
    } cases[] = {
        {"kept", GOOD, false, 1},
        {"fresh ones", GOOD, true, 2},
        {"the server closes", OK_HEAD "Connection: close\r\nContent-Length: 2\r\n\r\nok", false, 2},
        {"bytes behind the answer", GOOD "more", false, 2},
        {"chunks", CHUNKED "2\r\nok\r\n0\r\n\r\n", false, 1},
        {"no body", "HTTP/1.1 204 None\r\n\r\n", false, 1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        for (int i = 0; i < ENGINES; i++) {
            struct canned_reply reply = {.text = cases[k].text};
            struct canned_server *server = canned_server_start(&reply, 1);
            struct session s;
            session_init(&s, engines[i]);
            for (int n = 0; n < 2; n++)
                session_ask(&s, (struct http_request){
                                    .url = canned_server_url(server), .fresh_connection = cases[k].fresh});
            ck_assert_int_eq(s.result.error, HTTP_OK);
            ck_assert_msg(canned_server_connection_count(server) == cases[k].connections, "%s, %s: %zu",
                cases[k].why, engines[i], canned_server_connection_count(server));
            ck_assert_int_eq(s.result.reused, cases[k].connections == 1);
            ck_assert_int_eq(strstr(canned_server_request(server, 0), "\r\nConnection: close\r\n") != NULL,
                cases[k].fresh);
            session_fini(&s);
            canned_server_stop(server);
        }
}

/* The server refuses a large body before it has read it all. */
static void an_early_answer_is_an_answer(void)
{
    static char body[32 << 20];
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 413 Too large\r\nContent-Length: 3\r\n\r\nno!", .unread = true, .end = CANNED_HOLD};
    for (int i = 0; i < ENGINES; i++) {
        struct session s;
        struct canned_server *server = canned_server_start(&reply, 1);
        session_init(&s, engines[i]);
        session_ask(&s,
            (struct http_request){
                .method = "POST", .url = canned_server_url(server), .body = body, .body_len = sizeof body});
        ck_assert_msg(s.result.error == HTTP_OK && s.result.status == 413, "%s: %d %s", engines[i],
            (int)s.result.error, s.result.text);
        session_fini(&s);
        canned_server_stop(server);
    }
}

static void a_large_body_arrives_whole(void)
{
    static char body[12 << 20];
    static const struct canned_reply reply = {.text = GOOD};
    for (size_t k = 0; k < sizeof body; k++)
        body[k] = (char)('a' + k % 23);
    for (int i = 0; i < ENGINES; i++) {
        struct session s;
        struct canned_server *server = canned_server_start(&reply, 1);
        session_init(&s, engines[i]);
        session_ask(&s,
            (struct http_request){
                .method = "POST", .url = canned_server_url(server), .body = body, .body_len = sizeof body});
        ck_assert_int_eq(s.result.error, HTTP_OK);
        const char *sent = strstr(canned_server_request(server, 0), "\r\n\r\n");
        ck_assert(sent && strlen(sent + 4) == sizeof body && memcmp(sent + 4, body, sizeof body) == 0);
        session_fini(&s);
        canned_server_stop(server);
    }
}

/* The canned server listens on 127.0.0.1 alone: ::1, which comes first, refuses. */
static void localhost_is_found_at_either_address(void)
{
    static const struct canned_reply reply = {.text = GOOD};
    for (int i = 0; i < ENGINES; i++) {
        struct session s;
        char url[64];
        struct canned_server *server = canned_server_start(&reply, 1);
        session_init(&s, engines[i]);
        snprintf(url, sizeof url, "http://localhost:%d/x?y=z", canned_server_port(server));
        session_ask(&s, (struct http_request){.url = url});
        ck_assert_msg(s.result.error == HTTP_OK, "%s: %s", engines[i], s.result.text);
        ck_assert_ptr_nonnull(
            strstr(canned_server_request(server, 0), "GET /x?y=z HTTP/1.1\r\nHost: localhost:"));
        session_fini(&s);
        canned_server_stop(server);
    }
}

/* The same request is the same bytes. */
static void both_engines_say_the_same(void)
{
    static const struct canned_reply reply = {.text = GOOD};
    static const char *const headers[] = {
        "Content-Type: application/json", "X-Mine: 1", "Accept:", "user-agent: mine", NULL};
    static const struct http_request requests[] = {
        {.method = "GET"},
        {.method = "POST"},
        {.method = "POST", .body = "{}", .body_len = 2},
        {.method = "POST", .body = "{}", .body_len = 2, .headers = headers},
        {.method = "DELETE", .body = "{}", .body_len = 2, .headers = headers},
        {.method = "HEAD"},
        {.method = "GET", .user = "me", .password = "secret"},
        {.method = "GET", .headers = headers, .user = "me"},
    };
    for (size_t k = 0; k < sizeof requests / sizeof requests[0]; k++) {
        char said[ENGINES][1024], url[64];
        struct canned_server *server = canned_server_start(&reply, 1);
        for (int i = 0; i < ENGINES; i++) {
            struct session s;
            struct http_request request = requests[k];
            session_init(&s, engines[i]);
            snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/x", canned_server_port(server));
            request.url = url;
            session_ask(&s, request);
            snprintf(said[i], sizeof said[i], "%s", canned_server_request(server, (size_t)i));
            session_fini(&s);
        }
        ck_assert_msg(strcmp(said[0], said[1]) == 0, "\"%s\" \"%s\"", said[0], said[1]);
        canned_server_stop(server);
    }
}

/* ---- a Unix socket whose server has no room for all of them at once ---- */

enum { CROWD = 24 };

struct local_server {
    struct sockaddr_un address;
    int listener;
    pthread_t thread;
};

static void *serve_slowly(void *arg)
{
    struct local_server *server = arg;
    static const char answer[] = OK_HEAD "Connection: close\r\nContent-Length: 2\r\n\r\nok";
    char bytes[4096];
    for (int i = 0; i < CROWD; i++) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        bool told = recv(fd, bytes, sizeof bytes, 0) > 0 &&
                    send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) == (ssize_t)sizeof answer - 1;
        close(fd);
        if (!told)
            return NULL;
    }
    return server;
}

static void local_server_start(struct local_server *server, const char *path)
{
    server->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(server->address.sun_path, sizeof server->address.sun_path, "%s", path);
    server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(server->listener, (struct sockaddr *)&server->address, sizeof server->address), 0);
    ck_assert_int_eq(listen(server->listener, 1), 0);
}

struct crowd {
    struct loop *loop;
    int left, good;
};

static void crowd_done(struct http_exchange *x, void *arg)
{
    struct crowd *crowd = arg;
    crowd->good += http_result(x)->error == HTTP_OK && http_result(x)->body_bytes == 2;
    if (--crowd->left == 0)
        loop_stop(crowd->loop);
}

static void a_full_unix_socket_is_asked_again(void)
{
    struct session s;
    struct local_server server;
    void *served = NULL;
    local_server_start(&server, testkit_tmp_path("socket"));
    session_init(&s, "");
    struct http_transport way = {.unix_socket = server.address.sun_path};
    struct crowd crowd = {.loop = s.last.loop, .left = CROWD};
    struct http_request request = {.method = "GET",
        .url = "http://any-name/x",
        .transport = &way,
        .total_timeout_ns = 60 * NS_PER_S,
        .on_done = crowd_done,
        .arg = &crowd};
    for (int i = 0; i < CROWD; i++)
        ck_assert_ptr_nonnull(http_start(s.client, &request, NULL));
    ck_assert_int_eq(pthread_create(&server.thread, NULL, serve_slowly, &server), 0);
    ck_assert_int_eq(loop_run(s.last.loop), STATUS_OK);
    ck_assert_int_eq(crowd.good, CROWD);
    pthread_join(server.thread, &served);
    ck_assert_ptr_eq(served, &server);
    close(server.listener);
    session_fini(&s);
}

static void a_line_break_in_a_header_is_refused(void)
{
    static const char *const headers[] = {"X: a\r\nY: b", NULL};
    struct session s;
    struct error why = {0};
    session_init(&s, "");
    struct http_request request = {.method = "GET",
        .url = "http://127.0.0.1:1/",
        .headers = headers,
        .on_done = session_done,
        .arg = &s};
    ck_assert_ptr_null(http_start(s.client, &request, &why));
    ck_assert_str_eq(error_text(&why), "a header of the request, or its address, contains a line break");
    session_fini(&s);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(both_engines_make_the_same_of_it),
        TESTKIT_TEST(a_request_on_a_dead_connection_is_made_again),
        TESTKIT_TEST(a_request_is_made_again_once_only),
        TESTKIT_TEST(a_connection_is_kept_only_where_both_sides_want_it),
        TESTKIT_TEST(an_early_answer_is_an_answer),
        TESTKIT_TEST(a_large_body_arrives_whole),
        TESTKIT_TEST(localhost_is_found_at_either_address),
        TESTKIT_TEST(both_engines_say_the_same),
        TESTKIT_TEST(a_full_unix_socket_is_asked_again),
        TESTKIT_TEST(a_line_break_in_a_header_is_refused),
        {0},
    };
    return testkit_run("http_engines", tests);
}
