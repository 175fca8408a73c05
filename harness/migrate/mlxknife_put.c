#include "mlxknife_put.h"

#include "migration.h"
#include "mlxknife_fields.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum { NAME_MAX_BYTES = 512 };

const char mlx_odd_type[] = "not of the documented type";

bool mlx_set_at(struct json_object *tree, const char *pointer, struct json_object *value)
{
    char key[64];
    for (;;) {
        size_t len = strcspn(++pointer, "/");
        if (len >= sizeof key)
            break;
        memcpy(key, pointer, len);
        key[len] = '\0';
        pointer += len;
        if (*pointer == '\0')
            return json_set(tree, key, value);
        struct json_object *inner = NULL;
        if (!json_object_object_get_ex(tree, key, &inner)) {
            inner = json_object_new_object();
            if (!json_set(tree, key, inner))
                break;
        }
        tree = inner;
    }
    json_object_put(value);
    return false;
}

struct json_object *mlx_safe_text(struct json_object *value)
{
    struct buf safe = BUF_INIT(1 << 16);
    const char *text = json_object_get_string(value);
    struct json_object *made = NULL;
    if (text_sanitise_line(&safe, text, (size_t)json_object_get_string_len(value), NAME_MAX_BYTES / 2) ==
        STATUS_OK)
        made = json_object_new_string_len(buf_text(&safe), (int)safe.len);
    buf_fini(&safe);
    return made;
}

bool mlx_is_amount(struct json_object *value)
{
    enum json_type type = json_object_get_type(value);
    return (type == json_type_int || type == json_type_double) && json_object_get_double(value) >= 0;
}

static bool lose(struct mlx_lifting *l, const struct mlx_field *f, const char *why)
{
    migration_lose(l->m, f->pointer, why);
    return true;
}

static bool put_name(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) == 0)
        return lose(l, f, mlx_odd_type);
    return mlx_set_at(l->record, f->home, mlx_safe_text(value));
}

static bool put_amount(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    return mlx_is_amount(value) ? mlx_set_at(l->record, f->home, json_object_get(value))
                                : lose(l, f, mlx_odd_type);
}

static bool put_texts(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    bool ok = json_object_is_type(value, json_type_array);
    size_t count = ok ? json_object_array_length(value) : 0;
    for (size_t i = 0; i < count; i++)
        ok = ok && json_object_is_type(json_object_array_get_idx(value, i), json_type_string);
    return ok ? mlx_set_at(l->record, f->home, json_object_get(value)) : lose(l, f, mlx_odd_type);
}

static bool put_yes_no(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_boolean))
        return lose(l, f, mlx_odd_type);
    return mlx_set_at(l->record, f->home, json_object_get(value));
}

static bool put_sensor(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    if (!mlx_is_amount(value))
        return lose(l, f, mlx_odd_type);
    struct json_object *sensor = json_object_new_object();
    bool ok = json_set_text(sensor, "status", "ok") && json_set(sensor, "value", json_object_get(value)) &&
              json_set_text(sensor, "unit", f->unit) &&
              json_set_text(sensor, "source", "mlx-knife, read once behind the test") &&
              json_set_text(sensor, "scope", "host");
    return mlx_set_at(l->record, f->home, sensor) && ok;
}

static bool put_machine(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    struct json_object *run = migration_run(l->m), *before = json_get(run, f->home);
    bool is_count = strncmp(f->home, "/machine/cpu/", 13) == 0 && strcmp(f->home, "/machine/cpu/model") != 0;
    if (is_count ? !json_object_is_type(value, json_type_int) || !mlx_is_amount(value)
                 : !json_object_is_type(value, json_type_string))
        return lose(l, f, mlx_odd_type);
    struct json_object *fact = is_count ? json_object_get(value) : mlx_safe_text(value);
    if (before == NULL)
        return mlx_set_at(run, f->home, fact);
    if (!json_deep_equal(before, fact))
        (void)lose(l, f, "another machine than that of the first record that tells");
    json_object_put(fact);
    return true;
}

static bool put_figure(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    if (!mlx_is_amount(value))
        return lose(l, f, mlx_odd_type);
    struct json_object *migrated = json_get_object(l->record, "/metadata/migrated");
    struct json_object *figures = json_get_array(migrated, "/figures");
    if (figures == NULL && json_set(migrated, "figures", json_object_new_array()))
        figures = json_get_array(migrated, "/figures");
    struct json_object *figure = json_object_new_object(), *values = json_object_new_array();
    bool ok = json_set_text(figure, "name", strrchr(f->pointer, '/') + 1) &&
              json_set_text(figure, "unit", f->unit) && json_set_text(figure, "definition", f->why) &&
              json_add(values, json_object_get(value));
    ok &= json_set(figure, "values", values);
    migration_lose_to(l->m, f->pointer, "figure", f->why);
    return json_add(figures, figure) && ok;
}

static bool put_field(struct mlx_lifting *l, const struct mlx_field *f, struct json_object *value)
{
    static bool (*const puts[])(struct mlx_lifting *, const struct mlx_field *, struct json_object *) = {
        [MLX_NAME] = put_name,
        [MLX_AMOUNT] = put_amount,
        [MLX_TEXTS] = put_texts,
        [MLX_YES_NO] = put_yes_no,
        [MLX_SENSOR] = put_sensor,
        [MLX_MACHINE] = put_machine,
        [MLX_FIGURE] = put_figure,
    };
    switch (f->kind) {
    case MLX_LIFTED:
        return true;
    case MLX_GROUP: /* that is no object */
        return lose(l, f, mlx_odd_type);
    case MLX_KEPT:
        return lose(l, f, f->why);
    default:
        return puts[f->kind](l, f, value);
    }
}

bool mlx_put_members(struct mlx_lifting *l, struct json_object *object, struct buf *pointer)
{
    bool ok = true;
    size_t len = pointer->len;
    json_object_object_foreach(object, key, value)
    {
        ok = ok && json_pointer_append(pointer, key) == STATUS_OK;
        if (!ok)
            break;
        const struct mlx_field *f = mlx_field_find(buf_text(pointer));
        if (f == NULL)
            migration_lose(l->m, buf_text(pointer), "not in any documented schema");
        else if (f->kind == MLX_GROUP && json_object_is_type(value, json_type_object))
            ok = mlx_put_members(l, value, pointer);
        else
            ok = put_field(l, f, value);
        pointer->len = len;
        pointer->data[len] = '\0';
    }
    return ok;
}
