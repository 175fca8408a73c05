#include "validate_print.h"

#include "text.h"

#include <string.h>

enum { SHOWN_MAX = 4096 };

static void print_person(const struct validate_print *print, const struct validate_fault *fault)
{
    struct error e = {0};
    struct buf clean = BUF_INIT(2 * SHOWN_MAX);
    bool note = fault->severity == VALIDATE_NOTE;
    if (fault->times > 1)
        (void)error_set(&e, STATUS_INVALID, "%s (%zu times)", fault->text, fault->times);
    else
        (void)error_set(&e, STATUS_INVALID, "%s", fault->text);
    error_locate(&e, NULL, 0, 0, fault->pointer);
    char said[sizeof e.rendered];
    snprintf(said, sizeof said, "%s%s", note ? "note: " : "", error_text(&e));
    (void)error_set(&e, STATUS_INVALID, "%s", said);
    error_locate(&e, fault->file, fault->line, fault->column, NULL);
    const char *text = error_text(&e);
    (void)text_sanitise_line(
        &clean, text, strlen(text), SHOWN_MAX); /* keys may have line ends, and forge a sum */
    fprintf(print->out, "%s\n", buf_text(&clean));
    buf_fini(&clean);
}

static bool set_place(struct json_object *tree, const struct validate_fault *fault)
{
    return json_set_text(tree, "file", fault->file) &&
           (fault->line == 0 || json_set_int(tree, "line", fault->line)) &&
           (fault->column == 0 || json_set_int(tree, "column", fault->column)) &&
           json_set_text(tree, "pointer", fault->pointer);
}

static void print_finding(
    struct validate_print *print, const char *severity, const struct validate_fault *fault)
{
    struct buf text = BUF_INIT(1 << 24);
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_text(tree, "severity", severity) && json_set_text(tree, "kind", fault->kind) &&
              set_place(tree, fault) &&
              (fault->schema[0] == '\0' || json_set_text(tree, "schema", fault->schema)) &&
              json_set_text(tree, "text", fault->text) &&
              (fault->times == 0 || json_set_int(tree, "times", (int64_t)fault->times));
    if (ok && json_write(tree, &text, NULL) == STATUS_OK)
        fprintf(print->out, "%s\n    %s", print->some ? "," : "", buf_text(&text));
    else
        print->failed = true;
    print->some = true;
    json_object_put(tree);
    buf_fini(&text);
}

void validate_print_begin(struct validate_print *print)
{
    if (print->json)
        fputs("{\n  \"findings\": [", print->out);
}

void validate_print_fault(const struct validate_fault *fault, void *arg)
{
    struct validate_print *print = arg;
    if (print->json)
        print_finding(print, fault->severity == VALIDATE_NOTE ? "note" : "fault", fault);
    else
        print_person(print, fault);
}

void validate_print_error(struct validate_print *print, const struct error *why)
{
    struct validate_fault finding = {.kind = status_name(why->status),
        .file = why->file,
        .line = why->line,
        .column = why->column,
        .pointer = why->pointer,
        .schema = "",
        .text = why->text};
    print->errors++;
    if (print->json)
        print_finding(print, "error", &finding);
}

static const char *flag(bool set)
{
    return set ? "true" : "false";
}

static void end_json(const struct validate_print *print, const struct validation *v)
{
    fprintf(print->out, "%s],\n  \"valid\": %s,\n", print->some ? "\n  " : "",
        flag(v->files > 0 && v->faults == 0 && print->errors == 0 && !validate_is_stopped(v)));
    fprintf(print->out, "  \"files\": %zu,\n  \"bad_files\": %zu,\n  \"values\": %zu,\n", v->files,
        v->bad_files, v->values);
    fprintf(print->out, "  \"faults\": %zu,\n  \"notes\": %zu,\n  \"errors\": %zu,\n", v->faults, v->notes,
        print->errors);
    fprintf(print->out, "  \"more\": %s,\n  \"interrupted\": %s\n}\n", flag(v->full),
        flag(validate_is_stopped(v)));
}

static const char *several(size_t count)
{
    return count == 1 ? "" : "s";
}

static void end_person(const struct validate_print *print, const struct validation *v)
{
    fprintf(print->out, "%zu value%s in %zu file%s: ", v->values, several(v->values), v->files,
        several(v->files));
    if (v->faults > 0)
        fprintf(print->out, "%zu%s fault%s in %zu file%s", v->faults, v->full ? " and more" : "",
            v->full ? "s" : several(v->faults), v->bad_files, several(v->bad_files));
    else
        fputs(v->files == 0 ? "nothing was checked" : "all valid", print->out);
    if (v->notes > 0)
        fprintf(print->out, ", %zu note%s", v->notes, several(v->notes));
    fputs(validate_is_stopped(v) ? "; stopped before the end\n" : "\n", print->out);
}

enum status validate_print_end(struct validate_print *print, const struct validation *v, struct error *e)
{
    if (print->json)
        end_json(print, v);
    else
        end_person(print, v);
    return print->failed ? error_set(e, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
}
