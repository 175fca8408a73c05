/* The text of powermetrics and the names of IOReport's channels: any line is answered, with figures that can be. */
#include "mac_units.h"
#include "powermetrics_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void check_sample(const struct powermetrics_sample *sample)
{
    for (int i = 0; i < POWERMETRICS_POWERS; i++)
        require(sample->has_power[i] ? sample->watts[i] >= 0 : sample->watts[i] == 0);
    require(sample->gpu_share >= 0 && sample->gpu_share <= 1);
    require(sample->pressure >= 0 && sample->pressure <= 4);
}

/* A line as a channel whose unit is the next line. */
static void check_channel(const char *line, const char *next)
{
    struct mac_energy_sum sum = {0};
    double joules;
    mac_energy_add(&sum, line, next, 1000);
    for (int part = 0; part < MAC_PART_COUNT; part++)
        if (mac_energy_of(&sum, (enum mac_part)part, &joules))
            require(joules > 0 && joules <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct powermetrics_sample sample = {0};
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (powermetrics_take_line(&sample, line))
            memset(&sample, 0, sizeof sample);
        check_sample(&sample);
        check_channel(line, next ? next : "mJ");
    }
    free(text);
    return 0;
}
