/*
 * data_fetch.h - files from the network for the cache: GET, with what that takes on the open network.
 *
 * Redirects are followed (at most 5, never from https to http), a server that is busy is asked again (429 and 5xx, with
 * its Retry-After), what ends too early or is too large is refused as a whole. The token goes to the addresses
 * that it is for and to no other, also not behind a redirect.
 *
 *     struct data_fetch_options o = {.token = token, .token_for = {"https://huggingface.co"}};
 *     struct data_fetch *fetch;
 *     if (data_fetch_new(&o, &fetch, &why) != STATUS_OK) ...
 *     struct data_answer answer;
 *     if (data_fetch_get(fetch, url, 32 << 20, &body, &answer, &why) != STATUS_OK) ...   // why, with the URL
 *     data_fetch_free(fetch);
 */
#ifndef ASSAY_DATA_FETCH_H
#define ASSAY_DATA_FETCH_H

#include "buf.h"
#include "clock.h"

struct data_fetch;

struct data_fetch_options {
    const char *token;         /* or NULL; borrowed */
    const char *token_for[2];  /* origins ("https://host:port"), NULL: none; borrowed */
    const struct clock *clock; /* that waits between attempts; NULL: the machine's */
};

struct data_answer {
    int status;
    char revision[80]; /* X-Revision, or "" */
};

enum status data_fetch_new(
    const struct data_fetch_options *options, struct data_fetch **fetch, struct error *e) ASSAY_MUST_CHECK;
void data_fetch_free(struct data_fetch *fetch); /* NULL allowed */

/* Appends the body of a 200 answer. STATUS_UNAVAILABLE: another answer, or none; STATUS_LIMIT: too large. answer is
 * filled as far as there was one. */
enum status data_fetch_get(struct data_fetch *fetch, const char *url, size_t max_bytes, struct buf *body,
    struct data_answer *answer, struct error *e) ASSAY_MUST_CHECK;

/* "https://host:port" of a URL, compared up to the first slash behind it. */
bool data_same_origin(const char *url, const char *other);

#endif
