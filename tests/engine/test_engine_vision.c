/* A model with a vision projector: what an image costs, and that the answer is the known one beside it. */
#include "engine_server.h"
#include "model_chain.h"
#include "model_projector.h"

#include <string.h>

/* A PNG of 2 x 2 pixels, red and blue. */
static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4"
                          "wQUEJxggFAAYHgNxjiA82gAAAABJRU5ErkJggg==";

static void ask_with_images(struct target *target, size_t images, bool stream, struct exchange *x)
{
    struct media_part parts[2];
    for (size_t i = 0; i < images; i++)
        parts[i] = (struct media_part){MEDIA_IMAGE, "image/png", png, strlen(png)};
    const struct chat_message message = {
        .role = "user", .content = "What is it?", .media = parts, .media_count = images};
    engine_ask_message(target, NULL, &message, stream, 100, x);
}

static void each_image_is_64_tokens_and_the_answer_is_the_known_words(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct model_chain_options model = model_chain_sizes[0].options;
    struct model_chain_expected expected;
    struct error e = {0};
    model.answer_tokens = 24;
    ck_assert_int_eq(model_chain_expect(&model, 100, &expected, &e), STATUS_OK);
    for (size_t i = 0; i < 6; i++) {
        struct exchange x;
        ask_with_images(target, i / 2, i % 2 == 1, &x);
        ck_assert_str_eq(buf_text(&x.answer), buf_text(&expected.answer));
        ck_assert_str_eq(x.finish_reason, "stop");
        ck_assert_int_eq(x.tokens.completion, (int64_t)expected.completion_tokens);
        ck_assert_int_eq(
            x.tokens.prompt, engine_prompt_tokens("What is it?") + (int64_t)(i / 2) * MODEL_PROJECTOR_TOKENS);
        exchange_fini(&x);
    }
    model_chain_expected_fini(&expected);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_image_is_64_tokens_and_the_answer_is_the_known_words),
        {0},
    };
    return testkit_run("engine_vision", tests);
}
