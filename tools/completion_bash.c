/*
 * The completion of bash: a function for each verb with what its table says, and one that finds out where the cursor
 * is. Needs nothing but bash itself; bash-completion's own functions are not used.
 */
#include "completion_parts.h"

#include <string.h>

static void write_settings(const struct completion_value *value, bool command, struct buf *script)
{
    static const struct {
        unsigned kind;
        const char *name;
    } kinds[] = {{COMPLETE_FILES, "files"}, {COMPLETE_FOLDERS, "folders"}, {COMPLETE_RUNS, "runs"},
        {COMPLETE_TESTS, "tests"}};
    if (value->words != NULL) {
        (void)buf_append_text(script, " words='");
        completion_spread(value->words, script);
        (void)buf_append_char(script, '\'');
    }
    if (value->asked != NULL)
        (void)buf_printf(script, " asked=%s", value->asked);
    if (value->kinds == 0 && !command)
        return;
    (void)buf_append_text(script, " kinds='");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (value->kinds & kinds[i].kind)
            (void)buf_printf(script, " %s", kinds[i].name);
    (void)buf_printf(script, "%s'", command ? " command" : "");
}

static void write_names(const struct opt *table, bool negated, struct buf *script)
{
    for (const struct opt *o = table; o->name != NULL; o++)
        if (!o->hidden && (!negated || !completion_takes_value(o)))
            (void)buf_printf(script, "--%s%s ", negated ? "no-" : "", o->name);
}

static void write_row(const struct opt *o, struct buf *script)
{
    struct completion_value value = completion_value_of(o);
    if (o->hidden || o->kind == OPT_FLAG)
        return;
    (void)buf_printf(script, "            --%s", o->name);
    if (o->letter != 0)
        (void)buf_printf(script, " | -%c", o->letter);
    (void)buf_printf(script, ")%s", completion_takes_value(o) ? " takes=1" : "");
    write_settings(&value, false, script);
    (void)buf_append_text(script, " ;;\n");
}

static void write_operands(const struct verb *verb, struct buf *script)
{
    struct completion_operands operands = completion_operands_of(verb->usage->operands);
    for (size_t i = 0; i < operands.count; i++) {
        bool last = i + 1 == operands.count;
        (void)buf_printf(script, "            %zu%s)", i, last && operands.repeats ? " | [0-9]*" : "");
        write_settings(&operands.at[i], operands.command, script);
        (void)buf_append_text(script, " ;;\n");
    }
}

static void write_verb(const struct verb *verb, struct buf *script)
{
    (void)buf_printf(script, "    %s)\n        options='", verb->name);
    write_names(verb->options, false, script);
    (void)buf_append_text(script, "--help'\n        negated='");
    write_names(verb->options, true, script);
    (void)buf_append_text(script, "'\n        case $2 in\n");
    for (const struct opt *o = verb->options; o->name != NULL; o++)
        write_row(o, script);
    write_operands(verb, script);
    (void)buf_append_text(script, "        esac\n        ;;\n");
}

void completion_write_bash(const struct verb *const *verbs, struct buf *script)
{
    (void)buf_append_text(
        script, "# Completion of bash for assay, made of its tables of options.\n\n_assay_verbs='");
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (!verbs[i]->hidden)
            (void)buf_printf(script, "%s ", verbs[i]->name);
    (void)buf_append_text(script,
        "help --help --version'\n\n"
        "# What may stand behind option $2 of verb $1, or as its operand number $2.\n"
        "_assay_table()\n{\n    case $1 in\n");
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (!verbs[i]->hidden)
            write_verb(verbs[i], script);
    (void)buf_append_text(script, "    esac\n}\n\n");
    (void)buf_append_text(script, completion_text("assay.bash"));
}
