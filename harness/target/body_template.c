#include "body_template.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES_USUAL = 512 };

/* Nobody says these, and if somebody does they are there twice, and nothing is made of them. */
#define TEXT_MARK "the text of the request 4bd1c6f0"
#define NUMBER_MARK INT64_C(7301846250917)
static const char text_mark[] = "\"" TEXT_MARK "\"";
static const char chat_mark[] = "[{\"role\":\"user\",\"content\":\"" TEXT_MARK "\"}]";
static const char number_mark[] = "7301846250917";

/* ---- what is alike ---- */

static bool is_plain_chat(const struct chat_request *r)
{
    bool plain = r->message_count > 0 && !r->stop && !r->tools_json && !r->tool_choice && !r->schema_json;
    for (size_t i = 0; plain && i < r->message_count; i++) {
        const struct chat_message *m = &r->messages[i];
        plain = m->role && m->content && m->media_count == 0 && !m->tool_call_id && !m->tool_calls_json &&
                strlen(m->content) <= INT32_MAX;
    }
    return plain;
}

static bool is_plain(const struct target_request *r)
{
    if (r->task == TASK_CHAT)
        return is_plain_chat(&r->chat);
    return r->task == TASK_COMPLETION && r->completion.prompt && !r->completion.stop &&
           strlen(r->completion.prompt) <= INT32_MAX;
}

/* Of a chat or a completion, whose structures have these members alike. Borrows the texts. */
#define LIKENESS_OF(request)                                                                                 \
    {                                                                                                        \
        .model = (char *)(request).model, .more_json = (char *)(request).engine.more_json,                   \
        .extra_json = (char *)(request).extra_json, .temperature = (request).temperature,                    \
        .top_p = (request).top_p, .seed = (request).seed, .limited = (request).max_tokens > 0,               \
        .stream = (request).stream, .want_usage = (request).want_usage, .engine = (request).engine           \
    }

