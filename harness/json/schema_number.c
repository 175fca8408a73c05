#include "schema_groups.h"

#include "json_number.h"

#include <stdlib.h>
#include <string.h>

static bool is_number(const struct json_object *value)
{
    return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
}

static enum status compile_limit(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!is_number(value))
        return compile_refuse(c, node, rule->keyword->name, "must be a number");
    double real = json_object_get_double(value);
    rule->u.limit.small = fabs(real) < 0x1p53 && trunc(real) == real;
    rule->u.limit.real = real;
    rule->u.limit.whole = rule->u.limit.small ? (int64_t)real : 0;
    return STATUS_OK;
}

/* <0, 0, >0 like the value less the limit. Most limits are small; json-c gives INT64_MAX for what is above it. */
static int compare(const struct rule *rule, const struct place *at)
{
    if (!rule->u.limit.small)
        return json_number_compare(at->value, rule->value);
    if (json_object_is_type(at->value, json_type_double)) {
        double real = json_object_get_double(at->value);
        return (real > rule->u.limit.real) - (real < rule->u.limit.real);
    }
    int64_t whole = json_object_get_int64(at->value);
    return (whole > rule->u.limit.whole) - (whole < rule->u.limit.whole);
}

static bool refuse(struct run *run, const struct rule *rule, const struct place *at, const char *relation)
{
    return run->report != NULL && fault(run, rule->node, rule->keyword->name, at, "%s is %s %s",
                                      value_show(at->value).text, relation, value_show(rule->value).text);
}

static bool check_minimum(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    return compare(rule, at) >= 0 || refuse(run, rule, at, "less than");
}

static bool check_maximum(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    return compare(rule, at) <= 0 || refuse(run, rule, at, "more than");
}

static bool check_exclusive_minimum(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    return compare(rule, at) > 0 || refuse(run, rule, at, "not more than");
}

static bool check_exclusive_maximum(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    return compare(rule, at) < 0 || refuse(run, rule, at, "not less than");
}

/* |value| = digits * 10^exponent, exactly as the number is written in decimal. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/*
 * People mean decimal numbers: 0.3 is a multiple of 0.1, though not of the doubles nearest to them. The
 * shortest decimal that reads back as the double is what was written, and has at most 17 digits.
 */
static bool decimal_of(const struct json_object *number, struct decimal *made)
{
    struct decimal d = {0};
    int64_t small;
    uint64_t big;
    if (json_object_is_type(number, json_type_int)) {
        if (json_number_fits_i64(number, &small, &big))
            big = small < 0 ? 0 - (uint64_t)small : (uint64_t)small;
        *made = (struct decimal){.digits = big};
        return true;
    }
    struct buf text = BUF_INIT(64);
    bool written = json_write_real(json_object_get_double(number), &text) == STATUS_OK;
    if (written) {
        const char *c = buf_text(&text);
        bool behind_point = false;
        for (c += *c == '-'; *c != '\0' && *c != 'e'; c++) {
            if (*c == '.') {
                behind_point = true;
                continue;
            }
            d.digits = d.digits * 10 + (uint64_t)(*c - '0');
            d.exponent -= behind_point;
        }
        if (*c == 'e')
            d.exponent += (int)strtol(c + 1, NULL, 10);
    }
    buf_fini(&text);
    *made = d;
    return written;
}

__extension__ typedef unsigned __int128 wide;

static bool is_multiple(struct decimal value, struct decimal of)
{
    for (; of.exponent > value.exponent && value.digits != 0; value.exponent++) {
        if (value.digits % 10 != 0)
            return false; /* of is a multiple of the 10 that value is none of */
        value.digits /= 10;
    }
    wide rest = value.digits % of.digits;
    for (; value.exponent > of.exponent && rest != 0; value.exponent--)
        rest = rest * 10 % of.digits;
    return rest == 0;
}

static enum status compile_multiple(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    (void)rule;
    if (!is_number(value) || json_object_get_double(value) <= 0)
        return compile_refuse(c, node, "multipleOf", "must be a number above 0");
    return STATUS_OK;
}

static bool check_multiple(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    struct decimal value, of;
    if (!decimal_of(at->value, &value) || !decimal_of(rule->value, &of))
        return give_up(run, STATUS_NO_MEMORY, NULL);
    return is_multiple(value, of) || refuse(run, rule, at, "not a multiple of");
}

#define NUMBER_KEYWORD(keyword, compile_function, check_function)                                            \
    {                                                                                                        \
        .name = (keyword), .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,                        \
        .applies = TYPE_NUMBER, .compile = (compile_function), .check = (check_function), .looks_only = true \
    }

const struct keyword keyword_minimum = NUMBER_KEYWORD("minimum", compile_limit, check_minimum);
const struct keyword keyword_maximum = NUMBER_KEYWORD("maximum", compile_limit, check_maximum);
const struct keyword keyword_exclusive_minimum =
    NUMBER_KEYWORD("exclusiveMinimum", compile_limit, check_exclusive_minimum);
const struct keyword keyword_exclusive_maximum =
    NUMBER_KEYWORD("exclusiveMaximum", compile_limit, check_exclusive_maximum);
const struct keyword keyword_multiple_of = NUMBER_KEYWORD("multipleOf", compile_multiple, check_multiple);
