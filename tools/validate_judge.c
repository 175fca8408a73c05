#include "validate_judge.h"

#include "our_schemas.h"
#include "schema_reading.h"
#include "yamldoc.h"

#include <stdio.h>
#include <string.h>

enum { WEIGHED_MAX = 1000 }; /* faults looked at where some of them may weigh nothing */

static void tell(struct judged *j, const struct validate_fault *fault)
{
    struct validation *v = j->v;
    if (v->faults >= v->faults_max) {
        v->full = true;
        return;
    }
    v->faults++;
    j->faults++;
    v->tell(fault, v->arg);
}

void judge_tell(struct judged *j, const char *kind, const struct error *why)
{
    struct validate_fault fault = {.kind = kind,
        .file = j->path,
        .line = why->line,
        .column = why->column,
        .pointer = why->pointer,
        .schema = "",
        .text = why->text};
    tell(j, &fault);
}

void judge_note(struct judged *j, const char *kind, long line, const char *text)
{
    j->no_memory |= !validate_notes_add(&j->notes, kind, line, "", text);
}

void judge_tell_notes(struct judged *j)
{
    for (size_t i = 0; i < j->notes.count; i++) {
        const struct validate_note *n = &j->notes.items[i];
        struct validate_fault fault = {.severity = VALIDATE_NOTE,
            .kind = n->kind,
            .file = j->path,
            .line = n->line,
            .pointer = n->pointer,
            .schema = "",
            .text = n->text,
            .times = n->times};
        j->v->tell(&fault, j->v->arg);
    }
    j->v->notes += j->notes.count;
    if (j->notes.left_out > 0) {
        struct validate_fault fault = {.severity = VALIDATE_NOTE,
            .kind = "more",
            .file = j->path,
            .pointer = "",
            .schema = "",
            .text = "there are more notes about this file, for which there is no room",
            .times = j->notes.left_out};
        j->v->tell(&fault, j->v->arg);
        j->v->notes++;
    }
    validate_notes_fini(&j->notes);
}

static enum status use_schema(struct judged *j, const char *name, struct error *e)
{
    if (j->schema_name == name)
        return STATUS_OK;
    j->schema_name = name;
    j->schema = schema_for(name);
    return j->schema != NULL ? STATUS_OK
                             : error_set(e, STATUS_INTERNAL, "the schema \"%s\" does not compile", name);
}

static const char *schema_of(const struct validate_kind *kind, const struct json_object *value)
{
    return kind->schema_of != NULL ? kind->schema_of(value) : kind->schema;
}

/* A value that tells its kind and version by itself is of that kind, whatever an odd one before it was taken for. */
static void heed_teller(struct judged *j, const struct json_object *tree)
{
    const struct validate_kind *told = validate_kind_told_by(tree);
    if (told == NULL || told == j->kind || (j->by_name != NULL && j->teller != told))
        return;
    j->kind = j->teller = told;
}

static enum status choose_schema(struct judged *j, const struct json_object *tree, struct error *e)
{
    if (j->v->schema != NULL) {
        j->schema = j->v->schema;
        j->kind = j->v->of_schema;
        return STATUS_OK;
    }
    heed_teller(j, tree);
    const char *name = j->kind != NULL ? schema_of(j->kind, tree) : NULL;
    if (name == NULL) {
        const struct validate_kind *shape = validate_kind_of_value(tree);
        const struct validate_kind *kind =
            j->by_name != NULL && (shape == NULL || !shape->surer) ? j->by_name : shape;
        name = kind != NULL ? schema_of(kind, tree) : NULL;
        if (name == NULL)
            return error_set(e, STATUS_USAGE,
                "neither name nor content tells which schema it follows: name one with --schema");
        j->kind = kind;
        j->teller = kind->surer && kind->schema_of != NULL ? kind : j->teller;
    }
    return use_schema(j, name, e);
}

static long line_of(const struct places *places, const char *pointer)
{
    long line = places->line, column;
    if (places->text != NULL)
        (void)json_locate(buf_text(places->text), places->text->len, pointer, &line, &column);
    else if (places->yaml != NULL)
        (void)yamldoc_place_of(places->yaml, pointer, &line, &column);
    return line;
}

