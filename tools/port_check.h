/*
 * port_check.h - does anything listen on the usual ports of this machine? Plain connections, all at once.
 *
 *     struct port_check ports[8];
 *     size_t n = port_check_defaults(ports, 8, 200 * NS_PER_MS);
 *     for (size_t i = 0; i < n; i++) printf("%s %s\n", ports[i].url, ports[i].answers ? "yes" : "no");
 */
#ifndef ASSAY_PORT_CHECK_H
#define ASSAY_PORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port_check {
    const char *url, *servers; /* of portfolio_defaults */
    bool answers;
    int fd; /* while it is being asked, else -1 */
};

/* Asks every default of the portfolio (at most max) and waits no longer than limit_ns. */
size_t port_check_defaults(struct port_check *ports, size_t max, int64_t limit_ns);

#endif
