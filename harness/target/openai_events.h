/*
 * openai_events.h - reads the answers of OpenAI's chat protocol, streamed or whole, into an exchange.
 *
 * Every event is parsed and classified. What real servers do and this accepts: a role chunk with content null
 * or "", reasoning as reasoning_content, reasoning or inline <think>, usage null, zero or cumulative in every
 * chunk (the last that says anything holds), an empty choices array, a final object of type chat.completion,
 * error objects with and without `event: error`, an end without [DONE] where a finish_reason came,
 * llama.cpp's `timings`.
 *
 *     struct openai_answer a;
 *     openai_answer_init(&a, x);
 *     while (...) if (!openai_answer_event(&a, &event)) break;       // false: no more is wanted
 *     openai_answer_end(&a, closed_cleanly);                         // x->error says what became of it
 */
#ifndef ASSAY_OPENAI_EVENTS_H
#define ASSAY_OPENAI_EVENTS_H

#include "event_shape.h"
#include "exchange.h"
#include "json_again.h"
#include "sse.h"
#include "think.h"

struct openai_answer {
    struct exchange *x;
    struct think think;
    bool done;       /* [DONE], or a whole answer was read */
    bool undecided;  /* some recorded events are held back by think */
    int64_t counted; /* completion tokens so far as the server says with every token event; -1: it does not */
    struct event_shape shape;
    unsigned texts;           /* events that one could have been learned from */
    struct json_again *again; /* borrowed, may outlive this answer; NULL: each text is parsed in full */
};

void openai_answer_init(struct openai_answer *a, struct exchange *x);

/* False where reading on is of no use: the answer is in error (x->error, x->error_text). */
bool openai_answer_event(struct openai_answer *a, const struct sse_event *event);

/* An unstreamed answer. */
void openai_answer_whole(struct openai_answer *a, const char *body, size_t len);

/* Nothing more will come: decides between complete, truncated and empty where there is no error yet. */
void openai_answer_end(struct openai_answer *a, bool closed_cleanly);

/* As members of an answer_reader whose state is one; again: of the struct, borrowed. */
void openai_reader_begin(void *state, struct exchange *x, void *again);
bool openai_reader_is_complete(const void *state);
void openai_reader_end(void *state, bool closed_cleanly);

/*
 * For protocols whose messages look the same: text of a message {content, reasoning, tool_calls} or a bare
 * string, into the channels of the exchange; then the event that brought it. tokens: as the server says of
 * it, else -1; kinds: what the event carried beside the text (EVENT_FINISH, ...). False: reading on is of no
 * use.
 */
struct openai_piece {
    unsigned kinds;
    size_t bytes;
};
struct openai_piece openai_answer_take(struct openai_answer *a, struct json_object *message_or_text);
struct openai_piece openai_answer_think(struct openai_answer *a, struct json_object *text);
struct openai_piece openai_answer_call(
    struct openai_answer *a, struct json_object *function); /* {name, arguments}, either may be missing */
bool openai_answer_record(
    struct openai_answer *a, int64_t t_ns, struct openai_piece piece, unsigned kinds, int32_t tokens);

#endif
