/* assay(1): all verbs, and what holds for each of them. */
#include "manual.h"

#include "manual_parts.h"
#include "roff.h"

#include <stdio.h>
#include <string.h>

static const char about[] = "assay measures servers of language models: how long they take to the first "
                            "token, how fast they go on, what they "
                            "bear at once, what they answer. Each benchmark is a test in a process of its "
                            "own. Whatever happens to it there is "
                            "a record of when it ran, how it came out, on which model, and whether the "
                            "machine was fit to measure; reports are "
                            "made of the records and of nothing else.";

static const char configuration[] = "What is said later wins: defaults, assay.yaml, .env, the environment, "
                                    "the command line. An option --max-tokens is "
                                    "the key max_tokens and the variable ASSAY_MAX_TOKENS. assay run "
                                    "--print-config shows each option, its value and "
                                    "where it came from.";

static void write_verbs(struct buf *page, const struct verb *const *verbs, enum verb_group group)
{
    roff_macro(page, "SS", verb_group_heading(group));
    for (size_t i = 0; verbs[i] != NULL; i++) {
        if (verbs[i]->hidden || verbs[i]->group != group)
            continue;
        (void)buf_printf(page, ".TP\n.BR assay\\-%s (1)\n", verbs[i]->name);
        roff_fill(page, verbs[i]->summary, strlen(verbs[i]->summary));
    }
}

static void write_see_also(struct buf *page, const struct verb *const *verbs)
{
    const char *before = "";
    roff_macro(page, "SH", "SEE ALSO");
    for (size_t i = 0; verbs[i] != NULL; i++) {
        if (verbs[i]->hidden)
            continue;
        (void)buf_printf(page, "%s.BR assay\\-%s (1)", before, verbs[i]->name);
        before = ",\n";
    }
    (void)buf_append_char(page, '\n');
}

void manual_write_program(const struct verb *const *verbs, const char *date, struct buf *page)
{
    manual_write_head(page, "assay", date, "benchmark suite for AI model servers");
    roff_macro(page, "SH", "SYNOPSIS");
    (void)buf_append_text(page,
        ".B assay\n\\fIVERB\\fR [\\fIoptions\\fR]\n.br\n.B assay help\n[\\fIVERB\\fR]\n"
        ".br\n.B assay \\-\\-version\n");
    roff_macro(page, "SH", "DESCRIPTION");
    roff_fill(page, about, sizeof about - 1);
    roff_macro(page, "SH", "VERBS");
    for (int group = 0; group < VERB_GROUP_COUNT; group++)
        write_verbs(page, verbs, (enum verb_group)group);
    roff_macro(page, "SH", "CONFIGURATION");
    roff_fill(page, configuration, sizeof configuration - 1);
    (void)manual_write_facts(page, "EXIT STATUS", manual_exit_codes, NULL, false);
    (void)manual_write_facts(page, "ENVIRONMENT", manual_variables, NULL, false);
    (void)manual_write_facts(page, "FILES", manual_files, NULL, false);
    write_see_also(page, verbs);
}
