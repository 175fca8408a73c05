#include "drm_fdinfo.h"

#include "proc_parse.h"

#include <stdio.h>
#include <string.h>

/* "drm-engine-render:\t123 ns" in its parts. */
struct field {
    const char *key, *unit;
    size_t key_len, unit_len;
    uint64_t number;
};

static bool take_number(const char **at, uint64_t *number)
{
    const char *from = *at;
    uint64_t value = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        unsigned digit = (unsigned)(**at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return *at > from;
}

/* False for a line whose value is no number, or that has no end. */
static bool split(const char *line, struct field *f)
{
    size_t len = strcspn(line, "\n");
    const char *colon = memchr(line, ':', len), *at;
    if (line[len] != '\n' || !colon)
        return false;
    *f = (struct field){.key = line, .key_len = (size_t)(colon - line)};
    at = colon + 1 + strspn(colon + 1, " \t");
    if (!take_number(&at, &f->number))
        return false;
    f->unit = at + strspn(at, " \t");
    f->unit_len = strcspn(f->unit, " \t\n");
    return true;
}

/* What follows the prefix in the key, or NULL. */
static const char *behind(const struct field *f, const char *prefix)
{
    size_t len = strlen(prefix);
    return f->key_len > len && strncmp(f->key, prefix, len) == 0 ? f->key + len : NULL;
}

static bool has_unit(const struct field *f, const char *unit)
{
    return f->unit_len == strlen(unit) && strncmp(f->unit, unit, f->unit_len) == 0;
}

static bool add(uint64_t *sum, uint64_t number)
{
    if (number > UINT64_MAX - *sum)
        return false;
    *sum += number;
    return true;
}

static bool add_bytes(const struct field *f, uint64_t *sum)
{
    uint64_t unit = has_unit(f, "KiB") ? 1024 : has_unit(f, "MiB") ? 1024 * 1024 : f->unit_len == 0 ? 1 : 0;
    return unit > 0 && f->number <= UINT64_MAX / unit && add(sum, f->number * unit);
}

static void note_cycles(const struct field *f, const char *engine, bool total, struct drm_client *client)
{
    size_t i = 0, len = f->key_len - (size_t)(engine - f->key);
    if (len >= sizeof client->cycles[0].engine)
        return;
    while (i < client->cycle_count &&
           (strncmp(client->cycles[i].engine, engine, len) != 0 || client->cycles[i].engine[len] != '\0'))
        i++;
    if (i == DRM_ENGINES_MAX)
        return;
    if (i == client->cycle_count) {
        client->cycles[i] = (struct drm_cycles){0};
        memcpy(client->cycles[i].engine, engine, len);
        client->cycle_count++;
    }
    if (total)
        client->cycles[i].total = f->number;
    else
        client->cycles[i].busy = f->number;
}

/* Sums of the lines so far; drivers that have "resident" may call the same "memory" as well. */
struct sums {
    uint64_t resident, memory;
    bool has_resident, has_memory, has_id;
};

static void take_field(const struct field *f, struct drm_client *client, struct sums *sums)
{
    const char *engine;
    if (f->key_len == strlen("drm-client-id") && strncmp(f->key, "drm-client-id", f->key_len) == 0) {
        client->id = f->number;
        sums->has_id = true;
    } else if (behind(f, "drm-resident-")) {
        sums->has_resident |= add_bytes(f, &sums->resident);
    } else if (behind(f, "drm-memory-")) {
        sums->has_memory |= add_bytes(f, &sums->memory);
    } else if ((engine = behind(f, "drm-total-cycles-")) != NULL) {
        note_cycles(f, engine, true, client);
    } else if ((engine = behind(f, "drm-cycles-")) != NULL) {
        note_cycles(f, engine, false, client);
    } else if (behind(f, "drm-engine-") && has_unit(f, "ns")) {
        client->engines_told |= add(&client->engine_ns, f->number);
    }
}

/* The one value that is a word. */
static void take_device(const char *line, struct drm_client *client)
{
    static const char key[] = "drm-pdev:";
    if (strncmp(line, key, sizeof key - 1) != 0)
        return;
    line += sizeof key - 1;
    line += strspn(line, " \t");
    size_t len = strcspn(line, " \t\n");
    if (len < sizeof client->device) {
        memcpy(client->device, line, len);
        client->device[len] = '\0';
    }
}

bool drm_fdinfo_parse(const char *text, struct drm_client *client)
{
    struct sums sums = {0};
    struct drm_client found = {0};
    for (const char *line = text; line; line = proc_next_line(line)) {
        struct field f;
        take_device(line, &found);
        if (split(line, &f))
            take_field(&f, &found, &sums);
    }
    if (!sums.has_id)
        return false;
    found.memory_told = sums.has_resident || sums.has_memory;
    found.memory_bytes = sums.has_resident ? sums.resident : sums.memory;
    found.engines_told |= found.cycle_count > 0;
    *client = found;
    return true;
}
