#include "doctor.h"

#include "json.h"
#include "sensor.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED };

static const char *colour(enum colour c)
{
    static const char *const codes[] = {[PLAIN] = "\033[0m",
        [BOLD] = "\033[1m",
        [GREEN] = "\033[32m",
        [YELLOW] = "\033[33m",
        [RED] = "\033[31m"};
    const char *refused = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(refused && refused[0]) ? codes[c] : "";
}

static void print_title(const char *title)
{
    printf("\n%s%s%s\n", colour(BOLD), title, colour(PLAIN));
}

static void print_row(const char *name, const char *value)
{
    if (value && value[0])
        printf("  %-16s %s\n", name, value);
}

static void print_program(const struct json_object *doctor)
{
    printf("%sassay %s%s, built with %s\n", colour(BOLD), json_get_text(doctor, "/assay/version"),
        colour(PLAIN), json_get_text(doctor, "/assay/compiler"));
    struct json_object *libraries = json_get_object(doctor, "/assay/libraries");
    const char *separator = "  ";
    json_object_object_foreach(libraries, name, version)
    {
        printf("%s%s %s", separator, name, json_object_get_string(version));
        separator = ", ";
    }
    printf("\n");
}

/* " of 8" and the like: a number of the tree between two words, nothing where it is absent. */
static void add_number(struct buf *out, const struct json_object *tree, const char *pointer,
    const char *before, const char *after)
{
    double value;
    char text[64];
    if (!json_get_real(tree, pointer, &value))
        return;
    text_format_decimal(text, sizeof text, value, value == (double)(int64_t)value ? 0 : 2);
    buf_printf(out, "%s%s%s", before, text, after);
}

static void add_bytes(struct buf *out, const struct json_object *tree, const char *pointer,
    const char *before, const char *after)
{
    double value;
    char text[64];
    if (!json_get_real(tree, pointer, &value))
        return;
    text_format_bytes(text, sizeof text, value);
    buf_printf(out, "%s%s%s", before, text, after);
}

static void print_cpu(const struct json_object *machine)
{
    struct buf line = BUF_INIT(4096);
    const char *model = json_get_text(machine, "/cpu/model");
    buf_append_text(&line, model ? model : "unknown model");
    add_number(&line, machine, "/cpu/logical", ", ", " logical");
    add_number(&line, machine, "/cpu/physical", ", ", " cores");
    add_number(&line, machine, "/cpu/performance", " (", " performance");
    add_number(&line, machine, "/cpu/efficiency", ", ", " efficiency)");
    add_number(&line, machine, "/cpu/allowed", ", ", " for this process");
    add_number(&line, machine, "/cpu/quota", ", at most ", " at a time");
    print_row("processor", buf_text(&line));
    buf_clear(&line);
    add_bytes(&line, machine, "/memory/total_bytes", "", "");
    add_bytes(&line, machine, "/memory/swap_bytes", ", swap ", "");
    add_bytes(&line, machine, "/memory/limit_bytes", ", limited to ", " by the control group");
    print_row("memory", buf_text(&line));
    buf_fini(&line);
}

static void add_text(struct buf *out, const struct json_object *tree, const char *pointer, const char *before)
{
    const char *text = json_get_text(tree, pointer);
    if (text)
        buf_printf(out, "%s%s%s", out->len ? ", " : "", before, text);
}

/* Settings that move figures although the hardware is the same. */
static void print_settings(const struct json_object *machine)
{
    struct buf line = BUF_INIT(4096);
    struct json_object *unmended = json_get_array(machine, "/cpu/vulnerable");
    bool balanced = false;
    add_text(&line, machine, "/clock_source", "clock ");
    add_text(&line, machine, "/cpu/frequency_driver", "clock rates by ");
    add_text(&line, machine, "/cpu/frequency_mode", "");
    add_text(&line, machine, "/cpu/governor", "governor ");
    add_text(&line, machine, "/cpu/energy_preference", "energy preference ");
    add_text(&line, machine, "/memory/huge_pages", "huge pages ");
    add_number(&line, machine, "/memory/numa_nodes", ", NUMA nodes ", "");
    if (json_get_bool(machine, "/memory/numa_balancing", &balanced) && balanced)
        buf_append_text(&line, ", balanced");
    for (size_t i = 0; unmended && i < json_object_array_length(unmended); i++)
        buf_printf(&line, "%s%s", i ? " " : ", not worked around: ",
            json_object_get_string(json_object_array_get_idx(unmended, i)));
    print_row("settings", buf_text(&line));
    buf_fini(&line);
}

