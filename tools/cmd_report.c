/* assay report: Markdown and JUnit from the records of runs. */
#include "load_report.h"
#include "old_operand.h"
#include "report_files.h"
#include "run_operand.h"
#include "verb.h"

#include "fs.h"
#include "json.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

struct report_command {
    const char *format, *output;
    bool strict, require_clean;
};

static const struct opt options[] = {
    {"format", 'f', OPT_TEXT, offsetof(struct report_command, format), "md|junit|all",
        "what to write (default all)", .values = "md|junit|all"},
    {"output", 'o', OPT_TEXT, offsetof(struct report_command, output), "FILE",
        "where to write one report of one run; - is standard output (default: beside the records)"},
    {"strict", 0, OPT_FLAG, offsetof(struct report_command, strict), NULL,
        "JUnit that is valid for the junit-10 schema too"},
    {"require-clean", 0, OPT_FLAG, offsetof(struct report_command, require_clean), NULL,
        "the gate in the reports asks for a clean machine"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "report",
    .operands = "RUN...",
    .summary = "Write reports of runs from their records.",
    .details = "RUN is the folder of a run, its name below runs/, or \"latest\". Nothing is measured again, "
               "and the same "
               "records give the same reports. The file that `assay load --out FILE.json` wrote has a page "
               "of its own, and a file of an older format (see assay migrate) is read as it is.\n\n"
               "  assay report latest                          report.md and junit.xml in the run's folder\n"
               "  assay report latest --format md -o -         the report on the terminal\n"
               "  assay report runs/* --format junit --strict\n"
               "  assay report load.json                       load.md beside it\n"
               "  assay report results/report_desk.json        an old file: report_desk.md and .junit.xml "
               "beside it\n\n"
               "Exit code: 0 written; 1 written, but some of the run's lines are not valid; 2 no such run; 4 "
               "a report could "
               "not be written.",
};

static enum status parse_format(const char *name, unsigned *formats, struct error *e)
{
    static const struct {
        const char *name;
        unsigned formats;
    } names[] = {{"md", REPORT_MARKDOWN}, {"markdown", REPORT_MARKDOWN}, {"junit", REPORT_JUNIT},
        {"all", REPORT_MARKDOWN | REPORT_JUNIT}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) != 0)
            continue;
        *formats = names[i].formats;
        return STATUS_OK;
    }
    return error_set(e, STATUS_USAGE, "--format %s: there are md, junit and all", name);
}

static enum status write_one(const struct run_data *data, const struct report_options *asked,
    enum report_format format, const char *output, struct error *e)
{
    struct buf text = BUF_INIT(1 << 30);
    enum status s;
    if (strcmp(output, "-") != 0) {
        s = report_save(data, asked, format, output, e);
        if (s == STATUS_OK)
            printf("%s\n", output);
        return s;
    }
    s = report_compose(data, asked, format, &text, e);
    if (s == STATUS_OK)
        (void)fwrite(text.data, 1, text.len, stdout);
    buf_fini(&text);
    return s;
}

/* In the run's folder; what was read straight from an old file is written beside that. */
static enum status name_beside(
    const struct run_data *data, const char *operand, enum report_format format, struct buf *path)
{
    if (!old_operand_was_file(data))
        return fs_join(path, data->folder, report_file_name(format));
    return old_operand_beside(operand, format == REPORT_JUNIT ? "junit.xml" : "md", path);
}

static enum status write_beside(
    const struct run_data *data, const char *operand, const struct report_options *asked, struct error *e)
{
    static const enum report_format formats[] = {REPORT_MARKDOWN, REPORT_JUNIT};
    enum status s = STATUS_OK;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && s == STATUS_OK; i++) {
        struct buf path = BUF_INIT(1 << 16);
        if (asked->formats & formats[i]) {
            s = name_beside(data, operand, formats[i], &path);
            if (s == STATUS_OK)
                s = write_one(data, asked, formats[i], buf_text(&path), e);
        }
        buf_fini(&path);
    }
    return s;
}

/* ---- what `assay load` wrote ---- */

