/* Checks of form and value: numbers, JSON, constraints, patterns, output of code. */
#include "grade_kinds.h"

#include "answer_text.h"
#include "json.h"
#include "schema.h"
#include "text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 1 << 20, NUMBER_SIZE = 64 };

/* ---- number ---- */

/* Copies the number that begins at p into plain form: thousands out, the minus sign of typography in. Returns
 * where it ends; NULL where none begins. */
static const char *copy_number(const char *p, char *plain)
{
    size_t n = 0;
    if (*p == '-' || *p == '+')
        plain[n++] = *p++;
    else if (strncmp(p, "\xe2\x88\x92", 3) == 0) {
        plain[n++] = '-';
        p += 3;
    }
    if (!isdigit((unsigned char)*p) && !(*p == '.' && isdigit((unsigned char)p[1])))
        return NULL;
    bool point = false;
    while (n < NUMBER_SIZE - 8) {
        bool thousands = (*p == ',' || *p == '\'' || *p == '_') && isdigit((unsigned char)p[1]) &&
                         isdigit((unsigned char)p[2]) && isdigit((unsigned char)p[3]) &&
                         !isdigit((unsigned char)p[4]) && !point && n > 0;
        if (isdigit((unsigned char)*p))
            plain[n++] = *p++;
        else if (thousands)
            p++;
        else if (*p == '.' && !point && isdigit((unsigned char)p[1])) {
            point = true;
            plain[n++] = *p++;
        } else
            break;
    }
    if ((*p == 'e' || *p == 'E') &&
        (isdigit((unsigned char)p[1]) || (strchr("+-", p[1]) && p[1] && isdigit((unsigned char)p[2])))) {
        plain[n++] = *p++;
        while (n < NUMBER_SIZE - 1 && (isdigit((unsigned char)*p) || *p == '+' || *p == '-'))
            plain[n++] = *p++;
    }
    plain[n] = '\0';
    return p;
}

/* A dash between two numbers is a range or a minus of arithmetic, not a sign. */
static bool may_begin(const char *text, const char *p)
{
    if (p == text)
        return true;
    bool behind_word = isalnum((unsigned char)p[-1]) || p[-1] == '_' || p[-1] == '.';
    return !behind_word;
}

bool grade_read_number(const char *text, double *value)
{
    char plain[NUMBER_SIZE];
    bool any = false;
    for (const char *p = text; *p;) {
        const char *end = may_begin(text, p) ? copy_number(p, plain) : NULL;
        if (!end) {
            p++;
            continue;
        }
        double read = 0, below = 0;
        (void)text_parse_double(plain, &read);
        const char *behind = *end == '/' ? copy_number(end + 1, plain) : NULL;
        if (behind)
            (void)text_parse_double(plain, &below);
        if (behind && below != 0) {
            read /= below;
            end = behind;
        }
        *value = read;
        any = true;
        p = end;
    }
    return any;
}

bool grade_number(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct buf final = BUF_INIT(TEXT_MAX);
    double wanted = 0, tolerance = 0, value = 0;
    (void)answer_final(answer, len, &final);
    (void)json_get_real(check, "/value", &wanted);
    (void)json_get_real(check, "/tolerance", &tolerance);
    const char *equals = strrchr(buf_text(&final), '=');
    bool any = (equals && grade_read_number(equals + 1, &value)) ||
               grade_read_number(buf_text(&final), &value) || grade_read_number(answer, &value);
    grade_found(grade, buf_text(&final), final.len);
    buf_fini(&final);
    if (!any)
        return grade_wrong(grade, "there is no number");
    return fabs(value - wanted) <= tolerance + 1e-9 * fabs(wanted) ||
           grade_wrong(grade, "it is another number");
}

/* ---- JSON ---- */

