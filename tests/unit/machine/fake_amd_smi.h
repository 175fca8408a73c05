/*
 * fake_amd_smi.h - the state of a libamd_smi.so that the tests build: what its GPUs say, and what they refuse.
 *
 * Two libraries are made of fake_amd_smi.c: one of version 26, and fake_amd_smi_old of version 23, whose structs are
 * smaller and which has fewer functions. Each writes its structs as that version does. amd_smi_kit.h loads them.
 *
 *     fake->gpus[0].watts = 300;                     // what its counter of energy grows by
 *     amd_smi_kit_refuse(fake, "amdsmi_get_energy_count", 2);
 */
#ifndef ASSAY_FAKE_AMD_SMI_H
#define ASSAY_FAKE_AMD_SMI_H

#include <stddef.h>
#include <stdint.h>

enum { FAKE_AMD_GPUS = 4, FAKE_AMD_REFUSALS = 8 };

struct fake_amd_gpu {
    uint64_t address; /* domain << 16 | bus << 8 | device << 3 | function */
    const char *name;
    unsigned percent;
    uint64_t bytes;
    int64_t hottest, edge; /* degrees Celsius; a negative one is refused */
    uint64_t count;        /* of energy, at first */
    double watts;          /* by which it grows */
    double step_s;         /* how seldom; 0: with every question */
    uint64_t corrected, uncorrected;
};

struct fake_amd_smi {
    int init_code;
    unsigned major, minor;
    unsigned count;
    struct fake_amd_gpu gpus[FAKE_AMD_GPUS];
    struct {
        const char *function;
        int code;
    } refusals[FAKE_AMD_REFUSALS];
    size_t calls; /* of all functions about GPUs */
    int sessions; /* opened and not closed */
    /* a function that does not return while a file of that path exists; NULL: all return */
    const char *hangs, *hangs_while;
};

/* As it is when the library is loaded: one GPU at 0000:03:00.0 that works, nothing refused. */
struct fake_amd_smi *fake_amd_smi_reset(void);

#endif