/*
 * A value of ours says which version wrote it (docs/versions.md). Of a later 1.x what we know is judged; another major
 * version is none that we can judge. False: that has been told.
 */
static bool suits_version(struct judged *j, const struct json_object *tree, const struct places *places,
    const struct schema **schema)
{
    struct error why = {0};
    char text[200], ours[32];
    enum schema_age age = j->v->schema == NULL && j->schema_name != NULL ? schema_age_of(j->schema_name, tree)
                                                                         : SCHEMA_AGE_OURS;
    *schema = j->schema;
    if (age == SCHEMA_AGE_OTHER && schema_check_for_reading(j->schema_name, tree, &why) != STATUS_OK) {
        error_locate(&why, NULL, line_of(places, "/schema_version"), 0, "/schema_version");
        judge_tell(j, "version", &why);
        return false;
    }
    if (age == SCHEMA_AGE_LATER && schema_open_for(j->schema_name) != NULL) {
        *schema = schema_open_for(j->schema_name);
        snprintf(text, sizeof text,
            "a newer assay wrote this (schema_version %.40s): judged by %s, without what is new in it",
            json_get_text(tree, "/schema_version"), schema_version_of(j->schema_name, ours, sizeof ours));
        judge_note(j, "version", line_of(places, ""), text);
    }
    return true;
}

struct noting {
    struct judged *j;
    const struct places *places;
};

static void note_deviation(const char *pointer, const char *text, void *arg)
{
    struct noting *n = arg;
    n->j->no_memory |=
        !validate_notes_add(&n->j->notes, "deviation", line_of(n->places, pointer), pointer, text);
}

static void tell_schema_fault(struct judged *j, const struct json_object *tree, const struct schema_fault *f,
    const struct places *places)
{
    enum validate_severity weight =
        j->kind != NULL && j->kind->weigh != NULL ? j->kind->weigh(tree, f) : VALIDATE_FAULT;
    if (weight == VALIDATE_NOTE)
        note_deviation(f->instance, f->text, &(struct noting){j, places});
    if (weight != VALIDATE_FAULT)
        return;
    struct validate_fault fault = {.kind = "schema",
        .file = j->path,
        .line = line_of(places, f->instance),
        .pointer = f->instance,
        .schema = f->schema,
        .text = f->text};
    tell(j, &fault);
}

/* A value that the validator gives up on is one, and the next may be judged. */
static void tell_given_up(struct judged *j, const char *reason, const struct places *places)
{
    struct error why = {0};
    error_set(&why, STATUS_LIMIT, "validation was given up without an answer: %s", reason);
    error_locate(&why, NULL, line_of(places, ""), 0, NULL);
    judge_tell(j, "given_up", &why);
}

enum status judge_value(struct judged *j, const struct json_object *tree, const struct json_object *aside,
    const struct places *places, struct error *e)
{
    const struct schema *schema = NULL;
    enum status s = choose_schema(j, tree, e);
    if (s != STATUS_OK)
        return s;
    j->v->values++;
    if (!suits_version(j, tree, places, &schema))
        return STATUS_OK;
    size_t room = j->v->faults_max - j->v->faults + 1;
    bool weighs = j->kind != NULL && j->kind->weigh != NULL;
    struct schema_report report = {.max = weighs && room < WEIGHED_MAX ? WEIGHED_MAX : room};
    s = schema_validate(schema, tree, &report);
    for (size_t i = 0; i < report.count; i++)
        tell_schema_fault(j, tree, &report.faults[i], places);
    const char *reason = report.reason; /* static */
    schema_report_fini(&report);
    if (s == STATUS_LIMIT)
        tell_given_up(j, reason != NULL ? reason : "the schema asks too much", places);
    else if (s != STATUS_OK && s != STATUS_INVALID)
        return error_set(e, s, "the value cannot be validated: out of memory");
    if (j->kind != NULL && j->kind->note != NULL)
        j->no_memory |= !j->kind->note(j->schema_name != NULL ? j->schema_name : j->kind->schema, tree, aside,
            note_deviation, &(struct noting){j, places});
    return j->no_memory ? error_set(e, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
}
