/*
 * vision.* - pictures within a message: what they cost in time and tokens, and whether they are seen.
 *
 * Every picture is drawn and encoded before its request is made. Of those that are timed no two are alike, so
 * that nothing a server kept of one serves for another; those that are asked about are the same in every run.
 * A wrong answer about a picture is a measurement and fails nothing.
 */
#include "suite.h"

#include "sensed.h"

#include "base64.h"
#include "grade.h"
#include "jpeg_write.h"
#include "json.h"
#include "png_write.h"
#include "rng.h"

#include <stdio.h>
#include <string.h>

enum { PICTURES_MAX = 4, FILE_BYTES_MAX = 64 << 20, ITEMS = 8, ITEMS_SEED = 20 };

/* Pictures of one message, encoded. */
struct shown {
    struct buf texts[PICTURES_MAX];
    struct media_part parts[PICTURES_MAX];
    size_t count;
};

/* Takes the picture. */
static void show(struct shown *s, struct picture *p, bool jpeg)
{
    struct buf file = BUF_INIT(FILE_BYTES_MAX), *text = &s->texts[s->count];
    ck_assert_msg(
        (jpeg ? jpeg_write(p, &file) : png_write(p, &file)) == STATUS_OK, "no memory for a picture");
    buf_init(text, 2 * FILE_BYTES_MAX);
    base64_encode(text, buf_text(&file), file.len);
    ck_assert_msg(buf_status(text) == STATUS_OK, "no memory for a picture of %zu bytes", file.len);
    s->parts[s->count++] = (struct media_part){.kind = MEDIA_IMAGE,
        .type = jpeg ? "image/jpeg" : "image/png",
        .base64 = buf_text(text),
        .base64_len = text->len};
    buf_fini(&file);
    picture_fini(p);
}

static void shown_fini(struct shown *s)
{
    for (size_t i = 0; i < s->count; i++)
        buf_fini(&s->texts[i]);
    *s = (struct shown){0};
}

static struct picture blank(int width, int height)
{
    struct picture p;
    ck_assert_msg(picture_init(&p, width, height, &picture_white) == STATUS_OK,
        "no memory for a picture of %d x %d", width, height);
    return p;
}

static struct picture with_number(int width, int height, int number, uint64_t mark)
{
    struct picture p = blank(width, height);
    char digits[16];
    snprintf(digits, sizeof digits, "%d", number);
    picture_number(&p, digits, &picture_black);
    picture_mark(&p, mark);
    return p;
}

static struct chat_request request_of(
    struct assay_context *ctx, const struct shown *s, const char *question, int64_t max_tokens)
{
    struct chat_message message = {
        .role = "user", .content = question, .media = s->parts, .media_count = s->count};
    struct chat_request r = assay_request_messages(ctx, &message, 1);
    r.max_tokens = r.max_tokens > 0 ? r.max_tokens : max_tokens;
    return r;
}

/* ---- what a picture costs ---- */

struct view {
    int width, height;
    size_t count;
    bool jpeg;
};

static const char describe[] = "Describe what you see, in one sentence.";
enum { DESCRIBE_TOKENS = 32 };

/* The prompt's tokens as the server counts them; -1 where it does not say. The same salt as the pictures have. */
static int64_t tokens_without(struct assay_context *ctx)
{
    struct chat_request r = request_of(ctx, &(struct shown){0}, describe, DESCRIBE_TOKENS);
    const struct exchange *x = assay_chat(ctx, &r);
    assay_require(ctx, x);
    return x->tokens.prompt;
}

/*
 * A server that counts the prompt alike with pictures and without may have thrown them away. Where it says of
 * itself that the model sees, its count is doubted and noted; else the model is not taken for one that sees.
 */
static void observe_tokens(
    struct assay_context *ctx, const struct exchange *x, int64_t without, const struct view *view)
{
    if (x->tokens.prompt < 0 || without < 0)
        return;
    int64_t added = x->tokens.prompt - without;
    if (added > 0)
        assay_observe(ctx, "image_tokens", (double)added / (double)view->count);
    else if (is_said_to_have(ctx, MODALITY_VISION))
        assay_note(ctx, "image_tokens", "the server counts none for the pictures");
    else
        assay_skip(ctx, "the server takes no notice of pictures: the prompt has %lld tokens with and without",
            (long long)without);
}

