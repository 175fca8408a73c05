/* assay timeline: the machine, the tests and the requests of a run in one picture. */
#include "run_operand.h"
#include "timeline_page.h"
#include "timeline_picture.h"
#include "verb.h"

#include "fs.h"
#include "log.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OUTPUT_NAME "timeline"
#define DEFAULT_WIDTH 1200

struct timeline_command {
    const char *format, *output, *title;
    int64_t width;
};

static const struct opt options[] = {
    {"format", 'f', OPT_TEXT, offsetof(struct timeline_command, format), "html|svg|png",
        "a page to move about in, or a still picture (default html)", .values = "html|svg|png"},
    {"output", 'o', OPT_TEXT, offsetof(struct timeline_command, output), "FILE",
        "where to write it; - is standard output (default: timeline.html in the run, or beside the file)"},
    {"title", 't', OPT_TEXT, offsetof(struct timeline_command, title), "TEXT",
        "what stands above it (default: the name of the run or file)"},
    {"width", 'w', OPT_INT, offsetof(struct timeline_command, width), "PIXELS",
        "of svg and png (default 1200; png has two dots for each)", .min = TIMELINE_WIDTH_LEAST,
        .max = TIMELINE_WIDTH_MOST},
    {0},
};

static const struct opt_usage usage = {
    .verb = "timeline",
    .operands = "RUN | FILE [RECORDS]",
    .summary = "Draw the machine, the tests and the requests of a run on one axis of time.",
    .details =
        "RUN is the folder of a run, its name below runs/, or \"latest\". FILE is a file of samples: of "
        "`assay "
        "monitor`, a run's samples.jsonl, or a memory file of mlx-knife; RECORDS has the tests for it: a "
        "benchmark.jsonl of ours or of mlx-knife. The page is one file that needs no "
        "network; without scripts it shows a still picture and tables.\n\n"
        "  assay timeline latest                        timeline.html in the run's folder\n"
        "  assay timeline latest --format svg -o -      the picture on standard output\n"
        "  assay timeline monitor.jsonl                 monitor.html beside it\n"
        "  assay timeline memory.jsonl benchmark.jsonl  the same, with the tests of another file\n\n"
        "Exit code: 0 drawn; 1 nothing in it has a time; 2 no such run or file; 4 it could not be written.",
};

typedef enum status (*draw_fn)(
    const struct timeline *t, const struct timeline_command *o, struct buf *out, struct error *e);

static enum status draw_html(
    const struct timeline *t, const struct timeline_command *o, struct buf *out, struct error *e)
{
    (void)o;
    return timeline_page_write(t, out, e);
}

static enum status draw_svg(
    const struct timeline *t, const struct timeline_command *o, struct buf *out, struct error *e)
{
    return timeline_picture_svg(t, (double)o->width, out, e);
}

static enum status draw_png(
    const struct timeline *t, const struct timeline_command *o, struct buf *out, struct error *e)
{
    return timeline_picture_png(t, (double)o->width, out, e);
}

static const struct format {
    const char *name;
    draw_fn draw;
} formats[] = {{"html", draw_html}, {"svg", draw_svg}, {"png", draw_png}, {0}};

