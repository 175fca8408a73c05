#include "monitor_line.h"

#include "clock.h"
#include "energy_meter.h"
#include "json.h"

#define MOMENT_MAX_NS (INT64_C(1) << 62)
#define COST_MAX_NS (1000 * NS_PER_S)

static void each_of_gpu(size_t gpu, const struct gpu_values *values,
    void (*each)(const struct sample_value *v, void *arg), void *arg)
{
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        char name[64];
        if (values->status[i] == SENSOR_UNAVAILABLE)
            continue;
        sensor_gpu_name(gpu, (enum sensor_id)(SENSOR_GPU_FIRST + i), name, sizeof name);
        each(&(struct sample_value){name, values->status[i] == SENSOR_OK, values->value[i]}, arg);
    }
}

/* What a GPU says of itself comes behind what all of them say, and behind it what was used. */
void sample_each_value(
    const struct sample *sample, void (*each)(const struct sample_value *v, void *arg), void *arg)
{
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        const struct reading *r = &sample->readings[i];
        if (r->status != SENSOR_UNAVAILABLE)
            each(&(struct sample_value){sensor_table[i].name, r->status == SENSOR_OK, r->value}, arg);
    }
    for (size_t gpu = 0; gpu < sample->gpu_count; gpu++)
        each_of_gpu(gpu, &sample->gpus[gpu], each, arg);
    if (sample->energy)
        energy_meter_each(sample->energy, each, arg);
}

struct writing {
    struct buf *line;
    bool any;
};

static void write_value(const struct sample_value *v, void *arg)
{
    struct writing *w = arg;
    buf_append_text(w->line, w->any ? ",\"" : "\"");
    buf_append_text(w->line, v->name);
    buf_append_text(w->line, "\":");
    if (!v->known || json_write_real(v->value, w->line) != STATUS_OK)
        buf_append_text(w->line, "null");
    w->any = true;
}

void monitor_line_write(
    struct buf *line, const struct buf *head, const char *phase, const struct sample *sample)
{
    const struct sample *s = sample;
    buf_clear(line);
    buf_append(line, head->data, head->len);
    buf_printf(line, ",\"phase\":\"%s\",\"unix_ns\":%lld,\"mono_ns\":%lld,\"late_ns\":%lld,\"cost_ns\":%lld",
        phase, (long long)s->t_unix_ns, (long long)s->t_mono_ns, (long long)s->lateness_ns,
        (long long)s->cost_ns);
    if (s->scanned)
        buf_printf(line, ",\"scan_ns\":%lld", (long long)s->scan_ns);
    buf_append_text(line, ",\"values\":{");
    sample_each_value(s, write_value, &(struct writing){.line = line});
    buf_append_text(line, "}}");
}

static bool is_number(const struct json_object *value)
{
    return json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
}

/* Whatever a file says can be added and subtracted. */
static bool read_time(const struct json_object *tree, const char *pointer, int64_t most_ns, int64_t *ns)
{
    int64_t value;
    if (!json_get_int(tree, pointer, &value) || value < 0 || value > most_ns)
        return false;
    *ns = value;
    return true;
}

static void read_values(const struct json_object *values, struct sample *sample)
{
    static const char source[] = "samples.jsonl";
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        struct json_object *value = NULL;
        struct reading *r = &sample->readings[i];
        if (!json_object_object_get_ex(values, sensor_table[i].name, &value))
            reading_unavailable(r, source, "it is not in the file");
        else if (!is_number(value))
            reading_failed(r, source, "it could not be read");
        else
            reading_set(r, json_object_get_double(value), source);
    }
}

bool monitor_line_read(const struct json_object *tree, struct sample *sample)
{
    struct json_object *values = json_get_object(tree, "/values");
    *sample = (struct sample){0};
    if (values == NULL || json_get(tree, "/type") != NULL ||
        !read_time(tree, "/mono_ns", MOMENT_MAX_NS, &sample->t_mono_ns) ||
        !read_time(tree, "/unix_ns", MOMENT_MAX_NS, &sample->t_unix_ns))
        return false;
    (void)read_time(tree, "/late_ns", COST_MAX_NS, &sample->lateness_ns);
    (void)read_time(tree, "/cost_ns", COST_MAX_NS, &sample->cost_ns);
    sample->scanned = read_time(tree, "/scan_ns", COST_MAX_NS, &sample->scan_ns);
    read_values(values, sample);
    return true;
}
