/*
 * live_discover.h - finds servers and models as ctest starts, and writes the tests that it shall see.
 */
#ifndef ASSAY_LIVE_DISCOVER_H
#define ASSAY_LIVE_DISCOVER_H

/* Writes tests.cmake and plan.json into the folder, made if need be. Returns the exit code of `assay live`.
 */
int live_discover(const char *folder);

#endif
