/* embeddings.* - vectors of texts: how fast, and whether they are what vectors of texts have to be. */
#include "suite.h"

#include "answered.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 64, TEXT_SIZE = 8192 };

/* Texts without meaning that all differ; made before any clock starts. */
struct texts {
    char *room;
    const char *items[TEXTS_MAX];
};

static void make_texts(struct texts *texts, size_t count, int words, const char *salt, int number)
{
    static const char *const list[] = {"river", "lamp", "stone", "paper", "window", "garden", "metal",
        "cloud", "bread", "horse", "silver", "engine", "forest", "letter", "market", "bridge"};
    texts->room = malloc(count * TEXT_SIZE);
    ck_assert_ptr_nonnull(texts->room);
    for (size_t i = 0; i < count; i++) {
        char *text = texts->room + i * TEXT_SIZE;
        int used = snprintf(text, TEXT_SIZE, "%s %d %zu", salt, number, i);
        for (int w = 0; w < words && used < TEXT_SIZE - 16; w++)
            used += snprintf(text + used, (size_t)(TEXT_SIZE - used), " %s",
                list[(i * 7 + (size_t)w * 5 + (size_t)(number + 100)) % (sizeof list / sizeof list[0])]);
        texts->items[i] = text;
    }
}

static const struct exchange *embed(struct assay_context *ctx, const char *const *texts, size_t count)
{
    struct target_request r = {
        .task = TASK_EMBED, .embed = {.model = assay_model(ctx)->id, .inputs = texts, .input_count = count}};
    const struct exchange *x = assay_ask(ctx, &r);
    assay_require(ctx, x);
    ck_assert_msg(x->vectors.count == count, "%zu texts have %zu vectors", count, x->vectors.count);
    return x;
}

static const float *vector_of(const struct exchange *x, size_t i)
{
    return x->vectors.values + i * x->vectors.dimension;
}

static double norm(const float *v, size_t dimension)
{
    double sum = 0;
    for (size_t i = 0; i < dimension; i++)
        sum += (double)v[i] * (double)v[i];
    return sqrt(sum);
}

static double cosine(const float *a, const float *b, size_t dimension)
{
    double sum = 0, lengths = norm(a, dimension) * norm(b, dimension);
    for (size_t i = 0; i < dimension; i++)
        sum += (double)a[i] * (double)b[i];
    return lengths > 0 ? sum / lengths : 0;
}

/* ---- speed ---- */

struct batch {
    size_t texts;
    int words;
};

static void throughput(struct assay_context *ctx)
{
    const struct batch *batch = assay_data(ctx);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct texts texts;
        double latency_s;
        make_texts(&texts, batch->texts, batch->words, assay_model(ctx)->id, repeat);
        const struct exchange *x = embed(ctx, texts.items, batch->texts);
        if (exchange_latency_s(x, &latency_s) && latency_s > 0)
            assay_observe(ctx, "inputs_per_s", (double)batch->texts / latency_s);
        free(texts.room);
    }
}

/* ---- what vectors have to be ---- */

/* Dimension and norm are recorded; a norm that is not one is no fault, for not every model promises it. */
static void shape(struct assay_context *ctx)
{
    struct texts texts;
    make_texts(&texts, 2, 12, "shape", 0);
    const struct exchange *x = embed(ctx, texts.items, 2);
    size_t dimension = x->vectors.dimension;
    double first = norm(vector_of(x, 0), dimension), second = norm(vector_of(x, 1), dimension);
    assay_note(ctx, "dimension", "%zu", dimension);
    assay_note(ctx, "unit_norm", "%s", fabs(first - 1) < 1e-3 && fabs(second - 1) < 1e-3 ? "yes" : "no");
    ck_assert_msg(first > 0 && second > 0, "a vector is zero");
    ck_assert_msg(cosine(vector_of(x, 0), vector_of(x, 1), dimension) < 0.999999,
        "two different texts have the same vector");
    free(texts.room);
}

/* Sums of a batch may round otherwise than those of a single text, so the same is nearly the same. */
#define SAME 0.9999

