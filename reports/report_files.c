#include "report_files.h"

#include "junit.h"
#include "markdown.h"

#include "fs.h"

const char *report_file_name(enum report_format format)
{
    return format == REPORT_JUNIT ? "junit.xml" : "report.md";
}

static enum status compose_junit(
    const struct run_data *data, const struct gate *gate, bool strict, struct buf *out, struct error *e)
{
    struct junit_options options = {.strict = strict};
    enum status s = junit_write(data, gate, &options, out, e);
    return s == STATUS_OK ? junit_check(out->data, out->len, strict, e) : s;
}

enum status report_compose(const struct run_data *data, const struct report_options *options,
    enum report_format format, struct buf *out, struct error *e)
{
    struct gate gate;
    enum status s = gate_judge(data, options->require_clean, &gate, e);
    if (s != STATUS_OK)
        return s;
    s = format == REPORT_JUNIT ? compose_junit(data, &gate, options->strict, out, e)
                               : markdown_write(data, &gate, out, e);
    gate_fini(&gate);
    return s;
}

enum status report_save(const struct run_data *data, const struct report_options *options,
    enum report_format format, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(JUNIT_BYTES_MAX);
    enum status s = report_compose(data, options, format, &text, e);
    bool readable = false;
    if (s == STATUS_OK)
        s = fs_write_output(path, text.data, text.len, &readable, e);
    if (s == STATUS_OK && readable && format == REPORT_JUNIT)
        s = junit_check_file(path, options->strict, e);
    buf_fini(&text);
    return s;
}

static enum status save_beside(const struct run_data *data, const struct report_options *options,
    enum report_format format, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = fs_join(&path, data->folder, report_file_name(format));
    s = s == STATUS_OK ? report_save(data, options, format, buf_text(&path), e)
                       : error_set(e, s, "%s: the path is too long", data->folder);
    buf_fini(&path);
    return s;
}

static enum status summarise(
    const struct run_data *data, bool require_clean, struct report_summary *sum, struct error *e)
{
    struct gate gate;
    enum status s = gate_judge(data, require_clean, &gate, e);
    if (s != STATUS_OK)
        return s;
    *sum = (struct report_summary){.verdict = gate.verdict, .problems = data->problem_count};
    gate_fini(&gate);
    return STATUS_OK;
}

enum status report_write_folder(
    const char *folder, const struct report_options *options, struct report_summary *sum, struct error *e)
{
    static const enum report_format formats[] = {REPORT_MARKDOWN, REPORT_JUNIT};
    struct run_data data;
    enum status s = run_data_load(folder, &data, e);
    if (s != STATUS_OK)
        return s;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && s == STATUS_OK; i++)
        if (options->formats & formats[i])
            s = save_beside(&data, options, formats[i], e);
    if (s == STATUS_OK && sum)
        s = summarise(&data, options->require_clean, sum, e);
    run_data_fini(&data);
    return s;
}
