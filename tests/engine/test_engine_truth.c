/*
 * What every engine must answer with a model that we made, whatever its protocol: the known words, the known counts,
 * and the same streamed and whole. Which engine it is, and which models it has, it says itself; where one is known
 * to do otherwise, `deviations` says what it does instead, and that is checked.
 */
#include "engine_server.h"
#include "model_bert.h"
#include "model_chain.h"
#include "model_pieces.h"
#include "model_projector.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char question[] = "What is it?";

/* A PNG of 2 x 2 pixels, red and blue. */
static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4"
                          "wQUEJxggFAAYHgNxjiA82gAAAABJRU5ErkJggg==";

/* What an engine makes of an answer otherwise than the rest. */
struct deviation {
    const char *server;
    bool cuts_first_space; /* of an answer or of reasoning: always or now and then */
    bool bare_prompt;      /* does not know the template of the reasoning model, and sends the bare prompt */
};
static const struct deviation deviations[] = {
    {.server = "mlx_lm", .cuts_first_space = true},
    {.server = "mlx-knife", .cuts_first_space = true},
    {.server = "ollama", .bare_prompt = true},
    {.server = NULL},
};

static const struct deviation *deviation_of(const struct target *target)
{
    const struct deviation *d = deviations;
    while (d->server && strcmp(d->server, target_info(target)->server) != 0)
        d++;
    return d;
}

/* "eos" of "eos:latest", "mlx-community/eos" and "/some/where/eos" */
static bool is_named(const struct model_info *model, const char *name)
{
    const char *slash = strrchr(model->id, '/'), *base = slash ? slash + 1 : model->id;
    size_t len = strlen(name);
    return strncmp(base, name, len) == 0 && (base[len] == '\0' || base[len] == ':');
}

/* Calls check for each model of these names; the number of them. */
static size_t for_models(struct target *target, const char *const *names,
    void (*check)(struct target *target, const struct model_info *model))
{
    struct model_list models = {0};
    struct error e = {0};
    size_t found = 0;
    ck_assert_msg(target_list_models(target, &models, &e) == STATUS_OK, "%s", error_text(&e));
    for (size_t i = 0; i < models.count; i++)
        for (const char *const *name = names; *name; name++)
            if (is_named(&models.items[i], *name)) {
                check(target, &models.items[i]);
                found++;
            }
    model_list_fini(&models);
    return found;
}

static struct model_chain_options made(const struct model_info *model)
{
    struct model_chain_options o = model_chain_sizes[0].options;
    o.answer_tokens = 24;
    if (is_named(model, "reasoning")) {
        o.kind = MODEL_KIND_REASONING;
        o.reasoning_tokens = 8;
        o.answer_tokens = 12;
    }
    return o;
}

static void ask(struct target *target, const struct model_info *model, size_t images, bool stream,
    int64_t max_tokens, struct exchange *x)
{
    struct media_part picture = {MEDIA_IMAGE, "image/png", png, strlen(png)};
    const struct chat_message message = {
        .role = "user", .content = question, .media = &picture, .media_count = images};
    engine_ask_message(target, model->id, &message, stream, max_tokens, x);
}

static void check_text(const struct deviation *d, const struct buf *said, const struct buf *expected)
{
    const char *a = buf_text(said), *b = buf_text(expected);
    if (d->cuts_first_space && a[0] != ' ' && b[0] == ' ')
        b++;
    ck_assert_str_eq(a, b);
}

static void check_answer(struct target *target, const struct model_info *model, size_t images, int64_t limit)
{
    const struct deviation *d = deviation_of(target);
    const struct model_chain_options o = made(model);
    int64_t prompt = engine_prompt_tokens(question) + (int64_t)images * MODEL_PROJECTOR_TOKENS;
    for (int stream = 0; stream < 2; stream++) {
        struct model_chain_expected expected;
        struct exchange x;
        struct error e = {0};
        ck_assert_int_eq(model_chain_expect(&o, (size_t)limit, &expected, &e), STATUS_OK);
        ask(target, model, images, stream, limit, &x);
        check_text(d, &x.reasoning, &expected.reasoning);
        check_text(d, &x.answer, &expected.answer);
        ck_assert_str_eq(x.finish_reason, expected.stopped ? "stop" : "length");
        ck_assert_int_eq(x.tokens.completion, (int64_t)expected.completion_tokens);
        if (!d->bare_prompt || o.kind != MODEL_KIND_REASONING)
            ck_assert_int_eq(x.tokens.prompt, prompt);
        exchange_fini(&x);
        model_chain_expected_fini(&expected);
    }
}

/* 100: all of it; 15: within the answer; 5: within the reasoning, where there is any. */
static void check_chat(struct target *target, const struct model_info *model)
{
    check_answer(target, model, 0, 100);
    check_answer(target, model, 0, 15);
    check_answer(target, model, 0, 5);
}

static void check_picture(struct target *target, const struct model_info *model)
{
    check_answer(target, model, 1, 100);
    ck_assert_msg(model->modalities & MODALITY_VISION, "%s: the server does not say that it sees", model->id);
}

static void check_vectors(struct target *target, const struct model_info *model)
{
    static const char *const texts[] = {"the water above", "The waters!"};
    const struct target_request request = {
        .task = TASK_EMBED, .embed = {.model = model->id, .inputs = texts, .input_count = 2}};
    struct exchange x;
    struct model_pieces *p = model_pieces_new();
    int64_t pieces = 0;
    exchange_init(&x);
    target_ask(target, &request, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_uint_eq(x.vectors.count, 2);
    ck_assert_uint_eq(x.vectors.dimension, model_bert_sizes[0].options.dim);
    for (size_t i = 0; i < 2; i++) {
        double square = 0;
        for (size_t k = 0; k < x.vectors.dimension; k++)
            square += pow((double)x.vectors.values[i * x.vectors.dimension + k], 2);
        ck_assert_double_eq_tol(square, 1.0, 1e-4);
        pieces += (int64_t)model_pieces_encode(p, texts[i], strlen(texts[i]), NULL, 0);
    }
    ck_assert_int_eq(x.tokens.prompt, pieces);
    model_pieces_free(p);
    exchange_fini(&x);
}

static void check_models(const char *const *names, void (*check)(struct target *, const struct model_info *))
{
    ENGINE_OPEN_OR_SKIP(target);
    size_t found = for_models(target, names, check);
    target_close(target);
    if (found == 0)
        TESTKIT_SKIP("the engine has no model of this kind: it is asked elsewhere");
}

static void words_and_counts_are_the_known_ones_streamed_and_whole(void)
{
    static const char *const names[] = {"eos", "reasoning", "seeing", NULL};
    check_models(names, check_chat);
}

static void a_picture_costs_64_tokens_and_changes_no_word(void)
{
    static const char *const names[] = {"seeing", NULL};
    check_models(names, check_picture);
}

static void vectors_have_unit_length_and_their_texts_the_known_tokens(void)
{
    static const char *const names[] = {"bert", NULL};
    check_models(names, check_vectors);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(words_and_counts_are_the_known_ones_streamed_and_whole),
        TESTKIT_TEST(a_picture_costs_64_tokens_and_changes_no_word),
        TESTKIT_TEST(vectors_have_unit_length_and_their_texts_the_known_tokens),
        {0},
    };
    return testkit_run("engine_truth", tests);
}
