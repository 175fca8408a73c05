#include "ollama_show.h"

#include "json.h"
#include "target_call.h"
#include "target_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough to hide the way there and back, too few to be felt by a server that loads nothing for it. */
enum { AT_ONCE = 8, ANSWER_MAX = 32 << 20 };

static const struct {
    const char *capability;
    unsigned modality;
} capabilities[] = {
    {"completion", MODALITY_TEXT},
    {"vision", MODALITY_VISION},
    {"audio", MODALITY_AUDIO},
    {"embedding", MODALITY_EMBEDDING},
    {"tools", MODALITY_TOOLS},
    {"image", MODALITY_IMAGE},
};

/* capabilities, and model_info's "<architecture>.context_length". */
static void take_shown(const struct json_object *root, struct model_info *m)
{
    struct json_object *list = json_get_array(root, "/capabilities");
    struct json_object *facts = json_get_object(root, "/model_info");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(list, i));
        for (size_t k = 0; word && k < sizeof capabilities / sizeof capabilities[0]; k++)
            if (strcmp(word, capabilities[k].capability) == 0)
                m->modalities |= capabilities[k].modality;
    }
    if (!facts)
        return;
    json_object_object_foreach(facts, key, value)
    {
        size_t len = strlen(key), end = sizeof ".context_length" - 1;
        if (len > end && strcmp(key + len - end, ".context_length") == 0 &&
            json_object_is_type(value, json_type_int) && json_object_get_int64(value) > 0)
            m->context_length = json_object_get_int64(value);
    }
}

struct asking;

/* One of the questions that are on their way. */
struct question {
    struct asking *all;
    struct model_info *model;
    struct exchange x;
    struct buf answer;
};

struct asking {
    struct target *target;
    struct model_list *models;
    char url[sizeof((struct target *)0)->base + 16];
    size_t next, in_flight, described;
    bool silent; /* one got no answer: the others are not asked */
    struct question questions[AT_ONCE];
    struct target_wait wait;
};

static void ask_next(struct question *q);

static void take_answer(struct exchange *x, void *arg)
{
    struct question *q = arg;
    struct asking *a = q->all;
    struct json_object *root = NULL;
    if (x->error == EXCHANGE_OK && json_parse(buf_text(&q->answer), q->answer.len, &root, NULL) == STATUS_OK)
        take_shown(root, q->model);
    json_object_put(root);
    a->described += x->http_status != 0;
    a->silent |= x->http_status == 0;
    a->in_flight--;
    ask_next(q);
    if (a->in_flight == 0)
        target_call_stop_waiting(x, &a->wait);
}

static void ask_next(struct question *q)
{
    struct asking *a = q->all;
    struct buf body = BUF_INIT(4096);
    if (a->silent || a->next == a->models->count)
        return;
    q->model = &a->models->items[a->next++];
    buf_clear(&q->answer);
    buf_append_text(&body, "{\"model\":");
    (void)json_write_text(q->model->id, strlen(q->model->id), &body);
    buf_append_char(&body, '}');
    struct call_request request = {.method = "POST",
        .url = a->url,
        .content_type = "application/json",
        .body = buf_text(&body),
        .body_len = body.len,
        .whole_body = &q->answer};
    if (target_call_start(a->target, &request, &q->x, take_answer, q))
        a->in_flight++;
    else
        a->silent = true;
    buf_fini(&body);
}

void ollama_show_all(struct target *t, struct model_list *models)
{
    struct asking *a = calloc(1, sizeof *a);
    models->undescribed = models->count;
    if (!a)
        return;
    a->target = t;
    a->models = models;
    a->wait.target = t;
    snprintf(a->url, sizeof a->url, "%s/api/show", t->url.root);
    for (size_t i = 0; i < AT_ONCE; i++) {
        a->questions[i].all = a;
        exchange_init(&a->questions[i].x);
        buf_init(&a->questions[i].answer, ANSWER_MAX);
        ask_next(&a->questions[i]);
    }
    if (a->in_flight > 0)
        target_call_wait(&a->wait);
    models->undescribed -= a->described;
    for (size_t i = 0; i < AT_ONCE; i++) {
        exchange_fini(&a->questions[i].x);
        buf_fini(&a->questions[i].answer);
    }
    free(a);
}
