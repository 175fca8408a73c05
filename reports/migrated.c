#include "migrated.h"

#include "quantity.h"

#include "json.h"

#include <math.h>
#include <stdlib.h>

struct json_object *migrated_of(const struct run_test *test)
{
    return test->last ? json_get_object(test->last->record, "/metadata/migrated") : NULL;
}

size_t migrated_count(const struct run_data *data)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++)
        count += migrated_of(&data->tests[i]) != NULL;
    return count;
}

bool migrated_is(const struct run_data *data)
{
    return json_get_object(data->run, "/migrated") != NULL || migrated_count(data) > 0;
}

const char *migrated_from(const struct run_data *data)
{
    const char *from = json_get_text(data->run, "/migrated/from");
    for (size_t i = 0; i < data->test_count && !from; i++)
        from = json_get_text(migrated_of(&data->tests[i]), "/from");
    return from ? from : "an older format";
}

struct json_object *migrated_figures(const struct run_test *test)
{
    struct json_object *figures = json_get_array(migrated_of(test), "/figures");
    return figures && json_object_array_length(figures) > 0 ? figures : NULL;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t read_values(const struct json_object *figure, double **values)
{
    struct json_object *list = json_get_array(figure, "/values");
    size_t count = list ? json_object_array_length(list) : 0, kept = 0;
    *values = count ? calloc(count, sizeof **values) : NULL;
    for (size_t i = 0; i < count && *values; i++)
        if (json_get_real(json_object_array_get_idx(list, i), "", &(*values)[kept]))
            kept++;
    return kept;
}

void migrated_append_figure(const struct json_object *figure, struct buf *out)
{
    double *values;
    size_t n = read_values(figure, &values);
    const char *unit_name = json_get_text(figure, "/unit");
    char text[QUANTITY_SIZE], range[2 * QUANTITY_SIZE];
    if (n > 0) {
        qsort(values, n, sizeof *values, by_size);
        double median = n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
        struct quantity_unit unit = quantity_unit_for_row(unit_name ? unit_name : "", median, 0);
        if (n == 1 && median == floor(median) && fabs(median) < 1e9)
            unit.digits = unit.scale > 1 ? unit.digits : 0;
        quantity_format(text, sizeof text, &unit, median);
        buf_append_text(out, text);
        unit.name[0] = '\0'; /* said once */
        quantity_format_range(range, sizeof range, &unit, values[0], values[n - 1]);
        if (n > 1)
            buf_printf(out, " (%s)", range);
    }
    free(values);
}
