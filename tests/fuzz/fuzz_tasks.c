/* Files of tasks and answers to them may be anything: graded or refused with a reason, never a crash. */
#include "task.h"

#include "answer_text.h"
#include "grade.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void grade_all(const struct task_list *tasks, const char *answer, size_t len)
{
    for (size_t i = 0; i < tasks->count; i++) {
        struct grade grade;
        struct error why = {0};
        char expected[64];
        require(grade_answer(tasks->items[i].check, answer, len, &grade, &why) == STATUS_OK);
        require(grade.correct == (grade.why[0] == '\0'));
        grade_expected(tasks->items[i].check, expected, sizeof expected);
    }
}

/* The first byte says lines or a table; what stands behind the first NUL is the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 1;
    size_t len = strnlen(text, size - 1);
    bool has_answer = len < size - 1;
    char *answer = strndup(has_answer ? text + len + 1 : "", has_answer ? size - 2 - len : 0);
    struct task_list tasks;
    struct error why = {0};
    struct buf out = BUF_INIT(1 << 20);
    if (!answer)
        return 0;
    if (task_list_parse(data[0] & 1 ? "t.csv" : "t.jsonl", text, len, &tasks, &why) == STATUS_OK) {
        require(tasks.count > 0);
        grade_all(&tasks, answer, strlen(answer));
        task_list_fini(&tasks);
    } else {
        require(why.text[0] != '\0');
    }
    require(answer_final(answer, strlen(answer), &out) == STATUS_OK && out.len <= strlen(answer));
    buf_clear(&out);
    require(answer_code(answer, strlen(answer), &out) == STATUS_OK && out.len <= strlen(answer));
    buf_fini(&out);
    free(answer);
    return 0;
}
