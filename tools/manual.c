#include "manual.h"

#include "manual_facts.h"
#include "manual_parts.h"
#include "roff.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char exit_codes[] = "Exit code: ";

static void write_synopsis(struct buf *page, const struct opt_usage *usage)
{
    roff_macro(page, "SH", "SYNOPSIS");
    (void)buf_printf(page, ".B assay %s\n[\\fIoptions\\fR]", usage->verb);
    if (usage->operands != NULL && usage->operands[0] != '\0')
        (void)buf_append_char(page, ' ');
    roff_text(page, usage->operands != NULL ? usage->operands : "");
    (void)buf_append_char(page, '\n');
}

/* "Exit code: ..." is told in a section of its own. */
static bool is_exit_block(const struct opt_block *b)
{
    return !b->as_is && b->len >= sizeof exit_codes &&
           memcmp(b->text, exit_codes, sizeof exit_codes - 1) == 0;
}

static bool is_example(const struct opt_block *b)
{
    static const char start[] = "  assay ";
    return b->as_is && b->len >= sizeof start && memcmp(b->text, start, sizeof start - 1) == 0;
}

/* Lines that stay as they are, those that follow each other between one .EX and .EE. */
struct as_is {
    struct buf *page;
    bool open;
    bool first; /* right below a heading, which makes room itself */
};

static void write_as_is(struct as_is *lines, const struct opt_block *b)
{
    if (!lines->open)
        (void)buf_append_text(lines->page, lines->first ? ".EX\n" : ".PP\n.EX\n");
    lines->open = true;
    lines->first = false;
    roff_line(lines->page, b->text, b->len);
}

static void end_as_is(struct as_is *lines)
{
    if (lines->open)
        (void)buf_append_text(lines->page, ".EE\n");
    lines->open = false;
}

static void write_description(struct buf *page, const struct opt_usage *usage)
{
    struct buf sentence = BUF_INIT(4096);
    struct as_is lines = {.page = page};
    const char *details = usage->details;
    opt_write_sentence(usage->summary, &sentence);
    roff_macro(page, "SH", "DESCRIPTION");
    roff_fill(page, buf_text(&sentence), sentence.len);
    for (struct opt_block b; opt_next_block(&details, &b);) {
        if (is_exit_block(&b) || is_example(&b))
            continue;
        if (b.as_is && b.len > 0) {
            write_as_is(&lines, &b);
            continue;
        }
        end_as_is(&lines);
        if (b.len > 0)
            roff_paragraph(page, b.text, b.len);
    }
    end_as_is(&lines);
    buf_fini(&sentence);
}

static void write_option(struct buf *page, const struct opt *o)
{
    struct buf help = BUF_INIT(4096);
    (void)buf_append_text(page, ".TP\n");
    if (o->letter != 0)
        (void)buf_printf(page, "\\fB\\-%c\\fR, ", o->letter);
    (void)buf_append_text(page, "\\fB\\-\\-");
    roff_text(page, o->name);
    (void)buf_append_text(page, "\\fR");
    if (o->arg != NULL) {
        (void)buf_append_text(page, o->optional ? "[=\\fI" : " \\fI");
        roff_text(page, o->arg);
        (void)buf_append_text(page, o->optional ? "\\fR]" : "\\fR");
    }
    (void)buf_append_char(page, '\n');
    opt_describe(o, &help);
    roff_fill(page, buf_text(&help), help.len);
    buf_fini(&help);
}

static void write_options(struct buf *page, const struct opt *table)
{
    static const struct opt help = {"help", 'h', OPT_FLAG, 0, NULL, "show what stands here, shorter"};
    roff_macro(page, "SH", "OPTIONS");
    for (; table->name != NULL; table++)
        if (!table->hidden)
            write_option(page, table);
    write_option(page, &help);
}

/* "0 shown; 2 no such run" -> an item each. A ";" that no digit follows belongs to the text. */
static void write_exit_items(struct buf *page, const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        const char *next = text;
        while (next < end && !(next[0] == ';' && next + 2 < end && isdigit((unsigned char)next[2])))
            next++;
        const char *code = text;
        while (text < next && *text != ' ' && *text != '\n')
            text++;
        manual_write_item(page, code, (size_t)(text - code), text, (size_t)(next - text));
        text = next + 2 < end ? next + 2 : end;
    }
}

