#include "timeline_pack.h"

#include "base64.h"

#include <math.h>
#include <stdlib.h>

#define LEVELS_MAX 8
#define CODES_MOST 65000.0

/* Bytes of one list of numbers on their way. */
struct packer {
    const struct timeline_table *table;
    const struct timeline_scale *scales;
    int64_t start_ns;
    struct buf bytes;
    uint64_t zeros; /* that wait to be written */
    struct buf *data;
};

struct timeline_scale timeline_scale_for(double low, double high, double finest)
{
    struct timeline_scale scale = {.step = finest > 0 ? finest : 1e-9};
    if (isnan(low) || isnan(high))
        return scale;
    while ((high - low) / scale.step > CODES_MOST)
        scale.step *= 2;
    scale.base = floor(low / scale.step) * scale.step;
    return scale;
}

static void put_varint(struct buf *out, uint64_t number)
{
    while (number >= 128) {
        buf_append_char(out, (char)((number & 127) | 128));
        number >>= 7;
    }
    buf_append_char(out, (char)number);
}

static void put_zeros(struct packer *p)
{
    if (p->zeros == 0)
        return;
    buf_append_char(&p->bytes, 0);
    put_varint(&p->bytes, p->zeros - 1);
    p->zeros = 0;
}

static void put_difference(struct packer *p, int64_t difference)
{
    if (difference == 0) {
        p->zeros++;
        return;
    }
    put_zeros(p);
    put_varint(&p->bytes, difference < 0 ? (uint64_t)(-(difference + 1)) * 2 + 1 : (uint64_t)difference * 2);
}

static uint32_t code_of(const struct timeline_scale *scale, double value)
{
    return isnan(value) ? 0 : (uint32_t)(1 + llround(fmax(value - scale->base, 0) / scale->step));
}

/* Writes what is gathered, and how long it is in the data. */
static void end_list(struct packer *p, struct buf *index, bool first)
{
    size_t before = p->data->len;
    put_zeros(p);
    base64_encode(p->data, p->bytes.data, p->bytes.len);
    buf_clear(&p->bytes);
    if (!first)
        buf_append_char(index, ',');
    buf_append_int(index, (int64_t)(p->data->len - before));
}

static int64_t tick_of(const struct packer *p, size_t row)
{
    return (p->table->t_ns[row] - p->start_ns) / TIMELINE_TICK_NS;
}

static size_t level_rows(const struct packer *p, size_t rows_each)
{
    return (p->table->count + rows_each - 1) / rows_each;
}

static void put_times(struct packer *p, size_t rows_each, size_t from, size_t to)
{
    int64_t before = tick_of(p, from * rows_each), step = 0;
    for (size_t i = from; i < to; i++) {
        int64_t tick = tick_of(p, i * rows_each);
        put_difference(p, tick - before - step);
        step = tick - before;
        before = tick;
    }
}

static void put_column(struct packer *p, size_t column, size_t rows_each, size_t from, size_t to, bool highs)
{
    uint32_t before = 0;
    for (size_t i = from; i < to; i++) {
        size_t end = (i + 1) * rows_each < p->table->count ? (i + 1) * rows_each : p->table->count;
        double low, high;
        timeline_table_range(p->table, column, i * rows_each, end, &low, &high);
        uint32_t code = code_of(&p->scales[column], highs ? high : low);
        put_difference(p, (int64_t)code - before);
        before = code;
    }
}

static void put_level(struct packer *p, size_t rows_each, bool pairs, struct buf *index)
{
    size_t rows = level_rows(p, rows_each);
    bool first = true;
    for (size_t from = 0; from < rows; from += TIMELINE_PIECE_ROWS) {
        size_t to = from + TIMELINE_PIECE_ROWS < rows ? from + TIMELINE_PIECE_ROWS : rows;
        put_times(p, rows_each, from, to);
        end_list(p, index, first);
        first = false;
        for (size_t c = 0; c < p->table->column_count; c++) {
            put_column(p, c, rows_each, from, to, false);
            end_list(p, index, false);
            if (!pairs)
                continue;
            put_column(p, c, rows_each, from, to, true);
            end_list(p, index, false);
        }
    }
}

/* Rows of the table that a row of each level stands for; how many levels there are. */
static size_t choose_levels(const struct packer *p, size_t rows_each[LEVELS_MAX])
{
    size_t count = 1;
    rows_each[0] = 1;
    while (count < LEVELS_MAX && level_rows(p, rows_each[count - 1]) > TIMELINE_PIECE_ROWS) {
        rows_each[count] = rows_each[count - 1] * TIMELINE_LEVEL_FACTOR;
        count++;
    }
    return count;
}

static void put_numbers(struct buf *out, const char *name, const size_t *numbers, size_t count)
{
    buf_printf(out, "\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, i ? "," : "");
        buf_append_int(out, (int64_t)numbers[i]);
    }
    buf_append_text(out, "],");
}

static void put_starts(const struct packer *p, const size_t *rows_each, size_t levels, struct buf *index)
{
    buf_append_text(index, "\"at\":[");
    for (size_t k = 0; k < levels; k++) {
        buf_append_text(index, k ? ",[" : "[");
        for (size_t from = 0; from < level_rows(p, rows_each[k]); from += TIMELINE_PIECE_ROWS) {
            buf_append_text(index, from ? "," : "");
            buf_append_int(index, tick_of(p, from * rows_each[k]));
        }
        buf_append_char(index, ']');
    }
    buf_append_text(index, "],");
}

enum status timeline_pack_table(const struct timeline_table *table, const struct timeline_scale *scales,
    int64_t start_ns, struct buf *index, struct timeline_packed *data)
{
    struct packer p = {.table = table, .scales = scales, .start_ns = start_ns, .bytes = BUF_INIT(1 << 24)};
    size_t rows_each[LEVELS_MAX], rows[LEVELS_MAX], pairs[LEVELS_MAX];
    size_t levels = choose_levels(&p, rows_each);
    for (size_t k = 0; k < levels; k++) {
        rows[k] = level_rows(&p, rows_each[k]);
        pairs[k] = k > 0 || table->per_row > 1;
    }
    buf_append_char(index, '{');
    put_numbers(index, "n", rows, levels);
    put_numbers(index, "rows", rows_each, levels);
    put_numbers(index, "pairs", pairs, levels);
    put_starts(&p, rows_each, levels, index);
    buf_append_text(index, "\"len\":[");
    for (size_t k = 0; k < levels; k++) {
        buf_append_text(index, k ? ",[" : "[");
        p.data = k == 0 && levels > 1 ? &data->fine : &data->coarse;
        put_level(&p, rows_each[k], pairs[k] != 0, index);
        buf_append_char(index, ']');
    }
    buf_append_text(index, "]}");
    enum status s = buf_status(&p.bytes);
    buf_fini(&p.bytes);
    if (s == STATUS_OK)
        s = buf_status(index);
    if (s == STATUS_OK)
        s = buf_status(&data->fine);
    return s == STATUS_OK ? buf_status(&data->coarse) : s;
}
