/* Numbers, durations and sizes to text and back, in the C locale whatever setlocale() said. */
#include "text.h"

#include "clock.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

static locale_t plain_locale;

static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t get_plain_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_plain_locale);
    return plain_locale;
}

void text_format_decimal(char *out, size_t size, double value, int digits)
{
    if (size == 0)
        return;
    out[0] = '\0';
    if (!isfinite(value))
        return;
    digits = digits < 0 ? 0 : digits > 9 ? 9 : digits;
    char text[352]; /* 309 digits of DBL_MAX, sign, point, 9 digits */
    locale_t before = uselocale(get_plain_locale());
    int len = snprintf(text, sizeof text, "%.*f", digits, value);
    (void)uselocale(before);
    const char *shown = text;
    if (text[0] == '-' && strspn(text, "-0.") == (size_t)len) /* no "-0.00" */
        shown++;
    if (strlen(shown) < size)
        memcpy(out, shown, strlen(shown) + 1);
}

static void drop_zeros_at_end(char *number)
{
    if (strchr(number, '.') == NULL)
        return;
    size_t len = strlen(number);
    while (number[len - 1] == '0')
        len--;
    number[number[len - 1] == '.' ? len - 1 : len] = '\0';
}

void text_format_number(char *out, size_t size, double value)
{
    text_format_decimal(out, size, value, 9);
    if (size > 0)
        drop_zeros_at_end(out);
}

void text_format_significant(char *out, size_t size, double value, int digits)
{
    int before_point = isfinite(value) && value != 0 ? (int)floor(log10(fabs(value))) + 1 : 1;
    int behind = digits - before_point;
    double step = behind < 0 ? pow(10, -behind) : 1;
    text_format_decimal(out, size, behind < 0 ? round(value / step) * step : value, behind);
    if (size > 0)
        drop_zeros_at_end(out);
}

/* Three significant digits for what is below 1000. */
static int digits_for(double value)
{
    return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

static void format_small(char *out, size_t size, double seconds)
{
    static const struct {
        double per_s;
        const char *unit;
    } units[] = {{1e3, "ms"}, {1e6, "us"}, {1e9, "ns"}};
    size_t i = 0;
    while (i < 2 && seconds * units[i].per_s < 0.99949)
        i++;
    double value = seconds * units[i].per_s;
    char number[32];
    text_format_decimal(number, sizeof number, value, i == 2 ? 0 : digits_for(value));
    (void)snprintf(out, size, "%s %s", number, units[i].unit);
}

static void format_large(char *out, size_t size, double seconds)
{
    if (seconds > 9e15) {
        (void)snprintf(out, size, "for ever");
        return;
    }
    long long s = llround(seconds);
    if (s < 3600)
        (void)snprintf(out, size, "%lld min %02lld s", s / 60, s % 60);
    else if (s < 86400)
        (void)snprintf(out, size, "%lld h %02lld min", s / 3600, s / 60 % 60);
    else
        (void)snprintf(out, size, "%lld d %02lld h", s / 86400, s / 3600 % 24);
}

void text_format_duration(char *out, size_t size, double seconds)
{
    if (size == 0)
        return;
    if (isnan(seconds)) {
        (void)snprintf(out, size, "-");
        return;
    }
    if (seconds < 0 && size > 1) {
        *out++ = '-';
        size--;
    }
    seconds = fabs(seconds);
    if (seconds <= 0) {
        (void)snprintf(out, size, "0 s");
    } else if (seconds < 0.9995) {
        format_small(out, size, seconds);
    } else if (seconds < 59.95) {
        char number[32];
        text_format_decimal(number, sizeof number, seconds, 1);
        (void)snprintf(out, size, "%s s", number);
    } else {
        format_large(out, size, seconds);
    }
}

void text_format_bytes(char *out, size_t size, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t i = 0;
    while (i < 6 && fabs(bytes) >= (i == 0 ? 1023.5 : 1023.95)) {
        bytes /= 1024;
        i++;
    }
    char number[32];
    text_format_decimal(number, sizeof number, bytes, i == 0 ? 0 : 1);
    if (size > 0)
        (void)snprintf(out, size, "%s %s", number[0] != '\0' ? number : "-", units[i]);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool text_parse_i64(const char *s, int64_t *value)
{
    if (!is_digit(s[0]) && !((s[0] == '-' || s[0] == '+') && is_digit(s[1])))
        return false;
    char *end = NULL;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (*end != '\0' || errno == ERANGE)
        return false;
    *value = v;
    return true;
}

bool text_parse_double(const char *s, double *value)
{
    /* Only these characters: no blank in front, no hexadecimal, no name of a number. */
    if (s[0] == '\0' || s[strspn(s, "0123456789+-.eE")] != '\0')
        return false;
    char *end = NULL;
    double v = strtod_l(s, &end, get_plain_locale());
    if (*end != '\0' || end == s || !isfinite(v))
        return false;
    *value = v;
    return true;
}

struct scale {
    const char *unit;
    int64_t factor;
};

/* Whole and fractional digits apart: the whole part is exact up to INT64_MAX. Returns what follows the
 * number. */
static const char *read_decimal(const char *s, int64_t *whole, double *fraction)
{
    if (!is_digit(s[0]))
        return NULL;
    *whole = 0;
    *fraction = 0;
    for (; is_digit(*s); s++)
        if (__builtin_mul_overflow(*whole, (int64_t)10, whole) ||
            __builtin_add_overflow(*whole, *s - '0', whole))
            return NULL;
    if (*s != '.')
        return s;
    if (!is_digit(*++s))
        return NULL;
    for (double place = 0.1; is_digit(*s); s++, place /= 10)
        *fraction += (*s - '0') * place;
    return s;
}

static bool parse_scaled(const char *s, const struct scale *scales, bool any_case, int64_t *value)
{
    int64_t whole, result;
    double fraction;
    const char *unit = read_decimal(s, &whole, &fraction);
    if (unit == NULL)
        return false;
    if (unit[0] == ' ' && unit[1] != '\0')
        unit++;
    while (
        scales->unit != NULL && (any_case ? strcasecmp(unit, scales->unit) : strcmp(unit, scales->unit)) != 0)
        scales++;
    if (scales->unit == NULL || __builtin_mul_overflow(whole, scales->factor, &result) ||
        __builtin_add_overflow(result, (int64_t)llround(fraction * (double)scales->factor), &result))
        return false;
    *value = result;
    return true;
}

bool text_parse_duration_ns(const char *s, int64_t *ns)
{
    static const struct scale scales[] = {{"", NS_PER_S}, {"s", NS_PER_S}, {"ms", NS_PER_MS},
        {"us", NS_PER_US}, {"\xc2\xb5s", NS_PER_US}, {"ns", 1}, {"m", 60 * NS_PER_S}, {"min", 60 * NS_PER_S},
        {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S}, {NULL, 0}};
    return parse_scaled(s, scales, false, ns);
}

bool text_parse_bytes(const char *s, int64_t *bytes)
{
    static const struct scale scales[] = {{"", 1}, {"B", 1}, {"kB", 1000}, {"MB", 1000000},
        {"GB", 1000000000}, {"TB", 1000000000000}, {"KiB", INT64_C(1) << 10}, {"MiB", INT64_C(1) << 20},
        {"GiB", INT64_C(1) << 30}, {"TiB", INT64_C(1) << 40}, {NULL, 0}};
    return parse_scaled(s, scales, true, bytes);
}
