#include "markdown_kit.h"

#include "markdown.h"
#include "testkit.h"

#include <string.h>

struct buf markdown_kit_page(struct made_run *made)
{
    struct run_data data;
    struct gate gate;
    struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
    struct error why = {0};
    made_run_load(made, &data);
    ck_assert_int_eq(gate_judge(&data, false, &gate, &why), STATUS_OK);
    ck_assert_msg(markdown_write(&data, &gate, &page, &why) == STATUS_OK, "%s", error_text(&why));
    gate_fini(&gate);
    run_data_fini(&data);
    return page;
}

struct buf markdown_kit_page_with(const char *outcome, const char *members)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, MARKDOWN_KIT_TEST, outcome, members);
    return markdown_kit_page(&made);
}

void markdown_kit_expect(const struct buf *page, const char *text)
{
    ck_assert_msg(
        strstr(buf_text(page), text) != NULL, "the page does not say \"%s\":\n%.3800s", text, buf_text(page));
}

void markdown_kit_expect_not(const struct buf *page, const char *text)
{
    ck_assert_msg(strstr(buf_text(page), text) == NULL, "the page says \"%s\":\n%s", text, buf_text(page));
}
