#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema_regex.h"

#include "buf.h"
#include "json_plain.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

struct regex {
    struct regex *next;
    char *pattern;
    pcre2_code *code;
    bool jit; /* made into machine code */
    pcre2_match_context *limits;
};

#define PATTERN_MAX ((size_t)64 << 10)
#define MATCH_LIMIT 1000000

/* ECMA's long names of Unicode properties that PCRE2 knows by their short ones only. */
static const struct {
    const char *ecma, *pcre;
} properties[] = {
    {"Letter", "L"},
    {"Cased_Letter", "L&"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
};

/* \p{...}: drops "General_Category=", "Script=" and the like and shortens the name. Returns what it took. */
static size_t translate_property(const char *at, size_t len, struct buf *out)
{
    const char *close = len > 3 && at[2] == '{' ? memchr(at, '}', len) : NULL;
    if (close == NULL)
        return 0;
    const char *name = at + 3, *equals = memchr(name, '=', (size_t)(close - name));
    if (equals != NULL)
        name = equals + 1;
    size_t name_len = (size_t)(close - name);
    buf_append(out, at, 3);
    size_t i = 0, count = sizeof properties / sizeof *properties;
    while (i < count &&
           (strlen(properties[i].ecma) != name_len || memcmp(properties[i].ecma, name, name_len) != 0))
        i++;
    if (i < count)
        buf_append_text(out, properties[i].pcre);
    else
        buf_append(out, name, name_len);
    buf_append_char(out, '}');
    return (size_t)(close + 1 - at);
}

static long read_unicode_escape(const char *at, size_t len)
{
    if (len < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    char digits[5] = {at[2], at[3], at[4], at[5], 0}, *end;
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return -1;
    return strtol(digits, &end, 16);
}

/* \uD83D\uDC32 is one character. Returns what it took. */
static size_t translate_surrogates(const char *at, size_t len, struct buf *out)
{
    long high = read_unicode_escape(at, len), low = len > 6 ? read_unicode_escape(at + 6, len - 6) : -1;
    if (high < 0xd800 || high > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0;
    unsigned code = (unsigned)(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    char bytes[4] = {(char)(0xf0 | code >> 18), (char)(0x80 | (code >> 12 & 63)),
        (char)(0x80 | (code >> 6 & 63)), (char)(0x80 | (code & 63))};
    buf_append(out, bytes, sizeof bytes);
    return 12;
}

/* \s is every Unicode space in ECMA 262, and ASCII only in PCRE2. Returns what it took. */
static size_t translate_space(char letter, bool in_class, struct buf *out)
{
    if (letter == 's')
        buf_append_text(out, in_class ? "\\s\\p{Z}\xef\xbb\xbf" : "[\\s\\p{Z}\xef\xbb\xbf]");
    else if (!in_class)
        buf_append_text(out, "[^\\s\\p{Z}\xef\xbb\xbf]");
    else
        return 0;
    return 2;
}

static size_t translate_escape(const char *at, size_t len, bool in_class, struct buf *out)
{
    size_t taken = 0;
    if (len < 2)
        return 0;
    if (at[1] == 'p' || at[1] == 'P')
        taken = translate_property(at, len, out);
    else if (at[1] == 's' || at[1] == 'S')
        taken = translate_space(at[1], in_class, out);
    else if (at[1] == 'u')
        taken = translate_surrogates(at, len, out);
    if (taken == 0) {
        taken = 2;
        buf_append(out, at, taken);
    }
    return taken;
}

static enum status translate(const char *pattern, size_t len, struct buf *out)
{
    bool in_class = false;
    for (size_t at = 0; at < len;) {
        if (pattern[at] == '\\' && at + 1 < len) {
            at += translate_escape(pattern + at, len - at, in_class, out);
            continue;
        }
        if (pattern[at] == '[' && in_class)
            buf_append_char(
                out, '\\'); /* an ordinary character in ECMA 262, the start of [:alpha:] in PCRE2 */
        in_class = pattern[at] == '[' || (in_class && pattern[at] != ']');
        buf_append_char(out, pattern[at++]);
    }
    return buf_status(out);
}

static pcre2_code *compile_translated(const char *text, size_t len, struct error *e)
{
    int code;
    PCRE2_SIZE where;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context != NULL) {
        pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        pcre2_set_parens_nest_limit(context, 100);
#ifdef PCRE2_EXTRA_ALT_BSUX
        pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
#endif
    }
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, len,
        PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
            PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C,
        &code, &where, context);
    pcre2_compile_context_free(context);
    if (compiled == NULL) {
        PCRE2_UCHAR text_of_error[200];
        pcre2_get_error_message(code, text_of_error, sizeof text_of_error);
        error_set(e, STATUS_INVALID, "the pattern is not valid at its character %zu: %s", (size_t)where + 1,
            (const char *)text_of_error);
        return NULL;
    }
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it matching is slower, not different */
    return compiled;
}

static bool is_machine_code(const pcre2_code *code)
{
    size_t bytes = 0;
    return pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &bytes) == 0 && bytes > 0;
}

enum status regex_compile(
    const char *pattern, size_t len, struct regex *next, struct regex **regex, struct error *e)
{
    struct buf translated = BUF_INIT(PATTERN_MAX);
    struct regex *r = calloc(1, sizeof *r);
    enum status s = STATUS_NO_MEMORY;
    if (r == NULL)
        goto out;
    r->next = next;
    r->pattern = malloc(len + 1);
    r->limits = pcre2_match_context_create(NULL);
    s = translate(pattern, len, &translated);
    if (r->pattern == NULL || r->limits == NULL)
        s = STATUS_NO_MEMORY;
    if (s != STATUS_OK)
        goto out;
    memcpy(r->pattern, pattern, len);
    r->pattern[len] = '\0';
    pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    r->code = compile_translated(buf_text(&translated), translated.len, e);
    s = r->code != NULL ? STATUS_OK : STATUS_INVALID;
    r->jit = r->code != NULL && is_machine_code(r->code);
out:
    if (s == STATUS_NO_MEMORY)
        error_set(e, s, "out of memory");
    else if (s == STATUS_LIMIT)
        error_set(e, s, "the pattern is longer than %zu bytes", PATTERN_MAX);
    if (s != STATUS_OK) {
        regex_free(r);
        r = NULL;
    }
    *regex = r;
    buf_fini(&translated);
    return s;
}

struct regex *regex_free(struct regex *r)
{
    if (r == NULL)
        return NULL;
    struct regex *next = r->next;
    pcre2_code_free(r->code);
    pcre2_match_context_free(r->limits);
    free(r->pattern);
    free(r);
    return next;
}

struct regex *regex_next(const struct regex *r)
{
    return r->next;
}

const char *regex_pattern(const struct regex *r)
{
    return r->pattern;
}

enum status regex_match(
    const struct regex *r, struct regex_run *run, const char *text, size_t len, bool *matches)
{
    *matches = false;
    if (run->match_data == NULL)
        run->match_data = pcre2_match_data_create(1, NULL);
    if (run->match_data == NULL)
        return STATUS_NO_MEMORY;
    /* What is plain is UTF-8, so that nothing has to be looked at before the machine code runs. */
    int found = r->jit && json_is_plain_text(text, len)
                    ? pcre2_jit_match(r->code, (PCRE2_SPTR)text, len, 0, 0, run->match_data, r->limits)
                    : pcre2_match(r->code, (PCRE2_SPTR)text, len, 0, 0, run->match_data, r->limits);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(r->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_JIT, run->match_data, r->limits);
    *matches = found >= 0;
    switch (found) {
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return STATUS_LIMIT;
    case PCRE2_ERROR_NOMEMORY:
        return STATUS_NO_MEMORY;
    default:
        return STATUS_OK;
    }
}

void regex_run_fini(struct regex_run *run)
{
    pcre2_match_data_free(run->match_data);
    run->match_data = NULL;
}
