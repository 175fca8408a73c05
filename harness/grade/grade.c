#include "grade.h"

#include "grade_kinds.h"

#include "json.h"
#include "schema.h"
#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool grade_wrong(struct grade *grade, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(grade->why, sizeof grade->why, format, args);
    va_end(args);
    grade->why[text_utf8_cut(grade->why, strlen(grade->why), sizeof grade->why - 1)] = '\0';
    return false;
}

void grade_found(struct grade *grade, const char *text, size_t len)
{
    size_t cut = text_utf8_cut(text, len, sizeof grade->found - 1);
    memcpy(grade->found, text, cut);
    grade->found[cut] = '\0';
}

bool grade_none(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    (void)check, (void)answer, (void)len, (void)grade;
    return true;
}

/* Every kind: its function, and the member without which it cannot grade. */
static const struct kind {
    const char *name;
    grade_fn *grade;
    const char *needs;
} kinds[] = {
    {"text", grade_text, "/any/0"},
    {"choice", grade_choice, "/letter"},
    {"number", grade_number, "/value"},
    {"json", grade_json, NULL},
    {"facts", grade_facts, NULL},
    {"form", grade_form, NULL},
    {"pattern", grade_pattern, "/regex"},
    {"list", grade_list, "/items/0"},
    {"code", grade_code, "/output"},
    {"absent", grade_absent, "/texts/0"},
    {"none", grade_none, NULL},
};

static const struct kind *kind_of(const struct json_object *check)
{
    const char *name = json_get_text(check, "/kind");
    for (size_t i = 0; name && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static size_t check_count(const struct json_object *check)
{
    return json_object_is_type(check, json_type_array) ? json_object_array_length(check) : 1;
}

static const struct json_object *check_at(const struct json_object *check, size_t i)
{
    return json_object_is_type(check, json_type_array) ? json_object_array_get_idx(check, i) : check;
}

static enum status one_is_valid(const struct json_object *check, struct error *e)
{
    const struct kind *kind = kind_of(check);
    const char *name = json_get_text(check, "/kind");
    if (!kind)
        return error_set(e, STATUS_INVALID, "\"%s\" is no kind of check", name ? name : "");
    if (kind->needs && !json_get(check, kind->needs))
        return error_set(e, STATUS_INVALID, "a check of the kind %s needs the member %s", name, kind->needs);
    struct grade tried = {0};
    struct json_object *schema_tree = strcmp(name, "json") == 0 ? json_get(check, "/schema") : NULL;
    if (schema_tree) {
        struct schema *schema = NULL;
        enum status s = schema_compile(schema_tree, NULL, &schema, e);
        schema_free(schema);
        if (s != STATUS_OK)
            return s;
    }
    if (strcmp(name, "pattern") == 0 && !kind->grade(check, "", 0, &tried) &&
        strncmp(tried.why, "the pattern", 11) == 0)
        return error_set(e, STATUS_INVALID, "%s", tried.why);
    return STATUS_OK;
}

enum status grade_check_valid(const struct json_object *check, struct error *e)
{
    enum status s =
        check_count(check) > 0 ? STATUS_OK : error_set(e, STATUS_INVALID, "the list of checks is empty");
    for (size_t i = 0; s == STATUS_OK && i < check_count(check); i++)
        s = one_is_valid(check_at(check, i), e);
    for (size_t i = 0; s == STATUS_OK && check_count(check) > 1 && i < check_count(check); i++)
        if (!grade_is_wanted(check_at(check, i)))
            s = error_set(e, STATUS_INVALID, "a check of the kind none stands alone");
    return s;
}

bool grade_is_wanted(const struct json_object *check)
{
    return json_object_is_type(check, json_type_array) || kind_of(check)->grade != grade_none;
}

enum status grade_answer(
    const struct json_object *check, const char *answer, size_t len, struct grade *grade, struct error *e)
{
    *grade = (struct grade){0};
    enum status s = grade_check_valid(check, e);
    if (s != STATUS_OK)
        return s;
    grade->correct = true;
    for (size_t i = 0; grade->correct && i < check_count(check); i++) {
        const struct json_object *one = check_at(check, i);
        grade->correct = kind_of(one)->grade(one, answer, len, grade);
    }
    if (grade->correct)
        grade->why[0] = '\0';
    return STATUS_OK;
}

/* The member that says most of a check, as text. */
void grade_expected(const struct json_object *check, char *out, size_t size)
{
    static const char *const members[] = {
        "/letter", "/value", "/any/0", "/output", "/regex", "/equals", "/items", "/all", "/texts"};
    struct buf text = BUF_INIT(1 << 16);
    for (size_t i = 0; i < check_count(check); i++) {
        const struct json_object *one = check_at(check, i);
        struct json_object *said = NULL;
        for (size_t k = 0; !said && k < sizeof members / sizeof members[0]; k++)
            said = json_get(one, members[k]);
        const char *kind = json_get_text(one, "/kind");
        buf_printf(&text, "%s%s ", i ? "; " : "", kind ? kind : "?");
        if (json_object_is_type(said, json_type_string))
            buf_append_text(&text, json_object_get_string(said));
        else
            buf_append_text(&text, json_object_to_json_string_ext(
                                       said ? said : (struct json_object *)one, JSON_C_TO_STRING_PLAIN));
    }
    snprintf(out, size, "%.*s", (int)text_utf8_cut(buf_text(&text), text.len, size - 1), buf_text(&text));
    buf_fini(&text);
}

void grade_interval(size_t correct, size_t graded, double *low, double *high)
{
    static const double z = 1.959963984540054;
    double n = (double)graded, p = n > 0 ? (double)correct / n : 0;
    *low = 0;
    *high = 1;
    if (graded == 0)
        return;
    double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = correct == 0 ? 0 : fmax(0, centre - half);
    *high = correct == graded ? 1 : fmin(1, centre + half);
}
