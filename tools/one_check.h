/*
 * one_check.h - whether the program has Check once.
 *
 * libassay.so contains Check and exports it. A program that is linked to an archive of Check before it has a second
 * copy: its assertions would end in that one, of which the runner in the library knows nothing.
 *
 *     if (!check_is_one()) ...    // "link libassay before libcheck"
 */
#ifndef ASSAY_ONE_CHECK_H
#define ASSAY_ONE_CHECK_H

#include <stdbool.h>

bool check_is_one(void);

#endif
