/*
 * monitor_command.h - the command that `assay monitor -- CMD` runs, as if it had been started without us.
 *
 * It stays in our process group: the terminal reads and writes as before, Ctrl-C and Ctrl-Z reach it from the terminal
 * itself, and the shell's job is both of us. What somebody sends to us is passed on, once; we stop when it was
 * asked to stop (Ctrl-Z) and end when it has ended.
 *
 *     struct monitor_command command;
 *     int code = monitor_command_start(&command, argv, &why);          // 0, or 126, 127 with the reason
 *     while (!monitor_command_ended(&command)) { ...; monitor_command_signal(&command, &signal); }
 *     return monitor_command_code(&command);                           // its exit code, 128 + signal
 */
#ifndef ASSAY_MONITOR_COMMAND_H
#define ASSAY_MONITOR_COMMAND_H

#include "monitor_signals.h"

enum { COMMAND_NOT_EXECUTABLE = 126, COMMAND_NOT_FOUND = 127 };

struct monitor_command {
    pid_t pid;
    bool ended;
    int wait_status;                 /* once it has */
    struct monitor_signal passed_on; /* the last one */
    int64_t passed_on_ns;
};

/* argv ends with NULL. Signals are to be open already: the command gets those of before. */
int monitor_command_start(
    struct monitor_command *command, char *const argv[], struct error *e) ASSAY_MUST_CHECK;

bool monitor_command_ended(struct monitor_command *command);
int monitor_command_code(const struct monitor_command *command);
void monitor_command_signal(struct monitor_command *command, const struct monitor_signal *signal);

#endif
