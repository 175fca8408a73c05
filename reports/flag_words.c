#include "flag_words.h"

#include <stddef.h>
#include <string.h>

static const struct words {
    const char *flag, *happened, *effect;
} words_of_flags[] = {
    {"degraded_swap", "memory moved between RAM and disk", "any time may hold waiting for the disk"},
    {"degraded_zombies", "processes that ended were left behind",
        "it is a sign that something on the machine is failing"},
    {"degraded_memory", "memory was short", "the system spent time finding some, and caches were dropped"},
    {"degraded_io", "processes waited for the disk", "times may hold waiting that is not the server's"},
    {"degraded_oom", "the system killed a process to free memory",
        "what was running was disturbed, or was the victim"},
    {"degraded_cpu_steal", "the host gave this virtual machine less processor time than it asked for",
        "times are too long"},
    {"degraded_cpu_foreign", "other programs used the processor", "times are too long and not repeatable"},
    {"degraded_throttle", "a processor or GPU was slowed down for heat or power, or stood still for a quota",
        "some repeats are slower than others"},
    {"degraded_frequency", "the limits of the processors' clock rates changed, or busy processors stayed low",
        "repeats are not comparable with each other"},
    {"degraded_power", "the machine ran on its battery, or its power profile changed",
        "speed depends on the charge and on what is saved"},
    {"degraded_clock", "the clock jumped or the machine slept", "wall-clock times do not belong together"},
    {"degraded_client_late", "the client itself was late",
        "part of the times is its own fault and not the server's"},
    {"degraded_cache_state", "caches were not in the state that the case asks for",
        "this is not the measurement intended"},
    {"degraded_drift", "figures got steadily worse from repeat to repeat, or from test to test",
        "the median depends on when it was taken"},
    {"degraded_warmup", "the server had not settled when measuring began", "the first repeats are slower"},
    {"degraded_server_restarted", "the server was another process at the end than at the start",
        "parts were measured cold"},
    {"degraded_cross_check", "the server's own figures and the client's do not agree",
        "one of them is wrong"},
};

static const struct words unknown = {"", "something that this version of assay does not know",
    "nothing can be said here: a newer version wrote the record"};

static const struct words *find(const char *flag)
{
    for (size_t i = 0; i < sizeof words_of_flags / sizeof *words_of_flags; i++)
        if (strcmp(words_of_flags[i].flag, flag) == 0)
            return &words_of_flags[i];
    return &unknown;
}

const char *flag_words_happened(const char *flag)
{
    return find(flag)->happened;
}

const char *flag_words_effect(const char *flag)
{
    return find(flag)->effect;
}
