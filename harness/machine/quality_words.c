#include "quality_words.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum { FIGURE_SIZE = 48 };

/* How the figure of a measure is said; measures without a row have the unit of their sensor. */
static const struct saying {
    enum quality_measure measure;
    double scale;
    const char *found_in, *allowed_in;
} sayings[] = {
    {MEASURE_SHARE, 100, " % of the time", " %"},
    {MEASURE_CPU_SHARE, 100, " % of all processor time", " %"},
    {MEASURE_LOW_SHARE, 100, " % in use", " %"},
    {MEASURE_CORE_SHARE, 1, " cores", ""},
    {MEASURE_JUMP_SHARE, 100, " %", " %"},
    {MEASURE_HIGHEST_SHARE, 100, " % below", " %"},
};

static void format_in_unit(char *out, const char *unit, double value)
{
    if (strcmp(unit, "bytes") == 0)
        text_format_bytes(out, FIGURE_SIZE, value);
    else if (strcmp(unit, "s") == 0)
        text_format_duration(out, FIGURE_SIZE, value);
    else
        text_format_significant(out, FIGURE_SIZE, value, 3);
}

enum status quality_words_append(const struct finding *finding, const char *unit, struct buf *out)
{
    const struct quality_rule *rule = finding->rule;
    const char *per_s = rule->measure == MEASURE_PER_S ? "/s" : "", *found_in = per_s, *allowed_in = per_s;
    char found[FIGURE_SIZE], allowed[FIGURE_SIZE];
    format_in_unit(found, unit, finding->measured);
    format_in_unit(allowed, unit, rule->above);
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        const struct saying *saying = &sayings[i];
        if (saying->measure != rule->measure)
            continue;
        text_format_significant(found, sizeof found, finding->measured * saying->scale, 3);
        text_format_significant(allowed, sizeof allowed, rule->above * saying->scale, 3);
        found_in = saying->found_in;
        allowed_in = saying->allowed_in;
    }
    bool rounded_away = strcmp(found, allowed) == 0; /* a flag must not read as if all were well */
    buf_printf(out, "%s: %s%s%s, ", rule->reason, rounded_away ? "just above " : "", found, found_in);
    if (rule->above <= 0)
        return buf_append_text(out, "allowed none");
    return buf_printf(out, "allowed %s%s", allowed, allowed_in);
}
