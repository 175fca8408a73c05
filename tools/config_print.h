/* config_print.h - every option of a table, its value, and where that came from. */
#ifndef ASSAY_CONFIG_PRINT_H
#define ASSAY_CONFIG_PRINT_H

#include "config.h"

/* On standard output, as text or JSON; credentials in URLs are not shown. Returns the exit code. */
int config_print(
    const struct opt *table, const void *options, const struct config_origins *origins, bool json);

#endif
