/*
 * schema_chain.h - the patterns that most schemas have, without a regular expression. Inside harness/json.
 *
 * "^[a-z][a-z0-9_]*$": sets of ASCII characters, each so and so often, from the first character of a text to its last.
 * Where it is plain from each character which set it belongs to, one walk along the text decides.
 *
 *     struct chain chain;
 *     if (chain_read(pattern, len, &chain)) matches = chain_matches(&chain, text, text_len);
 */
#ifndef ASSAY_SCHEMA_CHAIN_H
#define ASSAY_SCHEMA_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAIN_LINKS_MAX = 24 };

struct chain_link {
    uint64_t set[2]; /* a bit per character of ASCII */
    uint32_t least, most;
};

struct chain {
    size_t count;
    struct chain_link links[CHAIN_LINKS_MAX];
};

/* False where the pattern is anything else, valid or not. */
bool chain_read(const char *pattern, size_t len, struct chain *chain);
bool chain_matches(const struct chain *chain, const char *text, size_t len);

#endif