static void picture_costs(struct assay_context *ctx)
{
    const struct view *view = assay_data(ctx);
    assay_salt(ctx, "picture");
    int64_t without = tokens_without(ctx);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct shown s = {0};
        for (size_t i = 0; i < view->count; i++) {
            uint64_t mark = assay_unique(ctx, (int)i);
            struct picture p = with_number(view->width, view->height, 100 + (int)(mark % 900), mark);
            show(&s, &p, view->jpeg);
        }
        struct chat_request r = request_of(ctx, &s, describe, DESCRIBE_TOKENS);
        const struct exchange *x = assay_chat(ctx, &r);
        check_sensed(ctx, x, MODALITY_VISION, "pictures");
        observe_tokens(ctx, x, without, view);
        shown_fini(&s);
    }
}

/* ---- whether it is seen ---- */

struct question {
    const char *text;
    /* Draws item i, and writes the check that its answer has to pass. */
    void (*draw)(struct shown *s, struct rng *rng, int i, struct buf *check);
};

enum { SIDE = 448, COLOURS = 5 };

static void expect_number(struct buf *check, int value)
{
    buf_printf(check, "{\"kind\":\"number\",\"value\":%d}", value);
}

static void expect_word(struct buf *check, const char *word)
{
    buf_printf(check, "{\"kind\":\"text\",\"any\":[\"%s\"]}", word);
}

static void draw_number(struct shown *s, struct rng *rng, int i, struct buf *check)
{
    int number = 100 + (int)rng_below(rng, 900);
    struct picture p = with_number(SIDE, SIDE, number, (uint64_t)i);
    expect_number(check, number);
    show(s, &p, false);
}

static void draw_colour(struct shown *s, struct rng *rng, int i, struct buf *check)
{
    const struct colour *colour = &picture_colours[i % COLOURS];
    struct picture p = blank(SIDE, SIDE);
    picture_shape(&p, (enum shape)rng_below(rng, SHAPE_COUNT), SIDE / 2, SIDE / 2, SIDE / 4, colour);
    expect_word(check, colour->name);
    show(s, &p, false);
}

static void draw_shape(struct shown *s, struct rng *rng, int i, struct buf *check)
{
    enum shape shape = (enum shape)(i % SHAPE_COUNT);
    struct picture p = blank(SIDE, SIDE);
    picture_shape(&p, shape, SIDE / 2, SIDE / 2, SIDE / 4, &picture_colours[rng_below(rng, COLOURS)]);
    expect_word(check, shape_name(shape));
    show(s, &p, false);
}

/* Nine places, of which the first so many of a shuffled list are taken. */
static void draw_several(struct shown *s, struct rng *rng, int i, struct buf *check)
{
    int places[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, count = 1 + i % 6;
    struct picture p = blank(SIDE, SIDE);
    rng_shuffle(rng, places, 9, sizeof places[0]);
    for (int k = 0; k < count; k++)
        picture_shape(&p, SHAPE_CIRCLE, SIDE * (1 + 2 * (places[k] % 3)) / 6,
            SIDE * (1 + 2 * (places[k] / 3)) / 6, SIDE / 10, &picture_colours[2]);
    expect_number(check, count);
    show(s, &p, false);
}

/* One of three pictures differs from the others. */
static void draw_odd_one(struct shown *s, struct rng *rng, int i, struct buf *check)
{
    int odd = (int)rng_below(rng, 3);
    for (int k = 0; k < 3; k++) {
        struct picture p = blank(SIDE / 2, SIDE / 2);
        picture_shape(&p, k == odd ? SHAPE_TRIANGLE : SHAPE_CIRCLE, SIDE / 4, SIDE / 4, SIDE / 8,
            &picture_colours[(i + k) % COLOURS]);
        show(s, &p, false);
    }
    expect_number(check, odd + 1);
}

static void grade_seen(struct assay_context *ctx, const struct exchange *x, const struct buf *check_text)
{
    struct json_object *check = NULL;
    struct grade grade = {0};
    struct error why = {0};
    char expected[256];
    ck_assert_msg(
        json_parse(buf_text(check_text), check_text->len, &check, &why) == STATUS_OK, "%s", error_text(&why));
    grade_expected(check, expected, sizeof expected);
    if (x->error == EXCHANGE_OK)
        ck_assert_msg(grade_answer(check, buf_text(&x->answer), x->answer.len, &grade, &why) == STATUS_OK,
            "%s", error_text(&why));
    assay_graded(
        ctx, &(struct assay_graded){
                 .category = "vision", .expected = expected, .found = grade.found, .correct = grade.correct});
    json_object_put(check);
}

static void ask_about(struct assay_context *ctx, const struct question *question, struct rng *rng, int i)
{
    struct shown s = {0};
    struct buf check = BUF_INIT(256);
    question->draw(&s, rng, i, &check);
    struct chat_request r = request_of(ctx, &s, question->text, 64);
    r.temperature = 0;
    const struct exchange *x = assay_chat(ctx, &r);
    if (i == 0)
        check_sensed(ctx, x, MODALITY_VISION, "a picture");
    grade_seen(ctx, x, &check);
    shown_fini(&s);
    buf_fini(&check);
}

/* The same pictures in every run, each asked about once and unsalted: the same model has the same score. A server
 * may know them from the last run, so nothing is timed. */
static void picture_is_seen(struct assay_context *ctx)
{
    const struct question *question = assay_data(ctx);
    assay_salt(ctx, NULL);
    assay_measure(ctx, false);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct rng rng;
        rng_seed_text(&rng, ITEMS_SEED, question->text);
        for (int i = 0; i < ITEMS; i++)
            ask_about(ctx, question, &rng, i);
    }
}

