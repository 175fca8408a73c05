/*
 * portfolio.h - which servers answer, and which models they offer.
 *
 * Every URL is asked at the same time, each on a thread of its own, and the whole takes no longer than
 * limit_ns: a hung server costs its time once. A server that was asked for and does not answer stays in the
 * list with the reason; one of the default ports that does not answer is left out. Servers on the default
 * ports were named by nobody: they get ASSAY_API_KEY alone, never OPENAI_API_KEY.
 *
 *     struct portfolio p;
 *     struct portfolio_options o = {.servers = servers, .server_count = n, .limit_ns = 3 * NS_PER_S};
 *     if (portfolio_discover(&o, &p, &why) != STATUS_OK) ...
 *     for (size_t i = 0; i < p.count; i++) puts(p.targets[i].info.name);
 *     portfolio_fini(&p);
 */
#ifndef ASSAY_PORTFOLIO_H
#define ASSAY_PORTFOLIO_H

#include "target.h"

/* Where servers listen unless told otherwise; ends with url NULL. */
struct portfolio_default {
    const char *url;
    const char *servers; /* "Ollama" */
};
extern const struct portfolio_default portfolio_defaults[];

/* Whether a base URL is one of them, with or without /v1. */
bool portfolio_is_default(const char *url);

struct portfolio_target {
    struct target_access access; /* as given: its texts must outlive the portfolio */
    struct target_info info;     /* name unique within the portfolio */
    struct model_list models;    /* empty where status is not STATUS_OK */
    enum status status;          /* STATUS_OK: it answers and lists its models */
    struct error why;
};

struct portfolio {
    struct portfolio_target *targets; /* in the order of the servers */
    size_t count;
};

struct portfolio_options {
    const struct target_access *servers; /* NULL: portfolio_defaults */
    size_t server_count;
    int64_t limit_ns; /* 0: 3 s */
};

/* STATUS_OK also where nobody answers. STATUS_NO_MEMORY, STATUS_INTERNAL (threads). */
enum status portfolio_discover(
    const struct portfolio_options *options, struct portfolio *portfolio, struct error *e) ASSAY_MUST_CHECK;
void portfolio_fini(struct portfolio *portfolio);

#endif
