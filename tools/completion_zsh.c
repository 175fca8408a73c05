/* The completion of zsh: a function for each verb that calls _arguments with what its table says. */
#include "completion_parts.h"

#include <string.h>

/* Within '...' of a specification: what would end it, and what _arguments reads itself. */
static void add_text(const char *text, const char *special, struct buf *script)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            (void)buf_append_text(script, "'\\''");
        else if (strchr(special, *text) != NULL)
            (void)buf_printf(script, "\\%c", *text);
        else
            (void)buf_append_char(script, *text);
    }
}

/* A colon would end the action. */
static void add_words(const char *words, struct buf *script)
{
    for (; *words != '\0'; words++)
        (void)buf_printf(script, "%s%c", *words == ':' ? "\\" : "", *words == '|' ? ' ' : *words);
}

static void add_action(const struct completion_value *value, struct buf *script)
{
    if (value->words != NULL) {
        (void)buf_append_text(script, "{_assay_words ");
        add_words(value->words, script);
        (void)buf_append_char(script, '}');
    } else if (value->asked != NULL && value->kinds & COMPLETE_FILES) {
        (void)buf_printf(script, "{_assay_asked %s; _files}", value->asked);
    } else if (value->asked != NULL) {
        (void)buf_printf(script, "{_assay_asked %s}", value->asked);
    } else if (value->kinds & COMPLETE_TESTS) {
        (void)buf_append_text(script, "_assay_tests");
    } else if (value->kinds & COMPLETE_RUNS && value->kinds & COMPLETE_FILES) {
        (void)buf_append_text(script, "{_assay_asked runs; _files}");
    } else if (value->kinds & COMPLETE_RUNS) {
        (void)buf_append_text(script, "_assay_runs");
    } else if (value->kinds & COMPLETE_FILES) {
        (void)buf_append_text(script, "_files");
    } else if (value->kinds & COMPLETE_FOLDERS) {
        (void)buf_append_text(script, "_path_files -/");
    } else {
        (void)buf_append_char(script, ' ');
    }
}

/* "[measure this server]:URL:{_assay_words http:// sim:}" */
static void add_explanation(const struct opt *o, struct buf *script)
{
    struct buf brief = BUF_INIT(4096);
    struct completion_value value = completion_value_of(o);
    completion_brief(o, &brief);
    (void)buf_append_char(script, '[');
    add_text(buf_text(&brief), "[]\\:", script);
    (void)buf_append_char(script, ']');
    if (o->kind != OPT_FLAG) {
        (void)buf_append_text(script, o->optional ? "::" : ":");
        add_text(o->arg != NULL ? o->arg : "value", ":", script);
        (void)buf_append_char(script, ':');
        add_action(&value, script);
    }
    buf_fini(&brief);
}

static void add_form(const struct opt *o, const char *name, const char *end, struct buf *script)
{
    (void)buf_append_text(script, " \\\n        '");
    if (o->kind == OPT_LIST)
        (void)buf_append_char(script, '*');
    else if (o->letter != 0)
        (void)buf_printf(script, "(-%c --%s)", o->letter, o->name);
    (void)buf_printf(script, "%s%s", name, end);
    add_explanation(o, script);
    (void)buf_append_char(script, '\'');
}

static void write_option(const struct opt *o, struct buf *script)
{
    char name[128];
    const char *value = o->kind == OPT_FLAG ? "" : o->optional ? "=-" : "=";
    if (o->hidden)
        return;
    (void)snprintf(name, sizeof name, "-%c", o->letter);
    if (o->letter != 0)
        add_form(o, name, o->kind == OPT_FLAG || o->optional ? "" : "+", script);
    (void)snprintf(name, sizeof name, "--%s", o->name);
    add_form(o, name, value, script);
}

static void write_operands(const struct verb *verb, struct buf *script)
{
    struct completion_operands operands = completion_operands_of(verb->usage->operands);
    for (size_t i = 0; i < operands.count; i++) {
        bool repeats = operands.repeats && i + 1 == operands.count;
        if (repeats)
            (void)buf_append_text(script, " \\\n        '*:operand:");
        else
            (void)buf_printf(script, " \\\n        '%zu::operand:", i + 1);
        add_action(&operands.at[i], script);
        (void)buf_append_char(script, '\'');
    }
}

static void write_verb(const struct verb *verb, struct buf *script)
{
    (void)buf_printf(script, "_assay_verb_%s()\n{\n    _arguments -s", verb->name);
    for (const struct opt *o = verb->options; o->name != NULL; o++)
        write_option(o, script);
    (void)buf_append_text(script, " \\\n        '(-h --help)'{-h,--help}'[show the options]'");
    write_operands(verb, script);
    (void)buf_append_text(script, "\n}\n\n");
}

void completion_write_zsh(const struct verb *const *verbs, struct buf *script)
{
    (void)buf_append_text(script,
        "#compdef assay\n# Completion of zsh for assay, made of its tables of options.\n\n"
        "_assay_verbs()\n{\n    local -a verbs\n    verbs=(\n");
    for (size_t i = 0; verbs[i] != NULL; i++) {
        if (verbs[i]->hidden)
            continue;
        (void)buf_printf(script, "        '%s:", verbs[i]->name);
        add_text(verbs[i]->summary, "\\", script);
        (void)buf_append_text(script, "'\n");
    }
    (void)buf_append_text(
        script, "        'help:say more of a verb'\n    )\n    _describe -t verbs verb verbs\n}\n\n");
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (!verbs[i]->hidden)
            write_verb(verbs[i], script);
    (void)buf_append_text(script, completion_text("assay.zsh"));
}
