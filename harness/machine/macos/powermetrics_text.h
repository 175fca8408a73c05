/*
 * powermetrics_text.h - what the tool `powermetrics` prints, as a pure function of a line.
 *
 *     struct powermetrics_sample s = {0};
 *     while (next_line(line))
 *         if (powermetrics_take_line(&s, line)) ...       // true: the line begins another sample, s is the last one
 *
 * Apple's chips: "CPU Power: 1234 mW", "GPU Power", "ANE Power", "GPU HW active residency:  12.34% (...)",
 * "Current pressure level: Nominal". Intel's: "Intel energy model derived package power (CPUs+GT+SA): 5.43W".
 * Any text whatever may come in.
 */
#ifndef ASSAY_POWERMETRICS_TEXT_H
#define ASSAY_POWERMETRICS_TEXT_H

#include <stdbool.h>

enum powermetrics_power {
    POWERMETRICS_CPU,
    POWERMETRICS_GPU,
    POWERMETRICS_ANE,
    POWERMETRICS_PACKAGE,
    POWERMETRICS_POWERS
};

struct powermetrics_sample {
    bool has_power[POWERMETRICS_POWERS];
    double watts[POWERMETRICS_POWERS];
    bool has_gpu_share;
    double gpu_share; /* 0 to 1: time in which the GPU worked */
    bool has_pressure;
    int pressure; /* thermal, 0 nominal to 4 sleeping */
};

/* True where the line begins a sample ("*** Sampled system activity"): what was taken before is one. */
bool powermetrics_take_line(struct powermetrics_sample *sample, const char *line);

#endif
