/* Files of tasks, well and badly formed, and the program's own ones against their own answers. */
#include "task.h"

#include "grade.h"
#include "json.h"
#include "tasks.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static void every_task_of_ours_grades_its_own_answers_right(void)
{
    size_t files = 0, count = 0;
    for (const struct task_file *f = task_files; f->name; f++, files++) {
        struct task_list tasks;
        struct error why = {0};
        char name[64];
        snprintf(name, sizeof name, "%s.jsonl", f->name);
        ck_assert_msg(
            task_list_parse(name, f->text, f->len, &tasks, &why) == STATUS_OK, "%s", error_text(&why));
        for (size_t i = 0; i < tasks.count; i++, count++) {
            const struct graded_task *t = &tasks.items[i];
            struct grade grade;
            ck_assert_str_eq(t->category, f->name);
            ck_assert_msg(t->reference && t->wrong && json_object_array_length(t->wrong) > 0, "%s", t->id);
            ck_assert_int_eq(
                grade_answer(t->check, t->reference, strlen(t->reference), &grade, &why), STATUS_OK);
            ck_assert_msg(grade.correct, "%s: its own answer \"%s\" is graded wrong: %s", t->id, t->reference,
                grade.why);
            for (size_t k = 0; k < json_object_array_length(t->wrong); k++) {
                const char *wrong = json_object_get_string(json_object_array_get_idx(t->wrong, k));
                ck_assert_int_eq(grade_answer(t->check, wrong, strlen(wrong), &grade, &why), STATUS_OK);
                ck_assert_msg(!grade.correct, "%s: the wrong answer \"%s\" is graded right", t->id, wrong);
            }
        }
        task_list_fini(&tasks);
    }
    ck_assert_uint_ge(files, 7);
    ck_assert_uint_ge(count, 120);
}

static void no_question_is_asked_twice(void)
{
    static const char *prompts[512];
    static struct task_list lists[32];
    size_t n = 0, files = 0;
    for (const struct task_file *f = task_files; f->name; f++, files++) {
        ck_assert_int_eq(task_list_parse("x.jsonl", f->text, f->len, &lists[files], NULL), STATUS_OK);
        for (size_t i = 0; i < lists[files].count; i++) {
            const struct graded_task *t = &lists[files].items[i];
            for (size_t k = 0; k < n && !t->needle; k++)
                ck_assert_msg(strcmp(prompts[k], t->prompt) != 0, "%s is there already", t->id);
            prompts[n++] = t->prompt;
        }
    }
    for (size_t i = 0; i < files; i++)
        task_list_fini(&lists[i]);
}

static void fails(const char *name, const char *text, const char *message)
{
    struct task_list tasks;
    struct error why = {0};
    ck_assert_msg(task_list_parse(name, text, strlen(text), &tasks, &why) == STATUS_INVALID, "%s", text);
    ck_assert_msg(strstr(error_text(&why), message) != NULL, "%s", error_text(&why));
}

#define GOOD "{\"prompt\":\"x\",\"check\":{\"kind\":\"number\",\"value\":1}}\n"

static void what_is_wrong_with_a_file_is_said_with_its_line(void)
{
    fails("a.jsonl", "", "a.jsonl: there is no task in it");
    fails("a.jsonl", GOOD "{\"prompt\":", "a.jsonl:2:");
    fails("a.jsonl", GOOD "\n{\"prompt\":\"x\"}", "a.jsonl:3: ");
    fails("a.jsonl", "{\"prompt\":\"x\",\"check\":{\"kind\":\"number\"}}", "needs the member /value");
    fails("a.jsonl", "{\"prompt\":\"x\",\"check\":{\"kind\":\"pattern\",\"regex\":\"(\"}}",
        "the pattern cannot be read");
    fails(
        "a.jsonl", "{\"prompt\":\"x\",\"check\":{\"kind\":\"json\",\"schema\":{\"type\":7}}}", "a.jsonl:1:");
    fails("a.jsonl",
        "{\"id\":\"q\","
        "\"prompt\":\"x\",\"check\":{\"kind\":\"number\",\"value\":1}}\n{\"id\":\"q\",\"prompt\":"
        "\"y\",\"check\":{\"kind\":\"number\",\"value\":1}}",
        "\"q\" is there already");
    fails("a.csv", "question,answer\na,b\n", "a.csv:1: the first line has to name the columns");
    fails("a.csv", "prompt,answer\n\"open,b\n", "a quoted cell does not end");
    fails("a.csv", "prompt,answer,kind\nx,seven,number\n",
        "a.csv:2: \"seven\" is no answer of the kind number");
}

