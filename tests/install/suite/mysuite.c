#include <assay/assay.h>

static void greets(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "greeting");
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_require(ctx, assay_chat(ctx, &request));
}

static void is_right(struct assay_context *ctx)
{
    ck_assert_msg(assay_model(ctx) == NULL, "a case of no model has one");
    ck_assert_int_eq(6 * 7, 41);
}

static const struct assay_prompt prompts[] = {
    {.name = "greeting", .text = "Say hello.", .max_tokens = 8}, {0}};

static const struct assay_case cases[] = {
    {.id = "my.greeting", .summary = "says hello", .body = greets, .version = 1, .per_model = true},
    {.id = "my.failure", .summary = "fails", .body = is_right, .version = 1, .repeats = 1, .warmup = -1},
    {0},
};

static const struct assay_suite suite = {
    .cases = cases, .prompts = prompts, .name = "mysuite", .version = "1.2"};

int main(int argc, char **argv)
{
    return assay_main(argc, argv, &suite);
}