static void write_exit_status(struct buf *page, const char *details)
{
    bool told = false;
    roff_macro(page, "SH", "EXIT STATUS");
    for (struct opt_block b; opt_next_block(&details, &b);) {
        if (!is_exit_block(&b))
            continue;
        write_exit_items(page, b.text + sizeof exit_codes - 1, b.len - (sizeof exit_codes - 1));
        told = true;
    }
    static const char otherwise[] = "The exit codes of every verb stand in";
    if (told)
        (void)buf_append_text(page, ".PP\n");
    roff_fill(page, otherwise, sizeof otherwise - 1);
    (void)buf_append_text(page, ".BR assay (1).\n");
}

static void write_examples(struct buf *page, const char *details)
{
    struct as_is lines = {.page = page, .first = true};
    for (struct opt_block b; opt_next_block(&details, &b);) {
        if (!is_example(&b))
            continue;
        if (!lines.open)
            roff_macro(page, "SH", "EXAMPLES");
        write_as_is(&lines, &b);
    }
    end_as_is(&lines);
}

static bool is_configurable(const struct opt *table)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, "config") == 0)
            return true;
    return false;
}

/* Each option that may stand in assay.yaml is a variable too. */
static void write_variables_of_options(struct buf *page, const struct opt *table)
{
    struct buf names = BUF_INIT(1 << 16);
    for (; table->name != NULL; table++) {
        char key[128];
        if (table->hidden || table->flag_only)
            continue;
        opt_key(table, key, sizeof key);
        for (char *c = key; *c != '\0'; c++)
            *c = (char)toupper((unsigned char)*c);
        (void)buf_printf(&names, "%sASSAY_%s", names.len > 0 ? ", " : "", key);
    }
    static const char rule[] = "Each of these is the option of its name, and the command line goes before "
                               "it. A list is split at blanks: "
                               "ASSAY_MODELS=\"a b\". The same names in small letters and without ASSAY_ are "
                               "the keys of assay.yaml.";
    (void)buf_append_text(page, ".TP\n.B Options\n");
    roff_fill(page, buf_text(&names), names.len);
    (void)buf_append_text(page, ".IP\n");
    roff_fill(page, rule, sizeof rule - 1);
    buf_fini(&names);
}

static void write_environment(struct buf *page, const struct verb *verb)
{
    bool configurable = is_configurable(verb->options);
    if (configurable) {
        roff_macro(page, "SH", "ENVIRONMENT");
        write_variables_of_options(page, verb->options);
    }
    (void)manual_write_facts(page, "ENVIRONMENT", manual_variables, verb->name, configurable);
}

static bool names_verb(const char *text, const char *verb)
{
    char words[80];
    (void)snprintf(words, sizeof words, "assay %s", verb);
    size_t len = strlen(words);
    for (const char *at = text; at != NULL && (at = strstr(at, words)) != NULL; at++)
        if (!isalnum((unsigned char)at[len]) && at[len] != '-')
            return true;
    return false;
}

static bool mentions(const struct verb *verb, const char *other)
{
    bool named = names_verb(verb->usage->details, other);
    for (const struct opt *o = verb->options; o->name != NULL && !named; o++)
        named = !o->hidden && names_verb(o->help, other);
    return named;
}

static void write_see_also(struct buf *page, const struct verb *const *verbs, const struct verb *verb)
{
    roff_macro(page, "SH", "SEE ALSO");
    (void)buf_append_text(page, ".BR assay (1)");
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (!verbs[i]->hidden && verbs[i] != verb && mentions(verb, verbs[i]->name))
            (void)buf_printf(page, ",\n.BR assay\\-%s (1)", verbs[i]->name);
    (void)buf_append_char(page, '\n');
}

void manual_write_verb(
    const struct verb *const *verbs, const struct verb *verb, const char *date, struct buf *page)
{
    char name[64];
    (void)snprintf(name, sizeof name, "assay-%s", verb->name);
    manual_write_head(page, name, date, verb->summary);
    write_synopsis(page, verb->usage);
    write_description(page, verb->usage);
    write_options(page, verb->options);
    write_exit_status(page, verb->usage->details);
    write_environment(page, verb);
    (void)manual_write_facts(page, "FILES", manual_files, verb->name, false);
    write_examples(page, verb->usage->details);
    write_see_also(page, verbs, verb);
}
