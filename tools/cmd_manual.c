/*
 * assay manual - the manual pages of this program, and the completions of shells, as files. Hidden: the build calls
 * it; what it writes is installed.
 *
 *     manual VERB                  one page on standard output; "assay" is the program's own
 *     manual --out DIR             DIR/man1/assay.1, DIR/man1/assay-run.1, ...
 */
#include "verb.h"

#include "fs.h"
#include "manual.h"

#include <stdio.h>
#include <string.h>

struct manual_command {
    const char *out, *date;
};

static const struct opt options[] = {
    {"out", 'o', OPT_TEXT, offsetof(struct manual_command, out), "DIR", "write all pages into this folder"},
    {"date", 0, OPT_TEXT, offsetof(struct manual_command, date), "DATE", "what the pages show as their date"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "manual",
    .operands = "[VERB]",
    .summary = "Write the manual pages of this program, as roff.",
    .details = "  assay manual run | man -l -\n",
};

/* name: a verb's, or "assay". */
static enum status write_page(const char *name, const char *date, struct buf *page, struct error *e)
{
    const struct verb *verb = verb_find(verbs_all, name);
    if (verb != NULL && (verb->usage == NULL || verb->options == NULL))
        return error_set(
            e, STATUS_INTERNAL, "the verb %s does not name its usage and options (struct verb)", name);
    if (verb != NULL)
        manual_write_verb(verbs_all, verb, date, page);
    else if (strcmp(name, "assay") == 0)
        manual_write_program(verbs_all, date, page);
    else
        return error_set(e, STATUS_USAGE, "there is no verb \"%s\"", name);
    return buf_status(page) == STATUS_OK ? STATUS_OK : error_set(e, buf_status(page), "the page is too long");
}

static enum status write_file(const char *folder, const char *name, const char *date, struct error *e)
{
    struct buf path = BUF_INIT(4096), page = BUF_INIT(MANUAL_BYTES_MAX);
    bool is_program = strcmp(name, "assay") == 0;
    enum status s = buf_printf(&path, "%s/man1", folder);
    if (s != STATUS_OK)
        s = error_set(e, s, "the path is too long");
    if (s == STATUS_OK)
        s = fs_make_dirs(buf_text(&path), e);
    if (s == STATUS_OK && buf_printf(&path, "/assay%s%s.1", is_program ? "" : "-", is_program ? "" : name))
        s = error_set(e, STATUS_LIMIT, "the path is too long");
    if (s == STATUS_OK)
        s = write_page(name, date, &page, e);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), page.data, page.len, e);
    buf_fini(&page);
    buf_fini(&path);
    return s;
}

static enum status write_all(const struct manual_command *o, struct error *e)
{
    enum status s = write_file(o->out, "assay", o->date, e);
    for (size_t i = 0; verbs_all[i] != NULL && s == STATUS_OK; i++)
        if (!verbs_all[i]->hidden)
            s = write_file(o->out, verbs_all[i]->name, o->date, e);
    return s;
}

static enum status print_page(const char *name, const char *date, struct error *e)
{
    struct buf page = BUF_INIT(MANUAL_BYTES_MAX);
    enum status s = write_page(name, date, &page, e);
    if (s == STATUS_OK)
        (void)fwrite(page.data, 1, page.len, stdout);
    buf_fini(&page);
    return s;
}

static int manual_main(int argc, char **argv)
{
    struct manual_command o = {.date = ""};
    struct error why = {0};
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (argc - first > (o.out == NULL)) {
        (void)error_set(&why, STATUS_USAGE, "give one VERB, or --out DIR for all");
        return verb_fail("manual", &why);
    }
    enum status s =
        o.out != NULL ? write_all(&o, &why) : print_page(first < argc ? argv[first] : "assay", o.date, &why);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("manual", &why);
}

const struct verb cmd_manual = {.name = "manual",
    .group = VERB_TOOLS,
    .summary = "write the manual pages of this program",
    .hidden = true,
    .usage = &usage,
    .options = options,
    .main = manual_main};
