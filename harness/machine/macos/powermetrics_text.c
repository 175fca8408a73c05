#include "powermetrics_text.h"

#include "text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char begin[] = "*** Sampled system activity";

/* A line "label: 12.3 unit": the number, and what follows it. NULL where it is another line or no number. */
static const char *number_after(const char *line, const char *label, double *value)
{
    char number[32];
    size_t len = strlen(label);
    if (strncmp(line, label, len) != 0 || line[len] != ':')
        return NULL;
    line += len + 1;
    line += strspn(line, " \t");
    len = strspn(line, "0123456789.");
    if (len == 0 || len >= sizeof number)
        return NULL;
    /* ".79" is how it prints less than one */
    snprintf(number, sizeof number, "%s%.*s", line[0] == '.' ? "0" : "", (int)len, line);
    if (!text_parse_double(number, value))
        return NULL;
    return line + len;
}

static bool take_power(const char *line, const char *label, double *watts)
{
    double value;
    const char *unit = number_after(line, label, &value);
    if (!unit)
        return false;
    unit += strspn(unit, " ");
    size_t len = strcspn(unit, " \r\n");
    if (len == 2 && strncmp(unit, "mW", 2) == 0)
        *watts = value / 1000;
    else if (len == 1 && unit[0] == 'W')
        *watts = value;
    else
        return false;
    return true;
}

static void take_pressure(struct powermetrics_sample *sample, const char *line)
{
    static const char label[] = "Current pressure level: ";
    static const char *const levels[] = {"Nominal", "Moderate", "Heavy", "Trapping", "Sleeping"};
    if (strncmp(line, label, sizeof label - 1) != 0)
        return;
    const char *name = line + sizeof label - 1;
    size_t len = strcspn(name, " \r\n");
    for (int i = 0; i < (int)(sizeof levels / sizeof *levels); i++) {
        if (strlen(levels[i]) == len && strncmp(name, levels[i], len) == 0) {
            sample->has_pressure = true;
            sample->pressure = i;
        }
    }
}

static void take_gpu_share(struct powermetrics_sample *sample, const char *line)
{
    /* the second is what it was called up to macOS 12 */
    static const char *const labels[] = {"GPU HW active residency", "GPU active residency"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        double percent;
        const char *unit = number_after(line, labels[i], &percent);
        if (!unit || unit[0] != '%' || percent > 100)
            continue;
        sample->has_gpu_share = true;
        sample->gpu_share = percent / 100;
    }
}

bool powermetrics_take_line(struct powermetrics_sample *sample, const char *line)
{
    static const struct {
        enum powermetrics_power power;
        const char *label;
    } powers[] = {{POWERMETRICS_CPU, "CPU Power"}, {POWERMETRICS_GPU, "GPU Power"},
        {POWERMETRICS_ANE, "ANE Power"},
        {POWERMETRICS_PACKAGE, "Intel energy model derived package power (CPUs+GT+SA)"}};
    if (strncmp(line, begin, sizeof begin - 1) == 0)
        return true;
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (take_power(line, powers[i].label, &sample->watts[powers[i].power]))
            sample->has_power[powers[i].power] = true;
    take_gpu_share(sample, line);
    take_pressure(sample, line);
    return false;
}
