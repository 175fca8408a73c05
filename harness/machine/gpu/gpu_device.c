#include "gpu_device.h"

void gpu_device_init(struct gpu_device *gpu, const struct gpu_ops *ops, const char *source)
{
    gpu->ops = ops;
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        reading_unavailable(&gpu->readings[i], source, "this driver does not tell");
    reading_unavailable(&gpu->target_memory, source, "this driver does not tell");
}

struct reading *gpu_device_reading(struct gpu_device *gpu, enum sensor_id id)
{
    return &gpu->readings[id - SENSOR_GPU_FIRST];
}
