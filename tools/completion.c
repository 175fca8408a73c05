#include "completion.h"

#include "completion_parts.h"

#include <string.h>

static const struct {
    const char *name;
    void (*write)(const struct verb *const *verbs, struct buf *script);
} shells[] = {
    {"bash", completion_write_bash},
    {"zsh", completion_write_zsh},
    {"fish", completion_write_fish},
};

/* The scripts are written of assay. Another program has the same verbs, but the file assay.yaml is called so
 * there, too. */
static void add_renamed(const char *text, const char *program, struct buf *script)
{
    static const char ours[] = "assay", file[] = "assay.yaml";
    for (const char *found; (found = strstr(text, ours)) != NULL;) {
        bool kept = strncmp(found, file, sizeof file - 1) == 0;
        (void)buf_append(script, text, (size_t)(found - text));
        (void)buf_append_text(script, kept ? ours : program);
        text = found + sizeof ours - 1;
    }
    (void)buf_append_text(script, text);
}

bool completion_write(
    const char *shell, const char *program, const struct verb *const *verbs, struct buf *script)
{
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].name, shell) != 0)
            continue;
        struct buf ours = BUF_INIT(COMPLETION_BYTES_MAX);
        shells[i].write(verbs, &ours);
        add_renamed(buf_text(&ours), program, script);
        if (buf_status(&ours) != STATUS_OK)
            script->failed = buf_status(&ours);
        buf_fini(&ours);
        return true;
    }
    return false;
}

/* ---- values ---- */

/* How help names a value, and what can be offered for it. */
static const struct {
    const char *arg;
    struct completion_value value;
} args[] = {
    {"FILE", {.kinds = COMPLETE_FILES}},
    {"PATH", {.kinds = COMPLETE_FILES}},
    {"RECORDS", {.kinds = COMPLETE_FILES}},
    {"DIR", {.kinds = COMPLETE_FOLDERS}},
    {"RUN", {.kinds = COMPLETE_RUNS | COMPLETE_FOLDERS}},
    {"TEST", {.kinds = COMPLETE_TESTS}},
    {"COMMAND", {.kinds = COMPLETE_COMMANDS}},
    {"VERB", {.asked = "verbs"}},
    {"SHELL", {.words = COMPLETION_SHELLS}},
};

/* One word of "NAME|FILE". */
static void add_arg(struct completion_value *value, const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof args / sizeof args[0]; i++) {
        if (strlen(args[i].arg) != len || memcmp(args[i].arg, word, len) != 0)
            continue;
        value->kinds |= args[i].value.kinds;
        value->words = args[i].value.words != NULL ? args[i].value.words : value->words;
        value->asked = args[i].value.asked != NULL ? args[i].value.asked : value->asked;
    }
}

/* "[RUN]", "FILE...|-": the words in it, whatever stands around them. */
static void add_args(struct completion_value *value, const char *text, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    for (size_t at = 0, word; at<len; at += word> 0 ? word : 1) {
        word = strspn(text + at, letters);
        word = word > len - at ? len - at : word;
        add_arg(value, text + at, word);
    }
}

struct completion_value completion_value_of(const struct opt *o)
{
    struct completion_value value = {0};
    if (o->arg != NULL)
        add_args(&value, o->arg, strlen(o->arg));
    if (o->values != NULL && o->values[0] == '@')
        value.asked = o->values + 1;
    else if (o->values != NULL)
        value.words = o->values;
    return value;
}

bool completion_takes_value(const struct opt *o)
{
    return o->kind != OPT_FLAG && !o->optional;
}

struct completion_operands completion_operands_of(const char *operands)
{
    struct completion_operands found = {0};
    bool joins = false; /* "RUN | FILE": the next word is another form of the last one */
    for (const char *at = operands != NULL ? operands : ""; *at != '\0';) {
        size_t len = strcspn(at, " ");
        bool bar = len == 1 && *at == '|';
        if (len > 0 && strncmp(at, "[--", 3) == 0)
            found.command = true;
        else if (len > 0 && !bar && !found.command && (joins || found.count < COMPLETION_OPERANDS_MAX)) {
            found.count += joins && found.count > 0 ? 0 : 1;
            add_args(&found.at[found.count - 1], at, len);
            found.repeats = len > 3 && memmem(at, len, "...", 3) != NULL;
        }
        joins = bar;
        at += len + (at[len] == ' ');
    }
    return found;
}

/* ---- texts ---- */

const char *completion_text(const char *name)
{
    for (const struct completion_file *f = completion_files; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f->text;
    return "";
}

void completion_brief(const struct opt *o, struct buf *text)
{
    static const char *const ends[] = {
        ";", " (", ": "}; /* behind the last one stand the words, where there are some */
    const char *help = o->help != NULL ? o->help : "";
    size_t len = strlen(help), count = sizeof ends / sizeof ends[0] - (o->values == NULL);
    for (size_t i = 0; i < count; i++) {
        const char *end = strstr(help, ends[i]);
        if (end != NULL && (size_t)(end - help) < len)
            len = (size_t)(end - help);
    }
    (void)buf_append(text, help, len);
}

void completion_quote(const char *text, bool fish, struct buf *script)
{
    (void)buf_append_char(script, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            (void)buf_append_text(script, fish ? "\\'" : "'\\''");
        else if (*text == '\\' && fish)
            (void)buf_append_text(script, "\\\\");
        else
            (void)buf_append_char(script, *text);
    }
    (void)buf_append_char(script, '\'');
}

void completion_spread(const char *words, struct buf *script)
{
    for (; *words != '\0'; words++)
        (void)buf_append_char(script, *words == '|' ? ' ' : *words);
}
