#include "journal.h"

#include "testkit.h"

#include "exchange.h"
#include "json.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct journal *open_journal(size_t bytes)
{
    struct journal *j = NULL;
    struct error why = {0};
    ck_assert_msg(journal_open(bytes, &j, &why) == STATUS_OK, "%s", error_text(&why));
    return j;
}

/* The next entry as a tree; NULL at the end. */
static struct json_object *next(const struct journal *j, size_t *at, enum journal_type *type)
{
    struct journal_entry entry;
    struct json_object *tree = NULL;
    if (!journal_next(j, at, &entry))
        return NULL;
    *type = entry.type;
    ck_assert_int_eq(json_parse(entry.text, entry.len, &tree, NULL), STATUS_OK);
    return tree;
}

static void entries_come_back_in_order_and_whole(void)
{
    struct journal *j = open_journal(1 << 20);
    struct journal_entry entry;
    static const char *const texts[] = {"", "a", "12345678", "123456789"};
    size_t at = 0;
    for (size_t i = 0; i < 4; i++)
        ck_assert(journal_append(j, JOURNAL_NOTE, texts[i], strlen(texts[i])));
    for (size_t i = 0; i < 4; i++) {
        ck_assert(journal_next(j, &at, &entry));
        ck_assert(entry.len == strlen(texts[i]) && memcmp(entry.text, texts[i], entry.len) == 0);
    }
    ck_assert(!journal_next(j, &at, &entry));
    journal_close(j);
}

static void a_full_journal_drops_and_counts_and_overwrites_nothing(void)
{
    struct journal *j = open_journal(1 << 16);
    struct journal_state *state = calloc(1, sizeof *state);
    char block[1000];
    size_t at = 0, kept = 0, read = 0;
    struct journal_entry entry;
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100; i++)
        kept += journal_append(j, JOURNAL_NOTE, block, sizeof block);
    while (journal_next(j, &at, &entry))
        read += entry.len == sizeof block;
    journal_read(j, state);
    ck_assert_uint_gt(kept, 10);
    ck_assert_uint_eq(read, kept);
    ck_assert_int_eq(state->dropped, 100 - (int64_t)kept);
    ck_assert_int_eq(state->entries, (int64_t)kept);
    free(state);
    journal_close(j);
}

static void what_cannot_be_written_as_json_is_counted_as_dropped(void)
{
    struct journal *j = open_journal(1 << 16);
    struct journal_state *state = calloc(1, sizeof *state);
    char *text = malloc((size_t)65 << 20); /* one entry holds at most 64 MiB */
    memset(text, 'x', ((size_t)65 << 20) - 1);
    text[((size_t)65 << 20) - 1] = '\0';
    ck_assert(!journal_append_json(j, JOURNAL_NOTE, NULL));
    ck_assert(!journal_append_json(j, JOURNAL_NOTE, json_object_new_string(text)));
    journal_read(j, state);
    ck_assert_int_eq(state->dropped, 2);
    ck_assert_int_eq(state->entries, 0);
    free(text);
    free(state);
    journal_close(j);
}

static void phases_keep_when_they_began_first(void)
{
    struct journal *j = open_journal(1 << 16);
    struct journal_state *state = calloc(1, sizeof *state);
    journal_enter(j, PHASE_SETUP, 10);
    journal_enter(j, PHASE_BODY, 20);
    journal_enter(j, PHASE_BODY, 30);
    journal_enter(j, PHASE_COUNT, 40);
    journal_mark(j, "repeat %d", 3);
    journal_skip(j, "no camera", 50);
    journal_read(j, state);
    ck_assert_int_eq(state->phase, PHASE_SKIP);
    ck_assert_int_eq(state->entered_ns[PHASE_SETUP], 10);
    ck_assert_int_eq(state->entered_ns[PHASE_BODY], 20);
    ck_assert_int_eq(state->entered_ns[PHASE_WARMUP], 0);
    ck_assert_str_eq(state->mark, "repeat 3");
    ck_assert_str_eq(state->skip_reason, "no camera");
    ck_assert(!state->has_result && state->refusal[0] == '\0');
    free(state);
    journal_close(j);
}

static void long_texts_are_cut_not_overrun(void)
{
    struct journal *j = open_journal(1 << 16);
    struct journal_state *state = calloc(1, sizeof *state);
    char *text = malloc(20000);
    memset(text, 'm', 19999);
    text[19999] = '\0';
    journal_result(j, 1, CK_FAILURE, text, text, 7);
    journal_refuse(j, text);
    journal_mark(j, "%s", text);
    journal_read(j, state);
    ck_assert(state->has_result && state->tests_run == 1 && state->rtype == CK_FAILURE && state->line == 7);
    ck_assert_uint_eq(strlen(state->message), sizeof state->message - 1);
    ck_assert_uint_eq(strlen(state->file), sizeof state->file - 1);
    ck_assert_uint_eq(strlen(state->refusal), sizeof state->refusal - 1);
    free(text);
    free(state);
    journal_close(j);
}

