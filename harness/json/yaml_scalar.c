#include "yaml_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES_MAX = 400 };

static bool is_any(const char *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static size_t digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool looks_real(const char *s)
{
    s += *s == '-' || *s == '+';
    size_t whole = digits(s), fraction = 0;
    s += whole;
    if (*s == '.') {
        fraction = digits(s + 1);
        s += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        size_t exponent = digits(s);
        s += exponent;
        if (exponent == 0)
            return false;
    }
    return *s == '\0';
}

/* Base of an integer and where its digits start; 0 for no integer. */
static int integer_base(const char *s, const char **first)
{
    if (strncmp(s, "0o", 2) == 0 && s[2] && s[2 + strspn(s + 2, "01234567")] == '\0')
        return *first = s + 2, 8;
    if (strncmp(s, "0x", 2) == 0 && s[2] && s[2 + strspn(s + 2, "0123456789abcdefABCDEF")] == '\0')
        return *first = s + 2, 16;
    const char *start = s + (*s == '-' || *s == '+');
    if (*start && start[digits(start)] == '\0')
        return *first = s, 10;
    return 0;
}

static enum status made(struct json_object *value, struct json_object **out, struct error *e)
{
    *out = value;
    return value ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for a scalar");
}

static enum status integer(
    const char *text, const char *first, int base, struct json_object **value, struct error *e)
{
    errno = 0;
    long long n = strtoll(first, NULL, base);
    if (errno == ERANGE)
        return error_set(e, STATUS_INVALID, "the integer %s does not fit into 64 bits", text);
    return made(json_object_new_int64(n), value, e);
}

/* strtod follows the locale's decimal point; JSON's reader does not, and takes the same digits. */
static enum status real(const char *text, struct json_object **value, struct error *e)
{
    char number[NUMBER_BYTES_MAX + 8];
    const char *s = text + (*text == '+');
    size_t n = 0;
    if (*s == '-')
        number[n++] = *s++;
    if (*s == '.')
        number[n++] = '0';
    while (s[0] == '0' && s[1] >= '0' && s[1] <= '9')
        s++; /* JSON allows no leading zero */
    for (; *s && n < sizeof number - 2; s++) {
        number[n++] = *s;
        if (*s == '.' && (s[1] < '0' || s[1] > '9'))
            number[n++] = '0';
    }
    enum status st = json_parse(number, n, value, NULL);
    if (st == STATUS_INVALID || st == STATUS_LIMIT)
        return error_set(e, STATUS_INVALID, "the number %s is beyond what a double holds", text);
    return st;
}

enum status yaml_scalar_plain(const char *text, size_t len, struct json_object **value, struct error *e)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const unreal[] = {".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf",
        "+.INF", ".nan", ".NaN", ".NAN", NULL};
    const char *first;
    *value = NULL;
    if (strlen(text) == len && len <= NUMBER_BYTES_MAX) {
        if (is_any(text, nulls))
            return STATUS_OK;
        if (is_any(text, trues) || is_any(text, falses))
            return made(json_object_new_boolean(is_any(text, trues)), value, e);
        if (is_any(text, unreal))
            return error_set(e, STATUS_INVALID, "%s is no number that can be stored here", text);
        int base = integer_base(text, &first);
        if (base)
            return integer(text, first, base, value, e);
        if (looks_real(text))
            return real(text, value, e);
    }
    return made(json_object_new_string_len(text, (int)len), value, e);
}
