#include "task_index.h"

#include "json.h"
#include "sha256.h"

#include <stdlib.h>
#include <string.h>

enum { PROMPT_BYTES = 64 << 20, DIGEST = 32 };

struct entry {
    unsigned char digest[DIGEST]; /* of what is asked */
    const struct graded_task *task;
    size_t given; /* of the first of equal ones: how many answers were found for them */
};

struct task_index {
    struct entry *entries; /* by digest, equal ones in the order of the file */
    size_t count;
};

static void digest_of(const char *system, const char *prompt, size_t prompt_len, unsigned char digest[DIGEST])
{
    struct sha256 h;
    sha256_init(&h);
    if (system)
        sha256_update(&h, system, strlen(system));
    sha256_update(&h, "", 1);
    sha256_update(&h, prompt, prompt_len);
    sha256_final(&h, digest);
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_digest = memcmp(x->digest, y->digest, DIGEST);
    if (by_digest != 0)
        return by_digest;
    return x->task < y->task ? -1 : x->task > y->task;
}

enum status task_index_new(const struct task_list *tasks, struct task_index **index, struct error *e)
{
    struct buf prompt = BUF_INIT(PROMPT_BYTES);
    struct task_index *made = calloc(1, sizeof *made);
    struct entry *entries = calloc(tasks->count ? tasks->count : 1, sizeof *entries);
    enum status s = made && entries ? STATUS_OK : STATUS_NO_MEMORY;
    *index = NULL;
    for (size_t i = 0; s == STATUS_OK && i < tasks->count; i++) {
        const struct graded_task *task = &tasks->items[i];
        buf_clear(&prompt);
        s = task_prompt(task, TASK_PROMPT_SEED, &prompt);
        digest_of(task->system, buf_text(&prompt), prompt.len, entries[i].digest);
        entries[i].task = task;
    }
    buf_fini(&prompt);
    if (s != STATUS_OK) {
        free(entries);
        free(made);
        return error_set(e, s, "no memory for the questions of %zu tasks", tasks->count);
    }
    qsort(entries, tasks->count, sizeof *entries, compare);
    *made = (struct task_index){entries, tasks->count};
    *index = made;
    return STATUS_OK;
}

void task_index_free(struct task_index *index)
{
    if (!index)
        return;
    free(index->entries);
    free(index);
}

static bool has_role(const struct json_object *message, const char *role)
{
    const char *said = json_get_text(message, "/role");
    return said && strcmp(said, role) == 0;
}

/* False where it is no conversation that a task leads to: at most one system message, and one of the user. */
static bool asked(const struct json_object *answer, unsigned char digest[DIGEST])
{
    const struct json_object *messages = json_get_array(answer, "/prompt");
    size_t count = messages ? json_object_array_length(messages) : 0;
    const struct json_object *user = count ? json_object_array_get_idx(messages, count - 1) : NULL;
    const struct json_object *first = count == 2 ? json_object_array_get_idx(messages, 0) : NULL;
    struct json_object *content = json_get(user, "/content");
    if (count < 1 || count > 2 || !has_role(user, "user") || (first && !has_role(first, "system")) ||
        !json_object_is_type(content, json_type_string))
        return false;
    digest_of(first ? json_get_text(first, "/content") : NULL, json_object_get_string(content),
        (size_t)json_object_get_string_len(content), digest);
    return true;
}

/* The first of those that ask this; count where none does. */
static size_t first_of(const struct task_index *index, const unsigned char digest[DIGEST])
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(index->entries[middle].digest, digest, DIGEST) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < index->count && memcmp(index->entries[low].digest, digest, DIGEST) == 0;
    return found ? low : index->count;
}

const struct graded_task *task_index_find(struct task_index *index, const struct json_object *answer)
{
    unsigned char digest[DIGEST];
    const char *id = json_get_text(answer, "/grade/task");
    size_t first = asked(answer, digest) ? first_of(index, digest) : index->count, equal = 0;
    while (first + equal < index->count && memcmp(index->entries[first + equal].digest, digest, DIGEST) == 0)
        equal++;
    if (equal == 0)
        return NULL;
    for (size_t i = first; id && i < first + equal; i++)
        if (strcmp(index->entries[i].task->id, id) == 0)
            return index->entries[i].task;
    return index->entries[first + index->entries[first].given++ % equal].task;
}
