#include "program_suite.h"

#include "plan.h"
#include "prompts.h"
#include "suite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SUITE_NAME_MAX 64
#define CASE_NAME_MAX 128

static struct assay_suite own;

static const struct assay_case no_cases[] = {{0}};

/* [a-z][a-z0-9_]*: how many bytes of text are such a word. */
static size_t word_length(const char *text)
{
    if (text[0] < 'a' || text[0] > 'z')
        return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

static bool is_case_id(const char *id)
{
    size_t suite = word_length(id);
    if (suite == 0 || id[suite] != '.' || strlen(id) > CASE_NAME_MAX)
        return false;
    size_t name = word_length(id + suite + 1);
    return name > 0 && id[suite + 1 + name] == '\0';
}

static bool is_suite_name(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= SUITE_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static enum status check_case(const struct assay_suite *s, size_t index, struct error *e)
{
    const struct assay_case *c = &s->cases[index];
    if (!is_case_id(c->id))
        return error_set(e, STATUS_INVALID,
            "case %zu: the id \"%.64s\" is not of the form suite.name with [a-z][a-z0-9_]* on both sides",
            index + 1, c->id);
    if (!c->body || !c->summary || c->version < 1)
        return error_set(e, STATUS_INVALID, "case %s needs %s", c->id,
            !c->body      ? "a body"
            : !c->summary ? "a summary"
                          : "a version of 1 or more");
    if (c->no_target && c->per_model)
        return error_set(e, STATUS_INVALID, "case %s is both per_model and no_target", c->id);
    for (size_t i = 0; i < index; i++)
        if (strcmp(s->cases[i].id, c->id) == 0)
            return error_set(e, STATUS_INVALID, "case %s stands twice in the table", c->id);
    return STATUS_OK;
}

static enum status check_prompt(const struct assay_suite *s, size_t index, struct error *e)
{
    const struct assay_prompt *p = &s->prompts[index];
    if (!p->text)
        return error_set(e, STATUS_INVALID, "prompt %s needs a text", p->name);
    if (p->max_tokens < 0)
        return error_set(e, STATUS_INVALID, "prompt %s: max_tokens is %" PRId64 ", and 0 or more is wanted",
            p->name, p->max_tokens);
    for (size_t i = 0; i < index; i++)
        if (strcmp(s->prompts[i].name, p->name) == 0)
            return error_set(e, STATUS_INVALID, "prompt %s stands twice in the table", p->name);
    return STATUS_OK;
}

static size_t count_cases(const struct assay_case *cases)
{
    size_t n = 0;
    while (cases && cases[n].id)
        n++;
    return n;
}

static size_t count_prompts(const struct assay_prompt *prompts)
{
    size_t n = 0;
    while (prompts && prompts[n].name)
        n++;
    return n;
}

static enum status check(const struct assay_suite *s, struct error *e)
{
    if (!s->name || !is_suite_name(s->name))
        return error_set(e, STATUS_INVALID, "the suite needs a name of letters, digits, - and _");
    if (count_cases(s->cases) == 0)
        return error_set(e, STATUS_INVALID, "the suite %s has no case", s->name);
    for (size_t i = 0; i < count_cases(s->cases); i++) {
        enum status status = check_case(s, i, e);
        if (status != STATUS_OK)
            return status;
        if (s->with_builtin && plan_find_case(suite_cases(), s->cases[i].id))
            return error_set(
                e, STATUS_INVALID, "case %s: assay has a case of that id; choose another", s->cases[i].id);
    }
    for (size_t i = 0; i < count_prompts(s->prompts); i++) {
        enum status status = check_prompt(s, i, e);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status join_cases(const struct assay_suite *s, struct error *e)
{
    const struct assay_case *builtin = s->with_builtin ? suite_cases() : no_cases;
    size_t first = count_cases(s->cases), second = count_cases(builtin);
    struct assay_case *all = calloc(first + second + 1, sizeof *all);
    if (!all)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the cases");
    memcpy(all, s->cases, first * sizeof *all);
    memcpy(all + first, builtin, second * sizeof *all);
    own.cases = all;
    return STATUS_OK;
}

/* A prompt of the suite hides ours of the same name: the first is found. */
static enum status join_prompts(const struct assay_suite *s, struct error *e)
{
    size_t first = count_prompts(s->prompts), second = count_prompts(prompts_all);
    struct assay_prompt *all = calloc(first + second + 1, sizeof *all);
    if (!all)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the prompts");
    if (first > 0)
        memcpy(all, s->prompts, first * sizeof *all);
    memcpy(all + first, prompts_all, second * sizeof *all);
    own.prompts = all;
    return STATUS_OK;
}

enum status program_suite_use(const struct assay_suite *suite, struct error *e)
{
    if (!suite)
        return STATUS_OK;
    enum status s = check(suite, e);
    if (s == STATUS_OK)
        s = join_cases(suite, e);
    if (s == STATUS_OK)
        s = join_prompts(suite, e);
    if (s != STATUS_OK)
        return s;
    own.name = suite->name;
    own.version = suite->version;
    own.with_builtin = suite->with_builtin;
    return STATUS_OK;
}

const struct assay_suite *program_suite(void)
{
    if (!own.cases) {
        const struct assay_case *builtin = suite_cases();
        own.cases = builtin ? builtin : no_cases;
        own.prompts = prompts_all;
    }
    return &own;
}

const char *program_name(void)
{
    return own.name ? own.name : "assay";
}
