#include "json_number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

static locale_t plain_locale;
static pthread_once_t plain_locale_once = PTHREAD_ONCE_INIT;

static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t get_plain_locale(void)
{
    pthread_once(&plain_locale_once, make_plain_locale);
    return plain_locale;
}

/* Digits only, an optional minus before them. False where 64 bits do not hold it. */
static bool parse_integer(const char *text, size_t len, struct json_object **number)
{
    bool negative = text[0] == '-';
    uint64_t magnitude = 0;
    for (size_t i = negative; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        unsigned digit = (unsigned)(text[i] - '0');
        if (magnitude > (UINT64_MAX - digit) / 10)
            return false;
        magnitude = magnitude * 10 + digit;
    }
    if (negative && magnitude > (uint64_t)INT64_MAX + 1)
        return false;
    if (negative)
        *number = json_object_new_int64((int64_t)(0 - magnitude));
    else if (magnitude <= INT64_MAX)
        *number = json_object_new_int64((int64_t)magnitude);
    else
        *number = json_object_new_uint64(magnitude);
    return true;
}

/*
 * Most numbers of ours have at most 15 digits and a small exponent: then digits and power of ten are both
 * exact doubles, and one division rounds correctly (Clinger 1990). False: not such a number.
 */
static bool parse_short_decimal(const char *text, size_t len, double *value)
{
    bool negative = text[0] == '-';
    uint64_t digits = 0;
    size_t places = 0, count = 0;
    bool behind_point = false;
    for (size_t i = negative; i < len; i++) {
        if (text[i] == '.') {
            behind_point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || ++count > 15)
            return false;
        digits = digits * 10 + (unsigned)(text[i] - '0');
        places += behind_point;
    }
    static const double powers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    *value = (double)digits / powers[places];
    if (negative)
        *value = -*value;
    return true;
}

static enum status parse_real(const char *text, size_t len, double *value)
{
    if (parse_short_decimal(text, len, value))
        return STATUS_OK;
    char small[64];
    char *copy = len < sizeof small ? small : malloc(len + 1);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *value = strtod_l(copy, NULL, get_plain_locale());
    if (copy != small)
        free(copy);
    return isfinite(*value) ? STATUS_OK : STATUS_INVALID;
}

enum status json_number_parse(const char *text, size_t len, struct json_object **number)
{
    *number = NULL;
    double value;
    if (!parse_integer(text, len, number)) {
        enum status s = parse_real(text, len, &value);
        if (s != STATUS_OK)
            return s;
        *number = json_object_new_double(value);
    }
    return *number != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

bool json_number_fits_i64(const struct json_object *number, int64_t *value, uint64_t *big)
{
    *value = json_object_get_int64(number);
    if (*value < INT64_MAX)
        return true;
    *big = json_object_get_uint64(number);
    return *big == INT64_MAX;
}

static int compare_integers(const struct json_object *a, const struct json_object *b)
{
    int64_t x, y;
    uint64_t big_x = 0, big_y = 0;
    bool small_x = json_number_fits_i64(a, &x, &big_x), small_y = json_number_fits_i64(b, &y, &big_y);
    if (small_x && small_y)
        return (x > y) - (x < y);
    if (small_x != small_y)
        return small_x ? -1 : 1;
    return (big_x > big_y) - (big_x < big_y);
}

/* An integer against a double: first as doubles; where these are equal the double is integral and is
 * converted. */
static int compare_mixed(const struct json_object *integer, double real)
{
    int64_t x;
    uint64_t big = 0;
    bool small = json_number_fits_i64(integer, &x, &big);
    double rounded = small ? (double)x : (double)big;
    if (rounded != real)
        return rounded < real ? -1 : 1;
    if (small)
        return real >= 0x1p63 ? -1 : (x > (int64_t)real) - (x < (int64_t)real);
    return real >= 0x1p64 ? -1 : (big > (uint64_t)real) - (big < (uint64_t)real);
}

int json_number_compare(const struct json_object *a, const struct json_object *b)
{
    bool a_is_int = json_object_is_type(a, json_type_int), b_is_int = json_object_is_type(b, json_type_int);
    if (a_is_int && b_is_int)
        return compare_integers(a, b);
    if (a_is_int)
        return compare_mixed(a, json_object_get_double(b));
    if (b_is_int)
        return -compare_mixed(b, json_object_get_double(a));
    double x = json_object_get_double(a), y = json_object_get_double(b);
    return (x > y) - (x < y);
}

/* %g drops trailing zeros, so the first precision that reads back is the shortest; below 15 digits every
 * decimal survives the way there and back, except among the subnormal doubles, which have fewer digits. */
static void format_shortest(double value, char *text, size_t size)
{
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    do
        snprintf(text, size, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
}

static bool write_whole(double value, struct buf *out)
{
    if (!(fabs(value) < 1e15) || value != (double)(int64_t)value || (value == 0 && signbit(value)))
        return false;
    buf_append_int(out, (int64_t)value);
    buf_append_text(out, ".0");
    return true;
}

/* n / 1e6 is rounded correctly: where it gives the value back, the value has n's digits, and these are 15 at most. */
static bool write_millionths(double value, struct buf *out)
{
    double size = fabs(value);
    if (!(size >= 1e-4 && size < 1e9)) /* below, %g takes an exponent */
        return false;
    int64_t n = llround(size * 1e6);
    if ((double)n / 1e6 != size)
        return false;
    char fraction[] = ".000000";
    size_t len = sizeof fraction - 1;
    for (int64_t rest = n % 1000000, place = 6; place > 0; place--, rest /= 10)
        fraction[place] = (char)('0' + rest % 10);
    while (len > 2 && fraction[len - 1] == '0')
        len--;
    if (value < 0)
        buf_append_char(out, '-');
    buf_append_int(out, n / 1000000);
    buf_append(out, fraction, len);
    return true;
}

/* Most of what is measured is a whole number or one of few decimals: these cost a tenth of the rest. */
enum status json_write_real(double value, struct buf *out)
{
    if (!isfinite(value))
        return STATUS_INVALID;
    if (write_whole(value, out) || write_millionths(value, out))
        return buf_status(out);
    char text[40];
    locale_t before = uselocale(get_plain_locale());
    format_shortest(value, text, sizeof text - 2);
    uselocale(before);
    buf_append_text(out, text);
    if (strpbrk(text, ".e") == NULL)
        buf_append_text(out, ".0");
    return buf_status(out);
}
