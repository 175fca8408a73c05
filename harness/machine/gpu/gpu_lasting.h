/*
 * gpu_lasting.h - how long a state lasted that can only be looked at: seconds since the first look.
 *
 *     struct gpu_lasting hot = {0};
 *     gpu_lasting_note(&hot, t_ns, is_hot);       // at each look
 *     use(hot.seconds);                           // never falls
 *
 * The time since the look before counts if the state was found at this one.
 */
#ifndef ASSAY_GPU_LASTING_H
#define ASSAY_GPU_LASTING_H

#include <stdbool.h>
#include <stdint.h>

struct gpu_lasting {
    double seconds;
    int64_t before_ns;
    bool looked;
};

static inline void gpu_lasting_note(struct gpu_lasting *lasting, int64_t t_ns, bool found)
{
    if (lasting->looked && found && t_ns > lasting->before_ns)
        lasting->seconds += (double)(t_ns - lasting->before_ns) / 1e9;
    lasting->before_ns = t_ns;
    lasting->looked = true;
}

#endif
