/* Checks of words: texts, choices, facts, lists, what must not be there. */
#include "grade_kinds.h"

#include "answer_text.h"
#include "json.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 1 << 20 };

static const char *text_at(const struct json_object *list, size_t i)
{
    const char *text = json_object_get_string(json_object_array_get_idx(list, i));
    return text ? text : "";
}

static size_t length_of(const struct json_object *list)
{
    return list ? json_object_array_length(list) : 0;
}

/* ---- text ---- */

static bool equal_normalised(const char *a, size_t a_len, const char *b)
{
    struct buf x = BUF_INIT(TEXT_MAX), y = BUF_INIT(TEXT_MAX);
    bool same = answer_normalise(a, a_len, &x) == STATUS_OK &&
                answer_normalise(b, strlen(b), &y) == STATUS_OK && x.len == y.len && x.len > 0 &&
                memcmp(buf_text(&x), buf_text(&y), x.len) == 0;
    buf_fini(&x);
    buf_fini(&y);
    return same;
}

bool grade_text(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct json_object *any = json_get_array(check, "/any");
    struct buf final = BUF_INIT(TEXT_MAX);
    bool right = false;
    (void)answer_final(answer, len, &final);
    grade_found(grade, buf_text(&final), final.len);
    for (size_t i = 0; !right && i < length_of(any); i++)
        right = equal_normalised(buf_text(&final), final.len, text_at(any, i));
    buf_fini(&final);
    return right || grade_wrong(grade, "the answer is another text");
}

/* ---- choice ---- */

static bool is_letter_or_digit(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 128;
}

/* "not A", "isn't A", "rather than A": the letter before which one of these stands is not what is chosen. */
static bool is_denied(const char *text, const char *at)
{
    static const char *const denials[] = {
        "not ", "n't ", "than ", "instead of ", "neither ", "nor ", "not (", "not option ", "not **"};
    for (size_t i = 0; i < sizeof denials / sizeof denials[0]; i++) {
        size_t n = strlen(denials[i]);
        if ((size_t)(at - text) >= n && strncasecmp(at - n, denials[i], n) == 0)
            return true;
    }
    return false;
}

/* A capital letter that stands alone. "A" before a word in small letters is an article, "I" a pronoun. */
static bool is_choice(const char *text, const char *at, size_t options)
{
    bool alone = (at == text || !is_letter_or_digit(at[-1])) && !is_letter_or_digit(at[1]) && at[1] != '\'';
    bool word_follows = at[1] == ' ' && islower((unsigned char)at[2]);
    bool marked = at > text && strchr("(*[\"`", at[-1]);
    return *at >= 'A' && *at < (char)('A' + options) && alone &&
           (marked || !((*at == 'A' || *at == 'I') && word_follows)) && !is_denied(text, at);
}

static char last_choice(const char *text, size_t options)
{
    char chosen = '\0';
    for (const char *p = text; *p; p++)
        if (is_choice(text, p, options))
            chosen = *p;
    return chosen;
}

/* "B", "(b)", "B.", "B) blue": the letter that an answer begins with. */
static char first_letter(const char *text, size_t options)
{
    const char *p = text;
    while (*p && strchr(" \n\t(*[\"`", *p))
        p++;
    char letter = (char)toupper((unsigned char)*p);
    bool ends = *p && (p[1] == '\0' || strchr(").:*]\"`,\n", p[1]));
    return ends && letter >= 'A' && letter < (char)('A' + options) ? letter : '\0';
}

/* The one option that is named in words; '\0' where none is, or several. */
static char option_in_words(const char *text, const struct json_object *options)
{
    char found = '\0';
    for (size_t i = 0; i < length_of(options); i++)
        if (answer_find_words(text, text, text_at(options, i))) {
            if (found)
                return '\0';
            found = (char)('A' + i);
        }
    return found;
}

bool grade_choice(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct json_object *options = json_get_array(check, "/options");
    const char *letter = json_get_text(check, "/letter");
    size_t count = options ? length_of(options) : 8;
    struct buf final = BUF_INIT(TEXT_MAX);
    (void)answer_final(answer, len, &final);
    char chosen = first_letter(answer, count);
    if (!chosen || answer_lines(answer) > 1) {
        char of_final = first_letter(buf_text(&final), count);
        of_final = of_final ? of_final : last_choice(buf_text(&final), count);
        chosen = of_final ? of_final : chosen;
    }
    if (!chosen)
        chosen = option_in_words(buf_text(&final), options);
    if (!chosen)
        chosen = last_choice(answer, count);
    buf_fini(&final);
    grade_found(grade, chosen ? &chosen : "", chosen ? 1 : 0);
    if (!chosen)
        return grade_wrong(grade, "no option is chosen");
    return (letter && chosen == *letter) || grade_wrong(grade, "%c is chosen", chosen);
}