static const struct format *find_format(const char *name)
{
    for (const struct format *f = formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* A file that is no part of a run's folder by its name: samples. */
static bool is_samples(const char *operand)
{
    static const char *const of_run[] = {"run.json", "benchmark.jsonl"};
    const char *slash = strrchr(operand, '/'), *name = slash ? slash + 1 : operand;
    for (size_t i = 0; i < sizeof of_run / sizeof *of_run; i++)
        if (strcmp(name, of_run[i]) == 0)
            return false;
    return strcmp(operand, "-") == 0 || (fs_exists(operand) && !fs_is_folder(operand));
}

/* "monitor.jsonl" becomes "monitor.html" beside it. */
static enum status name_beside(const char *file, const char *format, struct buf *path)
{
    size_t len = strlen(file);
    const char *dot = strrchr(file, '.'), *slash = strrchr(file, '/');
    if (dot && dot > file && (!slash || dot > slash + 1))
        len = (size_t)(dot - file);
    return buf_printf(path, "%.*s.%s", (int)len, file, format);
}

static enum status read_run(
    const char *operand, struct timeline *t, const char *format, struct buf *path, struct error *e)
{
    struct run_data data;
    struct buf name = BUF_INIT(64);
    bool going_on = false;
    enum status s = run_operand_load(operand, &data, &going_on, e);
    if (s != STATUS_OK)
        return s;
    if (going_on)
        log_warning("%s is still being measured: the timeline holds what is there so far", operand);
    buf_printf(&name, OUTPUT_NAME ".%s", format);
    s = fs_join(path, data.folder, buf_text(&name));
    if (s == STATUS_OK)
        s = timeline_read_run(&data, t, e);
    else
        (void)error_set(e, s, "%s: the path is too long", operand);
    buf_fini(&name);
    run_data_fini(&data);
    return s;
}

/* *path: where the result goes unless somebody says otherwise. */
static enum status read_operand(
    const char *operand, struct timeline *t, const char *format, struct buf *path, struct error *e)
{
    if (!is_samples(operand))
        return read_run(operand, t, format, path, e);
    enum status s =
        strcmp(operand, "-") == 0 ? buf_append_char(path, '-') : name_beside(operand, format, path);
    return s == STATUS_OK ? timeline_read_samples_file(operand, t, e)
                          : error_set(e, s, "%s: the path is too long", operand);
}

static enum status set_title(struct timeline *t, const char *title, struct error *e)
{
    struct buf safe = BUF_INIT(4096);
    enum status s = text_sanitise_line(&safe, title, strlen(title), 512);
    char *copy = s == STATUS_OK ? buf_take(&safe) : NULL;
    buf_fini(&safe);
    if (!copy)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the title");
    free(t->title);
    t->title = copy;
    return STATUS_OK;
}

/* A picture in the place of the samples that it is made of: a slip, and never a wish. */
static enum status keep_sources(const char *path, char *const *sources, int count, struct error *e)
{
    struct stat made, source;
    if (stat(path, &made) != 0 || !S_ISREG(made.st_mode))
        return STATUS_OK;
    for (int i = 0; i < count; i++)
        if (stat(sources[i], &source) == 0 && made.st_dev == source.st_dev && made.st_ino == source.st_ino)
            return error_set(
                e, STATUS_USAGE, "%s is what is to be drawn: name another file with --output", path);
    return STATUS_OK;
}

static enum status write_result(const char *path, const struct buf *made, struct error *e)
{
    char size[32];
    if (strcmp(path, "-") == 0)
        return fwrite(made->data, 1, made->len, stdout) == made->len ? STATUS_OK
                                                                     : error_set_errno(e, "standard output");
    enum status s = fs_write_output(path, made->data, made->len, NULL, e);
    if (s != STATUS_OK) {
        e->status = STATUS_IO; /* a folder that is not there is no mistake in what was named to be read */
        return STATUS_IO;
    }
    text_format_bytes(size, sizeof size, (double)made->len);
    printf("%s (%s)\n", path, size);
    return STATUS_OK;
}

static enum status draw(const struct timeline *t, const struct timeline_command *o, const struct format *f,
    const char *path, struct error *e)
{
    struct buf made = BUF_INIT(TIMELINE_PAGE_MAX);
    enum status s = f->draw(t, o, &made, e);
    if (s == STATUS_OK)
        s = write_result(path, &made, e);
    buf_fini(&made);
    for (size_t i = 0; i < t->note_count && s == STATUS_OK; i++)
        log_warning("%s", t->notes[i]);
    return s;
}

static int timeline_main(int argc, char **argv)
{
    struct timeline_command o = {.format = "html", .width = DEFAULT_WIDTH};
    struct timeline t = {0};
    struct error why = {0};
    struct buf path = BUF_INIT(1 << 16);
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    const struct format *f = find_format(o.format);
    enum status s = STATUS_OK;
    if (!f)
        s = error_set(&why, STATUS_USAGE, "--format %s: there are html, svg and png", o.format);
    else if (argc - first == 2 && !is_samples(argv[first]))
        s = error_set(&why, STATUS_USAGE,
            "%.200s is no file of samples: give one RUN, or one FILE of samples and RECORDS for it",
            argv[first]);
    else if (argc - first != 1 && argc - first != 2)
        s = error_set(&why, STATUS_USAGE,
            "give one RUN, or one FILE of samples and RECORDS for it, for example: assay timeline latest");
    if (s == STATUS_OK)
        s = read_operand(argv[first], &t, f->name, &path, &why);
    if (s == STATUS_OK && argc - first == 2)
        s = timeline_read_records_file(argv[first + 1], &t, &why);
    if (s == STATUS_OK && o.title)
        s = set_title(&t, o.title, &why);
    const char *result = o.output ? o.output : buf_text(&path);
    if (s == STATUS_OK)
        s = keep_sources(result, argv + first, argc - first, &why);
    if (s == STATUS_OK)
        s = draw(&t, &o, f, result, &why);
    timeline_fini(&t);
    buf_fini(&path);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("timeline", &why);
}

const struct verb cmd_timeline = {.name = "timeline",
    .summary = "draw the machine, the tests and the requests of a run on one axis of time",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = timeline_main};