static bool has_members(const struct json_object *got, struct json_object *wanted, struct grade *grade)
{
    if (!json_object_is_type(wanted, json_type_object))
        return json_deep_equal(got, wanted) || grade_wrong(grade, "it is another value");
    json_object_object_foreach(wanted, key, value)
    {
        struct json_object *member = NULL;
        if (!json_object_is_type(got, json_type_object) ||
            !json_object_object_get_ex((struct json_object *)got, key, &member))
            return grade_wrong(grade, "it has no member \"%s\"", key);
        if (!json_deep_equal(member, value))
            return grade_wrong(grade, "its member \"%s\" has another value", key);
    }
    return true;
}

static bool is_instance(const struct json_object *got, struct json_object *schema_tree, struct grade *grade)
{
    struct schema *schema = NULL;
    struct error why = {0};
    if (!schema_tree)
        return true;
    bool ok = schema_compile(schema_tree, NULL, &schema, &why) == STATUS_OK &&
              schema_check(schema, got, &why) == STATUS_OK;
    schema_free(schema);
    return ok || grade_wrong(grade, "%.200s", error_text(&why));
}

bool grade_json(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct buf code = BUF_INIT(TEXT_MAX);
    struct json_object *got = NULL, *wanted = json_get(check, "/equals");
    struct error why = {0};
    (void)answer_code(answer, len, &code);
    grade_found(grade, buf_text(&code), code.len);
    bool right = json_parse(buf_text(&code), code.len, &got, &why) == STATUS_OK;
    if (!right)
        (void)grade_wrong(grade, "it is not JSON: %.200s", error_text(&why));
    right = right && is_instance(got, json_get_object(check, "/schema"), grade) &&
            (!wanted || has_members(got, wanted, grade));
    json_object_put(got);
    buf_fini(&code);
    return right;
}

/* ---- form ---- */

static size_t count_bullets(const char *text)
{
    size_t bullets = 0;
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *p = line + strspn(line, " \t");
        bullets += (*p == '-' || *p == '*' || *p == '+') && p[1] == ' ';
    }
    return bullets;
}

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++)
        n += ((unsigned char)*p & 0xc0) != 0x80;
    return n;
}

static const struct counted {
    const char *member, *noun;
    size_t (*count)(const char *text);
} counted[] = {
    {"/words", "words", answer_words},
    {"/sentences", "sentences", answer_sentences},
    {"/lines", "lines", answer_lines},
    {"/bullets", "bullets", count_bullets},
    {"/characters", "characters", count_characters},
};

static bool is_counted(const struct json_object *check, const char *answer, struct grade *grade)
{
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        struct json_object *range = json_get_array(check, counted[i].member);
        if (!range || json_object_array_length(range) != 2)
            continue;
        int64_t low = json_object_get_int64(json_object_array_get_idx(range, 0));
        int64_t high = json_object_get_int64(json_object_array_get_idx(range, 1));
        int64_t n = (int64_t)counted[i].count(answer);
        if (n < low || n > high)
            return grade_wrong(grade, "%lld %s instead of %lld to %lld", (long long)n, counted[i].noun,
                (long long)low, (long long)high);
    }
    return true;
}

static bool has_case(const struct json_object *check, const char *answer, struct grade *grade)
{
    const char *wanted = json_get_text(check, "/case");
    bool lower = wanted && strcmp(wanted, "lower") == 0;
    for (const char *p = answer; wanted && *p; p++)
        if (lower ? isupper((unsigned char)*p) : islower((unsigned char)*p))
            return grade_wrong(grade, "it is not all in %s case", wanted);
    return true;
}

static bool begins_and_ends(
    const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    const char *starts = json_get_text(check, "/starts"), *ends = json_get_text(check, "/ends");
    while (len > 0 && isspace((unsigned char)answer[len - 1]))
        len--;
    while (len > 0 && isspace((unsigned char)*answer))
        answer++, len--;
    if (starts && (len < strlen(starts) || strncmp(answer, starts, strlen(starts)) != 0))
        return grade_wrong(grade, "it does not begin with \"%s\"", starts);
    if (ends && (len < strlen(ends) || strncmp(answer + len - strlen(ends), ends, strlen(ends)) != 0))
        return grade_wrong(grade, "it does not end with \"%s\"", ends);
    return true;
}

