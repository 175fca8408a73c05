/* All formats that can be lifted. A new one: its file in CMakeLists.txt, an extern line and a row here. */
#include "migration.h"

#include <stddef.h>

extern const struct migrate_format migrate_mlx_knife;
extern const struct migrate_format migrate_mlx_knife_memory;
extern const struct migrate_format migrate_nobs;
extern const struct migrate_format migrate_slm;
extern const struct migrate_format migrate_sweep;

const struct migrate_format *const migrate_formats[] = {
    &migrate_mlx_knife,
    &migrate_mlx_knife_memory,
    &migrate_nobs,
    &migrate_slm,
    &migrate_sweep,
    NULL,
};
