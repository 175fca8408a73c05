/*
 * utility.* - how good the answers are: graded tasks, a category a case, and the user's own (--tasks).
 *
 * A wrong answer is a measurement and fails nothing. Tasks are asked greedily and unsalted, each once, so that
 * the same model gives the same score; a request that fails counts as a wrong answer and among the errors.
 */
#include "suite.h"

#include "answered.h"

#include "grade.h"
#include "task.h"
#include "task_images.h"
#include "task_index.h"
#include "tasks.h"

#include <json-c/json.h>
#include <string.h>

enum { PROMPT_BYTES = 64 << 20, PICTURES_MAX = 16 };

static void grade_exchange(
    struct assay_context *ctx, const struct graded_task *task, const struct exchange *x, const char *category)
{
    struct grade grade = {0};
    struct error why = {0};
    char expected[256];
    if (!grade_is_wanted(task->check))
        return;
    grade_expected(task->check, expected, sizeof expected);
    if (x->error == EXCHANGE_OK)
        ck_assert_msg(
            grade_answer(task->check, buf_text(&x->answer), x->answer.len, &grade, &why) == STATUS_OK,
            "%s: %s", task->id, error_text(&why));
    assay_graded(ctx, &(struct assay_graded){.category = task->category[0] ? task->category : category,
                          .expected = expected,
                          .found = grade.found,
                          .task = task->id,
                          .correct = grade.correct});
}

/* They were taken into the file of tasks, and checked, before the run began. */
static size_t show_pictures(const struct graded_task *task, struct media_part *pictures, char types[][32])
{
    size_t count = task->images ? json_object_array_length(task->images) : 0, shown = 0;
    for (size_t i = 0; i < count && i < PICTURES_MAX; i++) {
        const char *image = json_object_get_string(json_object_array_get_idx(task->images, i));
        struct media_part *picture = &pictures[shown];
        *picture = (struct media_part){.kind = MEDIA_IMAGE, .type = types[shown]};
        ck_assert_msg(task_image_split(image, types[shown], &picture->base64, &picture->base64_len),
            "%s: picture %zu is no data: URL", task->id, i + 1);
        shown++;
    }
    return shown;
}

static void ask_task(
    struct assay_context *ctx, const struct graded_task *task, const char *category, struct buf *prompt)
{
    struct chat_message messages[2];
    struct media_part pictures[PICTURES_MAX];
    char types[PICTURES_MAX][32];
    size_t n = 0, shown = show_pictures(task, pictures, types);
    buf_clear(prompt);
    ck_assert_msg(
        task_prompt(task, TASK_PROMPT_SEED, prompt) == STATUS_OK, "no memory for the prompt of %s", task->id);
    if (task->system)
        messages[n++] = (struct chat_message){.role = "system", .content = task->system};
    messages[n++] = (struct chat_message){
        .role = "user", .content = buf_text(prompt), .media = pictures, .media_count = shown};
    struct chat_request request = assay_request_messages(ctx, messages, n);
    if (request.max_tokens <= 0)
        request.max_tokens = task->max_tokens > 0 ? task->max_tokens : TASK_TOKENS;
    request.temperature = 0;
    grade_exchange(ctx, task, assay_chat(ctx, &request), category);
}

/* One repeat is one pass over all tasks; more would give the same answers. */
static void ask_tasks(struct assay_context *ctx, const struct task_list *tasks, const char *category)
{
    struct buf prompt = BUF_INIT(PROMPT_BYTES);
    assay_salt(ctx, NULL);
    for (int repeat = 0; assay_next(ctx, &repeat);)
        for (size_t i = 0; i < tasks->count; i++)
            ask_task(ctx, &tasks->items[i], category, &prompt);
    buf_fini(&prompt);
}

static void category_of_ours(struct assay_context *ctx)
{
    const char *category = assay_data(ctx);
    const struct task_file *file = task_file_find(category);
    struct task_list tasks;
    struct error why = {0};
    ck_assert_msg(file != NULL, "there is no category %s", category);
    ck_assert_msg(task_list_parse(file->name, file->text, file->len, &tasks, &why) == STATUS_OK, "%s",
        error_text(&why));
    assay_note(ctx, "tasks", "%zu, version %d", tasks.count, TASKS_VERSION);
    ask_tasks(ctx, &tasks, category);
    task_list_fini(&tasks);
}

/* A model that is known to see nothing is not asked about pictures; one of which nobody says so is. */
static void require_sight(struct assay_context *ctx, const struct task_list *tasks)
{
    const struct model_info *model = assay_model(ctx);
    bool blind =
        model->modalities && !(model->modalities & MODALITY_VISION) && !(model->guessed & MODEL_MODALITIES);
    for (size_t i = 0; blind && i < tasks->count; i++)
        if (tasks->items[i].images)
            assay_skip(ctx, "the tasks show pictures, and the model takes none");
}

static void note_tasks(struct assay_context *ctx, const struct task_list *tasks)
{
    size_t graded = 0;
    for (size_t i = 0; i < tasks->count; i++)
        graded += grade_is_wanted(tasks->items[i].check);
    assay_note(ctx, "tasks", "%zu", tasks->count);
    if (graded < tasks->count)
        assay_note(ctx, "ungraded", "%zu, asked for their speed alone", tasks->count - graded);
}

static void own_tasks(struct assay_context *ctx)
{
    size_t len = 0;
    const char *name = NULL, *text = assay_tasks(ctx, &name, &len);
    struct task_list tasks;
    struct error why = {0};
    if (!text)
        assay_skip(ctx, "no file of tasks was given (--tasks FILE)");
    ck_assert_msg(task_list_parse(name, text, len, &tasks, &why) == STATUS_OK, "%s", error_text(&why));
    require_sight(ctx, &tasks);
    note_tasks(ctx, &tasks);
    ask_tasks(ctx, &tasks, "own");
    task_list_fini(&tasks);
}

#define CATEGORY(name, text, count, asked)                                                                   \
    {                                                                                                        \
        .id = "utility." name, .summary = text, .body = category_of_ours, .version = TASKS_VERSION,          \
        .on_request = true, .per_model = true, .needs = MODALITY_TEXT, .timeout_s = 3600, .repeats = 1,      \
        .warmup = -1, .requests = (count), .tokens = (count) * (asked), .data = name                         \
    }

const struct assay_case cases_utility[] = {
    CATEGORY("arithmetic", "sums, shares and puzzles with a number for an answer", 20, 48),
    CATEGORY("code", "what a short program prints", 16, 96),
    CATEGORY("extraction", "facts of a text as JSON of a given shape", 16, 128),
    CATEGORY("injection", "a task on a text that tries to give orders of its own", 12, 96),
    CATEGORY("instructions", "answers of a prescribed form", 16, 96),
    CATEGORY("knowledge", "common knowledge, one of several answers", 16, 32),
    CATEGORY("logic", "what follows from what is said, one of several answers", 14, 32),
    CATEGORY("retrieval", "a number in a long text without meaning", 9, 32),
    CATEGORY("summary", "the key facts of a text, in few words", 10, 128),
    {.id = "utility.own",
        .summary = "your own tasks: assay run --tasks FILE",
        .body = own_tasks,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .timeout_s = 6 * 3600,
        .repeats = 1,
        .warmup = -1},
    {0},
};
