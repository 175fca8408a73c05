#include "schema_groups.h"

#include <string.h>

/* Only date-time is ever asserted; every other format is an annotation. */
static enum status compile_format(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(c, node, "format", "must be a string");
    if (!c->schema->assert_formats || strcmp(json_object_get_string(value), "date-time") != 0)
        rule->check = NULL;
    return STATUS_OK;
}

static int take_digits(const char **at, int count)
{
    int value = 0;
    for (; count > 0; count--, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

/* One of two characters. */
static bool take_char(const char **at, const char set[2])
{
    bool there = **at != '\0' && (**at == set[0] || **at == set[1]);
    *at += there;
    return there;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **at)
{
    int year = take_digits(at, 4);
    if (year < 0 || !take_char(at, "-"))
        return false;
    int month = take_digits(at, 2);
    if (month < 1 || month > 12 || !take_char(at, "-"))
        return false;
    int day = take_digits(at, 2);
    return day >= 1 && day <= days_in(year, month);
}

/* Minutes after midnight, or -1; a second of 60 is told. */
static int take_time(const char **at, bool *leap_second)
{
    int hour = take_digits(at, 2);
    if (hour < 0 || hour > 23 || !take_char(at, ":"))
        return -1;
    int minute = take_digits(at, 2);
    if (minute < 0 || minute > 59 || !take_char(at, ":"))
        return -1;
    int second = take_digits(at, 2);
    *leap_second = second == 60;
    if (second < 0 || second > 60)
        return -1;
    if (take_char(at, ".")) {
        size_t digits = strspn(*at, "0123456789");
        *at += digits;
        if (digits == 0)
            return -1;
    }
    return hour * 60 + minute;
}

/* Minutes east of Greenwich; false where there is no offset. */
static bool take_offset(const char **at, int *minutes)
{
    *minutes = 0;
    if (take_char(at, "Zz"))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!take_char(at, "+-"))
        return false;
    int hour = take_digits(at, 2);
    if (hour < 0 || hour > 23 || !take_char(at, ":"))
        return false;
    int minute = take_digits(at, 2);
    *minutes = sign * (hour * 60 + minute);
    return minute >= 0 && minute <= 59;
}

/* RFC 3339, section 5.6. A leap second can only be the last of a day in UTC. */
static bool is_date_time(const char *text, size_t len)
{
    const char *at = text;
    int minutes, offset;
    bool leap_second = false;
    if (!take_date(&at) || !take_char(&at, "Tt"))
        return false;
    minutes = take_time(&at, &leap_second);
    if (minutes < 0 || !take_offset(&at, &offset) || at != text + len)
        return false;
    return !leap_second || (minutes - offset + 2 * 1440) % 1440 == 1439;
}

static bool check_format(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t len = (size_t)json_object_get_string_len(at->value);
    const char *text = json_object_get_string((struct json_object *)at->value);
    if (is_date_time(text, len))
        return true;
    return run->report != NULL && fault(run, rule->node, "format", at, "%s is not an RFC 3339 date and time",
                                      value_show(at->value).text);
}

const struct keyword keyword_format = {.name = "format",
    .vocabulary = VOCABULARY_NO_RULES | VOCABULARY_DRAFT_07,
    .applies = TYPE_STRING,
    .looks_only = true,
    .compile = compile_format,
    .check = check_format};
