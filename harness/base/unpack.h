/*
 * unpack.h - the ways of compression that byte_in.h knows: a row each, told by the first bytes. Inside harness/base.
 *
 * An unpacker takes bytes from in[*at .. len) and gives bytes; it is asked again with what is left. A row without
 * functions is known by name only: this build cannot read it.
 */
#ifndef ASSAY_UNPACK_H
#define ASSAY_UNPACK_H

#include <stddef.h>

enum unpack_result {
    UNPACK_BETWEEN, /* a member ended, and none has begun: the file may end here */
    UNPACK_INSIDE,
    UNPACK_DAMAGED, /* *why says how, borrowed */
};

struct unpacker {
    const char *name;
    const char *magic;
    size_t magic_len;
    const char *command; /* which a user can unpack it with */
    void *(*open)(void); /* NULL: no memory */
    enum unpack_result (*unpack)(void *state, const char *in, size_t len, size_t *at, char *out, size_t size,
        size_t *made, const char **why);
    void (*close)(void *state);
};

extern const struct unpacker unpackers[]; /* ends with a row without a name */

#endif
