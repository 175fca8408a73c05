#include "flag_words.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *flag, *effect;
} effects[] = {
    {"degraded_swap", "memory moved between RAM and disk, so any time may hold waiting for the disk"},
    {"degraded_zombies",
        "processes that ended were left behind, a sign that something on the machine is failing"},
    {"degraded_memory", "memory was short, so the system spent time finding some and caches were dropped"},
    {"degraded_io", "processes waited for the disk, so times may hold waiting that is not the server's"},
    {"degraded_oom",
        "the system killed a process to free memory; what was running was disturbed, or was the victim"},
    {"degraded_cpu_steal",
        "the host gave this virtual machine less processor time than it asked for, so times are too long"},
    {"degraded_cpu_foreign",
        "other programs used the processor at the same time, so times are too long and not repeatable"},
    {"degraded_throttle",
        "the processor or GPU slowed itself down for heat or power, so later repeats are slower"},
    {"degraded_frequency",
        "the processor's clock rate changed, so repeats are not comparable with each other"},
    {"degraded_power", "the power supply or power profile changed, so speed changed with it"},
    {"degraded_clock", "the clock jumped or the machine slept, so wall-clock times do not belong together"},
    {"degraded_client_late",
        "the client itself was late, so part of the times is its own fault and not the server's"},
    {"degraded_cache_state",
        "caches were not in the state that the case asks for, so this is not the measurement intended"},
    {"degraded_drift",
        "figures moved steadily from repeat to repeat, so the median depends on when it was taken"},
    {"degraded_warmup", "the server had not settled when measuring began, so the first repeats are slower"},
    {"degraded_server_restarted",
        "the server was another process at the end than at the start, so parts were measured cold"},
    {"degraded_cross_check",
        "the server's own figures and the client's do not agree, so one of them is wrong"},
};

const char *flag_words_effect(const char *flag)
{
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (strcmp(effects[i].flag, flag) == 0)
            return effects[i].effect;
    return "this version of assay does not know the flag; a newer one wrote the record";
}
