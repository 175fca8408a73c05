/*
 * mlxknife_put.h - puts what a record of mlx-knife says where it belongs, field by field (mlxknife_fields.h). Inside
 * harness/migrate.
 *
 *     struct mlx_lifting l = {.m = m, .record = record, .line = 12};
 *     struct buf pointer = BUF_INIT(1 << 20);
 *     bool ok = mlx_put_members(&l, tree, &pointer);       // false: no memory
 */
#ifndef ASSAY_MLXKNIFE_PUT_H
#define ASSAY_MLXKNIFE_PUT_H

#include "buf.h"

struct json_object;
struct migration;

/* One line on its way. */
struct mlx_lifting {
    struct migration *m;
    struct json_object *record;
    long line;
};

extern const char mlx_odd_type[]; /* why a field is lost whose value is of another type than documented */

/* Each member to its home, or among the losses; pointer leads to object. */
bool mlx_put_members(struct mlx_lifting *l, struct json_object *object, struct buf *pointer);

/* Sets the member at a pointer of plain keys, with the objects on the way there. value is taken. */
bool mlx_set_at(struct json_object *tree, const char *pointer, struct json_object *value);

/* A text of the original as a name of ours: on one line, printable, not too long. NULL: no memory. */
struct json_object *mlx_safe_text(struct json_object *value);

/* A number that is not negative. */
bool mlx_is_amount(struct json_object *value);

#endif
