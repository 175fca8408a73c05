/*
 * timeline_pack.h - a table as text for the page: small, and read in pieces, so that the page opens before it is all
 * decoded.
 *
 * Levels: level 0 has the table's rows, each further one the lowest and highest of 16 rows of the one below, until one
 * piece holds them all. A level is cut into pieces of 4096 rows. Of each piece there is, one behind the other in
 * base64: the times, then for each column its values or, where a row stands for several readings, lows and then highs.
 * Numbers are differences to the one before (times: differences of differences, in ticks of 0.1 ms), zigzag and LEB128;
 * a zero byte and a LEB128 number n are n + 1 equal differences of zero. A value v is coded as 1 + (v - base) / step,
 * and 0 where there is none.
 *
 *     {"n":[27000,1688],"rows":[1,16],"pairs":[0,1],"at":[[0,...],[0]],"len":[[5461,...],[...]]}
 *
 *     struct timeline_scale scales[TIMELINE_COLUMNS_MAX];
 *     ... scales[c] = timeline_scale_for(low, high, 0.1) ...
 *     struct timeline_packed data = {BUF_INIT(TIMELINE_PAGE_MAX), BUF_INIT(TIMELINE_PAGE_MAX)};
 *     timeline_pack_table(&table, scales, start_ns, &index, &data);
 */
#ifndef ASSAY_TIMELINE_PACK_H
#define ASSAY_TIMELINE_PACK_H

#include "timeline_table.h"

#include "buf.h"

#define TIMELINE_TICK_NS INT64_C(100000)
#define TIMELINE_PIECE_ROWS ((size_t)4096)
#define TIMELINE_LEVEL_FACTOR ((size_t)16)

struct timeline_scale {
    double base, step;
};

/* Steps of `finest` or coarser, so that codes stay below 2^16. */
struct timeline_scale timeline_scale_for(double low, double high, double finest);

/* Level 0 of what has several, which is read last and is most of it; and all the rest. */
struct timeline_packed {
    struct buf fine, coarse;
};

/* Appends the index as JSON, and the pieces. STATUS_NO_MEMORY, STATUS_LIMIT. */
enum status timeline_pack_table(const struct timeline_table *table, const struct timeline_scale *scales,
    int64_t start_ns, struct buf *index, struct timeline_packed *data) ASSAY_MUST_CHECK;

#endif
