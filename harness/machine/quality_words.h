/*
 * quality_words.h - why a flag was raised, in words with figures and units: "programs that do not belong to
 * the measurement used the CPU: 1.89 cores, allowed 0.05".
 *
 *     struct buf reason = BUF_INIT(1024);
 *     if (finding->raised) s = quality_words_append(finding, sensor_table[id].unit, &reason);
 */
#ifndef ASSAY_QUALITY_WORDS_H
#define ASSAY_QUALITY_WORDS_H

#include "quality.h"

#include "buf.h"

/* finding->rule must be set; unit is that of the sensor. */
enum status quality_words_append(const struct finding *finding, const char *unit, struct buf *out);

#endif
