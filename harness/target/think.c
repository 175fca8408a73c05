#include "think.h"

#include "exchange.h"

#include <string.h>

static const char opening[] = "<think>", closing[] = "</think>";

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void emit_held(struct think *think, struct buf *out)
{
    buf_append(out, think->held, think->held_len);
    think->held_len = 0;
}

/* Part of the opening mark behind white space, or white space alone; *whole: all of the mark. */
static bool held_may_open(const struct think *think, bool *whole)
{
    size_t at = 0;
    while (at < think->held_len && is_space(think->held[at]))
        at++;
    size_t len = think->held_len - at;
    *whole = len == sizeof opening - 1;
    return len < sizeof opening && memcmp(think->held + at, opening, len) == 0;
}

static unsigned push_at_start(struct think *think, char c, struct buf *answer)
{
    bool whole = false;
    think->held[think->held_len++] = c;
    if (held_may_open(think, &whole)) {
        if (whole) {
            think->state = THINK_INSIDE;
            think->held_len = 0;
            return EVENT_REASONING;
        }
        if (think->held_len < sizeof think->held)
            return 0;
    }
    think->state = THINK_AFTER;
    emit_held(think, answer);
    return EVENT_ANSWER;
}

/* '<' occurs only at the start of the closing mark, so a mismatch can begin a new mark only with the byte at
 * hand. */
static unsigned push_inside(struct think *think, char c, struct buf *reasoning)
{
    if (c != closing[think->held_len])
        emit_held(think, reasoning);
    if (c != closing[think->held_len]) {
        buf_append_char(reasoning, c);
        return EVENT_REASONING;
    }
    think->held[think->held_len++] = c;
    if (think->held_len == sizeof closing - 1) {
        think->held_len = 0;
        think->state = THINK_AFTER;
    }
    return EVENT_REASONING;
}

unsigned think_push(
    struct think *think, const char *text, size_t len, struct buf *answer, struct buf *reasoning)
{
    unsigned kinds = 0;
    size_t i = 0;
    for (; i < len && think->state != THINK_AFTER; i++)
        kinds |= think->state == THINK_START ? push_at_start(think, text[i], answer)
                                             : push_inside(think, text[i], reasoning);
    if (i == len)
        return kinds;
    buf_append(answer, text + i, len - i);
    return kinds | EVENT_ANSWER;
}

bool think_is_undecided(const struct think *think)
{
    return think->state == THINK_START && think->held_len > 0;
}

unsigned think_finish(struct think *think, struct buf *answer, struct buf *reasoning)
{
    bool undecided = think_is_undecided(think);
    emit_held(think, think->state == THINK_INSIDE ? reasoning : answer);
    return undecided ? EVENT_ANSWER : 0;
}
