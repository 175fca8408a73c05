#include "system_settings.h"

#include "cpu_topology.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 128 };

/* One line of a file, without what would not be printable. */
static bool read_word(const char *root, const char *path, char *word, size_t size)
{
    char text[512];
    struct buf safe = BUF_INIT(2048);
    if (fs_read_small(root, path, text, sizeof text) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    bool ok = text[0] != '\0' && text_sanitise(&safe, text, strlen(text), size - 1) == STATUS_OK;
    if (ok)
        snprintf(word, size, "%s", buf_text(&safe));
    buf_fini(&safe);
    return ok;
}

/* Settings that are a word as it stands in a file. */
static const struct word_setting {
    const char *part, *name, *path; /* part: of the machine; "" for the machine itself */
} word_settings[] = {
    {"", "clock_source", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
    {"/cpu", "frequency_driver", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"},
    {"/cpu", "frequency_mode", "/sys/devices/system/cpu/intel_pstate/status"},
    {"/cpu", "frequency_mode", "/sys/devices/system/cpu/amd_pstate/status"},
    {"/cpu", "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
    {"/cpu", "energy_preference", "/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference"},
};

static bool set_words(const char *root, struct json_object *machine)
{
    bool ok = true;
    for (size_t i = 0; i < sizeof word_settings / sizeof word_settings[0]; i++) {
        const struct word_setting *w = &word_settings[i];
        struct json_object *part = w->part[0] ? json_get_object(machine, w->part) : machine;
        char word[WORD_SIZE];
        if (part && read_word(root, w->path, word, sizeof word))
            ok &= json_set_text(part, w->name, word);
    }
    return ok;
}

/* "always [madvise] never": the one in brackets. */
static bool set_huge_pages(const char *root, struct json_object *memory)
{
    char text[WORD_SIZE];
    if (!read_word(root, "/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text))
        return true;
    char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close || close == open + 1)
        return true;
    *close = '\0';
    return json_set_text(memory, "huge_pages", open + 1);
}

static bool read_level(const char *root, const char *path, int64_t *level)
{
    char word[WORD_SIZE];
    return read_word(root, path, word, sizeof word) && text_parse_i64(word, level) && *level >= 0;
}

static bool set_nodes(const char *root, struct json_object *memory)
{
    struct cpu_set *nodes = malloc(sizeof *nodes);
    int64_t balancing;
    bool ok = nodes != NULL;
    if (ok && cpu_set_read(root, "/sys/devices/system/node/online", nodes) && nodes->count > 0)
        ok = json_set_int(memory, "numa_nodes", (int64_t)nodes->count);
    if (ok && read_level(root, "/proc/sys/kernel/numa_balancing", &balancing))
        ok = json_set_bool(memory, "numa_balancing", balancing != 0);
    free(nodes);
    return ok;
}

/* What the kernel says of each fault of processors that it knows. */
struct faults {
    const char *root;
    struct json_object *mitigations, *vulnerable;
    bool ok;
};

static int visit_fault(const char *name, void *arg)
{
    struct faults *f = arg;
    char path[256], state[WORD_SIZE];
    if ((size_t)snprintf(path, sizeof path, "/sys/devices/system/cpu/vulnerabilities/%s", name) >=
            sizeof path ||
        !read_word(f->root, path, state, sizeof state))
        return 0;
    if (strncmp(state, "Vulnerable", strlen("Vulnerable")) == 0)
        f->ok &= json_add_text(f->vulnerable, name);
    else if (strstr(state, "Mitigation"))
        f->ok &= json_add_text(f->mitigations, name);
    return 0; /* others: not affected, or not known */
}

/* Both lists, also empty ones: nothing to be done is something else than nothing known. */
static bool set_faults(const char *root, struct json_object *cpu)
{
    char folder[600];
    struct faults f = {root, json_object_new_array(), json_object_new_array(), true};
    bool listed = (size_t)snprintf(folder, sizeof folder, "%s/sys/devices/system/cpu/vulnerabilities", root) <
                      sizeof folder &&
                  fs_list(folder, visit_fault, &f, NULL) == STATUS_OK;
    if (listed && f.ok) {
        f.ok = json_set(cpu, "mitigations", json_object_get(f.mitigations)) &&
               json_set(cpu, "vulnerable", json_object_get(f.vulnerable));
    }
    json_object_put(f.mitigations);
    json_object_put(f.vulnerable);
    return f.ok;
}

bool system_settings_into(const char *root, struct json_object *machine)
{
    struct json_object *cpu = json_get_object(machine, "/cpu"), *memory = json_get_object(machine, "/memory");
    int64_t level;
    bool ok = cpu && memory && set_words(root, machine);
    if (ok && read_level(root, "/proc/sys/kernel/randomize_va_space", &level) && level <= 2)
        ok = json_set_int(machine, "address_randomisation", level);
    return ok && set_huge_pages(root, memory) && set_nodes(root, memory) && set_faults(root, cpu);
}