/* ---- facts ---- */

/* "not", "no", "never" or "without" among the three words before. */
static bool is_negated(const char *text, const char *at)
{
    static const char *const words[] = {
        "not", "no", "never", "without", "isn't", "wasn't", "doesn't", "didn't"};
    const char *p = at;
    for (int word = 0; word < 3 && p > text; word++) {
        while (p > text && p[-1] == ' ')
            p--;
        const char *end = p;
        while (p > text && p[-1] != ' ' && !strchr(".!?;\n", p[-1]))
            p--;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if ((size_t)(end - p) == strlen(words[i]) && strncasecmp(p, words[i], strlen(words[i])) == 0)
                return true;
        if (p > text && strchr(".!?;\n", p[-1]))
            return false;
    }
    return false;
}

/* One of the ways to say it stands there, and is not denied. */
static bool is_said(const char *answer, const struct json_object *ways)
{
    for (size_t i = 0; i < length_of(ways); i++)
        for (const char *p = answer; (p = answer_find_words(answer, p, text_at(ways, i))); p++)
            if (!is_negated(answer, p))
                return true;
    return false;
}

bool grade_facts(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct json_object *all = json_get_array(check, "/all"), *none = json_get_array(check, "/none");
    grade_found(grade, answer, len);
    for (size_t i = 0; i < length_of(all); i++)
        if (!is_said(answer, json_object_array_get_idx(all, i)))
            return grade_wrong(
                grade, "it does not say \"%s\"", text_at(json_object_array_get_idx(all, i), 0));
    for (size_t i = 0; i < length_of(none); i++)
        if (is_said(answer, json_object_array_get_idx(none, i)))
            return grade_wrong(
                grade, "it says \"%s\", which is wrong", text_at(json_object_array_get_idx(none, i), 0));
    return true;
}

bool grade_absent(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct json_object *texts = json_get_array(check, "/texts");
    grade_found(grade, answer, len);
    for (size_t i = 0; i < length_of(texts); i++)
        if (strcasestr(answer, text_at(texts, i)))
            return grade_wrong(grade, "it contains \"%s\"", text_at(texts, i));
    return true;
}

/* ---- list ---- */

/* Takes a bullet or a number off the start of an entry: "1. ", "2) ", "- ", "* ". */
static void skip_bullet(const char **text, size_t *len)
{
    size_t i = 0;
    while (i < *len && (*text)[i] == ' ')
        i++;
    size_t digits = i;
    while (digits < *len && isdigit((unsigned char)(*text)[digits]))
        digits++;
    if (digits > i && digits < *len && strchr(".)", (*text)[digits]))
        i = digits + 1;
    else if (i < *len && strchr("-*+", (*text)[i]))
        i++;
    *text += i;
    *len -= i;
}

/* The next entry of a list: of lines where there are several, else of what stands between commas. */
static bool next_entry(const char **at, char separator, const char **entry, size_t *len)
{
    while (**at) {
        const char *end = strchrnul(*at, separator);
        *entry = *at;
        *len = (size_t)(end - *at);
        *at = *end ? end + 1 : end;
        skip_bullet(entry, len);
        size_t letters = 0;
        for (size_t i = 0; i < *len; i++)
            letters += is_letter_or_digit((*entry)[i]);
        if (letters > 0)
            return true;
    }
    return false;
}

static bool is_listed(const struct json_object *items, const char *entry, size_t len, size_t *which)
{
    for (size_t i = 0; i < length_of(items); i++)
        if (equal_normalised(entry, len, text_at(items, i))) {
            *which = i;
            return true;
        }
    return false;
}

bool grade_list(const struct json_object *check, const char *answer, size_t len, struct grade *grade)
{
    struct json_object *items = json_get_array(check, "/items");
    bool ordered = false, several = answer_lines(answer) > 1;
    struct buf final = BUF_INIT(TEXT_MAX);
    (void)json_get_bool(check, "/ordered", &ordered);
    if (several)
        buf_append(&final, answer, len);
    else
        (void)answer_final(answer, len, &final);
    grade_found(grade, buf_text(&final), final.len);
    const char *at = buf_text(&final), *entry;
    size_t count = 0, entry_len = 0, which = 0, wanted = length_of(items);
    bool right = true, seen[256] = {false};
    while (right && next_entry(&at, several ? '\n' : ',', &entry, &entry_len)) {
        bool listed = is_listed(items, entry, entry_len, &which) && which < sizeof seen;
        if (!listed && several && count == 0)
            continue; /* a line that introduces the list */
        if (!listed || seen[which] || (ordered && which != count))
            right = grade_wrong(grade, "entry %zu is not what it should be", count + 1);
        else
            seen[which] = true;
        count++;
    }
    buf_fini(&final);
    return right && (count == wanted || grade_wrong(grade, "%zu entries instead of %zu", count, wanted));
}
