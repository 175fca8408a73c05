#include "schema_pattern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

enum status pattern_translate(const char *pattern, size_t len, struct buf *out)
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
