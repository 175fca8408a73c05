#include "set_ref.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const moods[] = {"negative", "positive", NULL};
static const char *const mood_labels[] = {"neg", "pos", NULL};

/* A change here is a new SET_FORM_VERSION (set_load.c): what is cached was made by the old row. */
const struct set_known set_table[] = {
    {.name = "imdb",
        .about = "film reviews, to be called positive or negative",
        .dataset = "stanfordnlp/imdb",
        .config = "plain_text",
        .split = "test",
        .prompt = "text",
        .answer = "label",
        .kind = SET_CHOICE,
        .before = "Is the mood of this film review positive or negative?\n\n",
        .after = "\n\nAnswer with one word, positive or negative.",
        .options = moods,
        .labels = mood_labels,
        .max_tokens = 16,
        .count = 100,
        .spread = true},
    {.name = "awesome-chatgpt-prompts",
        .about = "prompts of people that put a model into a role; without reference answers, so only timed",
        .dataset = "fka/awesome-chatgpt-prompts",
        .split = "train",
        .file = "prompts.csv",
        .prompt = "prompt",
        .kind = SET_NONE,
        .count = 10},
    {.name = "hallusionbench",
        .about = "yes-or-no questions about pictures that mislead",
        .dataset = "lmms-lab/HallusionBench",
        .split = "image",
        .prompt = "question",
        .answer = "gt_answer",
        .image = "image",
        .kind = SET_YES_NO,
        .after = "\nAnswer with one word, yes or no.",
        .max_tokens = 16,
        .count = 50,
        .spread = true},
    {.name = "pope",
        .about = "yes-or-no questions whether an object is in a picture",
        .dataset = "lmms-lab/POPE",
        .config = "default",
        .split = "test",
        .prompt = "question",
        .answer = "answer",
        .image = "image",
        .kind = SET_YES_NO,
        .after = "\nAnswer with one word, yes or no.",
        .max_tokens = 16,
        .count = 50,
        .spread = true},
    {0},
};

static const struct set_known *find(const char *name, size_t len)
{
    for (const struct set_known *k = set_table; k->name; k++)
        if (strlen(k->name) == len && memcmp(k->name, name, len) == 0)
            return k;
    return NULL;
}

static bool is_hub(const char *text)
{
    return strncmp(text, "hf:", 3) == 0;
}

bool set_ref_is_one(const char *text)
{
    return is_hub(text) || find(text, strcspn(text, ":@#")) != NULL;
}

/* ---- parts ---- */

enum own { OWN_DATASET, OWN_SPLIT, OWN_PROMPT, OWN_ANSWER, OWN_IMAGE, OWN_CONFIG, OWN_FILE };

static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-/ ", text[i]))
            return false;
    return len > 0 && !(len >= 2 && memcmp(text, "..", 2) == 0);
}

static enum status take(char *out, size_t size, const char *text, size_t len, struct error *e)
{
    if (!is_plain(text, len) || len >= size || strstr(text, "/../"))
        return error_set(e, STATUS_USAGE, "\"%.*s\" is no name of a set, split, revision or column",
            (int)(len < 100 ? len : 100), text);
    memcpy(out, text, len);
    out[len] = '\0';
    return STATUS_OK;
}

static enum status take_own(
    struct set_ref *ref, enum own which, const char **field, const char *text, size_t len, struct error *e)
{
    enum status s = take(ref->own[which], sizeof ref->own[which], text, len, e);
    if (s == STATUS_OK)
        *field = ref->own[which];
    return s;
}

static enum status take_kind(struct set_ref *ref, const char *text, size_t len, struct error *e)
{
    static const struct {
        const char *name;
        enum set_kind kind;
    } kinds[] = {{"text", SET_TEXT}, {"number", SET_NUMBER}, {"yesno", SET_YES_NO}, {"none", SET_NONE}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, text, len) == 0) {
            ref->known.kind = kinds[i].kind;
            return STATUS_OK;
        }
    return error_set(
        e, STATUS_USAGE, "kind=%.*s: text, number, yesno or none", (int)(len < 40 ? len : 40), text);
}

