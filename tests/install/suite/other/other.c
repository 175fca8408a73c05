/* A second suite in the same project. */
#include <assay/assay.h>

static void has_a_server(struct assay_context *ctx)
{
    const struct target_info *server = target_info(assay_target(ctx));
    ck_assert_msg(server->simulated, "%s is no simulator", server->name);
    ck_assert_msg(target_offers(assay_target(ctx)) & OFFER_CHAT, "%s does not chat", server->name);
}

static const struct assay_case cases[] = {
    {.id = "other.server", .summary = "is asked", .body = has_a_server, .version = 3, .repeats = 1},
    {0},
};

int main(int argc, char **argv)
{
    return assay_main(argc, argv, &(struct assay_suite){.cases = cases, .name = "other"});
}
