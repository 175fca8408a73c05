/*
 * think.h - tells an inline <think>...</think> block at the start of an answer from the answer, piece by
 * piece.
 *
 * Only a block at the very start counts (white space before it is allowed): further on, "<think>" is text
 * like any other. The marks themselves belong to neither text. What could still become a mark is held until
 * more comes.
 *
 *     struct think think = {0};
 *     unsigned kinds = think_push(&think, piece, len, &answer, &reasoning);
 *     if (kinds & EVENT_REASONING) ...                        // and EVENT_ANSWER; 0: neither
 *     if (think_is_undecided(&think)) ...                     // the piece may be either
 *     kinds = think_finish(&think, &answer, &reasoning);      // what was held is answer after all
 */
#ifndef ASSAY_THINK_H
#define ASSAY_THINK_H

#include "buf.h"

enum think_state { THINK_START, THINK_INSIDE, THINK_AFTER };

struct think {
    enum think_state state;
    char held[64]; /* start of a mark, with the white space before it */
    size_t held_len;
};

/* What the piece turned out to carry, of enum event_kind; text is appended to the two buffers. */
unsigned think_push(
    struct think *think, const char *text, size_t len, struct buf *answer, struct buf *reasoning);

/* Nothing but white space or part of an opening mark has come so far. */
bool think_is_undecided(const struct think *think);

unsigned think_finish(struct think *think, struct buf *answer, struct buf *reasoning);

#endif
