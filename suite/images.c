/*
 * images.* - pictures made from text: how long one takes, and whether it is the picture that was asked for.
 *
 * What the server sends is hostile: a picture has to be whole, of a known format and of the size asked for. A
 * picture that is only named by a URL counts as an error and is never fetched.
 */
#include "suite.h"

#include "sensed.h"

#include "media_facts.h"
#include "sha256.h"

#include <string.h>

struct canvas {
    int width, height;
    int steps, more_steps; /* 0: as the server does by itself */
};

static const char motif[] = "A red kettle on a wooden table beside a window, in the light of the morning.";

static struct target_request request_of(
    const struct assay_context *ctx, const struct canvas *canvas, int64_t seed)
{
    return (struct target_request){.task = TASK_IMAGE,
        .image = {.model = assay_model(ctx)->id,
            .prompt = motif,
            .width = canvas->width,
            .height = canvas->height,
            .steps = canvas->steps,
            .seed = seed}};
}

static void check_picture(struct assay_context *ctx, const struct exchange *x, const struct canvas *canvas)
{
    ck_assert_msg(x->media_count == 1, "asked for one picture, %zu came", x->media_count);
    const struct buf *bytes = &x->media[0].bytes;
    struct media_facts facts;
    struct error why = {0};
    enum status s = media_facts_read(buf_text(bytes), bytes->len, &facts, &why);
    ck_assert_msg(s == STATUS_OK, "the picture: %s", error_text(&why));
    ck_assert_msg(facts.width > 0, "asked for a picture, got a sound (%s)", facts.format);
    ck_assert_msg(facts.width == canvas->width && facts.height == canvas->height,
        "asked for %d x %d pixels, the picture has %lld x %lld", canvas->width, canvas->height,
        (long long)facts.width, (long long)facts.height);
    assay_note(ctx, "format", "%s", facts.format);
}

static const struct exchange *make(struct assay_context *ctx, const struct canvas *canvas, int64_t seed)
{
    struct target_request r = request_of(ctx, canvas, seed);
    const struct exchange *x = assay_ask(ctx, &r);
    check_sensed(ctx, x, MODALITY_IMAGE, "to make a picture");
    check_picture(ctx, x, canvas);
    return x;
}

/* Each repeat with a seed of its own, so that no answer can be one that was kept; servers know 31 bits. */
static int64_t seed_of(const struct assay_context *ctx)
{
    return (int64_t)(assay_unique(ctx, 0) & INT32_MAX);
}

static void picture_is_made(struct assay_context *ctx)
{
    const struct canvas *canvas = assay_data(ctx);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        double latency_s;
        const struct exchange *x = make(ctx, canvas, seed_of(ctx));
        if (exchange_latency_s(x, &latency_s))
            assay_observe(ctx, "image_s", latency_s / (double)x->media_count);
    }
}

/* ---- what a step costs ---- */

/* Three times the steps take longer by at least this share, or the server does not heed their number. */
#define HEEDED 1.2

static double latency_with(struct assay_context *ctx, const struct canvas *canvas, int steps, int64_t seed)
{
    struct canvas c = *canvas;
    double latency_s = 0;
    c.steps = steps;
    const struct exchange *x = make(ctx, &c, seed);
    ck_assert(exchange_latency_s(x, &latency_s));
    return latency_s;
}

static void step_costs(struct assay_context *ctx)
{
    const struct canvas *canvas = assay_data(ctx);
    int unheeded = 0;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        assay_measure(ctx, false);
        double few_s = latency_with(ctx, canvas, canvas->steps, seed_of(ctx));
        assay_measure(ctx, true);
        double more_s = latency_with(ctx, canvas, canvas->more_steps, seed_of(ctx));
        if (more_s > HEEDED * few_s)
            assay_observe(ctx, "image_step_s", (more_s - few_s) / (canvas->more_steps - canvas->steps));
        else if (repeat >= 0)
            assay_note(ctx, "steps_not_heeded", "%d", ++unheeded);
    }
}

/* ---- the same seed ---- */

static void picture_hash(const struct exchange *x, char hash[65])
{
    sha256_hex(buf_text(&x->media[0].bytes), x->media[0].bytes.len, hash);
}

/* Whether it is the same picture is recorded, and no fault: not every server promises it. */
static void seed_is_heeded(struct assay_context *ctx)
{
    char first[65], again[65], other[65];
    const struct canvas *canvas = assay_data(ctx);
    picture_hash(make(ctx, canvas, 1), first);
    picture_hash(make(ctx, canvas, 1), again);
    picture_hash(make(ctx, canvas, 2), other);
    assay_note(ctx, "same_seed", "%s", strcmp(first, again) == 0 ? "the same picture" : "another picture");
    assay_note(ctx, "other_seed", "%s", strcmp(first, other) == 0 ? "the same picture" : "another picture");
}

static const struct canvas small = {.width = 256, .height = 256}, square = {.width = 512, .height = 512},
                           wide = {.width = 768, .height = 512},
                           steps = {.width = 256, .height = 256, .steps = 4, .more_steps = 12};

#define IMAGES(name, text, ...)                                                                              \
    {                                                                                                        \
        .id = "images." name, .summary = text, .version = 1, .per_model = true, .where_known = true,         \
        .needs = MODALITY_IMAGE, .needs_offers = OFFER_IMAGE, .timeout_s = 1800, __VA_ARGS__                 \
    }

const struct assay_case cases_images[] = {
    IMAGES("small", "a picture of 256 x 256 pixels", .body = picture_is_made, .data = &small),
    IMAGES("square", "a picture of 512 x 512 pixels", .body = picture_is_made, .data = &square),
    IMAGES(
        "wide", "a picture of 768 x 512 pixels", .body = picture_is_made, .data = &wide, .on_request = true),
    IMAGES("steps", "what one step more costs: 4 and 12 steps", .body = step_costs, .data = &steps,
        .requests = 2),
    IMAGES("seed", "the same seed makes the same picture, or not: which is recorded", .body = seed_is_heeded,
        .data = &small, .repeats = 1, .warmup = -1, .requests = 3),
    {0},
};
