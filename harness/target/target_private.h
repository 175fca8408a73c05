/* target_private.h - what the files of this room share about a target. */
#ifndef ASSAY_TARGET_PRIVATE_H
#define ASSAY_TARGET_PRIVATE_H

#include "body_template.h"
#include "http.h"
#include "json_again.h"
#include "loop.h"
#include "server_kind.h"
#include "target.h"
#include "target_url.h"

struct target {
    struct target_info info;
    struct target_url url;
    char base[512];      /* what requests go below: url.root, usually with /v1 */
    char *key;           /* owned, NULL without; only in memory and in the request's header */
    char *authorization; /* owned header line, NULL without a key */
    struct http_transport transport;
    char *listed; /* the list of models that the probe got, until it is asked for; owned, NULL without */
    int64_t connect_timeout_ns, first_token_timeout_ns, idle_timeout_ns, total_timeout_ns;
    int64_t deadline_ns; /* 0: none */
    bool keep_body, named, own_loop, fresh_connections;
    bool protocol_given; /* by who opened it: no other is tried */
    unsigned adapted;    /* how requests have to be changed for this server: found out (openai_adapt.h) */
    struct body_template template;
    struct json_again again; /* what it answers, again and again */
    bool lmstudio_v1;        /* LM Studio: the newer of its APIs is there */
    struct loop *loop;
    struct http_client *client;
    const struct target_ops *ops;
    const struct server_kind *kind; /* NULL: not recognised */
    struct target_call *calls;      /* in flight */
    const struct target_tap *tap;   /* NULL: nobody looks on */
};

/* Overwrites every occurrence of the target's key and password in text with '*'. */
void target_redact(const struct target *target, char *text, size_t len);

/* For records: a URL below url.root, as the user wrote the root. */
void target_show_endpoint(struct target *target, const char *base);

/* The same in what a model said, where a short one ("none", "ollama") is more likely a word than a secret. */
void target_redact_answer(const struct target *target, struct buf *answer);

#endif
