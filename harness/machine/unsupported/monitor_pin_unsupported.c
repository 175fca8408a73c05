#include "monitor_pin.h"

#include <stddef.h>

struct monitor_pin *monitor_pin_new(const char *root)
{
    (void)root;
    return NULL;
}

void monitor_pin_free(struct monitor_pin *pin)
{
    (void)pin;
}

void monitor_pin_away(struct monitor_pin *pin, pid_t measured)
{
    (void)pin;
    (void)measured;
}

const char *monitor_pin_text(const struct monitor_pin *pin)
{
    (void)pin;
    return "any processor: this system does not let a thread choose";
}
