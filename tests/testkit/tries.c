#include "tries.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>

bool tries_next(struct tries *t)
{
    if (t->number > 0 && !t->bad)
        return false;
    ck_assert_msg(t->number < TRIES_MOST, "in none of %d tries; in the last: %s", TRIES_MOST, t->why);
    if (t->bad)
        printf("try %d: %s\n", t->number, t->why);
    t->number++;
    t->bad = false;
    return true;
}

void tries_judge(struct tries *t, bool holds, const char *why, ...)
{
    if (holds || t->bad)
        return;
    va_list args;
    va_start(args, why);
    (void)vsnprintf(t->why, sizeof t->why, why, args);
    va_end(args);
    t->bad = true;
}

int tries_patience(const struct tries *t)
{
    return 1 << (t->number - 1);
}
