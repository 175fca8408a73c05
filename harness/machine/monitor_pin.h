/*
 * monitor_pin.h - keeps the sampling thread off the processors that are measured, where there are others.
 *
 *     struct monitor_pin *pin = monitor_pin_new("");
 *     monitor_pin_away(pin, command_pid);                  // again now and then: a command may choose its own
 *     printf("%s\n", monitor_pin_text(pin));               // "processors 8-15: those that process 77 may not use"
 *     monitor_pin_free(pin);                               // as it was before
 *
 * In this order: the processors that the measured process may not use, the efficiency cores, those that are not
 * isolated. Where none of these tells some apart from the rest, the thread may run anywhere. It is that of the
 * calling thread; what it starts later inherits it, so what is measured is started before.
 */
#ifndef ASSAY_MONITOR_PIN_H
#define ASSAY_MONITOR_PIN_H

#include <stdbool.h>
#include <sys/types.h>

struct monitor_pin;

struct monitor_pin *monitor_pin_new(const char *root); /* NULL: no memory; the others do nothing then */
void monitor_pin_free(struct monitor_pin *pin);

/* measured: a process, 0 for none in particular. */
void monitor_pin_away(struct monitor_pin *pin, pid_t measured);

/* Where it runs and why, one clause. Borrowed, until the next monitor_pin_away. */
const char *monitor_pin_text(const struct monitor_pin *pin);

#endif