static const struct view small = {224, 224, 1, false}, medium = {512, 512, 1, false},
                         large = {1024, 1024, 1, false}, wide = {1280, 720, 1, false},
                         jpeg = {512, 512, 1, true}, several = {512, 512, 3, false};

static const struct question
    number = {"Which number is written in the picture? Answer with the number alone.", draw_number},
    colour = {"Which colour has the shape in the picture: red, green, blue, yellow or black? Answer with one "
              "word.",
        draw_colour},
    shape = {"Which shape is in the picture: a circle, a square or a triangle? Answer with one word.",
        draw_shape},
    count = {"How many circles are in the picture? Answer with the number alone.", draw_several},
    odd_one = {
        "Here are three pictures. Which of them shows a triangle: 1, 2 or 3? Answer with the number alone.",
        draw_odd_one};

#define VISION(name, text, ...)                                                                              \
    {                                                                                                        \
        .id = "vision." name, .summary = text, .version = 1, .per_model = true, .where_known = true,         \
        .needs = MODALITY_TEXT | MODALITY_VISION, .needs_offers = OFFER_CHAT, __VA_ARGS__                    \
    }
#define COSTS(name, text, ...)                                                                               \
    VISION(name, text, .body = picture_costs, .tokens = DESCRIBE_TOKENS, __VA_ARGS__)
#define SEEN(name, text, ...)                                                                                \
    VISION(name, text, .body = picture_is_seen, .repeats = 1, .warmup = -1, .requests = ITEMS,               \
        .tokens = ITEMS * 16, __VA_ARGS__)

const struct assay_case cases_vision[] = {
    COSTS("small", "a picture of 224 x 224 pixels (PNG)", .data = &small),
    COSTS("medium", "a picture of 512 x 512 pixels (PNG)", .data = &medium),
    COSTS("large", "a picture of 1024 x 1024 pixels (PNG)", .data = &large, .needs_context = 4096),
    COSTS("wide", "a picture of 1280 x 720 pixels (PNG)", .data = &wide, .on_request = true,
        .needs_context = 4096),
    COSTS("jpeg", "a picture of 512 x 512 pixels (JPEG)", .data = &jpeg),
    COSTS("several", "three pictures of 512 x 512 pixels in one message", .data = &several,
        .needs_context = 4096),
    SEEN("number", "a number of three digits is read", .data = &number),
    SEEN("colour", "the colour of a shape is named", .data = &colour),
    SEEN("shape", "a shape is named", .data = &shape),
    SEEN("count", "one to six circles are counted", .data = &count),
    SEEN("odd_one", "the odd one of three pictures is found", .data = &odd_one, .needs_context = 2048),
    {0},
};
