#include "clock_offset.h"

#include "clock.h"

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greatest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Answers that contradict each other (a clock was set, a proxy answered) leave what holds for all of them. */
void clock_bounds_note(
    struct clock_bounds *bounds, int64_t sent_ns, int64_t received_ns, int64_t date_s, int64_t slack_ns)
{
    struct clock_bounds *b = bounds;
    int64_t low_ns = date_s * NS_PER_S - received_ns;
    int64_t high_ns = (date_s + 1) * NS_PER_S + slack_ns - sent_ns;
    bool apart = b->answers > 0 && (low_ns > b->high_ns || high_ns < b->low_ns);
    if (b->answers++ == 0) {
        b->low_ns = low_ns;
        b->high_ns = high_ns;
    } else if (apart) {
        b->low_ns = least(b->low_ns, low_ns);
        b->high_ns = greatest(b->high_ns, high_ns);
    } else {
        b->low_ns = greatest(b->low_ns, low_ns);
        b->high_ns = least(b->high_ns, high_ns);
    }
}

int64_t clock_bounds_next_ns(const struct clock_bounds *bounds, int64_t now_ns)
{
    if (bounds->answers == 0)
        return now_ns;
    int64_t middle_ns = bounds->low_ns + (bounds->high_ns - bounds->low_ns) / 2;
    int64_t into_second_ns = (now_ns + middle_ns) % NS_PER_S;
    return now_ns + (into_second_ns > 0 ? NS_PER_S - into_second_ns : 0);
}

static struct clock_offset within(int64_t low_ns, int64_t high_ns, const char *method)
{
    return (struct clock_offset){.ahead_ns = low_ns + (high_ns - low_ns) / 2,
        .error_ns = (high_ns - low_ns + 1) / 2,
        .method = method};
}

static struct clock_offset estimate_now(const struct clock_facts *facts)
{
    const struct clock_bounds *dates = facts->dates;
    bool dated = dates != NULL && dates->answers > 0, kept = facts->ours.kept && facts->theirs.kept;
    int64_t error_ns = (int64_t)((facts->ours.error_s + facts->theirs.error_s) * 1e9) + 1;
    if (facts->same_machine)
        return (struct clock_offset){.method = "same_machine"};
    if (dated && kept && dates->low_ns <= error_ns && dates->high_ns >= -error_ns)
        return within(greatest(dates->low_ns, -error_ns), least(dates->high_ns, error_ns), "dates_and_ntp");
    if (dated)
        return within(dates->low_ns, dates->high_ns, "dates");
    if (kept)
        return within(-error_ns, error_ns, "ntp");
    return (struct clock_offset){.error_ns = -1, .method = "assumed"};
}

struct clock_offset clock_offset_estimate(const struct clock_facts *facts)
{
    struct clock_offset offset = estimate_now(facts);
    bool kept = facts->ours.kept && facts->theirs.kept;
    if (offset.error_ns < 0 || facts->same_machine)
        return offset;
    if (!kept && facts->age_ns > 0)
        offset.error_ns += (int64_t)((double)facts->age_ns * CLOCK_DRIFT_MAX);
    if (facts->jump_ns > 0)
        offset.error_ns += facts->jump_ns;
    return offset;
}
