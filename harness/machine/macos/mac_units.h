/*
 * mac_units.h - the arithmetic of macOS's counters, as pure functions that any system compiles.
 *
 *     struct mac_energy_sum sum = {0};
 *     mac_energy_add(&sum, "CPU Energy", "mJ", 1500);              // of each channel of IOReport's "Energy Model"
 *     if (mac_energy_of(&sum, MAC_CPU, &joules)) ...               // 1.5
 */
#ifndef ASSAY_MAC_UNITS_H
#define ASSAY_MAC_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* mach_timebase_info(): 125/3 on Apple's processors, 1/1 on Intel's. A zeroed one counts nanoseconds. */
struct mac_timebase {
    uint32_t numer, denom;
};
uint64_t mac_ticks_to_ns(uint64_t ticks, struct mac_timebase base);

/* A counter of 32 bits that wraps around, as those of processors do after 497 days: what it comes to. */
struct mac_counter {
    uint64_t sum;
    uint32_t last;
};
void mac_counter_note(struct mac_counter *counter, uint32_t now);

/* What could be had without swapping: all but what programs hold, what is wired, and the compressor. Files that are
 * mapped and cached count as available, model weights among them. */
struct mac_pages {
    uint64_t internal, purgeable, wired, compressor;
};
double mac_available_bytes(double total_bytes, double page_bytes, const struct mac_pages *pages);

/* kern.memorystatus_vm_pressure_level: 1, 2, 4 as 0 normal, 1 warning, 2 critical. False for any other. */
bool mac_pressure_level(int64_t raw, double *level);

/* What a unit of IOReport's energy channels is in joules: "mJ", "uJ", "nJ", "J", spaces around it. */
bool mac_energy_unit(const char *label, double *joules);

/* Parts of the chip whose energy IOReport and powermetrics tell. */
enum mac_part { MAC_CPU, MAC_GPU, MAC_ANE, MAC_DRAM, MAC_PART_COUNT };

/*
 * The channels differ by chip. A total ("CPU Energy", "GPU Energy", "ANE", "DRAM") counts for its part; where there is
 * none, what has it in its name ("DIE_0_CPU Energy" of a chip of two dies, "ANE0", "DRAM0", "GPU") is added up.
 * Channels of single cores and caches are part of a total and are left out.
 */
struct mac_energy_sum {
    double total[MAC_PART_COUNT], pieces[MAC_PART_COUNT];
    bool has_total[MAC_PART_COUNT], has_pieces[MAC_PART_COUNT];
};
void mac_energy_add(struct mac_energy_sum *sum, const char *channel, const char *unit, int64_t value);
bool mac_energy_of(const struct mac_energy_sum *sum, enum mac_part part, double *joules);

/* Time in each state of a processor: "OFF", "IDLE" and "DOWN" are rest, the others (P1, V0P5, ...) work. */
struct mac_residency {
    double rest, all;
};
void mac_residency_add(struct mac_residency *r, const char *state, int64_t time);
bool mac_residency_busy(const struct mac_residency *r, double *share); /* false where no time has passed */

/* mA and mV of the battery as watts drawn from it; negative while it is charged. */
double mac_battery_watts(int64_t milliamperes, int64_t millivolts);

#endif
