#include "completion_words.h"

#include "fs.h"
#include "program_suite.h"
#include "run_data.h"
#include "run_operand.h"
#include "schemas.h"
#include "sim_scenario.h"
#include "text.h"

#include <string.h>

static void add_word(struct buf *words, const char *word, size_t len)
{
    (void)text_sanitise_line(words, word, len, 4096);
    (void)buf_append_char(words, '\n');
}

static void add_verbs(const struct verb *const *verbs, struct buf *words)
{
    for (; *verbs != NULL; verbs++)
        if (!(*verbs)->hidden)
            add_word(words, (*verbs)->name, strlen((*verbs)->name));
}

/* Suites follow one another in the table: a name is new where the case before has another. */
static void add_cases(struct buf *words, bool only_suites)
{
    const char *suite = "";
    size_t suite_len = 0;
    for (const struct assay_case *c = program_suite()->cases; c->id != NULL; c++) {
        size_t len = strcspn(c->id, ".");
        bool is_new = len != suite_len || memcmp(c->id, suite, len) != 0;
        suite = c->id;
        suite_len = len;
        if (!only_suites)
            add_word(words, c->id, strlen(c->id));
        else if (is_new)
            add_word(words, suite, len);
    }
}

static void add_schemas(struct buf *words)
{
    for (const struct schema_file *s = schema_files; s->name != NULL; s++)
        if (strchr(s->name, '/') == NULL)
            add_word(words, s->name, strlen(s->name));
}

static enum status add_scenarios(struct buf *words, struct error *e)
{
    struct sim_catalog catalog;
    const char *none[] = {NULL};
    enum status s = sim_catalog_load(&catalog, none, e);
    for (size_t i = 0; s == STATUS_OK && i < catalog.count; i++)
        add_word(words, catalog.items[i].name, strlen(catalog.items[i].name));
    sim_catalog_fini(&catalog);
    return s;
}

static int add_run(const char *name, void *arg)
{
    struct buf path = BUF_INIT(8192), *words = arg;
    if (buf_printf(&path, "%s/%s/run.json", RUNS_FOLDER, name) == STATUS_OK && fs_exists(buf_text(&path)))
        add_word(words, name, strlen(name));
    buf_fini(&path);
    return 0;
}

static enum status add_tests(const char *run, struct buf *words, struct error *e)
{
    struct buf folder = BUF_INIT(1 << 16);
    struct run_data data = {0};
    enum status s = run_operand_find(run, &folder, e);
    if (s == STATUS_OK)
        s = run_data_load(buf_text(&folder), &data, e);
    for (size_t i = 0; s == STATUS_OK && i < data.test_count; i++)
        add_word(words, data.tests[i].name, strlen(data.tests[i].name));
    run_data_fini(&data);
    buf_fini(&folder);
    return s;
}

enum status completion_words(
    const char *what, const char *of, const struct verb *const *verbs, struct buf *words, struct error *e)
{
    enum status s = STATUS_OK;
    if (strcmp(what, "verbs") == 0)
        add_verbs(verbs, words);
    else if (strcmp(what, "cases") == 0 || strcmp(what, "suites") == 0)
        add_cases(words, what[0] == 's');
    else if (strcmp(what, "schemas") == 0)
        add_schemas(words);
    else if (strcmp(what, "scenarios") == 0)
        s = add_scenarios(words, e);
    else if (strcmp(what, "runs") == 0)
        s = fs_exists(RUNS_FOLDER) ? fs_list(RUNS_FOLDER, add_run, words, e) : STATUS_OK;
    else if (strcmp(what, "tests") == 0 && of != NULL)
        s = add_tests(of, words, e);
    else
        s = error_set(e, STATUS_USAGE, "there is no list of %s", what);
    return s == STATUS_OK && buf_status(words) != STATUS_OK
               ? error_set(e, buf_status(words), "too many words")
               : s;
}
