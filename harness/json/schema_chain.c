#include "schema_chain.h"

#include <string.h>

struct reader {
    const char *at, *end;
};

static bool next_is(const struct reader *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool take(struct reader *r, char c)
{
    bool there = next_is(r, c);
    r->at += there;
    return there;
}

/* A character that stands for itself, with or without a backslash; -1: something else. */
static int take_literal(struct reader *r, const char *special)
{
    static const char punctuation[] = "\\^$.*+?()[]{}|/-";
    bool escaped = take(r, '\\');
    if (r->at == r->end || *r->at < 0x20 || *r->at > 0x7e)
        return -1;
    char c = *r->at++;
    if (escaped ? strchr(punctuation, c) == NULL : strchr(special, c) != NULL)
        return -1;
    return c;
}

static void add_range(struct chain_link *link, int first, int last)
{
    for (int c = first; c <= last; c++)
        link->set[c / 64] |= UINT64_C(1) << c % 64;
}

/* Behind "[". */
static bool read_class(struct reader *r, struct chain_link *link)
{
    if (next_is(r, '^') || next_is(r, ']'))
        return false;
    while (!take(r, ']')) {
        int first = take_literal(r, "\\[]"), last = first;
        bool range = next_is(r, '-') && r->end - r->at > 1 && r->at[1] != ']';
        if (range) {
            r->at++;
            last = take_literal(r, "\\[]");
        }
        if (first < 0 || last < first)
            return false;
        add_range(link, first, last);
    }
    return true;
}

static bool read_number(struct reader *r, uint32_t *number)
{
    const char *start = r->at;
    *number = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - start < 5; r->at++)
        *number = *number * 10 + (uint32_t)(*r->at - '0');
    return r->at > start;
}

/* Behind "{": up to 65535, as the library that takes over where this gives up. */
static bool read_count(struct reader *r, struct chain_link *link)
{
    if (!read_number(r, &link->least))
        return false;
    link->most = link->least;
    if (take(r, ',') && !next_is(r, '}')) {
        if (!read_number(r, &link->most))
            return false;
    } else if (r->at[-1] == ',') {
        link->most = UINT32_MAX;
    }
    return take(r, '}') && link->least <= link->most && link->least <= UINT16_MAX &&
           (link->most <= UINT16_MAX || link->most == UINT32_MAX);
}

static bool read_quantifier(struct reader *r, struct chain_link *link)
{
    link->least = link->most = 1;
    if (take(r, '*') || take(r, '+')) {
        link->least = r->at[-1] == '+';
        link->most = UINT32_MAX;
    } else if (take(r, '?')) {
        link->least = 0;
    } else if (take(r, '{')) {
        if (!read_count(r, link))
            return false;
    } else {
        return true;
    }
    return !next_is(r, '?') && !next_is(r, '+') && !next_is(r, '*') && !next_is(r, '{');
}

static bool read_link(struct reader *r, struct chain_link *link)
{
    *link = (struct chain_link){{0}};
    if (take(r, '[')) {
        if (!read_class(r, link))
            return false;
    } else {
        int c = take_literal(r, "\\^$.*+?()[]{}|");
        if (c < 0)
            return false;
        add_range(link, c, c);
    }
    return read_quantifier(r, link);
}

/* Where a set may end, the next character says whether it does: no later set that may follow shares one with it. */
static bool is_plain(const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_link *a = &chain->links[i];
        for (size_t k = i + 1; k < chain->count && a->least != a->most; k++) {
            const struct chain_link *b = &chain->links[k];
            if ((a->set[0] & b->set[0]) != 0 || (a->set[1] & b->set[1]) != 0)
                return false;
            if (b->least > 0)
                break;
        }
    }
    return true;
}

bool chain_read(const char *pattern, size_t len, struct chain *chain)
{
    struct reader r = {pattern, pattern + len};
    chain->count = 0;
    if (!take(&r, '^'))
        return false;
    while (!next_is(&r, '$')) {
        if (chain->count == CHAIN_LINKS_MAX || !read_link(&r, &chain->links[chain->count]))
            return false;
        chain->count++;
    }
    return r.end - r.at == 1 && is_plain(chain);
}

static inline bool has(const struct chain_link *link, unsigned char c)
{
    return c < 128 && (link->set[c / 64] >> c % 64 & 1) != 0;
}

bool chain_matches(const struct chain *chain, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    for (const struct chain_link *link = chain->links; link < chain->links + chain->count; link++) {
        const char *most = (size_t)(end - at) > link->most ? at + link->most : end, *start = at;
        while (at < most && has(link, (unsigned char)*at))
            at++;
        if ((size_t)(at - start) < link->least)
            return false;
    }
    return at == end;
}
