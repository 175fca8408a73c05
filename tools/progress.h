/*
 * progress.h - how far a run is: one line per finished test, and on a terminal a last line that lives.
 *
 * Everything goes to standard error. On a terminal the running test is shown with its seconds, at most ten
 * times a second; elsewhere (a log file, CI) only finished tests are printed. NO_COLOR and TERM=dumb switch
 * colours off.
 *
 *     struct progress p;
 *     progress_open(&p, plan_length);
 *     progress_start(&p, "chat.short[llamacpp/tiny]");
 *     progress_tick(&p);                                              // as often as one likes
 *     progress_end(&p, "passed", 3.2, "ttft 52 ms, 48 tokens/s");
 *     progress_close(&p);
 */
#ifndef ASSAY_PROGRESS_H
#define ASSAY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool terminal, colour;
    size_t total, done;
    char name[512];        /* of the running test, sanitised */
    const char *waits_for; /* static text shown instead of how long it has run; NULL while it runs */
    int64_t started_ns, drawn_ns;
};

void progress_open(struct progress *p, size_t total);
void progress_start(struct progress *p, const char *test);
void progress_tick(struct progress *p);
void progress_end(struct progress *p, const char *outcome, double seconds, const char *detail);
/* The same test once more: a line that does not count it, and why. */
void progress_again(struct progress *p, const char *why);
/* Before anything else is said on standard error: the line that lives would stand in front of it. */
void progress_hide(struct progress *p);
/* The test has not begun: what it waits for. */
void progress_waits(struct progress *p, const char *what);
void progress_close(struct progress *p);

#endif
