/* What becomes of a record when the journal or what belongs to the record is not as it should be. */
#include "result.h"

#include "testkit.h"

#include "exchange.h"
#include "fault_run.h"
#include "fs.h"
#include "record.h"

#include <signal.h>
#include <string.h>

/* A test that passed, and its journal. */
struct scene {
    struct fault_run run;
    struct planned planned;
    struct intent_spec spec;
    struct json_object *intent, *record;
    struct journal *journal;
    struct ending ending;
    struct result_facts facts;
};

static void scene_open(struct scene *s)
{
    memset(s, 0, sizeof *s);
    fault_run_open(&s->run, testkit_tmp_path("runs"), (const char *const[]){"fault.passes", NULL});
    ck_assert(planned_find(s->run.folder.run, "fault.passes", &s->planned));
    s->spec = (struct intent_spec){.run = s->run.folder.run,
        .planned = &s->planned,
        .attempt = 1,
        .start_unix_ns = 1000,
        .start_mono_ns = 500};
    s->intent = intent_new(&s->spec);
    ck_assert_int_eq(journal_open(1 << 20, &s->journal, NULL), STATUS_OK);
    journal_enter(s->journal, PHASE_SETUP, 600);
    journal_enter(s->journal, PHASE_BODY, 700);
    journal_enter(s->journal, PHASE_DONE, 900);
    journal_result(s->journal, 1, CK_PASS, NULL, NULL, 0);
    s->ending = (struct ending){.end_mono_ns = 1000, .end_unix_ns = 2000};
    s->facts = (struct result_facts){.spec = &s->spec,
        .intent = s->intent,
        .ending = &s->ending,
        .journal = s->journal,
        .runner_started = true};
}

/* The outcome of the record, which is valid whatever it says. */
static enum outcome build(struct scene *s)
{
    enum outcome outcome = OUTCOME_LOST;
    struct error why = {0};
    json_object_put(s->record);
    s->record = result_build(&s->facts, &outcome, &why);
    ck_assert_msg(s->record != NULL && record_validate(s->record, &why) == STATUS_OK, "%s", error_text(&why));
    return outcome;
}

static void message_has(const struct scene *s, const char *text)
{
    const char *message = json_get_text(s->record, "/message");
    ck_assert_msg(message && strstr(message, text), "%s", message ? message : "no message");
}

static void scene_close(struct scene *s)
{
    json_object_put(s->record);
    json_object_put(s->intent);
    journal_close(s->journal);
    fault_run_close(&s->run);
}

static const struct {
    enum journal_type type;
    const char *entry, *why;
} unusable[] = {
    {JOURNAL_TALLY, "{", "cannot be used"},
    {JOURNAL_OBSERVATION, "{\"metric\":\"ttft\",\"repeat\":0,\"values\":[1]}", "no metric 'ttft'"},
    {JOURNAL_OBSERVATION, "{\"metric\":\"ttft_s\",\"repeat\":-1,\"values\":[1]}", "measured repeat"},
    {JOURNAL_OBSERVATION, "{\"metric\":\"ttft_s\",\"repeat\":0,\"values\":[]}", "and a value"},
    {JOURNAL_NOTE, "{\"key\":\"a\"}", "a note without key or value"},
};

static void an_entry_that_cannot_be_used_is_our_fault_and_says_what_the_outcome_was(void)
{
    for (size_t i = 0; i < sizeof unusable / sizeof unusable[0]; i++) {
        struct scene s;
        scene_open(&s);
        ck_assert_int_eq(build(&s), OUTCOME_PASSED);
        ck_assert(journal_append(s.journal, unusable[i].type, unusable[i].entry, strlen(unusable[i].entry)));
        ck_assert_int_eq(build(&s), OUTCOME_HARNESS_ERROR);
        message_has(&s, unusable[i].why);
        message_has(&s, "(the outcome would have been passed)");
        scene_close(&s);
    }
}

static void a_record_that_does_not_fit_its_schema_is_replaced_by_one_that_says_so(void)
{
    struct scene s;
    scene_open(&s);
    static const char tokens[] = "{\"leaked\":\"maybe\"}";
    ck_assert(journal_append(s.journal, JOURNAL_STOP_TOKENS, tokens, strlen(tokens)));
    ck_assert_int_eq(build(&s), OUTCOME_HARNESS_ERROR);
    message_has(&s, "the record of outcome passed did not fit its schema");
    ck_assert_ptr_null(json_get(s.record, "/stop_tokens"));
    ck_assert_ptr_nonnull(json_get(s.record, "/process"));
    scene_close(&s);
}

