/* assay doctor - what is installed, found and permitted on this machine. */
#include "verb.h"

#include "clock.h"
#include "identity.h"
#include "json.h"
#include "libraries.h"
#include "memory_group.h"
#include "port_check.h"
#include "quality.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PORTS_SHOWN = 16, PORT_LIMIT_MS = 200 };

struct doctor_options {
    bool json;
};

static const struct opt options_table[] = {
    {"json", 0, OPT_FLAG, offsetof(struct doctor_options, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "doctor",
    .operands = "",
    .summary = "Shows what is installed, found and permitted on this machine.",
    .details = "Every sensor is named with its source and, where it cannot be read, the reason. Nothing is changed,\n"
               "and nothing but the usual ports of this machine is contacted.\n\n"
               "  assay doctor\n"
               "  assay doctor --json | jq .sensors\n",
};

/* Gathering: one tree, which --json prints and the tables walk. */

static bool add_program(struct json_object *doctor)
{
    struct json_object *assay = json_object_new_object();
    bool ok = json_set_text(assay, "version", ASSAY_VERSION);
    ok &= json_set_text(assay, "compiler", __VERSION__);
    ok &= json_set(assay, "libraries", libraries_to_json());
    return json_set(doctor, "assay", assay) && ok;
}

/* A window of no length: it tells which sensors can be read and whether a verdict would be possible. */
static enum status add_sensors(struct json_object *doctor, struct error *e)
{
    struct monitor_options options = {0};
    struct monitor *monitor;
    struct quality quality;
    enum status status = monitor_open(&options, &monitor, e);
    if (status != STATUS_OK)
        return status;
    monitor_begin(monitor);
    monitor_end(monitor);
    quality_judge(monitor_window(monitor), &quality);
    monitor_close(monitor);
    struct json_object *health = quality_to_json(&quality);
    bool ok = json_set(doctor, "sensors", json_object_get(json_get_object(health, "/sensors")));
    json_object_put(health);
    if (quality.missing)
        ok &= json_set_text(doctor, "missing_sensor", quality.missing);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory");
}

static bool add_memory_group(struct json_object *permitted)
{
    char folder[MEMORY_GROUP_PATH_MAX];
    struct error why = {0};
    struct json_object *group = json_object_new_object();
    bool possible = memory_group_probe(folder, &why) == STATUS_OK;
    bool ok = json_set_bool(group, "possible", possible);
    if (folder[0])
        ok &= json_set_text(group, "folder", folder);
    if (!possible)
        ok &= json_set_text(group, "reason", error_text(&why));
    return json_set(permitted, "memory_group", group) && ok;
}

static bool add_permitted(struct json_object *doctor)
{
    struct rlimit files;
    struct statvfs disk;
    struct json_object *permitted = json_object_new_object();
    bool ok = add_memory_group(permitted);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        ok &= json_set_int(permitted, "open_files", (int64_t)files.rlim_cur);
    if (statvfs(".", &disk) == 0)
        ok &= json_set_int(permitted, "disk_free_bytes", (int64_t)(disk.f_bavail * disk.f_frsize));
    ok &= json_set_bool(permitted, "folder_writable", access(".", W_OK) == 0);
    return json_set(doctor, "permitted", permitted) && ok;
}

static bool add_servers(struct json_object *doctor)
{
    struct port_check ports[PORTS_SHOWN];
    struct json_object *list = json_object_new_array();
    size_t count = port_check_defaults(ports, PORTS_SHOWN, PORT_LIMIT_MS * NS_PER_MS);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        struct json_object *server = json_object_new_object();
        ok &= json_set_text(server, "url", ports[i].url) && json_set_text(server, "servers", ports[i].servers);
        ok &= json_set_bool(server, "answers", ports[i].answers);
        ok &= json_add(list, server);
    }
    return json_set(doctor, "servers", list) && ok;
}

static enum status examine(struct json_object *doctor, struct error *e)
{
    bool ok = add_program(doctor);
    ok &= json_set(doctor, "machine", machine_identity_to_json(""));
    enum status status = add_sensors(doctor, e);
    if (status != STATUS_OK)
        return status;
    ok &= add_permitted(doctor);
    ok &= add_servers(doctor);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory");
}

/* Showing. */

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED };

static const char *colour(enum colour c)
{
    static const char *const codes[] = {
        [PLAIN] = "\033[0m", [BOLD] = "\033[1m", [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [RED] = "\033[31m"};
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
    printf("%sassay %s%s, built with %s\n", colour(BOLD), json_get_text(doctor, "/assay/version"), colour(PLAIN),
        json_get_text(doctor, "/assay/compiler"));
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
static void add_number(struct buf *out, const struct json_object *tree, const char *pointer, const char *before,
    const char *after)
{
    double value;
    char text[64];
    if (!json_get_real(tree, pointer, &value))
        return;
    text_format_decimal(text, sizeof text, value, value == (double)(int64_t)value ? 0 : 2);
    buf_printf(out, "%s%s%s", before, text, after);
}

static void add_bytes(struct buf *out, const struct json_object *tree, const char *pointer, const char *before,
    const char *after)
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
    print_gpus(machine);
    buf_fini(&system);
}

static void format_value(char *text, size_t size, double value, const char *unit)
{
    if (strcmp(unit, "bytes") == 0)
        text_format_bytes(text, size, value);
    else if (strcmp(unit, "s") == 0)
        text_format_duration(text, size, value);
    else
        text_format_decimal(text, size, value, 0);
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
    printf("  %-22s %s%-11s%s %12s  %s%s%s\n", sensor->name, colour(c), status, colour(PLAIN), value_text,
        json_get_text(found, "/source"), ok ? "" : ": ", ok ? "" : reason);
}

static void print_sensors(const struct json_object *doctor)
{
    const char *missing = json_get_text(doctor, "/missing_sensor");
    print_title("Sensors");
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        print_sensor(doctor, &sensor_table[i]);
    if (missing)
        printf("  %sThe machine's quality would be unknown: nothing tells about %s.%s\n", colour(RED), missing,
            colour(PLAIN));
    else
        printf("  Enough to judge the machine's quality.\n");
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
            answers ? "answers" : "no answer", answers ? colour(PLAIN) : "", json_get_text(server, "/servers"));
    }
}

static void print_all(const struct json_object *doctor)
{
    print_program(doctor);
    print_machine(doctor);
    print_sensors(doctor);
    print_permitted(doctor);
    print_servers(doctor);
}

static enum status print_json(const struct json_object *doctor, struct error *e)
{
    struct buf text = BUF_INIT(1 << 20);
    enum status status = json_write_pretty(doctor, &text, e);
    if (status == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return status;
}

static int doctor_main(int argc, char **argv)
{
    struct doctor_options options = {0};
    struct error why = {0};
    int operand, code;
    if (!verb_begin(&usage, options_table, &options, argc, argv, &operand, &code))
        return code;
    if (operand < argc) {
        error_set(&why, STATUS_USAGE, "takes no operand, but there is %s", argv[operand]);
        return verb_fail("doctor", &why);
    }
    struct json_object *doctor = json_object_new_object();
    enum status status = examine(doctor, &why);
    if (status == STATUS_OK && options.json)
        status = print_json(doctor, &why);
    else if (status == STATUS_OK)
        print_all(doctor);
    json_object_put(doctor);
    if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = error_set_errno(&why, "cannot write");
    return status == STATUS_OK ? EXIT_FINE : verb_fail("doctor", &why);
}

const struct verb cmd_doctor = {
    .name = "doctor", .summary = "show what is installed, found and permitted on this machine", .main = doctor_main};
