/*
 * descriptors.h - how many files and sockets this process may have open at once.
 *
 * A stream of a load test is a socket, and a login's usual limit is 1 024 of them; what the administrator allows
 * at most is mostly far more. Children inherit what was raised.
 *
 *     descriptors_raise();        // before a load test
 */
#ifndef ASSAY_DESCRIPTORS_H
#define ASSAY_DESCRIPTORS_H

/* As many as may be had; where that fails the limit stays what it was. */
void descriptors_raise(void);

#endif
