/* `assay completion`: the script that lets a shell complete verbs, options and their values. */
#include "verb.h"

#include "completion.h"
#include "completion_words.h"
#include "program_suite.h"

#include <stdio.h>

struct completion_command {
    const char *words;
};

static const struct opt options[] = {
    {"words", 0, OPT_TEXT, offsetof(struct completion_command, words), "LIST",
        "print words that a script asks for: verbs, cases, suites, scenarios, schemas, runs, or tests of a "
        "run",
        .hidden = true},
    {0},
};

static const struct opt_usage usage = {
    .verb = "completion",
    .operands = "SHELL",
    .summary = "Print the completion of bash, zsh or fish.",
    .details = "The script offers verbs, options, their values, files, runs and the tests of a run. A "
               "package installs it "
               "where the shell finds it; this is for a program that was built and not installed.\n\n"
               "  assay completion bash >~/.local/share/bash-completion/completions/assay\n"
               "  assay completion fish >~/.config/fish/completions/assay.fish\n\n"
               "In bash, for this session alone:\n\n"
               "  eval \"$(assay completion bash)\"\n\n"
               "In zsh, a folder of $fpath gets it as _assay, or behind compinit:\n\n"
               "  eval \"$(assay completion zsh)\"\n",
};

static enum status print_words(const char *what, const char *of, struct error *e)
{
    struct buf words = BUF_INIT(COMPLETION_WORDS_BYTES_MAX);
    enum status s = completion_words(what, of, verbs_all, &words, e);
    if (s == STATUS_OK)
        (void)fputs(buf_text(&words), stdout);
    buf_fini(&words);
    return s;
}

static enum status print_script(const char *shell, struct error *e)
{
    struct buf script = BUF_INIT(COMPLETION_BYTES_MAX);
    enum status s = STATUS_OK;
    if (!completion_write(shell, program_name(), verbs_all, &script))
        s = error_set(e, STATUS_USAGE, "there is no completion for %s, but for bash, zsh and fish", shell);
    else if (buf_status(&script) != STATUS_OK)
        s = error_set(e, buf_status(&script), "no memory for the script");
    else
        (void)fputs(buf_text(&script), stdout);
    buf_fini(&script);
    return s;
}

static int completion_main(int argc, char **argv)
{
    struct completion_command o = {0};
    struct error why = {0};
    enum status s;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    int operands = argc - first;
    if (o.words != NULL && operands <= 1)
        s = print_words(o.words, operands ? argv[first] : NULL, &why);
    else if (o.words == NULL && operands == 1)
        s = print_script(argv[first], &why);
    else
        s = error_set(&why, STATUS_USAGE, "give one SHELL: bash, zsh or fish");
    return s == STATUS_OK ? EXIT_FINE : verb_fail("completion", &why);
}

const struct verb cmd_completion = {.name = "completion",
    .summary = "print the completion of a shell",
    .group = VERB_TOOLS,
    .usage = &usage,
    .options = options,
    .main = completion_main};
