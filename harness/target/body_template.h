/*
 * body_template.h - the bytes of a request that differs from an earlier one in its text and max_tokens alone.
 *
 * A load test asks thousands of such: what is the same in all of them is written once, by the function that
 * writes any request, and from then on copied around the text. That function writes a request with marks in the
 * place of the two; where they cannot be found again for certain (members that the user adds may replace
 * them) every request is written in full as ever. The bytes are the same either way.
 *
 *     struct body_template template = {0};
 *     body_template_write(&template, &way, &request, write_in_full, &body, &why);       // for each
 *     body_template_fini(&template);
 *
 * Only chats of plain messages and completions of a text, as the second in a row that is alike; it forgets what it
 * knew when another kind of request comes.
 */
#ifndef ASSAY_BODY_TEMPLATE_H
#define ASSAY_BODY_TEMPLATE_H

#include "openai_request.h"

/* How a server wants to be spoken to. */
struct body_way {
    const struct server_kind *kind; /* NULL: not known */
    unsigned adapted;               /* openai_adapt.h */
};

/* What is the same in all requests of a template. Texts are owned. */
struct body_likeness {
    struct body_way way;
    enum task task;
    char *model, *more_json, *extra_json;
    double temperature, top_p;
    int64_t seed;
    bool limited; /* it has max_tokens */
    bool stream, want_usage;
    struct engine_options engine; /* but for more_json */
};

struct body_template {
    bool known; /* like is filled */
    bool tried; /* it was written with marks */
    struct body_likeness like;
    struct buf bytes;          /* with the marks cut out; empty: they were not found */
    size_t text_at, number_at; /* where those were; the same order in the bytes is not given */
};

typedef enum status body_write_fn(const struct body_way *way, const struct target_request *request,
    struct openai_body *body, struct error *e);

/* As write() does it, with its errors. The same write each time. */
enum status body_template_write(struct body_template *template, const struct body_way *way,
    const struct target_request *request, body_write_fn *write, struct openai_body *body,
    struct error *e) ASSAY_MUST_CHECK;
void body_template_fini(struct body_template *template); /* also of a zeroed one */

#endif