/* A run may be named by its run.json as well, which has no kind. */
static bool is_load_result(const char *operand)
{
    size_t len = strlen(operand);
    struct json_object *tree = NULL;
    if (len <= 5 || strcmp(operand + len - 5, ".json") != 0 ||
        json_read_file(operand, &tree, NULL) != STATUS_OK)
        return false;
    const char *kind = json_get_text(tree, "/kind");
    bool of_load = kind && strncmp(kind, "load_", 5) == 0;
    json_object_put(tree);
    return of_load;
}

/* "load.json" becomes "load.md" beside it. */
static enum status save_page(const char *operand, const char *output, const struct buf *page, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = output ? buf_append_text(&path, output)
                           : buf_printf(&path, "%.*s.md", (int)strlen(operand) - 5, operand);
    if (s == STATUS_OK && strcmp(buf_text(&path), "-") == 0)
        fputs(buf_text(page), stdout);
    else if (s == STATUS_OK &&
             (s = fs_write_output(buf_text(&path), page->data, page->len, NULL, e)) == STATUS_OK)
        printf("%s\n", buf_text(&path));
    buf_fini(&path);
    return s;
}

static int report_load(const char *operand, const struct report_options *asked, const char *output)
{
    struct json_object *tree = NULL;
    struct buf page = BUF_INIT(64 << 20);
    struct error why = {0};
    enum status s = asked->formats == REPORT_JUNIT
                        ? error_set(&why, STATUS_USAGE,
                              "%s is the result of one load test: there is --format md", operand)
                        : load_report_read(operand, &tree, &why);
    if (s == STATUS_OK)
        s = load_report_write(tree, &page, &why);
    if (s == STATUS_OK)
        s = save_page(operand, output, &page, &why);
    json_object_put(tree);
    buf_fini(&page);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("report", &why);
}

static int report_run(const char *operand, const struct report_options *asked, const char *output)
{
    struct run_data data;
    struct error why = {0};
    bool going_on = false;
    if (run_operand_load(operand, &data, &going_on, &why) != STATUS_OK)
        return verb_fail("report", &why);
    if (going_on)
        log_warning("%s is still being measured: the report holds what is there so far", operand);
    enum status s = output ? write_one(&data, asked, (enum report_format)asked->formats, output, &why)
                           : write_beside(&data, operand, asked, &why);
    int code = EXIT_FINE;
    if (s != STATUS_OK) {
        (void)verb_fail("report", &why);
        code = EXIT_OWN_FAILURE;
    } else if (data.problem_count) {
        log_warning("%s: %zu line%s or file%s not valid; the report names %s", operand, data.problem_count,
            data.problem_count == 1 ? "" : "s", data.problem_count == 1 ? " is" : "s are",
            data.problem_count == 1 ? "it" : "them");
        code = EXIT_BAD;
    }
    int64_t refused = 0;
    if (old_operand_was_file(&data) && json_get_int(data.run, "/migrated/refused", &refused) && refused > 0) {
        log_warning("%s: %lld parts could not be read; the report names them", operand, (long long)refused);
        code = code == EXIT_FINE ? EXIT_BAD : code;
    }
    run_data_fini(&data);
    return code;
}

static int report_main(int argc, char **argv)
{
    struct report_command o = {.format = NULL};
    struct report_options asked = {.formats = 0};
    struct error why = {0};
    int first, code, worst = EXIT_FINE;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (parse_format(o.format ? o.format : "all", &asked.formats, &why) != STATUS_OK)
        return verb_fail("report", &why);
    asked.strict = o.strict;
    asked.require_clean = o.require_clean;
    if (first == argc) {
        (void)error_set(&why, STATUS_USAGE, "which run? Name its folder, or \"latest\"");
        return verb_fail("report", &why);
    }
    if (o.output && (argc - first > 1 || asked.formats == (REPORT_MARKDOWN | REPORT_JUNIT))) {
        (void)error_set(&why, STATUS_USAGE,
            "--output takes one report of one run: give one RUN, and --format md or junit");
        return verb_fail("report", &why);
    }
    for (int i = first; i < argc; i++) {
        code = is_load_result(argv[i]) ? report_load(argv[i], &asked, o.output)
                                       : report_run(argv[i], &asked, o.output);
        worst = code > worst ? code : worst;
    }
    return verb_output_failure() == 0 ? worst : EXIT_OWN_FAILURE;
}

const struct verb cmd_report = {.name = "report",
    .summary = "write Markdown and JUnit reports of runs from their records",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = report_main};