static void print_gpus(const struct json_object *machine)
{
    struct json_object *gpus = json_get_array(machine, "/gpus");
    size_t count = gpus ? json_object_array_length(gpus) : 0;
    for (size_t i = 0; i < count; i++) {
        struct buf line = BUF_INIT(4096);
        const struct json_object *gpu = json_object_array_get_idx(gpus, i);
        const char *driver = json_get_text(gpu, "/driver");
        buf_append_text(&line, json_get_text(gpu, "/name"));
        add_bytes(&line, gpu, "/memory_bytes", ", ", "");
        add_number(&line, gpu, "/cores", ", ", " cores");
        add_number(&line, gpu, "/power_limit_w", ", at most ", " W");
        if (driver)
            buf_printf(&line, ", driver %s", driver);
        print_row("GPU", buf_text(&line));
        buf_fini(&line);
    }
    if (count == 0)
        print_row("GPU", "none found");
}

static void print_machine(const struct json_object *doctor)
{
    const struct json_object *machine = json_get_object(doctor, "/machine");
    struct buf system = BUF_INIT(4096);
    print_title("Machine");
    print_row("host", json_get_text(machine, "/host"));
    buf_printf(&system, "%s, kernel %s, %s", json_get_text(machine, "/os"), json_get_text(machine, "/kernel"),
        json_get_text(machine, "/architecture"));
    print_row("system", buf_text(&system));
    print_row("model", json_get_text(machine, "/model"));
    print_row("virtualisation", json_get_text(machine, "/virtualisation"));
    print_cpu(machine);
    print_settings(machine);
    print_gpus(machine);
    buf_fini(&system);
}

static void format_with_unit(char *text, size_t size, double value, const char *unit)
{
    char number[48];
    text_format_decimal(number, sizeof number, value, value < 10 && value > -10 ? 2 : 0);
    snprintf(text, size, "%s %s", number, unit);
}

static void format_value(char *text, size_t size, double value, const char *unit)
{
    if (strcmp(unit, "bytes") == 0)
        text_format_bytes(text, size, value);
    else if (strcmp(unit, "s") == 0)
        text_format_duration(text, size, value);
    else if (strcmp(unit, "share") == 0)
        format_with_unit(text, size, value * 100, "%");
    else if (strcmp(unit, "Hz") == 0)
        format_with_unit(text, size, value / 1e6, "MHz");
    else if (strcmp(unit, "celsius") == 0)
        format_with_unit(text, size, value, "C");
    else if (strcmp(unit, "count") == 0)
        text_format_decimal(text, size, value, 0);
    else
        format_with_unit(text, size, value, unit);
}

static void print_sensor(const struct json_object *doctor, const struct sensor *sensor)
{
    char pointer[96], value_text[64] = "";
    double value;
    snprintf(pointer, sizeof pointer, "/sensors/%s", sensor->name);
    const struct json_object *found = json_get_object(doctor, pointer);
    const char *status = json_get_text(found, "/status");
    const char *reason = json_get_text(found, "/reason");
    bool ok = strcmp(status, "ok") == 0;
    enum colour c = ok ? GREEN : strcmp(status, "error") == 0 ? RED : YELLOW;
    if (ok && json_get_real(found, "/value", &value))
        format_value(value_text, sizeof value_text, value, sensor->unit);
    printf("  %-26s %s%-11s%s %12s  %s%s%s\n", sensor->name, colour(c), status, colour(PLAIN), value_text,
        json_get_text(found, "/source"), ok ? "" : ": ", ok ? "" : reason);
}

/* Why no GPU can be read at all; NULL where one can. */
static const char *no_gpu(const struct json_object *doctor)
{
    const char *all = NULL;
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        char pointer[96];
        snprintf(pointer, sizeof pointer, "/sensors/%s/reason", sensor_table[SENSOR_GPU_FIRST + i].name);
        const char *reason = json_get_text(doctor, pointer);
        if (!reason || (all && strcmp(reason, all) != 0))
            return NULL;
        all = reason;
    }
    return all;
}

static void print_sensors(const struct json_object *doctor)
{
    const char *missing = json_get_text(doctor, "/missing_sensor"), *absent = no_gpu(doctor);
    print_title("Sensors");
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        bool of_gpu = i >= SENSOR_GPU_FIRST && i < SENSOR_GPU_FIRST + GPU_SENSOR_COUNT;
        if (!of_gpu || !absent)
            print_sensor(doctor, &sensor_table[i]);
    }
    if (absent)
        printf("  %-26s %sunavailable%s %12s  %s\n", "gpu_*", colour(YELLOW), colour(PLAIN), "", absent);
    if (missing)
        printf("  %sThe machine's quality would be unknown: nothing tells about %s.%s\n", colour(RED),
            missing, colour(PLAIN));
    else
        printf("  Enough to judge the machine's quality.\n");
}

