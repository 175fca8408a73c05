#include "pin_choice.h"

#include "testkit.h"
#include "tree_kit.h"

#include <stdio.h>
#include <string.h>

static struct cpu_set set_of(const char *list)
{
    struct cpu_set set = {0};
    if (list[0] != '\0') {
        char line[64];
        snprintf(line, sizeof line, "%s\n", list);
        ck_assert_msg(cpu_set_parse(line, &set), "%s", list);
    }
    return set;
}

static void a_sampler_keeps_off_what_is_measured(void)
{
    static const struct {
        const char *own, *measured, *efficiency, *isolated;
        const char *chosen, *why; /* NULL: nothing sets some apart */
    } rows[] = {
        {"0-7", "0-3", "", "", "4-7", "may not use them"},
        {"0-7", "0-3", "6-7", "", "4-7", "may not use them"},
        {"0-7", "0-7", "6-7", "", "6-7", "efficiency"},
        {"0-7", "", "6-7", "", "6-7", "efficiency"},
        {"0-7", "", "6-7", "2-5", "6-7", "efficiency"},
        {"0-7", "", "", "2-7", "0-1", "not isolated"},
        {"0-7", "", "", "0-7", "0-7", NULL},
        {"0-1", "0-1", "", "", "0-1", NULL},
        {"0-1", "0-7", "4-7", "", "0-1", NULL},
        {"4-7", "", "4-7", "", "4-7", NULL},
        {"0", "1-3", "", "", "0", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cpu_set own = set_of(rows[i].own), measured = set_of(rows[i].measured),
                       efficiency = set_of(rows[i].efficiency), isolated = set_of(rows[i].isolated), chosen;
        struct pin_facts facts = {&own, &measured, &efficiency, &isolated};
        char text[64];
        const char *why = NULL;
        ck_assert_msg(pin_choose(&facts, &chosen, &why) == (rows[i].why != NULL), "row %zu", i);
        cpu_set_format(&chosen, text, sizeof text);
        ck_assert_str_eq(text, rows[i].chosen);
        ck_assert_ptr_nonnull(why);
        ck_assert_msg(rows[i].why == NULL || strstr(why, rows[i].why) != NULL, "row %zu: %s", i, why);
    }
}

static void a_long_list_is_cut(void)
{
    struct cpu_set set = set_of("0,2,4,6,8,10-12,14");
    char text[16];
    cpu_set_format(&set, text, sizeof text);
    ck_assert_str_eq(text, "0,2,4,6,8...");
    set = set_of("");
    cpu_set_format(&set, text, sizeof text);
    ck_assert_str_eq(text, "");
}

static void the_lesser_cores_are_found_where_the_kernel_tells(void)
{
    struct cpu_set set;
    char text[64];
    ck_assert(cpu_efficiency_read(tree_copy("laptop"), &set));
    cpu_set_format(&set, text, sizeof text);
    ck_assert_str_eq(text, "8-11");
    ck_assert(cpu_efficiency_read(tree_copy("arm_board"), &set));
    cpu_set_format(&set, text, sizeof text);
    ck_assert_str_eq(text, "0-1");
    ck_assert(!cpu_efficiency_read(tree_copy("pod_v2"), &set));
    ck_assert_uint_eq(set.count, 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_sampler_keeps_off_what_is_measured),
        TESTKIT_TEST(a_long_list_is_cut),
        TESTKIT_TEST(the_lesser_cores_are_found_where_the_kernel_tells),
        {0},
    };
    return testkit_run("pin_choice", tests);
}
