/* Pages of rows and files of sets may be anything: tasks that can be read again, or a reason; never a crash. */
#include "set_rows.h"

#include "json.h"
#include "task.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

struct taking {
    struct set_ref *ref;
    struct buf lines;
    bool guessed;
};

static enum status take(struct json_object *row, int64_t number, void *arg, struct error *e)
{
    struct taking *t = arg;
    bool skipped = false;
    enum status s = t->guessed ? STATUS_OK : set_ref_guess(t->ref, row, e);
    t->guessed = true;
    if (s == STATUS_OK)
        s = set_row_write(t->ref, row, number, set_row_image(t->ref, row), &t->lines, &skipped, e);
    return s;
}

static enum status take_page(const char *text, size_t len, struct taking *t, struct error *e)
{
    struct set_page page;
    enum status s = set_page_parse(text, len, &page, e);
    for (size_t i = 0; s == STATUS_OK && i < page.count; i++)
        if (page.rows[i])
            s = take(page.rows[i], (int64_t)i, t, e);
    set_page_fini(&page);
    return s;
}

/* The first byte chooses the set and its form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"imdb", "pope", "hf:a/b", "hf:a/b#kind=number,prompt=p,answer=a"};
    static const char *const forms[] = {"rows", "t.csv", "t.jsonl"};
    if (size < 1)
        return 0;
    struct set_ref ref;
    struct error why = {0};
    struct taking t = {.ref = &ref, .lines = BUF_INIT(1 << 22)};
    struct task_list tasks;
    const char *text = (const char *)data + 1;
    unsigned form = data[0] / 4 % 3;
    require(set_ref_parse(names[data[0] % 4], &ref, &why) == STATUS_OK);
    enum status s = form == 0 ? take_page(text, size - 1, &t, &why)
                              : set_file_rows(forms[form], text, size - 1, take, &t, &why);
    require(s == STATUS_OK || why.text[0]);
    if (s == STATUS_OK && t.lines.len > 0) {
        require(task_list_parse("t.jsonl", buf_text(&t.lines), t.lines.len, &tasks, &why) == STATUS_OK ||
                why.text[0]);
        task_list_fini(&tasks);
    }
    buf_fini(&t.lines);
    return 0;
}
