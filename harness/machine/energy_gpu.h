/*
 * energy_gpu.h - the GPUs as sources of energy: whoever reads their sensors has read their energy too.
 *
 *     reader_read(reader, &sample);              // the first time
 *     energy_gpu_add(meter, &sample);
 *     energy_meter_read(meter);                  // from now on: what the sample holds by then
 */
#ifndef ASSAY_ENERGY_GPU_H
#define ASSAY_ENERGY_GPU_H

#include "energy_meter.h"
#include "sensor.h"

/*
 * A source gpu0, gpu1, ... for each GPU of the sample, which stays where it is and is filled anew before each
 * energy_meter_read. What counts energy is taken for it, else what says watts; one that says neither now, as where it
 * sleeps, cannot be read. False: no memory.
 */
bool energy_gpu_add(struct energy_meter *meter, const struct sample *sample);

#endif