/* A line for each GPU: what it says now, and what it complained of since its driver was loaded. */
static void print_gpu_values(const struct json_object *doctor)
{
    const struct json_object *values = json_get_object(doctor, "/gpu_values");
    for (size_t gpu = 0; gpu < GPUS_MAX; gpu++) {
        struct buf line = BUF_INIT(4096);
        for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
            const struct sensor *row = &sensor_table[SENSOR_GPU_FIRST + i];
            char name[64], pointer[80], text[64];
            double value;
            sensor_gpu_name(gpu, (enum sensor_id)(SENSOR_GPU_FIRST + i), name, sizeof name);
            snprintf(pointer, sizeof pointer, "/%s", name);
            bool matters = SENSOR_GPU_FIRST + i <= SENSOR_GPU_CLOCK; /* the others, where they count */
            if (!json_get_real(values, pointer, &value) || (!matters && value == 0))
                continue;
            format_value(text, sizeof text, value, row->unit);
            buf_printf(&line, "%s%s %s", line.len > 0 ? ", " : "", strchr(name, '_') + 1, text);
        }
        char name[32];
        snprintf(name, sizeof name, "gpu%zu", gpu);
        print_row(name, buf_text(&line));
        buf_fini(&line);
    }
}

static void print_clock(const struct json_object *watching)
{
    bool known = false, kept = false;
    char error[48];
    struct buf line = BUF_INIT(256);
    double error_s = 0;
    json_get_bool(watching, "/clock/known", &known);
    json_get_bool(watching, "/clock/kept", &kept);
    if (kept && json_get_real(watching, "/clock/error_s", &error_s)) {
        text_format_duration(error, sizeof error, error_s);
        buf_printf(&line, "kept by a time service, within %s", error);
    } else {
        buf_append_text(&line, known ? "kept by no time service" : "this system does not tell who keeps it");
    }
    print_row("wall clock", buf_text(&line));
    buf_fini(&line);
}

static void print_watching(const struct json_object *doctor)
{
    const struct json_object *watching = json_get_object(doctor, "/watching");
    struct buf line = BUF_INIT(4096);
    char text[48];
    double read_s = 0, scan_s = 0, share = 0;
    print_title("Watching");
    json_get_real(watching, "/read_s", &read_s);
    json_get_real(watching, "/scan_s", &scan_s);
    json_get_real(watching, "/core_share", &share);
    text_format_duration(text, sizeof text, read_s);
    buf_printf(&line, "%s, the pass over all processes ", text);
    text_format_duration(text, sizeof text, scan_s);
    buf_append_text(&line, text);
    print_row("one sample", buf_text(&line));
    buf_clear(&line);
    text_format_significant(text, sizeof text, share * 100, 2);
    buf_printf(&line, "%s %% of one core, every 200 ms and a pass each second", text);
    print_row("costs", buf_text(&line));
    print_row("runs on", json_get_text(watching, "/processors"));
    print_clock(watching);
    buf_fini(&line);
}

static void print_energy(const struct json_object *doctor)
{
    const struct json_object *list = json_get_array(doctor, "/energy/sources");
    const char *none = json_get_text(doctor, "/energy/reason");
    print_title("Energy");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const struct json_object *source = json_object_array_get_idx(list, i);
        const char *reason = json_get_text(source, "/reason");
        printf("  %-22s %s%-11s%s %s%s%s\n", json_get_text(source, "/name"), colour(reason ? YELLOW : GREEN),
            reason ? "unavailable" : "ok", colour(PLAIN), json_get_text(source, "/method"),
            reason ? ": " : "", reason ? reason : "");
    }
    if (none)
        printf("  Nothing tells what this machine uses: %s.\n", none);
}

static void print_permitted(const struct json_object *doctor)
{
    const struct json_object *permitted = json_get_object(doctor, "/permitted");
    struct buf line = BUF_INIT(4096);
    bool possible = false, writable = false;
    print_title("Permitted");
    json_get_bool(permitted, "/memory_group/possible", &possible);
    json_get_bool(permitted, "/folder_writable", &writable);
    buf_printf(&line, "%s%s", possible ? "a limit can be set below " : "no: ",
        json_get_text(permitted, possible ? "/memory_group/folder" : "/memory_group/reason"));
    print_row("memory group", buf_text(&line));
    buf_clear(&line);
    add_bytes(&line, permitted, "/disk_free_bytes", "", " free");
    buf_printf(&line, "%s", writable ? ", writable" : ", NOT writable");
    print_row("this folder", buf_text(&line));
    buf_clear(&line);
    add_number(&line, permitted, "/open_files", "at most ", "");
    print_row("open files", buf_text(&line));
    buf_fini(&line);
}

static void print_servers(const struct json_object *doctor)
{
    const struct json_object *list = json_get_array(doctor, "/servers");
    print_title("Servers on the usual ports");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const struct json_object *server = json_object_array_get_idx(list, i);
        bool answers = false;
        json_get_bool(server, "/answers", &answers);
        printf("  %-24s %s%-10s%s %s\n", json_get_text(server, "/url"), answers ? colour(GREEN) : "",
            answers ? "answers" : "no answer", answers ? colour(PLAIN) : "",
            json_get_text(server, "/servers"));
    }
}

void doctor_print(const struct json_object *doctor)
{
    print_program(doctor);
    print_machine(doctor);
    print_sensors(doctor);
    print_gpu_values(doctor);
    print_watching(doctor);
    print_energy(doctor);
    print_permitted(doctor);
    print_servers(doctor);
}
