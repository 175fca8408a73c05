#include "pin_choice.h"

#include <stdio.h>
#include <string.h>

/* What of own is in the other set (or is not): counts only where some is left and some is not. */
static bool take_part(
    const struct cpu_set *own, const struct cpu_set *other, bool inside, struct cpu_set *chosen)
{
    memset(chosen, 0, sizeof *chosen);
    if (other->count == 0)
        return false;
    for (size_t i = 0; i < CPU_COUNT_MAX; i++) {
        chosen->has[i] = own->has[i] && other->has[i] == inside;
        chosen->count += chosen->has[i];
    }
    return chosen->count > 0 && chosen->count < own->count;
}

bool pin_choose(const struct pin_facts *facts, struct cpu_set *chosen, const char **why)
{
    const struct {
        const struct cpu_set *other;
        bool inside;
        const char *why;
    } ways[] = {
        {facts->measured, false, "what is measured may not use them"},
        {facts->efficiency, true, "the efficiency cores"},
        {facts->isolated, false, "they are not isolated"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (take_part(facts->own, ways[i].other, ways[i].inside, chosen)) {
            *why = ways[i].why;
            return true;
        }
    }
    *chosen = *facts->own;
    *why = "nothing sets some of them apart";
    return false;
}

void cpu_set_format(const struct cpu_set *set, char *text, size_t size)
{
    size_t len = 0;
    const char *separator = "";
    text[0] = '\0';
    for (size_t i = 0; i < CPU_COUNT_MAX; i++) {
        if (!set->has[i])
            continue;
        size_t last = i;
        char part[48];
        while (last + 1 < CPU_COUNT_MAX && set->has[last + 1])
            last++;
        if (last > i)
            snprintf(part, sizeof part, "%s%zu-%zu", separator, i, last);
        else
            snprintf(part, sizeof part, "%s%zu", separator, i);
        if (len + strlen(part) + sizeof "..." > size) {
            snprintf(text + len, size - len, "...");
            return;
        }
        len += (size_t)snprintf(text + len, size - len, "%s", part);
        separator = ",";
        i = last;
    }
}
