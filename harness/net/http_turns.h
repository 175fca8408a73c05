/*
 * http_turns.h - whose turn it is to go to libcurl, among requests that share HTTP/2 connections.
 *
 * libcurl puts streams on a new connection before the server has said how many it takes at once
 * (SETTINGS_MAX_CONCURRENT_STREAMS); those above wait inside libcurl, unseen, and their waiting would look like
 * the server's time. So while one request opens a connection all others wait here, before they are sent.
 *
 * Private to this room.
 *
 *     http_turns_enter(&turns, &mine->turn);
 *     while ((turn = http_turns_next(&turns)) != NULL) hand_over(turn);      // has the turn now
 *     http_turns_pass(&turns, turn);                                         // connected: the next one may
 */
#ifndef ASSAY_HTTP_TURNS_H
#define ASSAY_HTTP_TURNS_H

#include <stddef.h>

struct http_turn {
    struct http_turn *next, **link; /* of those that wait; link NULL: does not */
};

struct http_turns {
    struct http_turn *first, **last; /* waiting; last NULL: none did yet */
    struct http_turn *holder;        /* may be opening a connection; NULL: nobody */
};

void http_turns_enter(struct http_turns *turns, struct http_turn *turn);
/* The first that waits becomes the holder; NULL: there is one, or nobody waits. */
struct http_turn *http_turns_next(struct http_turns *turns);
/* For a request that came to a new connection without having been the holder: libcurl's own second try. */
void http_turns_hold(struct http_turns *turns, struct http_turn *turn);
/* No longer waits or holds. */
void http_turns_pass(struct http_turns *turns, struct http_turn *turn);

#endif
