/* The embedding model: how long its vectors are, how many tokens a text has, and which texts are near. */
#include "engine_server.h"
#include "model_bert.h"
#include "model_pieces.h"

#include <math.h>
#include <string.h>

static void embed(struct target *target, const char *const *texts, size_t count, struct exchange *x)
{
    const struct target_request request = {
        .task = TASK_EMBED, .embed = {.model = "embedding", .inputs = texts, .input_count = count}};
    exchange_init(x);
    target_ask(target, &request, x);
}

static double product(const struct exchange *x, size_t a, size_t b)
{
    double sum = 0;
    for (size_t i = 0; i < x->vectors.dimension; i++)
        sum += (double)x->vectors.values[a * x->vectors.dimension + i] *
               (double)x->vectors.values[b * x->vectors.dimension + i];
    return sum;
}

static void vectors_have_the_models_dimension_and_unit_length(void)
{
    static const char *const texts[] = {"the water above", "the water below", "grain camp arm toe"};
    ENGINE_OPEN_OR_SKIP(target);
    struct exchange x;
    embed(target, texts, 3, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_uint_eq(x.vectors.count, 3);
    ck_assert_uint_eq(x.vectors.dimension, model_bert_sizes[0].options.dim);
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq_tol(product(&x, i, i), 1.0, 1e-4);
    exchange_fini(&x);
    target_close(target);
}

static void texts_that_share_words_are_nearer_and_the_same_text_is_the_same(void)
{
    static const char *const texts[] = {
        "the water above", "The WATER above", "the water below", "grain camp arm toe"};
    ENGINE_OPEN_OR_SKIP(target);
    struct exchange x;
    embed(target, texts, 4, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_double_eq_tol(product(&x, 0, 1), 1.0, 1e-4);
    ck_assert_double_gt(product(&x, 0, 2), product(&x, 0, 3) + 0.2);
    exchange_fini(&x);
    target_close(target);
}

static void prompt_tokens_are_the_pieces_of_the_text(void)
{
    static const char *const texts[] = {"The waters!", "Hello, world? 42 x_y", "UPPER Case-word's",
        "thesis streaming", "the", "a[b]{c}~`^|\\ \"q\" #1 $2"};
    ENGINE_OPEN_OR_SKIP(target);
    struct model_pieces *p = model_pieces_new();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct exchange x;
        embed(target, &texts[i], 1, &x);
        ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
        ck_assert_int_eq(
            x.tokens.prompt, (int64_t)model_pieces_encode(p, texts[i], strlen(texts[i]), NULL, 0));
        exchange_fini(&x);
    }
    model_pieces_free(p);
    target_close(target);
}

static void a_text_beyond_the_context_is_refused(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct buf text = BUF_INIT(1 << 16);
    struct exchange x;
    for (int i = 0; i < 600; i++)
        (void)buf_append_text(&text, " the");
    const char *longer = buf_text(&text);
    embed(target, &longer, 1, &x);
    ck_assert_int_ne(x.error, EXCHANGE_OK);
    ck_assert_int_ge(x.http_status, 400);
    exchange_fini(&x);
    buf_fini(&text);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(vectors_have_the_models_dimension_and_unit_length),
        TESTKIT_TEST(texts_that_share_words_are_nearer_and_the_same_text_is_the_same),
        TESTKIT_TEST(prompt_tokens_are_the_pieces_of_the_text),
        TESTKIT_TEST(a_text_beyond_the_context_is_refused),
        {0},
    };
    return testkit_run("engine_embedding", tests);
}
