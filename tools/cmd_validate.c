/* assay validate: are these files what their schemas say? */
#include "validate.h"
#include "verb.h"

#include "our_schemas.h"
#include "schemas.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct validate_command {
    const char *schema;
    int64_t max_errors;
    bool json;
};

static const struct opt options[] = {
    {"schema", 's', OPT_TEXT, offsetof(struct validate_command, schema), "NAME|FILE",
        "schema to use: one of ours by name, or a file"},
    {"max-errors", 'm', OPT_INT, offsetof(struct validate_command, max_errors), "N",
        "stop after N faults (default 100)", .min = 1, .max = 1000000},
    {"json", 0, OPT_FLAG, offsetof(struct validate_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "validate",
    .operands = "FILE...|-",
    .summary = "Check files against their JSON Schemas.",
    .details =
        "Prints file:line: /pointer: reason for every fault, and goes on behind it. The schema follows from "
        "the "
        "file's name, else from its content. Names of schemas: answer, capture, config, exchange, intent, "
        "record, "
        "regrade, run, "
        "sample, scenario, set, truth, draft2020-12/schema.\n\n"
        "  assay validate runs/latest/*.json*\n"
        "  assay validate --schema my.schema.json data.jsonl\n\n"
        "Exit code: 0 all valid; 1 something is not; 2 no such file, or no schema known for it; 4 a file "
        "could not be read.",
};

struct output {
    bool json;
    struct json_object *faults; /* of --json */
    bool no_memory;
};

static void print_text(const struct validate_fault *fault)
{
    struct error e = {0};
    struct buf clean = BUF_INIT(8192);
    (void)error_set(&e, STATUS_INVALID, "%s", fault->text);
    error_locate(&e, fault->file, fault->line, fault->column, fault->pointer);
    const char *text = error_text(&e);
    (void)text_sanitise(&clean, text, strlen(text), 4096);
    printf("%s\n", buf_text(&clean));
    buf_fini(&clean);
}

static void tell_fault(const struct validate_fault *fault, void *arg)
{
    struct output *out = arg;
    if (!out->json) {
        print_text(fault);
        return;
    }
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_text(tree, "file", fault->file) && json_set_int(tree, "line", fault->line) &&
              (fault->column == 0 || json_set_int(tree, "column", fault->column)) &&
              json_set_text(tree, "pointer", fault->pointer) &&
              json_set_text(tree, "schema", fault->schema) && json_set_text(tree, "text", fault->text);
    out->no_memory |= !json_add(out->faults, tree) || !ok;
}

static int print_json(const struct validation *v, const struct output *out)
{
    struct json_object *tree = json_object_new_object();
    struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct error why = {0};
    bool ok = json_set_bool(tree, "valid", v->faults == 0) &&
              json_set_int(tree, "files", (int64_t)v->files) &&
              json_set_int(tree, "values", (int64_t)v->values) && json_set_bool(tree, "more", v->full) &&
              json_set(tree, "faults", json_object_get(out->faults)) && !out->no_memory;
    enum status s =
        ok ? json_write_pretty(tree, &text, &why) : error_set(&why, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    json_object_put(tree);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("validate", &why);
}

static void print_summary(const struct validation *v)
{
    printf("%zu %s in %zu %s: ", v->values, v->values == 1 ? "value" : "values", v->files,
        v->files == 1 ? "file" : "files");
    if (v->faults == 0)
        printf(v->files > 0 ? "all valid\n" : "nothing was checked\n");
    else
        printf("%zu%s %s in %zu %s\n", v->faults, v->full ? " and more" : "",
            v->faults == 1 ? "fault" : "faults", v->bad_files, v->bad_files == 1 ? "file" : "files");
}

/* A name of ours, else a file, which is held against the draft's own schema first: that names more than one
 * fault. */
static int load_schema(const char *name, struct validation *v, struct schema **own, struct error *e)
{
    struct json_object *document = NULL;
    v->schema_name = name;
    v->schema = schema_for(name);
    if (v->schema != NULL)
        return EXIT_FINE;
    enum status s = json_read_file(name, &document, e);
    if (s == STATUS_NOT_FOUND && strchr(name, '.') == NULL && strchr(name, '/') == NULL)
        s = error_set(
            e, STATUS_USAGE, "there is neither a schema of ours nor a file with the name \"%s\"", name);
    if (s == STATUS_OK)
        s = schema_check(schema_for("draft2020-12/schema"), document, e);
    if (s == STATUS_OK)
        s = schema_compile(document, &(struct schema_options){.uri = "", .assert_formats = true}, own, e);
    json_object_put(document);
    v->schema = *own;
    if (s == STATUS_OK)
        return EXIT_FINE;
    error_locate(e, name, 0, 0, NULL);
    int code = verb_fail("validate", e);
    return code == EXIT_BAD ? EXIT_USAGE : code;
}

static int validate_all(struct validation *v, char **files, int count)
{
    int code = EXIT_FINE;
    for (int i = 0; i < count && !v->full; i++) {
        struct error why = {0};
        if (validate_file(v, files[i], &why) == STATUS_OK)
            continue;
        int of_file = verb_fail("validate", &why);
        code = of_file > code ? of_file : code;
    }
    return code == EXIT_FINE && v->faults > 0 ? EXIT_BAD : code;
}

static int validate_main(int argc, char **argv)
{
    struct validate_command o = {.max_errors = 100};
    struct error why = {0};
    struct schema *own = NULL;
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (first == argc) {
        (void)error_set(&why, STATUS_USAGE, "name the files to check, or - for standard input");
        return verb_fail("validate", &why);
    }
    struct output out = {.json = o.json, .faults = json_object_new_array()};
    struct validation v = {.faults_max = (size_t)o.max_errors, .fault = tell_fault, .arg = &out};
    code = o.schema != NULL ? load_schema(o.schema, &v, &own, &why) : EXIT_FINE;
    if (code == EXIT_FINE) {
        code = validate_all(&v, argv + first, argc - first);
        int printed = EXIT_FINE;
        if (o.json)
            printed = print_json(&v, &out);
        else
            print_summary(&v);
        code = printed > code ? printed : code;
    }
    json_object_put(out.faults);
    schema_free(own);
    return code;
}

const struct verb cmd_validate = {
    .name = "validate",
    .summary = "check files against their schemas",
    .group = VERB_RESULTS,
    .main = validate_main,
};
