#include "trace_parts.h"

#include "text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* Mooncake counts milliseconds from the beginning; BurstGPT seconds; Azure writes dates. A name that has a unit
 * in it means it everywhere. */
static const struct trace_field fields[] = {
    {"timestamp", TRACE_TIME, 1e6, 1e9},
    {"timestamp_ms", TRACE_TIME, 1e6, 1e6},
    {"timestamp_s", TRACE_TIME, 1e9, 1e9},
    {"time_ms", TRACE_TIME, 1e6, 1e6},
    {"time_s", TRACE_TIME, 1e9, 1e9},
    {"arrival_ms", TRACE_TIME, 1e6, 1e6},
    {"arrival_s", TRACE_TIME, 1e9, 1e9},
    {"arrived_at", TRACE_TIME, 1e9, 1e9},
    {"created_time", TRACE_TIME, 1e6, 1e6},
    {"input_length", TRACE_PROMPT, 0, 0},
    {"input_tokens", TRACE_PROMPT, 0, 0},
    {"prompt_tokens", TRACE_PROMPT, 0, 0},
    {"context_tokens", TRACE_PROMPT, 0, 0},
    {"contexttokens", TRACE_PROMPT, 0, 0},
    {"request_tokens", TRACE_PROMPT, 0, 0},
    {"num_prefill_tokens", TRACE_PROMPT, 0, 0},
    {"output_length", TRACE_OUTPUT, 0, 0},
    {"output_tokens", TRACE_OUTPUT, 0, 0},
    {"completion_tokens", TRACE_OUTPUT, 0, 0},
    {"generated_tokens", TRACE_OUTPUT, 0, 0},
    {"generatedtokens", TRACE_OUTPUT, 0, 0},
    {"response_tokens", TRACE_OUTPUT, 0, 0},
    {"num_decode_tokens", TRACE_OUTPUT, 0, 0},
};

static bool is_name(const char *ours, const char *name, size_t len)
{
    if (strlen(ours) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i] == ' ' ? '_' : name[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != ours[i])
            return false;
    }
    return true;
}

const struct trace_field *trace_field_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (is_name(fields[i].name, name, len))
            return &fields[i];
    return NULL;
}

/* Exactly `digits` digits; moves on behind them. */
static bool take_digits(const char **at, int digits, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool take_char(const char **at, const char *any)
{
    if (!**at || !strchr(any, **at))
        return false;
    (*at)++;
    return true;
}

/* Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is their last. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool take_fraction(const char **at, int64_t *ns)
{
    *ns = 0;
    if (**at != '.')
        return true;
    (*at)++;
    const char *first = *at;
    for (int64_t unit = 100000000; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
        *ns += unit * (**at - '0'); /* digits behind the ninth count nothing */
    return *at > first;
}

static bool take_offset(const char **at, int64_t *offset_s)
{
    int hours = 0, minutes = 0;
    *offset_s = 0;
    if (**at == 'Z')
        return take_char(at, "Z");
    if (**at != '+' && **at != '-')
        return true;
    int sign = *(*at)++ == '-' ? -1 : 1;
    if (!take_digits(at, 2, &hours))
        return false;
    if (**at == ':')
        (*at)++;
    if (**at && !take_digits(at, 2, &minutes))
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool trace_parse_date(const char *at, int64_t *ns)
{
    int year, month, day, hour, minute, second;
    int64_t fraction_ns, offset_s;
    if (!take_digits(&at, 4, &year) || !take_char(&at, "-") || !take_digits(&at, 2, &month) ||
        !take_char(&at, "-") || !take_digits(&at, 2, &day) || !take_char(&at, " T") ||
        !take_digits(&at, 2, &hour) || !take_char(&at, ":") || !take_digits(&at, 2, &minute) ||
        !take_char(&at, ":") || !take_digits(&at, 2, &second) || !take_fraction(&at, &fraction_ns) ||
        !take_offset(&at, &offset_s) || *at)
        return false;
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    int64_t s = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
    *ns = s * 1000000000 + fraction_ns;
    return true;
}

bool trace_scale_moment(double value, double unit_ns, int64_t *ns)
{
    double scaled = floor(value * unit_ns + 0.5);
    if (!(fabs(scaled) < 9e18))
        return false;
    *ns = (int64_t)scaled;
    return true;
}

bool trace_parse_moment(const char *text, double unit_ns, int64_t *ns)
{
    double value;
    if (text_parse_double(text, &value))
        return trace_scale_moment(value, unit_ns, ns);
    return trace_parse_date(text, ns);
}