static void a_table_is_read_as_tasks(void)
{
    static const char table[] = "id,prompt,answer,kind,max_tokens\r\n"
                                "a,\"Say \"\"yes\"\", please\",yes|yeah,,8\r\n"
                                "\n"
                                "b,\"two\nlines\",4,number,\n";
    struct task_list tasks;
    struct error why = {0};
    struct grade grade;
    ck_assert_msg(
        task_list_parse("t.CSV", table, sizeof table - 1, &tasks, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_uint_eq(tasks.count, 2);
    ck_assert_str_eq(tasks.items[0].prompt, "Say \"yes\", please");
    ck_assert_int_eq(tasks.items[0].max_tokens, 8);
    ck_assert_int_eq(grade_answer(tasks.items[0].check, "Yeah.", 5, &grade, &why), STATUS_OK);
    ck_assert(grade.correct);
    ck_assert_str_eq(tasks.items[1].prompt, "two\nlines");
    task_list_fini(&tasks);
}

static void a_needle_stands_in_its_haystack_at_its_depth(void)
{
    static const char line[] =
        "{\"prompt\":\"Which?\",\"check\":{\"kind\":\"number\",\"value\":7},\"haystack\":{\"words\":"
        "200,\"depth\":0.25,\"needle\":\"The code is 7.\"}}";
    struct task_list tasks;
    struct buf first = BUF_INIT(1 << 16), again = BUF_INIT(1 << 16), other = BUF_INIT(1 << 16);
    ck_assert_int_eq(task_list_parse("n", line, sizeof line - 1, &tasks, NULL), STATUS_OK);
    ck_assert_int_eq(task_prompt(&tasks.items[0], 1, &first), STATUS_OK);
    ck_assert_int_eq(task_prompt(&tasks.items[0], 1, &again), STATUS_OK);
    ck_assert_int_eq(task_prompt(&tasks.items[0], 2, &other), STATUS_OK);
    const char *needle = strstr(buf_text(&first), "The code is 7.");
    ck_assert_ptr_nonnull(needle);
    double depth = (double)(needle - buf_text(&first)) / (double)first.len;
    ck_assert_msg(depth > 0.2 && depth < 0.3, "%d %%", (int)(100 * depth));
    ck_assert_str_eq(buf_text(&first), buf_text(&again));
    ck_assert_str_ne(buf_text(&first), buf_text(&other));
    ck_assert_ptr_nonnull(strstr(buf_text(&first), "\n\nWhich?"));
    buf_fini(&first);
    buf_fini(&again);
    buf_fini(&other);
    task_list_fini(&tasks);
}

static void an_id_that_is_there_twice_is_found_among_many(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct task_list tasks;
    struct error why = {0};
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "{\"id\":\"t%d\",\"prompt\":\"x\",\"check\":{\"kind\":\"none\"}}\n", i);
    ck_assert_int_eq(task_list_parse("x.jsonl", buf_text(&text), text.len, &tasks, &why), STATUS_OK);
    ck_assert_uint_eq(tasks.count, 1000);
    task_list_fini(&tasks);
    buf_append_text(&text, "{\"id\":\"t7\",\"prompt\":\"x\",\"check\":{\"kind\":\"none\"}}\n");
    ck_assert_int_eq(task_list_parse("x.jsonl", buf_text(&text), text.len, &tasks, &why), STATUS_INVALID);
    ck_assert_str_eq(error_text(&why), "x.jsonl:1001: a task with the id \"t7\" is there already");
    buf_fini(&text);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_task_of_ours_grades_its_own_answers_right),
        TESTKIT_TEST(no_question_is_asked_twice),
        TESTKIT_TEST(what_is_wrong_with_a_file_is_said_with_its_line),
        TESTKIT_TEST(a_table_is_read_as_tasks),
        TESTKIT_TEST(a_needle_stands_in_its_haystack_at_its_depth),
        TESTKIT_TEST(an_id_that_is_there_twice_is_found_among_many),
        {0},
    };
    return testkit_run("task", tests);
}
