/*
 * capture_neutral.h - bytes of a capture without what they say of this machine. Nothing changes its length, so
 * that reads and lengths in headers stay what they were.
 *
 *     capture_neutral(&names, body.data, body.len);        // "/home/ann/models/x.gguf" -> "/xxxx/xxx/xxxxxx/x.gguf"
 *
 * Letters and digits of a path's folders, of the host's and user's names become x; what is secret becomes *.
 */
#ifndef ASSAY_CAPTURE_NEUTRAL_H
#define ASSAY_CAPTURE_NEUTRAL_H

#include <stdbool.h>
#include <stddef.h>

/* Each may be NULL or "". Names of less than 3 characters are left: they would be found everywhere. */
struct capture_names {
    const char *host;       /* of the server's URL, with its port; loopback addresses stay */
    const char *machine;    /* this machine's name */
    const char *user;       /* in front of us */
    const char *secrets[3]; /* keys, passwords */
};

void capture_neutral(const struct capture_names *names, char *bytes, size_t len);

#endif
