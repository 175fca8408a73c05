/*
 * monitor_line.h - a sample as a line of samples.jsonl (schemas/sample.schema.json), and back.
 *
 *     monitor_line_write(&line, &head, "during", &sample);           // head: what every line begins with
 *     if (monitor_line_read(tree, &sample)) window_note(&window, &sample);
 */
#ifndef ASSAY_MONITOR_LINE_H
#define ASSAY_MONITOR_LINE_H

#include "buf.h"
#include "sensor.h"

struct json_object;

/* One member of `values`. */
struct sample_value {
    const char *name;
    bool known; /* false: it could not be read this time, and value means nothing */
    double value;
};

/* Every value of a sample in the order of its line; what this machine does not offer is left out. */
void sample_each_value(
    const struct sample *sample, void (*each)(const struct sample_value *v, void *arg), void *arg);

/* Replaces what stands in line; without newline. The buf's status tells whether it fitted. */
void monitor_line_write(
    struct buf *line, const struct buf *head, const char *phase, const struct sample *sample);

/* False where the line is no sample but one of the other kinds (`type`). Sensors that it does not name were not
 * offered there. What available memory is a share of is not in it. */
bool monitor_line_read(const struct json_object *tree, struct sample *sample);

#endif