static bool has_words(const struct json_object *check, const char *answer, struct grade *grade)
{
    static const struct {
        const char *member;
        bool wanted;
    } lists[] = {{"/contains", true}, {"/excludes", false}};
    for (size_t i = 0; i < 2; i++) {
        struct json_object *list = json_get_array(check, lists[i].member);
        for (size_t k = 0; list && k < json_object_array_length(list); k++) {
            const char *word = json_object_get_string(json_object_array_get_idx(list, k));
            bool there = word && answer_find_words(answer, answer, word);
            if (there != lists[i].wanted)
                return grade_wrong(grade, "it %s \"%s\"", there ? "contains" : "lacks", word ? word : "");
        }
    }
    return true;
}

bool grade_form(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    grade_found(grade, answer, len);
    return is_counted(check, answer, grade) && has_case(check, answer, grade) &&
           begins_and_ends(check, answer, len, grade) && has_words(check, answer, grade);
}

/* ---- pattern ---- */

static pcre2_code *compile(const char *regex, struct grade *grade)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOTALL, &code, &at, NULL);
    if (!compiled)
        (void)grade_wrong(grade, "the pattern cannot be read at its character %zu", (size_t)at + 1);
    return compiled;
}

bool grade_pattern(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    bool whole = false;
    struct buf text = BUF_INIT(TEXT_MAX);
    (void)json_get_bool(check, "/whole", &whole);
    if (whole)
        buf_append(&text, answer, len);
    else
        (void)answer_final(answer, len, &text);
    grade_found(grade, buf_text(&text), text.len);
    const char *regex = json_get_text(check, "/regex");
    pcre2_code *compiled = compile(regex ? regex : "", grade);
    pcre2_match_context *limits = compiled ? pcre2_match_context_create(NULL) : NULL;
    pcre2_match_data *data = compiled ? pcre2_match_data_create_from_pattern(compiled, NULL) : NULL;
    int matched = -1;
    if (limits && data) {
        pcre2_set_match_limit(limits, 1000000);
        matched = pcre2_match(compiled, (PCRE2_SPTR)buf_text(&text), text.len, 0, 0, data, limits);
    }
    bool known = compiled != NULL;
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    pcre2_code_free(compiled);
    buf_fini(&text);
    return matched >= 0 || (known ? grade_wrong(grade, "it does not match") : false);
}

/* ---- code ---- */

/* White space at the ends of lines and of the whole says nothing of a program's output. */
static void append_output(struct buf *out, const char *text, size_t len)
{
    for (const char *line = text, *end = text + len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        size_t n = (size_t)(stop - line);
        while (n > 0 && isspace((unsigned char)line[n - 1]))
            n--;
        if (n > 0 && out->len > 0)
            buf_append_char(out, '\n');
        buf_append(out, line, n);
        line = stop + 1;
    }
}

bool grade_code(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    const char *output = json_get_text(check, "/output");
    struct buf wanted = BUF_INIT(TEXT_MAX), text = BUF_INIT(TEXT_MAX), got = BUF_INIT(TEXT_MAX);
    bool fenced = memmem(answer, len, "```", 3) != NULL;
    append_output(&wanted, output ? output : "", output ? strlen(output) : 0);
    bool one_line = memchr(buf_text(&wanted), '\n', wanted.len) == NULL;
    if (fenced)
        (void)answer_code(answer, len, &text);
    else if (one_line)
        (void)answer_final(answer, len, &text);
    else
        buf_append(&text, answer, len);
    append_output(&got, buf_text(&text), text.len);
    grade_found(grade, buf_text(&got), got.len);
    bool right = got.len == wanted.len && memcmp(buf_text(&got), buf_text(&wanted), got.len) == 0;
    buf_fini(&wanted);
    buf_fini(&text);
    buf_fini(&got);
    return right || grade_wrong(grade, "the program prints something else");
}
