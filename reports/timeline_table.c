#include "timeline_table.h"

#include <math.h>
#include <stdlib.h>

void timeline_table_init(struct timeline_table *table, size_t limit)
{
    *table = (struct timeline_table){.limit = limit, .per_row = 1};
}

void timeline_table_fini(struct timeline_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        free(table->columns[i].low);
        free(table->columns[i].high);
    }
    free(table->t_ns);
    *table = (struct timeline_table){.per_row = 1};
}

static float *new_values(size_t capacity, size_t count)
{
    float *values = malloc((capacity ? capacity : 1) * sizeof *values);
    for (size_t i = 0; values && i < count; i++)
        values[i] = NAN;
    return values;
}

enum status timeline_table_add_column(struct timeline_table *table, size_t *column)
{
    if (table->column_count == TIMELINE_COLUMNS_MAX)
        return STATUS_LIMIT;
    struct timeline_column added = {.low = new_values(table->capacity, table->count)};
    if (table->per_row > 1)
        added.high = new_values(table->capacity, table->count);
    if (!added.low || (table->per_row > 1 && !added.high)) {
        free(added.low);
        free(added.high);
        return STATUS_NO_MEMORY;
    }
    *column = table->column_count;
    table->columns[table->column_count++] = added;
    return STATUS_OK;
}

/* false: no memory, and the values are as they were. */
static bool resize(float **values, size_t capacity)
{
    float *grown = reallocarray(*values, capacity, sizeof *grown);
    if (grown)
        *values = grown;
    return grown != NULL;
}

static enum status grow(struct timeline_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : 1024;
    if (capacity > table->limit)
        capacity = table->limit;
    int64_t *t_ns = reallocarray(table->t_ns, capacity, sizeof *t_ns);
    if (!t_ns)
        return STATUS_NO_MEMORY;
    table->t_ns = t_ns;
    for (size_t i = 0; i < table->column_count; i++) {
        struct timeline_column *c = &table->columns[i];
        if (!resize(&c->low, capacity) || (c->high && !resize(&c->high, capacity)))
            return STATUS_NO_MEMORY;
    }
    table->capacity = capacity;
    return STATUS_OK;
}

/* fminf and fmaxf leave out a NAN. */
static void merge_pairs(const struct timeline_table *table, struct timeline_column *c)
{
    const float *high = c->high ? c->high : c->low;
    for (size_t i = 0; i < table->count / 2; i++) {
        float top = fmaxf(high[2 * i], high[2 * i + 1]);
        c->low[i] = fminf(c->low[2 * i], c->low[2 * i + 1]);
        c->high[i] = top;
    }
}

/* Half as many rows, each of twice as many readings. The limit is even, so no row is left over. */
static enum status halve(struct timeline_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct timeline_column *c = &table->columns[i];
        if (c->high)
            continue;
        c->high = new_values(table->capacity, 0);
        if (!c->high)
            return STATUS_NO_MEMORY;
        for (size_t k = 0; k < table->count; k++)
            c->high[k] = c->low[k];
    }
    for (size_t i = 0; i < table->column_count; i++)
        merge_pairs(table, &table->columns[i]);
    for (size_t i = 0; i < table->count / 2; i++)
        table->t_ns[i] = table->t_ns[2 * i];
    table->count /= 2;
    table->per_row *= 2;
    return STATUS_OK;
}

static enum status make_room(struct timeline_table *table)
{
    if (table->count < table->capacity)
        return STATUS_OK;
    return table->capacity < table->limit ? grow(table) : halve(table);
}

enum status timeline_table_add_row(struct timeline_table *table, int64_t t_ns)
{
    if (table->readings > 0 && t_ns < table->last_ns)
        t_ns = table->last_ns;
    if (table->count > 0 && table->in_last < table->per_row) {
        table->in_last++;
    } else {
        enum status s = make_room(table);
        if (s != STATUS_OK)
            return s;
        size_t row = table->count++;
        table->t_ns[row] = t_ns;
        for (size_t i = 0; i < table->column_count; i++) {
            table->columns[i].low[row] = NAN;
            if (table->columns[i].high)
                table->columns[i].high[row] = NAN;
        }
        table->in_last = 1;
    }
    table->readings++;
    table->last_ns = t_ns;
    return STATUS_OK;
}

static void put(struct timeline_column *c, size_t row, float value)
{
    if (c->high) {
        c->low[row] = fminf(c->low[row], value);
        c->high[row] = fmaxf(c->high[row], value);
    } else {
        c->low[row] = value;
    }
}

void timeline_table_put(struct timeline_table *table, size_t column, double value)
{
    if (table->count > 0 && isfinite((float)value))
        put(&table->columns[column], table->count - 1, (float)value);
}

void timeline_table_fill(struct timeline_table *table, size_t column, size_t from_reading, double value)
{
    if (!isfinite((float)value))
        return;
    for (size_t row = from_reading / table->per_row; row < table->count; row++)
        put(&table->columns[column], row, (float)value);
}

void timeline_table_range(
    const struct timeline_table *table, size_t column, size_t from, size_t to, double *low, double *high)
{
    const struct timeline_column *c = &table->columns[column];
    const float *highs = c->high ? c->high : c->low;
    float lowest = NAN, highest = NAN;
    for (size_t i = from; i < to; i++) {
        lowest = fminf(lowest, c->low[i]);
        highest = fmaxf(highest, highs[i]);
    }
    *low = (double)lowest;
    *high = (double)highest;
}

size_t timeline_table_row_at(const struct timeline_table *table, int64_t t_ns)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->t_ns[middle] < t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
