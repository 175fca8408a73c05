/*
 * health.h - what a test's record says of the machine while it ran, as text.
 *
 *     if (strcmp(health_verdict(test), "unknown") == 0) health_append_unread(test, ", ", &line);
 */
#ifndef ASSAY_HEALTH_H
#define ASSAY_HEALTH_H

#include "run_data.h"

#include "buf.h"

/* "clean", "degraded", "invalid", "unknown"; "none" where the last attempt's record says nothing, or there is
 * none. */
const char *health_verdict(const struct run_test *test);

/* The flags raised ("clean" is none): in this test; each once, in the order in which the tests of a run show
 * them, NULL behind the last. */
bool health_has_flag(const struct run_test *test, const char *flag);
const char *health_flag_of_run(const struct run_data *data, size_t index);

/* What was said of the server's machine, where it was watched too: its host and verdict; else NULL. */
const char *health_server_host(const struct run_test *test);
const char *health_server_verdict(const struct run_test *test);

/* "clean", ...: without what the server's machine says. "none" likewise. */
const char *health_client_verdict(const struct run_test *test);

/* The quality flags; the sensors that could not be read and had to be (of a record that has other ones: all that could
 * not be read): separated, appended. */
void health_append_flags(const struct run_test *test, const char *separator, struct buf *out);
void health_append_unread(const struct run_test *test, const char *separator, struct buf *out);

/* True, and *reason (never NULL), where the client itself could not keep up. */
bool health_client_is_invalid(const struct run_test *test, const char **reason);

#endif
