#include "http_turns.h"

void http_turns_enter(struct http_turns *turns, struct http_turn *turn)
{
    struct http_turn **end = turns->first ? turns->last : &turns->first;
    turn->next = NULL;
    turn->link = end;
    *end = turn;
    turns->last = &turn->next;
}

static void leave_queue(struct http_turns *turns, struct http_turn *turn)
{
    if (!turn->link)
        return;
    *turn->link = turn->next;
    if (turn->next)
        turn->next->link = turn->link;
    else
        turns->last = turn->link;
    turn->link = NULL;
}

struct http_turn *http_turns_next(struct http_turns *turns)
{
    struct http_turn *turn = turns->holder ? NULL : turns->first;
    if (!turn)
        return NULL;
    leave_queue(turns, turn);
    turns->holder = turn;
    return turn;
}

void http_turns_hold(struct http_turns *turns, struct http_turn *turn)
{
    if (!turns->holder)
        turns->holder = turn;
}

void http_turns_pass(struct http_turns *turns, struct http_turn *turn)
{
    leave_queue(turns, turn);
    if (turns->holder == turn)
        turns->holder = NULL;
}
