/*
 * mac_gpu_device.h - a Mac's GPU: utilisation and memory by the I/O registry, energy and exact utilisation of those
 * that are part of Apple's chips by IOReport.
 *
 *     struct gpu_device *gpu = mac_gpu_device_new(&frameworks, &found[0]);       // takes its registry entry
 *
 * The frameworks are borrowed for as long as the device lives.
 */
#ifndef ASSAY_MAC_GPU_DEVICE_H
#define ASSAY_MAC_GPU_DEVICE_H

#include "gpu_device.h"
#include "mac_registry.h"

struct gpu_device *mac_gpu_device_new(const struct mac_frameworks *f, const struct mac_gpu *gpu);

#endif