static struct body_likeness likeness_of(const struct body_way *way, const struct target_request *r)
{
    struct body_likeness like = r->task == TASK_CHAT ? (struct body_likeness)LIKENESS_OF(r->chat)
                                                     : (struct body_likeness)LIKENESS_OF(r->completion);
    like.way = *way;
    like.task = r->task;
    return like;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_real(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_engine(const struct engine_options *a, const struct engine_options *b)
{
    return a->num_ctx == b->num_ctx && a->num_batch == b->num_batch && a->num_thread == b->num_thread &&
           a->num_gpu == b->num_gpu && a->cache_prompt == b->cache_prompt && a->ignore_eos == b->ignore_eos &&
           a->keep_alive_ns == b->keep_alive_ns;
}

static bool is_like(const struct body_likeness *a, const struct body_likeness *b)
{
    return a->way.kind == b->way.kind && a->way.adapted == b->way.adapted && a->task == b->task &&
           a->limited == b->limited && a->stream == b->stream && a->want_usage == b->want_usage &&
           a->seed == b->seed && same_real(a->temperature, b->temperature) && same_real(a->top_p, b->top_p) &&
           same_engine(&a->engine, &b->engine) && same_text(a->model, b->model) &&
           same_text(a->more_json, b->more_json) && same_text(a->extra_json, b->extra_json);
}

static char *copy_of(const char *text, bool *ok)
{
    char *copy = text ? strdup(text) : NULL;
    *ok = *ok && (copy || !text);
    return copy;
}

void body_template_fini(struct body_template *t)
{
    free(t->like.model);
    free(t->like.more_json);
    free(t->like.extra_json);
    buf_fini(&t->bytes);
    *t = (struct body_template){0};
}

/* Without memory nothing is remembered. */
static void remember(struct body_template *t, const struct body_likeness *like)
{
    bool ok = true;
    body_template_fini(t);
    t->like = *like;
    t->like.engine.more_json = NULL;
    t->like.model = copy_of(like->model, &ok);
    t->like.more_json = copy_of(like->more_json, &ok);
    t->like.extra_json = copy_of(like->extra_json, &ok);
    t->known = ok;
}

/* ---- the template ---- */

static char *find_once(const struct buf *b, const char *mark, size_t len)
{
    char *at = memmem(b->data, b->len, mark, len);
    size_t behind = at ? (size_t)(at + 1 - b->data) : 0;
    return at && !memmem(at + 1, b->len - behind, mark, len) ? at : NULL;
}

static bool cut_out(struct buf *b, const char *mark, size_t len, size_t *where)
{
    char *at = find_once(b, mark, len);
    if (!at)
        return false;
    *where = (size_t)(at - b->data);
    b->len -= len;
    memmove(at, at + len, b->len - *where + 1);
    return true;
}

static bool cut_marks(struct body_template *t)
{
    bool chat = t->like.task == TASK_CHAT;
    const char *text = chat ? chat_mark : text_mark;
    size_t text_len = (chat ? sizeof chat_mark : sizeof text_mark) - 1, number_len = sizeof number_mark - 1;
    t->number_at = SIZE_MAX;
    if (!find_once(&t->bytes, TEXT_MARK, sizeof TEXT_MARK - 1) ||
        !cut_out(&t->bytes, text, text_len, &t->text_at))
        return false;
    if (!t->like.limited)
        return true;
    if (!cut_out(&t->bytes, number_mark, number_len, &t->number_at))
        return false;
    if (t->number_at < t->text_at)
        t->text_at -= number_len;
    return true;
}

/* Of the content type of as, which says how a body may be adapted. */
static void make(struct body_template *t, const struct target_request *like, body_write_fn *write,
    const struct openai_body *as)
{
    static const struct chat_message message = {.role = "user", .content = TEXT_MARK};
    struct target_request marked = *like;
    struct openai_body body = {.bytes = BUF_INIT(SIZE_MAX / 4)};
    struct error ignored = {0};
    memcpy(body.content_type, as->content_type, sizeof body.content_type);
    if (like->task == TASK_CHAT) {
        marked.chat.messages = &message;
        marked.chat.message_count = 1;
        marked.chat.max_tokens = t->like.limited ? NUMBER_MARK : 0;
    } else {
        marked.completion.prompt = TEXT_MARK;
        marked.completion.max_tokens = t->like.limited ? NUMBER_MARK : 0;
    }
    bool written = write(&t->like.way, &marked, &body, &ignored) == STATUS_OK;
    t->tried = true;
    t->bytes = body.bytes;
    if (!written || !cut_marks(t))
        buf_fini(&t->bytes);
}

/* ---- from the template ---- */

static void write_messages(const struct chat_request *r, struct buf *out)
{
    buf_append_char(out, '[');
    for (size_t i = 0; i < r->message_count; i++) {
        buf_append_text(out, i ? ",{\"role\":" : "{\"role\":");
        json_write_text(r->messages[i].role, strlen(r->messages[i].role), out);
        buf_append_text(out, ",\"content\":");
        json_write_text(r->messages[i].content, strlen(r->messages[i].content), out);
        buf_append_char(out, '}');
    }
    buf_append_char(out, ']');
}

static void write_text(const struct target_request *r, struct buf *out)
{
    if (r->task == TASK_CHAT)
        write_messages(&r->chat, out);
    else
        json_write_text(r->completion.prompt, strlen(r->completion.prompt), out);
}

static enum status fill(const struct body_template *t, const struct target_request *r, struct buf *out)
{
    const char *bytes = t->bytes.data;
    bool number_first = t->number_at < t->text_at;
    int64_t max_tokens = r->task == TASK_CHAT ? r->chat.max_tokens : r->completion.max_tokens;
    size_t at = 0;
    buf_reserve(out, t->bytes.len + TEXT_BYTES_USUAL);
    if (number_first) {
        buf_append(out, bytes, t->number_at);
        buf_append_int(out, max_tokens);
        at = t->number_at;
    }
    buf_append(out, bytes + at, t->text_at - at);
    write_text(r, out);
    at = t->text_at;
    if (!number_first && t->like.limited) {
        buf_append(out, bytes + at, t->number_at - at);
        buf_append_int(out, max_tokens);
        at = t->number_at;
    }
    return buf_append(out, bytes + at, t->bytes.len - at);
}

enum status body_template_write(struct body_template *t, const struct body_way *way,
    const struct target_request *r, body_write_fn *write, struct openai_body *body, struct error *e)
{
    if (!is_plain(r))
        return write(way, r, body, e);
    struct body_likeness like = likeness_of(way, r);
    if (!t->known || !is_like(&t->like, &like)) {
        remember(t, &like);
        return write(way, r, body, e);
    }
    if (!t->tried)
        make(t, r, write, body);
    if (!t->bytes.len)
        return write(way, r, body, e);
    body->streamed = like.stream;
    return fill(t, r, &body->bytes) == STATUS_OK ? STATUS_OK
                                                 : error_set(e, buf_status(&body->bytes), "out of memory");
}