static void same_text_same_vector(struct assay_context *ctx)
{
    struct texts texts;
    make_texts(&texts, 1, 20, "same", 0);
    const struct exchange *x = embed(ctx, texts.items, 1);
    size_t dimension = x->vectors.dimension;
    float *first = malloc(dimension * sizeof *first);
    ck_assert_ptr_nonnull(first);
    memcpy(first, vector_of(x, 0), dimension * sizeof *first);
    x = embed(ctx, texts.items, 1);
    ck_assert_msg(
        x->vectors.dimension == dimension, "%zu numbers, and then %zu", dimension, x->vectors.dimension);
    double likeness = cosine(first, vector_of(x, 0), dimension);
    assay_note(ctx, "cosine", "%s", figure(likeness).text);
    ck_assert_msg(likeness > SAME, "the same text has two vectors (cosine %s)", figure(likeness).text);
    free(first);
    free(texts.room);
}

static void order_is_kept(struct assay_context *ctx)
{
    enum { COUNT = 8 };
    struct texts texts;
    make_texts(&texts, COUNT, 10, "order", 0);
    const struct exchange *x = embed(ctx, texts.items, COUNT);
    size_t dimension = x->vectors.dimension;
    float *together = malloc(COUNT * dimension * sizeof *together);
    ck_assert_ptr_nonnull(together);
    memcpy(together, x->vectors.values, COUNT * dimension * sizeof *together);
    for (size_t i = 0; i < COUNT; i++) {
        x = embed(ctx, &texts.items[i], 1);
        double own = cosine(together + i * dimension, vector_of(x, 0), dimension);
        ck_assert_msg(own > 0.999, "text %zu of a batch has another vector than alone (cosine %s)", i,
            figure(own).text);
    }
    free(together);
    free(texts.room);
}

/* Longer than any context: refused, or cut in silence? Both are allowed, and worth knowing. */
static void too_long_input(struct assay_context *ctx)
{
    static const char word[] = "endless ";
    size_t words = 200000, len = words * (sizeof word - 1);
    char *text = malloc(len + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < words; i++)
        memcpy(text + i * (sizeof word - 1), word, sizeof word - 1);
    text[len] = '\0';
    const char *inputs[] = {text};
    embed(ctx, (const char *const[]){"short"}, 1); /* the model can at all */
    struct target_request r = {
        .task = TASK_EMBED, .embed = {.model = assay_model(ctx)->id, .inputs = inputs, .input_count = 1}};
    const struct exchange *x = assay_ask(ctx, &r);
    bool refused = x->error == EXCHANGE_HTTP_4XX || x->error == EXCHANGE_HTTP_5XX;
    free(text);
    assay_note(ctx, "too_long", "%s",
        x->error == EXCHANGE_OK ? "cut in silence"
        : refused               ? x->error_text
                                : "");
    ck_assert_msg(x->error == EXCHANGE_OK || refused, "an input of %zu words: %s: %s", words,
        exchange_error_name(x->error), x->error_text);
}

static const struct batch one_short = {1, 16}, one_long = {1, 160}, eight = {8, 64}, thirty_two = {32, 64};

#define EMBEDDINGS(name, text, ...)                                                                          \
    {                                                                                                        \
        .id = "embeddings." name, .summary = text, .version = 2, .per_model = true,                          \
        .needs = MODALITY_EMBEDDING, .needs_offers = OFFER_EMBED, __VA_ARGS__                                \
    }

const struct assay_case cases_embeddings[] = {
    EMBEDDINGS("one_short", "the vector of one short text", .body = throughput, .data = &one_short),
    EMBEDDINGS("one_long", "the vector of one long text", .body = throughput, .data = &one_long,
        .needs_context = 512),
    EMBEDDINGS("batch_8", "the vectors of 8 texts in one request", .body = throughput, .data = &eight),
    EMBEDDINGS("batch_32", "the vectors of 32 texts in one request", .body = throughput, .data = &thirty_two),
    EMBEDDINGS("shape", "dimension and norm; different texts have different vectors", .body = shape,
        .repeats = 1, .warmup = -1),
    EMBEDDINGS("same_text", "the same text has the same vector", .body = same_text_same_vector, .repeats = 1,
        .warmup = -1, .requests = 2),
    EMBEDDINGS("order", "vectors of a batch come in the order of its texts", .body = order_is_kept,
        .repeats = 1, .warmup = -1, .requests = 9),
    EMBEDDINGS("too_long", "a text beyond the context is refused or cut: which is recorded",
        .body = too_long_input, .repeats = 1, .warmup = -1, .requests = 2),
    {0},
};
