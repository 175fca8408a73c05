#include "validate.h"

#include "fs.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "yamldoc.h"

#include <string.h>

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* The name of the schema, NULL where the file's name does not say. */
static const char *kind_of_name(const char *path)
{
    static const struct {
        const char *end, *schema;
    } names[] = {
        {"benchmark.jsonl", "record"},
        {"exchanges.jsonl", "exchange"},
        {"answers.jsonl", "answer"},
        {"samples.jsonl", "sample"},
        {"server_samples.jsonl", "sample"},
        {"requests.jsonl", "request"},
        {"grades.jsonl", "regrade"},
        {"set.json", "set"},
        {"calibration.json", "calibration"},
        {"truth.jsonl", "truth"},
        {"run.json", "run"},
        {"load.json", "load"},
        {"assay.yaml", "config"},
        {"assay.yml", "config"},
        {".intent.json", "intent"},
        {"assay.json", "config"},
        {".schema.json", "draft2020-12/schema"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *end = names[i].end;
        size_t before = strlen(path) - (ends_with(path, end) ? strlen(end) : 0);
        if (before < strlen(path) && (end[0] == '.' || before == 0 || path[before - 1] == '/'))
            return names[i].schema;
    }
    return NULL;
}

static const char *kind_of_shape(const struct json_object *tree)
{
    static const struct {
        const char *members[2]; /* that no other kind has both of */
        const char *schema;
    } shapes[] = {
        {{"outcome", "identity"}, "record"},
        {{"line", "protocol"}, "capture"},
        {{"dataset", "fetched"}, "set"},
        {{"machine", "rungs"}, "calibration"},
        {{"grades", "before"}, "regrade"},
        {{"outcome", "test"}, "record"},
        {{"plan", "machine"}, "run"},
        {{"asked", "kind"}, "load"},
        {{"supervisor", "identity"}, "intent"},
        {{"prompt", "answer"}, "answer"},
        {{"mono_ns", "values"}, "sample"},
        {{"period_s", "sensors"}, "sample"},
        {{"lateness", "quality_flags"}, "sample"},
        {{"role", "t"}, "exchange"},
        {{"item", "token_events"}, "request"},
        {{"request", "ending"}, "truth"},
        {{"requests", "server"}, "truth"},
        {{"$schema", "$schema"}, "draft2020-12/schema"},
    };
    if (!json_object_is_type(tree, json_type_object))
        return NULL;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (json_object_object_get_ex(tree, shapes[i].members[0], NULL) &&
            json_object_object_get_ex(tree, shapes[i].members[1], NULL))
            return shapes[i].schema;
    return NULL;
}

/* One file on its way through validation. */
struct judged {
    struct validation *v;
    const char *path;
    const char *by_name;         /* what the file's name says; NULL: nothing */
    const struct schema *schema; /* NULL until the first value has shown its shape */
    size_t faults;
};

static void tell(struct judged *j, const struct validate_fault *fault)
{
    struct validation *v = j->v;
    if (v->faults >= v->faults_max) {
        v->full = true;
        return;
    }
    v->faults++;
    j->faults++;
    v->fault(fault, v->arg);
}

static void tell_error(struct judged *j, const struct error *why)
{
    struct validate_fault fault = {.file = j->path,
        .line = why->line,
        .column = why->column,
        .pointer = "",
        .schema = "",
        .text = why->text};
    tell(j, &fault);
}

static enum status choose_schema(struct judged *j, const struct json_object *tree, struct error *e)
{
    if (j->schema != NULL)
        return STATUS_OK;
    const char *kind = kind_of_shape(tree);
    bool of_load = kind != NULL && strcmp(kind, "request") == 0; /* often called samples.jsonl as well */
    if (j->by_name != NULL && !of_load)
        kind = j->by_name;
    if (kind == NULL)
        return error_set(e, STATUS_USAGE,
            "neither name nor content tells which schema it follows: name one with --schema");
    j->schema = schema_for(kind);
    return j->schema != NULL ? STATUS_OK
                             : error_set(e, STATUS_INTERNAL, "the schema \"%s\" does not compile", kind);
}

/* How the line of a fault is found: one of these. */
struct places {
    long line;                  /* the value is this line */
    const struct buf *text;     /* the value is this text */
    const struct yamldoc *yaml; /* the value was written as YAML */
};

static long line_of(const struct places *places, const char *pointer)
{
    long line = places->line, column;
    if (places->text != NULL)
        (void)json_locate(buf_text(places->text), places->text->len, pointer, &line, &column);
    else if (places->yaml != NULL)
        (void)yamldoc_place_of(places->yaml, pointer, &line, &column);
    return line;
}

static enum status judge_value(
    struct judged *j, const struct json_object *tree, const struct places *places, struct error *e)
{
    enum status s = choose_schema(j, tree, e);
    if (s != STATUS_OK)
        return s;
    struct schema_report report = {.max = j->v->faults_max - j->v->faults + 1};
    s = schema_validate(j->schema, tree, &report);
    j->v->values++;
    for (size_t i = 0; i < report.count; i++) {
        const struct schema_fault *f = &report.faults[i];
        struct validate_fault fault = {.file = j->path,
            .line = line_of(places, f->instance),
            .pointer = f->instance,
            .schema = f->schema,
            .text = f->text};
        tell(j, &fault);
    }
    schema_report_fini(&report);
    if (s == STATUS_LIMIT)
        return error_set(e, s, "validation was given up: the schema recurses or backtracks too much");
    return s == STATUS_INVALID ? STATUS_OK : s;
}

static bool is_yaml(const char *path)
{
    return ends_with(path, ".yaml") || ends_with(path, ".yml");
}

static enum status judge_yaml(struct judged *j, struct error *e)
{
    struct yamldoc doc = {0};
    struct error why = {0};
    enum status s = yamldoc_read_file(j->path, &doc, &why);
    if (s == STATUS_OK)
        s = judge_value(j, doc.tree, &(struct places){.yaml = &doc}, e);
    else if (s == STATUS_INVALID) {
        tell_error(j, &why);
        s = STATUS_OK;
    } else if (e != NULL) {
        *e = why;
    }
    yamldoc_fini(&doc);
    return s;
}

/* Lines are kept where they were, so that places in the text are places in the file. */
static void gather(struct buf *text, long *at_line, const struct jsonl_line *line)
{
    for (; *at_line < line->number; (*at_line)++)
        buf_append_char(text, '\n');
    buf_append(text, line->text, line->len);
}

/* The first line was no whole value: perhaps the file is one. */
static enum status judge_whole(
    struct judged *j, struct jsonl *lines, struct jsonl_line *line, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    struct error of_first = line->error, why = {0};
    struct json_object *tree = NULL;
    long at_line = 1, count = 0;
    do {
        if (line->text == NULL)
            break;
        gather(&text, &at_line, line);
        count++;
    } while (jsonl_next(lines, line));
    enum status s = buf_status(&text);
    if (s != STATUS_OK)
        s = error_set(e, s, "the file is larger than %zu bytes", JSON_FILE_MAX);
    else if (json_parse(buf_text(&text), text.len, &tree, &why) == STATUS_OK)
        s = judge_value(j, tree, &(struct places){.text = &text}, e);
    else
        tell_error(j, count == 1 ? &of_first : &why);
    json_object_put(tree);
    buf_fini(&text);
    return s;
}

static bool is_one_value(const char *path)
{
    return ends_with(path, ".json");
}

static enum status judge_lines(struct judged *j, struct jsonl *lines, struct error *e)
{
    enum status s = STATUS_OK;
    bool by_line = ends_with(j->path, ".jsonl") || ends_with(j->path, ".ndjson"), first = true;
    for (struct jsonl_line line; s == STATUS_OK && !j->v->full && jsonl_next(lines, &line); first = false) {
        if (first && line.text != NULL && (is_one_value(j->path) || (!by_line && line.status != STATUS_OK)))
            return judge_whole(j, lines, &line, e);
        if (line.status == STATUS_OK)
            s = judge_value(j, line.tree, &(struct places){.line = line.number}, e);
        else
            tell_error(j, &line.error);
    }
    return s;
}

static enum status judge_json(struct judged *j, const char *path, struct error *e)
{
    struct jsonl *lines;
    enum status s = jsonl_open(path, &lines, e);
    if (s != STATUS_OK)
        return s;
    s = judge_lines(j, lines, e);
    enum status read = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? read : s;
}

enum status validate_file(struct validation *v, const char *path, struct error *e)
{
    struct judged j = {.v = v, .path = strcmp(path, "-") == 0 ? "(stdin)" : path, .schema = v->schema};
    j.by_name = kind_of_name(path);
    if (fs_is_folder(path))
        return error_set(
            e, STATUS_USAGE, "%s is a folder: name the files in it, for example %s/*.json*", path, path);
    enum status s = is_yaml(path) ? judge_yaml(&j, e) : judge_json(&j, path, e);
    v->files += s == STATUS_OK;
    v->bad_files += j.faults > 0;
    if (s != STATUS_OK)
        error_locate(e, j.path, 0, 0, NULL);
    return s;
}