/* "answer=label" */
static enum status take_setting(struct set_ref *ref, const char *text, size_t len, struct error *e)
{
    struct set_known *k = &ref->known;
    const struct {
        const char *name;
        const char **field;
        enum own own;
    } settings[] = {{"prompt=", &k->prompt, OWN_PROMPT}, {"answer=", &k->answer, OWN_ANSWER},
        {"image=", &k->image, OWN_IMAGE}, {"config=", &k->config, OWN_CONFIG}, {"file=", &k->file, OWN_FILE}};
    if (len > 5 && memcmp(text, "kind=", 5) == 0)
        return take_kind(ref, text + 5, len - 5, e);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        size_t n = strlen(settings[i].name);
        if (len > n && memcmp(text, settings[i].name, n) == 0)
            return take_own(ref, settings[i].own, settings[i].field, text + n, len - n, e);
    }
    return error_set(e, STATUS_USAGE,
        "#%.*s: prompt=, answer=, image=, kind=, config= or file= is understood", (int)(len < 60 ? len : 60),
        text);
}

static enum status take_settings(struct set_ref *ref, const char *text, struct error *e)
{
    enum status s = STATUS_OK;
    while (s == STATUS_OK && *text) {
        size_t len = strcspn(text, ",");
        s = take_setting(ref, text, len, e);
        text += len + (text[len] == ',');
    }
    return s;
}

/* What stands behind the name: :SPLIT, @REVISION, #SETTINGS. */
static enum status take_rest(struct set_ref *ref, const char *text, struct error *e)
{
    enum status s = STATUS_OK;
    if (*text == ':') {
        size_t len = strcspn(text + 1, "@#");
        s = take_own(ref, OWN_SPLIT, &ref->known.split, text + 1, len, e);
        text += 1 + len;
    }
    if (s == STATUS_OK && *text == '@') {
        size_t len = strcspn(text + 1, "#");
        s = take(ref->revision, sizeof ref->revision, text + 1, len, e);
        text += 1 + len;
    }
    return s == STATUS_OK && *text == '#' ? take_settings(ref, text + 1, e) : s;
}

static void name_category(struct set_ref *ref, const char *name)
{
    size_t n = 0;
    const char *slash = strrchr(name, '/');
    for (const char *p = slash ? slash + 1 : name; *p && n + 1 < sizeof ref->category; p++)
        ref->category[n++] = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '_';
    if (n == 0 || !islower((unsigned char)ref->category[0]))
        n = (size_t)snprintf(ref->category, sizeof ref->category, "set");
    ref->category[n] = '\0';
}

enum status set_ref_parse(const char *text, struct set_ref *ref, struct error *e)
{
    *ref = (struct set_ref){0};
    if (strlen(text) >= sizeof ref->text)
        return error_set(
            e, STATUS_USAGE, "a name of a set of more than %zu characters", sizeof ref->text - 1);
    snprintf(ref->text, sizeof ref->text, "%s", text);
    const char *name = is_hub(text) ? text + 3 : text;
    size_t len = strcspn(name, ":@#");
    enum status s = STATUS_OK;
    if (is_hub(text)) {
        s = take_own(ref, OWN_DATASET, &ref->known.dataset, name, len, e);
        ref->known.count = 100;
        ref->known.name = ref->known.dataset;
    } else if (find(text, len)) {
        ref->known = *find(text, len);
    } else {
        return error_set(
            e, STATUS_USAGE, "\"%.100s\" is no set that is known; hf:OWNER/NAME is any other", text);
    }
    if (s == STATUS_OK)
        s = take_rest(ref, name + len, e);
    if (s == STATUS_OK)
        name_category(ref, ref->known.name);
    return s;
}
