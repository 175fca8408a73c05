/* A program may have functions and variables of the names that the library uses inside, and those of the library still
 * find their own: each of these ends the program. */
#include <stdio.h>
#include <stdlib.h>

#define OURS(name)                                                                                           \
    void name(void);                                                                                         \
    void name(void)                                                                                          \
    {                                                                                                        \
        (void)fputs("the library calls " #name "() of the program\n", stderr);                               \
        abort();                                                                                             \
    }

OURS(buf_append)
OURS(buf_printf)
OURS(clock_mono_ns)
OURS(error_set)
OURS(finalise_run)
OURS(fs_write_atomic)
OURS(json_parse)
OURS(json_set_text)
OURS(loop_run)
OURS(plan_find_case)
OURS(program_suite)
OURS(suite_cases)
OURS(target_ask)
OURS(target_open)
OURS(text_slug)
OURS(verb_fail)

int verbs_all = 7;
const char *metrics_all = "mine";
