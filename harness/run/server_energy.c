#include "server_energy.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As the monitor itself adds watts up (energy_meter.c): readings further apart say nothing of what lies between. */
#define WATTS_GAP_NS (3 * NS_PER_S / 2)

struct server_energy {
    struct energy_meter *meter;
    bool watts[ENERGY_SOURCES_MAX];
    int64_t last_ns[ENERGY_SOURCES_MAX]; /* of a reading; 0: none yet */
    int64_t watts_gap_ns;
};

static void copy_text(char *to, size_t size, const struct json_object *from, const char *pointer)
{
    const char *text = json_get_text(from, pointer);
    snprintf(to, size, "%s", text != NULL ? text : "");
}

/* False for what is no source that this program knows how to add up. */
static bool read_source(const struct json_object *from, struct energy_source *source, bool *watts)
{
    const char *part = json_get_text(from, "/part"), *status = json_get_text(from, "/status"),
               *unit = json_get_text(from, "/unit");
    *source = (struct energy_source){.unit = ENERGY_JOULES};
    copy_text(source->name, sizeof source->name, from, "/name");
    copy_text(source->method, sizeof source->method, from, "/method");
    copy_text(source->reason, sizeof source->reason, from, "/reason");
    (void)json_get_bool(from, "/spare", &source->spare);
    *watts = unit != NULL && strcmp(unit, "W") == 0;
    if (status != NULL && strcmp(status, "ok") == 0)
        source->ops = &energy_told_ops;
    return source->name[0] != '\0' && source->method[0] != '\0' && part != NULL &&
           energy_part_parse(part, &source->part);
}

struct server_energy *server_energy_new(const struct json_object *start, int64_t period_ns)
{
    struct json_object *list = json_get_array(start, "/energy/sources");
    struct server_energy *energy = calloc(1, sizeof *energy);
    struct energy_source source;
    if (energy == NULL || energy_meter_new_told(period_ns, &energy->meter, NULL) != STATUS_OK) {
        free(energy);
        return NULL;
    }
    energy->watts_gap_ns = 3 * period_ns > WATTS_GAP_NS ? 3 * period_ns : WATTS_GAP_NS;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        size_t at = energy_meter_count(energy->meter);
        bool watts;
        if (at < ENERGY_SOURCES_MAX && read_source(json_object_array_get_idx(list, i), &source, &watts) &&
            energy_meter_add(energy->meter, &source))
            energy->watts[at] = watts;
    }
    return energy;
}

void server_energy_free(struct server_energy *energy)
{
    if (energy == NULL)
        return;
    energy_meter_close(energy->meter);
    free(energy);
}

void server_energy_note(
    struct server_energy *energy, const struct json_object *values, int64_t t_ns, bool broken)
{
    char name[64];
    for (size_t i = 0; i < energy_meter_count(energy->meter); i++) {
        const struct energy_source *source = energy_meter_source(energy->meter, i);
        struct json_object *value = NULL;
        snprintf(name, sizeof name, "energy_%s_j", source->name);
        if (source->ops == NULL || !json_object_object_get_ex(values, name, &value) ||
            !(json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int)))
            continue;
        bool gap =
            energy->watts[i] && energy->last_ns[i] != 0 && t_ns - energy->last_ns[i] > energy->watts_gap_ns;
        (void)energy_meter_tell(energy->meter, i, t_ns, json_object_get_double(value), broken || gap);
        energy->last_ns[i] = t_ns;
    }
}

const struct energy_meter *server_energy_meter(const struct server_energy *energy)
{
    return energy->meter;
}
