#include "quiet.h"

#include "testkit.h"
#include "tree_kit.h"

#include <string.h>

/* A machine on virtual time whose state changes while somebody waits for it. */
static struct clock_virtual now;
static const char *root;
static int64_t start_ns;
static size_t pauses;

struct waiting {
    const char *name;
    const char *path, *from, *to; /* changed again and again until calm_at_s */
    double calm_at_s, limit_s;
    bool quiet;
    double waited_s;
    const char *reason; /* how it begins */
};

static const struct waiting cases[] = {
    {"quiet at once", NULL, NULL, NULL, 0, 60, true, 2, ""},
    {"quiet after a while", "/proc/vmstat", "pswpin ", "pswpin 1", 5, 60, true, 8, ""},
    {"never quiet", "/proc/vmstat", "pswpin ", "pswpin 1", 1000, 10, false, 10,
        "memory was read back from swap"},
};

static bool pause_until(void *arg, int64_t until_ns)
{
    const struct waiting *w = arg;
    clock_sleep_until(&now.clock, until_ns);
    pauses++;
    if (w->path && clock_mono_ns(&now.clock) - start_ns < (int64_t)(w->calm_at_s * 1e9) && pauses % 8 == 0)
        tree_edit(root, w->path, w->from, w->to);
    return true;
}

static struct quiet wait_for(const struct waiting *w)
{
    struct error why = {0};
    struct quiet quiet;
    pauses = 0;
    start_ns = clock_mono_ns(&now.clock);
    struct quiet_options options = {.root = root,
        .clock = &now.clock,
        .own_pid = 100,
        .limit_ns = (int64_t)(w->limit_s * 1e9),
        .pause = pause_until,
        .arg = (void *)w};
    ck_assert_msg(quiet_wait(&options, &quiet, &why) == STATUS_OK, "%s", error_text(&why));
    return quiet;
}

static void it_is_waited_until_a_window_is_clean(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        root = tree_copy("laptop");
        clock_virtual_init(&now, 1795220601 * NS_PER_S);
        struct quiet quiet = wait_for(&cases[i]);
        ck_assert_msg(quiet.quiet == cases[i].quiet, "%s", cases[i].name);
        ck_assert_msg(strncmp(quiet.reason, cases[i].reason, strlen(cases[i].reason)) == 0, "%s: %s",
            cases[i].name, quiet.reason);
        ck_assert_msg((double)quiet.waited_ns / 1e9 == cases[i].waited_s, "%s: %g s", cases[i].name,
            (double)quiet.waited_ns / 1e9);
    }
}

static void what_no_waiting_ends_is_not_waited_for(void)
{
    root = tree_copy("laptop");
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    tree_edit(root, "/sys/class/power_supply/AC/online", "1", "0");
    tree_edit(root, "/sys/class/power_supply/BAT0/status", "Not charging", "Discharging");
    ck_assert(wait_for(&cases[0]).quiet);
    tree_remove(root, "/proc/vmstat"); /* and what cannot be read is no disturbance */
    ck_assert(wait_for(&cases[0]).quiet);
}

static bool give_up(void *arg, int64_t until_ns)
{
    (void)arg;
    (void)until_ns;
    return false;
}

static void whoever_pauses_may_give_up(void)
{
    struct quiet quiet;
    root = tree_copy("laptop");
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct quiet_options options = {
        .root = root, .clock = &now.clock, .own_pid = 100, .limit_ns = 60 * NS_PER_S, .pause = give_up};
    ck_assert_int_eq(quiet_wait(&options, &quiet, NULL), STATUS_OK);
    ck_assert(!quiet.quiet && quiet.waited_ns == 0);
    ck_assert_str_eq(quiet.reason, "");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(it_is_waited_until_a_window_is_clean),
        TESTKIT_TEST(what_no_waiting_ends_is_not_waited_for),
        TESTKIT_TEST(whoever_pauses_may_give_up),
        {0},
    };
    return testkit_run("quiet", tests);
}
