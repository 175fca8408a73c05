#include "old_time.h"

#include "clock.h"

#include <math.h>
#include <stddef.h>

enum { YEAR_FIRST = 1970, YEAR_LAST = 2199 };

static bool digits(const char **text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

static bool one_of(const char **text, const char *allowed)
{
    for (; *allowed; allowed++)
        if (**text == *allowed) {
            (*text)++;
            return true;
        }
    return false;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01; -1: there is no such day. */
static int64_t days_of(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12)
        return -1;
    if (day < 1 || day > lengths[month - 1] + (month == 2 && is_leap(year)))
        return -1;
    int64_t days = day - 1;
    for (int y = YEAR_FIRST; y < year; y++)
        days += 365 + is_leap(y);
    for (int m = 1; m < month; m++)
        days += lengths[m - 1] + (m == 2 && is_leap(year));
    return days;
}

static bool read_date(const char **text, int64_t *days)
{
    int year, month, day;
    if (!digits(text, 4, &year) || !one_of(text, "-") || !digits(text, 2, &month) || !one_of(text, "-") ||
        !digits(text, 2, &day))
        return false;
    *days = days_of(year, month, day);
    return *days >= 0;
}

static bool read_clock(const char **text, int64_t *seconds)
{
    int hour, minute, second;
    if (!digits(text, 2, &hour) || !one_of(text, ":") || !digits(text, 2, &minute) || !one_of(text, ":") ||
        !digits(text, 2, &second))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool read_fraction(const char **text, int64_t *ns)
{
    *ns = 0;
    if (!one_of(text, "."))
        return true;
    int64_t digit_ns = NS_PER_S;
    const char *first = *text;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        *ns += (digit_ns /= 10) * (**text - '0');
    return *text > first;
}

/* How far the zone is ahead of UTC. */
static bool read_zone(const char **text, int64_t *ahead_s, bool *zoned)
{
    int hours, minutes = 0;
    *ahead_s = 0;
    *zoned = **text != '\0';
    if (!*zoned || one_of(text, "Zz"))
        return true;
    int sign = **text == '-' ? -1 : 1;
    if (!one_of(text, "+-") || !digits(text, 2, &hours))
        return false;
    bool colon = one_of(text, ":");
    if ((colon || **text != '\0') && !digits(text, 2, &minutes))
        return false;
    *ahead_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool old_time_parse(const char *text, int64_t *unix_ns, bool *zoned)
{
    int64_t days, seconds, fraction_ns, ahead_s;
    bool with_zone;
    if (text == NULL || !read_date(&text, &days) || !one_of(&text, "T ") || !read_clock(&text, &seconds) ||
        !read_fraction(&text, &fraction_ns) || !read_zone(&text, &ahead_s, &with_zone) || *text != '\0')
        return false;
    int64_t moment_s = days * 86400 + seconds - ahead_s;
    if (moment_s < 0)
        return false;
    *unix_ns = moment_s * NS_PER_S + fraction_ns;
    *zoned = with_zone;
    return true;
}

bool old_time_of_seconds(double seconds, int64_t *unix_ns)
{
    if (!(seconds >= 0 && seconds < 7258118400.0)) /* 2200-01-01 */
        return false;
    *unix_ns = (int64_t)llround(seconds * 1e6) * NS_PER_US;
    return true;
}
