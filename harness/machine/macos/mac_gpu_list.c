#include "mac_gpu_list.h"

#include "json.h"
#include "mac_registry.h"
#include "told_text.h"

#include <stdio.h>
#include <string.h>

static const char *maker_of(const struct mac_gpu *gpu)
{
    static const char *const makers[] = {"Apple", "AMD", "Intel", "NVIDIA"};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (strstr(gpu->name, makers[i]) != NULL)
            return makers[i];
    return gpu->of_apple ? "Apple" : NULL;
}

static struct json_object *gpu_to_json(const struct mac_gpu *gpu, size_t i)
{
    char id[16];
    struct json_object *object = json_object_new_object();
    const char *maker = maker_of(gpu);
    snprintf(id, sizeof id, "gpu%zu", i);
    bool ok = json_set_text(object, "id", id) && told_text_set(object, "name", gpu->name);
    if (maker)
        ok = ok && json_set_text(object, "vendor", maker);
    if (gpu->cores > 0)
        ok = ok && json_set_int(object, "cores", gpu->cores);
    if (gpu->memory_bytes > 0)
        ok = ok && json_set_int(object, "memory_bytes", gpu->memory_bytes);
    if (ok)
        return object;
    json_object_put(object);
    return NULL;
}

struct json_object *mac_gpu_list_to_json(const struct mac_frameworks *f)
{
    struct mac_gpu gpus[MAC_GPUS_MAX];
    struct json_object *list = json_object_new_array();
    size_t count = mac_gpus_find(f, gpus, MAC_GPUS_MAX);
    bool ok = list != NULL;
    for (size_t i = 0; i < count; i++)
        ok = ok && json_add(list, gpu_to_json(&gpus[i], i));
    mac_gpus_release(f, gpus, count);
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}
