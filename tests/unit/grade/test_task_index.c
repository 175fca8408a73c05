/* Kept answers and the tasks they answer. */
#include "task_index.h"

#include "json.h"
#include "testkit.h"

#include <string.h>

static const char file[] = "{\"id\":\"a\",\"prompt\":\"same\",\"check\":{\"kind\":\"number\",\"value\":1}}\n"
                           "{\"id\":\"b\",\"prompt\":\"same\",\"check\":{\"kind\":\"number\",\"value\":2}}\n"
                           "{\"id\":\"c\",\"system\":\"Be kind.\",\"prompt\":\"same\","
                           "\"check\":{\"kind\":\"number\",\"value\":3}}\n"
                           "{\"id\":\"d\",\"prompt\":\"find it\",\"check\":{\"kind\":\"number\",\"value\":4},"
                           "\"haystack\":{\"words\":50,\"needle\":\"It is 4.\"}}\n";

static struct task_list tasks;
static struct task_index *task_index;

static void open_index(void)
{
    struct error why = {0};
    ck_assert_msg(
        task_list_parse("x.jsonl", file, strlen(file), &tasks, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(task_index_new(&tasks, &task_index, &why), STATUS_OK);
}

static void close_index(void)
{
    task_index_free(task_index);
    task_list_fini(&tasks);
}

/* The id of the task that this answer answers, "" for none. */
static const char *found(const char *answer)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(answer, strlen(answer), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    const struct graded_task *task = task_index_find(task_index, tree);
    json_object_put(tree);
    return task ? task->id : "";
}

#define USER(text) "{\"prompt\":[{\"role\":\"user\",\"content\":\"" text "\"}]}"
#define NAMED(text, id)                                                                                      \
    "{\"prompt\":[{\"role\":\"user\",\"content\":\"" text "\"}],\"grade\":{\"task\":\"" id "\"}}"

static void equal_questions_are_told_apart_by_id_else_by_order(void)
{
    open_index();
    ck_assert_str_eq(found(NAMED("same", "b")), "b");
    ck_assert_str_eq(found(USER("same")), "a");
    ck_assert_str_eq(found(USER("same")), "b");
    ck_assert_str_eq(found(NAMED("same", "no such id")), "a");
    close_index();
}

static void a_system_message_makes_another_question(void)
{
    open_index();
    ck_assert_str_eq(found("{\"prompt\":[{\"role\":\"system\",\"content\":\"Be kind.\"},"
                           "{\"role\":\"user\",\"content\":\"same\"}]}"),
        "c");
    ck_assert_str_eq(found("{\"prompt\":[{\"role\":\"system\",\"content\":\"Be rude.\"},"
                           "{\"role\":\"user\",\"content\":\"same\"}]}"),
        "");
    close_index();
}

static void a_haystack_is_part_of_the_question(void)
{
    open_index();
    struct buf asked = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
    ck_assert_int_eq(task_prompt(&tasks.items[3], TASK_PROMPT_SEED, &asked), STATUS_OK);
    buf_append_text(&text, "{\"prompt\":[{\"role\":\"user\",\"content\":");
    json_write_text(buf_text(&asked), asked.len, &text);
    buf_append_text(&text, "}]}");
    ck_assert_str_eq(found(buf_text(&text)), "d");
    ck_assert_str_eq(found(USER("find it")), "");
    buf_fini(&asked);
    buf_fini(&text);
    close_index();
}

static void what_is_no_such_conversation_answers_nothing(void)
{
    open_index();
    ck_assert_str_eq(found("{}"), "");
    ck_assert_str_eq(found("{\"prompt\":[]}"), "");
    ck_assert_str_eq(found("{\"prompt\":[{\"role\":\"assistant\",\"content\":\"same\"}]}"), "");
    ck_assert_str_eq(found("{\"prompt\":[{\"role\":\"user\"}]}"), "");
    ck_assert_str_eq(found("{\"prompt\":[{\"role\":\"user\",\"content\":\"same\"},"
                           "{\"role\":\"user\",\"content\":\"same\"}]}"),
        "");
    close_index();
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(equal_questions_are_told_apart_by_id_else_by_order),
        TESTKIT_TEST(a_system_message_makes_another_question),
        TESTKIT_TEST(a_haystack_is_part_of_the_question),
        TESTKIT_TEST(what_is_no_such_conversation_answers_nothing),
        {0},
    };
    return testkit_run("task_index", tests);
}
