/* Who is to blame, in what a load test leaves in the journal. */
#include "journal_load.h"

#include "json.h"
#include "testkit.h"

#include <string.h>

/* The entry of a test without figures whose client had these vitals. */
static struct json_object *entry_of(const struct load_vitals *vitals)
{
    struct load_test t = {0};
    struct journal *j = NULL;
    struct journal_entry entry;
    struct json_object *tree = NULL;
    size_t at = 0;
    load_verdict_judge(vitals, &t.verdict);
    ck_assert_int_eq(journal_open(1 << 20, &j, NULL), STATUS_OK);
    ck_assert(journal_load_client(j, &t));
    ck_assert(journal_next(j, &at, &entry));
    ck_assert_int_eq(entry.type, JOURNAL_LOAD);
    ck_assert_int_eq(json_parse(entry.text, entry.len, &tree, NULL), STATUS_OK);
    journal_close(j);
    ck_assert_ptr_null(json_get(tree, "/window"));
    return tree;
}

static void what_the_server_did_is_said_and_blames_nobody(void)
{
    struct load_vitals servers[] = {LOAD_VITALS_UNKNOWN, LOAD_VITALS_UNKNOWN, LOAD_VITALS_UNKNOWN};
    servers[0].unanswered_share = 0.4;
    servers[1].cut_off_share = 0.4;
    servers[2].stall_s = 3;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct json_object *entry = entry_of(&servers[i]);
        ck_assert_str_eq(json_get_text(entry, "/client/fitness"), "degraded");
        ck_assert_ptr_nonnull(json_get_text(entry, "/client/reason"));
        ck_assert_ptr_null(json_get_text(entry, "/client/figure"));
        json_object_put(entry);
    }
}

static void a_client_that_was_late_is_named_with_its_figure(void)
{
    struct load_vitals v = LOAD_VITALS_UNKNOWN;
    v.unanswered_share = 0.4;
    v.loop_lag_max_s = 30;
    struct json_object *entry = entry_of(&v);
    ck_assert_str_eq(json_get_text(entry, "/client/fitness"), "invalid");
    ck_assert_str_eq(json_get_text(entry, "/client/figure"), "loop_lag_max_s");
    json_object_put(entry);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_the_server_did_is_said_and_blames_nobody),
        TESTKIT_TEST(a_client_that_was_late_is_named_with_its_figure),
        {0},
    };
    return testkit_run("journal_load", tests);
}