/* A writer is killed in mid-write, many times: what can be read is always whole. */
static void a_writer_killed_at_any_moment_leaves_whole_entries(void)
{
    enum { SIZE = 3000 };
    char block[SIZE];
    memset(block, 'w', SIZE);
    for (int i = 0; i < 20; i++) {
        struct journal *j = open_journal((size_t)64 << 20);
        pid_t writer = fork();
        while (writer == 0)
            (void)journal_append(j, JOURNAL_EXCHANGE, block, SIZE);
        (void)usleep((useconds_t)(100 * i));
        ck_assert_int_eq(kill(writer, SIGKILL), 0);
        ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
        struct journal_entry entry;
        for (size_t at = 0; journal_next(j, &at, &entry);)
            ck_assert(entry.len == SIZE && memcmp(entry.text, block, SIZE) == 0);
        journal_close(j);
    }
}

/* A case may write anywhere: the reader must neither crash nor run on. */
static void a_journal_that_was_written_over_is_read_without_harm(void)
{
    struct journal_state *state = calloc(1, sizeof *state);
    for (unsigned seed = 1; seed < 200; seed++) {
        struct journal *j = open_journal(1 << 16);
        struct journal_entry entry;
        ck_assert(journal_append(j, JOURNAL_NOTE, "{}", 2));
        /* The mapping is the first thing that the opaque journal points to. */
        unsigned char *block = *(unsigned char **)(void *)j;
        srand(seed);
        for (int i = 0; i < 2000; i++)
            block[rand() % (1 << 16)] = (unsigned char)rand();
        journal_read(j, state);
        ck_assert_uint_lt(strlen(state->message), sizeof state->message);
        size_t steps = 0;
        for (size_t at = 0; journal_next(j, &at, &entry);)
            ck_assert_uint_lt(steps++, 1 << 16);
        journal_close(j);
    }
    free(state);
}

static void observations_carry_their_metric_and_bounds(void)
{
    struct journal *j = open_journal(1 << 16);
    const double values[] = {0.5, 0.25};
    const struct tpot tpot = {.seconds = 0.02, .k1_known = false, .low_s = 0.01, .high_s = 0.03};
    enum journal_type type;
    size_t at = 0;
    double value = 0;
    ck_assert(journal_observe(j, "icl_s", 2, values, 2) && journal_observe_tpot(j, 1, &tpot));
    struct json_object *first = next(j, &at, &type), *second = next(j, &at, &type);
    ck_assert_int_eq(type, JOURNAL_OBSERVATION);
    ck_assert(json_get_real(first, "/values/1", &value) && value == 0.25);
    ck_assert_str_eq(json_get_text(second, "/k1"), "assumed");
    ck_assert(json_get_real(second, "/high", &value) && value == 0.03);
    json_object_put(first);
    json_object_put(second);
    journal_close(j);
}

static void an_exchange_is_a_line_and_a_tally(void)
{
    struct journal *j = open_journal(1 << 20);
    struct journal_place place = {.role = "measured", .repeat = 1, .index = 4, .kind = "chat", .salt = "[s]"};
    struct exchange x;
    enum journal_type type;
    size_t at = 0;
    int64_t n = 0;
    exchange_init(&x);
    x.error = EXCHANGE_EMPTY;
    x.attempts = 2;
    x.earlier[0] = EXCHANGE_RATE_LIMITED;
    x.earlier_count = 1;
    memcpy(x.finish_reason, "stop", 5);
    x.tokens = (struct exchange_tokens){.prompt = 7,
        .completion = -1,
        .reasoning = -1,
        .cached = -1,
        .source = TOKENS_SERVER_USAGE,
        .agrees = 0};
    ck_assert(journal_exchange(j, &place, &x));
    struct json_object *line = next(j, &at, &type);
    ck_assert_int_eq(type, JOURNAL_EXCHANGE);
    ck_assert_str_eq(json_get_text(line, "/role"), "measured");
    ck_assert_str_eq(json_get_text(line, "/salt"), "[s]");
    ck_assert(json_get_int(line, "/index", &n) && n == 4);
    struct json_object *tally = next(j, &at, &type);
    ck_assert_int_eq(type, JOURNAL_TALLY);
    bool succeeded = true;
    ck_assert(json_get_bool(tally, "/ok", &succeeded) && !succeeded);
    ck_assert_str_eq(json_get_text(tally, "/errors/0"), "rate_limited");
    ck_assert_str_eq(json_get_text(tally, "/errors/1"), "empty");
    ck_assert_ptr_eq(json_get(tally, "/errors/2"), NULL);
    ck_assert_str_eq(json_get_text(tally, "/finish_reason"), "stop");
    ck_assert(json_get_int(tally, "/tokens/prompt", &n) && n == 7);
    ck_assert_ptr_eq(json_get(tally, "/tokens/completion"), NULL);
    json_object_put(line);
    json_object_put(tally);
    exchange_fini(&x);
    journal_close(j);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(entries_come_back_in_order_and_whole),
        TESTKIT_TEST(a_full_journal_drops_and_counts_and_overwrites_nothing),
        TESTKIT_TEST(what_cannot_be_written_as_json_is_counted_as_dropped),
        TESTKIT_TEST(phases_keep_when_they_began_first),
        TESTKIT_TEST(long_texts_are_cut_not_overrun),
        TESTKIT_TEST(a_writer_killed_at_any_moment_leaves_whole_entries),
        TESTKIT_TEST(a_journal_that_was_written_over_is_read_without_harm),
        TESTKIT_TEST(observations_carry_their_metric_and_bounds),
        TESTKIT_TEST(an_exchange_is_a_line_and_a_tally),
        {0},
    };
    return testkit_run("journal", tests);
}
