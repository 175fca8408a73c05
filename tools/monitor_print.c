#include "monitor_print.h"

#include "json.h"
#include "text.h"

#include <math.h>
#include <string.h>

static double real_at(const struct json_object *line, const char *pointer)
{
    double value = 0;
    (void)json_get_real(line, pointer, &value);
    return value;
}

static void print_time(FILE *out, const char *before, const struct json_object *line, const char *pointer)
{
    char text[48];
    text_format_duration(text, sizeof text, real_at(line, pointer));
    fprintf(out, "%s%s", before, text);
}

static void print_share(FILE *out, const char *before, double share, const char *after)
{
    char text[48];
    text_format_significant(text, sizeof text, share * 100, 2);
    fprintf(out, "%s%s %%%s", before, text, after);
}

/* Names in a file are somebody else's words. */
static void print_safe(FILE *out, const char *before, const char *text, int width)
{
    struct buf safe = BUF_INIT(1024);
    (void)text_sanitise_line(&safe, text, strlen(text), 256);
    fprintf(out, "%s%-*s", before, width, buf_text(&safe));
    buf_fini(&safe);
}

static void print_schedule(FILE *out, const struct monitor_summary *s, const struct json_object *line)
{
    fprintf(out, "%zu sample%s", s->samples, s->samples == 1 ? "" : "s");
    print_time(out, " in ", line, "/duration_s");
    if (s->host[0] != '\0')
        print_safe(out, " on ", s->host, 0);
    fprintf(out, "\n");
    if (s->interval.total == 0)
        return;
    print_time(out, "  interval  ", line, "/interval/mean_s");
    if (s->period_ns > 0)
        print_time(out, " of ", line, "/period_s");
    print_time(out, " (p99 ", line, "/interval/p99_s");
    fprintf(out, "), %zu missed\n", s->missed);
    print_time(out, "  lateness  p50 ", line, "/lateness/p50_s");
    print_time(out, ", p99 ", line, "/lateness/p99_s");
    print_time(out, ", at most ", line, "/lateness/max_s");
    fprintf(out, "\n");
}

static void print_cost(FILE *out, const struct monitor_summary *s, const struct json_object *line)
{
    print_share(out, "  cost      ", real_at(line, "/cost/read_core_share"), " of one core to read");
    print_share(out, ", ", real_at(line, "/cost/scan_core_share"), "");
    fprintf(out, " for %zu pass%s over all processes\n", s->scans, s->scans == 1 ? "" : "es");
    if (json_get(line, "/own") == NULL)
        return;
    char bytes[48];
    text_format_bytes(bytes, sizeof bytes, real_at(line, "/own/rss_peak_bytes"));
    print_time(out, "            ", line, "/own/cpu_s");
    fprintf(out, " of processor time and %s of memory in all\n", bytes);
    const char *processors = json_get_text(line, "/own/processors");
    if (processors != NULL)
        fprintf(out, "            on %s\n", processors);
}

/* What is known of "gpu0_power" is known of "gpu_power". */
static void general_name(const char *name, char *general, size_t size)
{
    size_t digits = strncmp(name, "gpu", 3) == 0 ? strspn(name + 3, "0123456789") : 0;
    snprintf(general, size, "%.*s%s", digits > 0 ? 3 : 0, name, digits > 0 ? name + 3 + digits : name);
}

static const char *from_table(const char *name, bool unit)
{
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        if (strcmp(sensor_table[i].name, name) == 0)
            return unit ? sensor_table[i].unit : sensor_table[i].kind == SENSOR_COUNTER ? "counter" : "gauge";
    return "";
}

static bool is_word(const char *text)
{
    while (*text > ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* what: "unit" or "kind". The file knows its own sensors best. */
static const char *about(const struct monitor_summary *s, const char *name, const char *what)
{
    char general[SUMMARY_NAME_SIZE], pointer[SUMMARY_NAME_SIZE + 16];
    general_name(name, general, sizeof general);
    snprintf(pointer, sizeof pointer, "/%s/%s", general, what);
    const char *said = json_get_text(s->sensors, pointer);
    return said != NULL && is_word(said) ? said : from_table(general, strcmp(what, "unit") == 0);
}

static bool is_plain(const char *unit)
{
    return unit[0] == '\0' || strcmp(unit, "count") == 0 || strcmp(unit, "1") == 0;
}

static const char *format_value(char *text, size_t size, double value, const char *unit)
{
    const char *sign = value < 0 ? "-" : "";
    char size_of[40];
    if (strcmp(unit, "bytes") == 0)
        text_format_bytes(size_of, sizeof size_of, fabs(value));
    else if (strcmp(unit, "s") == 0)
        text_format_duration(size_of, sizeof size_of, fabs(value));
    else
        text_format_significant(
            size_of, sizeof size_of, fabs(value) * (strcmp(unit, "share") == 0 ? 100 : 1), 4);
    bool has_unit = strcmp(unit, "bytes") == 0 || strcmp(unit, "s") == 0 || is_plain(unit);
    snprintf(text, size, "%s%s%s%.16s", sign, size_of, has_unit ? "" : " ",
        has_unit                     ? ""
        : strcmp(unit, "share") == 0 ? "%"
                                     : unit);
    return text;
}

/* A counter is told by how much it grew, a level by its extremes. */
static void print_value(FILE *out, const struct monitor_summary *s, const struct summary_value *v)
{
    char a[48], b[48], c[48];
    const char *unit = about(s, v->name, "unit");
    print_safe(out, "  ", v->name, 24);
    if (v->seen == 0)
        fprintf(out, " could not be read\n");
    else if (strcmp(about(s, v->name, "kind"), "counter") == 0)
        fprintf(out, " %12s more\n", format_value(a, sizeof a, v->grown, unit));
    else
        fprintf(out, " %12s on average, %s to %s\n",
            format_value(a, sizeof a, v->sum / (double)v->seen, unit),
            format_value(b, sizeof b, v->low, unit), format_value(c, sizeof c, v->high, unit));
}

static void print_verdict(FILE *out, const struct json_object *line)
{
    const struct json_object *flags = json_get_array(line, "/quality_flags");
    int64_t windows = 0;
    fprintf(out, "  machine   %s", json_get_text(line, "/verdict"));
    for (size_t i = 0; flags != NULL && i < json_object_array_length(flags); i++) {
        const char *flag = json_object_get_string(json_object_array_get_idx(flags, i));
        if (strcmp(flag, "clean") != 0)
            fprintf(out, "%s%s", i > 0 ? ", " : ": ", flag);
    }
    if (json_get_int(line, "/windows", &windows))
        fprintf(out, " (at worst, of %lld attempt%s at tests)", (long long)windows, windows == 1 ? "" : "s");
    fprintf(out, "\n");
}

static void print_left_out(FILE *out, const struct monitor_summary *s)
{
    if (s->lines_left_out > 0)
        fprintf(out, "  %zu line%s could not be read and %s left out\n", s->lines_left_out,
            s->lines_left_out == 1 ? "" : "s", s->lines_left_out == 1 ? "is" : "are");
    if (s->values_left_out > 0)
        fprintf(
            out, "  %zu values of more than %d names are left out\n", s->values_left_out, SUMMARY_VALUES_MAX);
}

void monitor_print_summary(FILE *out, const struct monitor_summary *summary, const struct json_object *line)
{
    print_schedule(out, summary, line);
    print_cost(out, summary, line);
    print_verdict(out, line);
    for (size_t i = 0; i < summary->value_count; i++)
        print_value(out, summary, &summary->values[i]);
    print_left_out(out, summary);
}
