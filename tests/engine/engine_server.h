/*
 * engine_server.h - the engine that CTest started for a test, and what is known of its model's prompts.
 *
 *     ENGINE_OPEN_OR_SKIP(target);             // declares target; skips where the engine is not to be had
 *     struct exchange x;
 *     engine_ask(target, "Say something.", true, 100, &x);
 *     exchange_fini(&x);
 *     target_close(target);
 */
#ifndef ASSAY_TEST_ENGINE_SERVER_H
#define ASSAY_TEST_ENGINE_SERVER_H

#include "target.h"
#include "testkit.h"

/* Opened and probed; NULL where the launcher left no state file (its own test says why). */
struct target *engine_open(void);

#define ENGINE_OPEN_OR_SKIP(target)                                                                          \
    struct target *target = engine_open();                                                                   \
    if (target == NULL)                                                                                      \
    TESTKIT_SKIP("the engine is not running: the test that starts it says why")

/* A greedy chat of one message, which must succeed; with the usage of the server. */
void engine_ask(
    struct target *target, const char *content, bool stream, int64_t max_tokens, struct exchange *x);

/* The same of any one message, to a model by its name (NULL: the only one). */
void engine_ask_message(struct target *target, const char *model, const struct chat_message *message,
    bool stream, int64_t max_tokens, struct exchange *x);

/* Tokens of that message as the template of our models renders it. */
int64_t engine_prompt_tokens(const char *content);

#endif
