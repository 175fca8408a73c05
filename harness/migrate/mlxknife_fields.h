/*
 * mlxknife_fields.h - every field of mlx-knife's records, as documented and as really written: since when it is
 * documented, and where it goes. Inside harness/migrate; docs/migrate.md shows the table, and a test compares them.
 *
 *     const struct mlx_field *f = mlx_field_find("/system_health/swap_used_mb");
 *     f->home    // "/system_health/sensors/swap_used_mb"
 *     f->instead // "swap_gb": what is documented in its place
 */
#ifndef ASSAY_MLXKNIFE_FIELDS_H
#define ASSAY_MLXKNIFE_FIELDS_H

#include <stdbool.h>

struct json_object;

/* The four versions, in their order. MLX_NEVER: written, but in no schema. */
enum mlx_version { MLX_NEVER, MLX_0_1_0, MLX_0_2_0, MLX_0_2_1, MLX_0_2_2, MLX_VERSIONS };
extern const char *const mlx_version_names[MLX_VERSIONS];

/* MLX_NEVER: no text, or no version that is known here. */
enum mlx_version mlx_version_of(const struct json_object *record);

enum mlx_kind {
    MLX_GROUP,   /* an object whose members are fields */
    MLX_LIFTED,  /* by code of its own: times, names, outcome */
    MLX_NAME,    /* text, made safe, at home in the record */
    MLX_AMOUNT,  /* a number that is not negative, likewise */
    MLX_TEXTS,   /* array of texts, likewise */
    MLX_YES_NO,  /* likewise */
    MLX_SENSOR,  /* a reading; home: of the sensor */
    MLX_MACHINE, /* home: in run.json, as the first record has it that tells */
    MLX_FIGURE,  /* a number by the writer's definition */
    MLX_KEPT,    /* only in metadata.migrated.original; why says why */
};

struct mlx_field {
    const char *pointer;
    enum mlx_version since;
    enum mlx_kind kind;
    const char *home;    /* pointer into the record, MLX_MACHINE: into run.json; NULL: none */
    const char *unit;    /* of sensors and figures */
    const char *why;     /* MLX_KEPT, MLX_FIGURE: why it has no typed home */
    const char *instead; /* MLX_NEVER: the documented name of the same thing; may be NULL */
};

extern const struct mlx_field mlx_fields[]; /* ends with pointer NULL */

/* NULL: a field that nobody knows. */
const struct mlx_field *mlx_field_find(const char *pointer);

#endif
