/*
 * json_again.h - parses JSON texts that are like earlier ones but for the values in them.
 *
 * What a server says again and again is byte for byte the same around a few strings and numbers. Of such a
 * text the tree is kept; where another is the same but for plain strings (printable ASCII without quote and
 * backslash, not empty) and simple numbers (digits, one decimal point), they are put into that tree. Whatever
 * else comes is parsed in full as ever and remembered for the next time. The tree is equal to json_parse's,
 * errors too.
 *
 *     struct json_again again = {0};
 *     if (json_again_parse(&again, text, len, &tree, &why) == STATUS_OK) ...
 *     json_object_put(tree);           // before the next text is parsed
 *     json_again_fini(&again);
 *
 * Trees are the parser's own: read them only. One thread.
 */
#ifndef ASSAY_JSON_AGAIN_H
#define ASSAY_JSON_AGAIN_H

#include "json.h"

enum { JSON_AGAIN_TEXTS = 8 };

struct json_again {
    struct json_known *known[JSON_AGAIN_TEXTS]; /* owned */
    int count, likely;                          /* likely: the one behind the last that was found again */
    int next;                                   /* to be forgotten for a new one */
    int misses; /* remembered in a row without any being found again: not worth it after a while */
};

/* As json_parse(). again NULL: it is json_parse(). */
enum status json_again_parse(struct json_again *again, const char *text, size_t len,
    struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;
void json_again_fini(struct json_again *again); /* also of a zeroed one */

#endif