static void lines_that_do_not_fit_are_told_and_the_others_written(void)
{
    struct scene s;
    struct error why = {0};
    struct exchange x;
    struct journal_place place = {.role = "measured", .kind = "chat"};
    struct buf path = BUF_INIT(4096), lines;
    scene_open(&s);
    exchange_init(&x);
    x.attempts = 1;
    ck_assert(journal_append(s.journal, JOURNAL_EXCHANGE, "{}", 2));
    ck_assert(journal_exchange(s.journal, &place, &x));
    ck_assert_int_eq(
        result_write_lines(&s.run.folder, &s.facts, JOURNAL_EXCHANGE, SPOOL_EXCHANGES, "exchange", &why),
        STATUS_INVALID);
    ck_assert_int_eq(spool_path(&s.run.folder, "fault.passes", 1, SPOOL_EXCHANGES, &path), STATUS_OK);
    lines = testkit_read(buf_text(&path));
    ck_assert_ptr_eq(strchr(buf_text(&lines), '\n'), buf_text(&lines) + lines.len - 1); /* one line */
    ck_assert_ptr_nonnull(strstr(buf_text(&lines), "\"role\":\"measured\""));
    s.facts.trouble = error_text(&why);
    ck_assert_int_eq(build(&s), OUTCOME_HARNESS_ERROR);
    message_has(&s, "would have been passed");
    buf_fini(&lines);
    buf_fini(&path);
    exchange_fini(&x);
    scene_close(&s);
}

static void entries_that_found_no_room_are_counted_in_the_record(void)
{
    struct scene s;
    static char block[600 << 10];
    scene_open(&s);
    memset(block, ' ', sizeof block);
    memcpy(block, "{\"key\":\"k\",\"value\":\"v\"}", 23);
    for (int i = 0; i < 3; i++)
        (void)journal_append(s.journal, JOURNAL_NOTE, block, sizeof block);
    ck_assert_int_eq(build(&s), OUTCOME_PASSED);
    ck_assert_str_eq(json_get_text(s.record, "/metadata/journal_entries_dropped"), "2");
    scene_close(&s);
}

static void events_stand_in_the_timeline_from_the_start_of_the_test(void)
{
    struct scene s;
    double t_s = 0;
    scene_open(&s);
    ck_assert(journal_event(s.journal, "loaded", 500 + 1500000000));
    ck_assert_int_eq(build(&s), OUTCOME_PASSED);
    ck_assert_str_eq(json_get_text(s.record, "/timeline/0/event"), "loaded");
    ck_assert(json_get_real(s.record, "/timeline/0/t_s", &t_s));
    ck_assert_double_eq_tol(t_s, 1.5, 1e-9);
    static const char absurd[] = "{\"event\":\"e\",\"t_ns\":-9223372036854775807}";
    ck_assert(journal_append(s.journal, JOURNAL_EVENT, absurd, strlen(absurd)));
    (void)build(&s); /* whatever it says, it is valid */
    scene_close(&s);
}

static void a_test_that_was_never_started_says_why(void)
{
    struct scene s;
    scene_open(&s);
    s.facts.runner_started = false;
    s.facts.why_not = "no process to be had";
    ck_assert_int_eq(build(&s), OUTCOME_HARNESS_ERROR);
    message_has(&s, "no process to be had");
    s.ending.stop_signal = SIGINT;
    ck_assert_int_eq(build(&s), OUTCOME_INTERRUPTED);
    message_has(&s, "before the case began");
    scene_close(&s);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_entry_that_cannot_be_used_is_our_fault_and_says_what_the_outcome_was),
        TESTKIT_TEST(a_record_that_does_not_fit_its_schema_is_replaced_by_one_that_says_so),
        TESTKIT_TEST(lines_that_do_not_fit_are_told_and_the_others_written),
        TESTKIT_TEST(entries_that_found_no_room_are_counted_in_the_record),
        TESTKIT_TEST(events_stand_in_the_timeline_from_the_start_of_the_test),
        TESTKIT_TEST(a_test_that_was_never_started_says_why),
        {0},
    };
    return testkit_run("result", tests);
}
