/* The completion of fish: a `complete` line for each verb and option. */
#include "completion_parts.h"

#include <string.h>

static void begin_line(const struct verb *verb, struct buf *script)
{
    (void)buf_printf(script, "complete -c assay -n '__assay_verb %s'", verb->name);
}

static void add_asked(const char *what, struct buf *script)
{
    (void)buf_printf(script, " -a '(__assay_asked %s)'", what);
}

static void add_value(const struct completion_value *value, struct buf *script)
{
    bool files = value->kinds & COMPLETE_FILES;
    (void)buf_append_text(script, files ? " -r -F" : " -x");
    if (value->words != NULL) {
        (void)buf_append_text(script, " -a '");
        completion_spread(value->words, script);
        (void)buf_append_char(script, '\'');
    }
    if (value->asked != NULL)
        add_asked(value->asked, script);
    if (value->kinds & COMPLETE_RUNS)
        add_asked("runs", script);
    else if (value->kinds & COMPLETE_FOLDERS)
        (void)buf_append_text(script, " -a '(__fish_complete_directories)'");
}

static void write_option(const struct verb *verb, const struct opt *o, struct buf *script)
{
    struct buf brief = BUF_INIT(4096);
    struct completion_value value = completion_value_of(o);
    completion_brief(o, &brief);
    begin_line(verb, script);
    if (o->letter != 0)
        (void)buf_printf(script, " -s %c", o->letter);
    (void)buf_printf(script, " -l %s", o->name);
    if (completion_takes_value(o))
        add_value(&value, script);
    (void)buf_append_text(script, " -d ");
    completion_quote(buf_text(&brief), true, script);
    (void)buf_append_char(script, '\n');
    buf_fini(&brief);
}

/* Operands by their number: the first, the second, ...; the last may repeat. */
static void write_operand(const struct verb *verb, const struct completion_value *value, size_t at,
    bool repeats, struct buf *script)
{
    char where[128];
    (void)snprintf(where, sizeof where,
        "complete -c assay -n '__assay_verb %s; and test (count (__assay_operands)) -%s %zu'", verb->name,
        repeats ? "ge" : "eq", at);
    if (value->kinds & COMPLETE_FILES)
        (void)buf_printf(script, "%s -F\n", where);
    if (value->kinds & COMPLETE_FOLDERS)
        (void)buf_printf(script, "%s -a '(__fish_complete_directories)'\n", where);
    if (value->kinds & COMPLETE_RUNS)
        (void)buf_printf(script, "%s -a '(__assay_asked runs)'\n", where);
    if (value->kinds & COMPLETE_TESTS)
        (void)buf_printf(script, "%s -a '(__assay_tests)'\n", where);
    if (value->asked != NULL)
        (void)buf_printf(script, "%s -a '(__assay_asked %s)'\n", where, value->asked);
    if (value->words != NULL) {
        (void)buf_printf(script, "%s -a '", where);
        completion_spread(value->words, script);
        (void)buf_append_text(script, "'\n");
    }
}

static void write_verb(const struct verb *verb, struct buf *script)
{
    struct completion_operands operands = completion_operands_of(verb->usage->operands);
    (void)buf_printf(script, "\ncomplete -c assay -n __assay_no_verb -a %s -d ", verb->name);
    completion_quote(verb->summary, true, script);
    (void)buf_append_char(script, '\n');
    for (const struct opt *o = verb->options; o->name != NULL; o++)
        if (!o->hidden)
            write_option(verb, o, script);
    begin_line(verb, script);
    (void)buf_append_text(script, " -s h -l help -d 'show the options'\n");
    for (size_t i = 0; i < operands.count; i++)
        write_operand(verb, &operands.at[i], i, operands.repeats && i + 1 == operands.count, script);
}

void completion_write_fish(const struct verb *const *verbs, struct buf *script)
{
    (void)buf_append_text(script, "# Completion of fish for assay, made of its tables of options.\n");
    (void)buf_append_text(script, completion_text("assay.fish"));
    (void)buf_append_text(script, "\ncomplete -c assay -f\n"
                                  "complete -c assay -n __assay_no_verb -l version -d 'show the version'\n"
                                  "complete -c assay -n __assay_no_verb -s h -l help -d 'show the verbs'\n"
                                  "complete -c assay -n __assay_no_verb -a help -d 'say more of a verb'\n"
                                  "complete -c assay -n '__assay_verb help' -a '(__assay_asked verbs)'\n");
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (!verbs[i]->hidden)
            write_verb(verbs[i], script);
}
