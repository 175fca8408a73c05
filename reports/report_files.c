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
