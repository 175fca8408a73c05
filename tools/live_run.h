/*
 * live_run.h - the run behind the live tests of one ctest: begun by its first fixture, filled test by test,
 * ended by its last.
 *
 * folder is that of live_discover.h. Each returns the exit code of `assay live`.
 */
#ifndef ASSAY_LIVE_RUN_H
#define ASSAY_LIVE_RUN_H

int live_begin(const char *folder);
int live_test(const char *folder, const char *slug); /* 77: skipped */
int live_end(const char *folder);

#endif
