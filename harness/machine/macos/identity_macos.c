#include "identity.h"

#include "json.h"
#include "mac_gpu_list.h"
#include "mac_sysctl.h"
#include "told_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A text of the kernel's, left out where there is none. */
static bool set_sysctl(struct json_object *object, const char *key, const char *name)
{
    char text[256];
    return !mac_sysctl_text(name, text, sizeof text) || told_text_set(object, key, text);
}

static bool set_count(struct json_object *object, const char *key, const char *name)
{
    int64_t count;
    return !mac_sysctl_int(name, &count) || count <= 0 || json_set_int(object, key, count);
}

void machine_host_name(const char *root, char *name, size_t size)
{
    (void)root;
    if (gethostname(name, size) != 0)
        name[0] = '\0';
    name[size - 1] = '\0';
    name[strcspn(name, ".")] = '\0';
    if (!name[0])
        snprintf(name, size, "unknown");
}

/* "macOS 15.1 (24B83)" */
static bool set_system(struct json_object *machine)
{
    char version[64], build[64], text[160];
    struct utsname system;
    int64_t virtual = -1;
    bool named = uname(&system) == 0;
    machine_host_name("", text, sizeof text);
    bool ok = told_text_set(machine, "host", text);
    bool known = mac_sysctl_text("kern.osproductversion", version, sizeof version);
    bool built = mac_sysctl_text("kern.osversion", build, sizeof build);
    snprintf(text, sizeof text, "macOS%s%s%s%s%s", known ? " " : "", known ? version : "", built ? " (" : "",
        built ? build : "", built ? ")" : "");
    ok = ok && told_text_set(machine, "os", text);
    ok = ok && told_text_set(machine, "kernel", named ? system.release : "unknown");
    ok = ok && told_text_set(machine, "architecture", named ? system.machine : "unknown");
    ok = ok && set_sysctl(machine, "model", "hw.model") &&
         set_sysctl(machine, "boot_id", "kern.bootsessionuuid");
    if (mac_sysctl_int("kern.hv_vmm_present", &virtual))
        ok = ok && json_set_text(machine, "virtualisation", virtual ? "virtual machine" : "none");
    return ok;
}

/* perflevel0 is the fastest kind of core; chips with one kind only have no second. */
static struct json_object *cpu_to_json(void)
{
    char vendor[64];
    struct json_object *cpu = json_object_new_object();
    bool known = mac_sysctl_text("machdep.cpu.vendor", vendor, sizeof vendor); /* of Intel's only */
    bool ok = cpu && set_sysctl(cpu, "model", "machdep.cpu.brand_string") &&
              told_text_set(cpu, "vendor", known ? vendor : "Apple");
    ok = ok && set_count(cpu, "logical", "hw.logicalcpu") && set_count(cpu, "physical", "hw.physicalcpu");
    ok = ok && set_count(cpu, "performance", "hw.perflevel0.physicalcpu") &&
         set_count(cpu, "efficiency", "hw.perflevel1.physicalcpu");
    if (ok)
        return cpu;
    json_object_put(cpu);
    return NULL;
}

static struct json_object *memory_to_json(void)
{
    struct json_object *memory = json_object_new_object();
    if (memory && set_count(memory, "total_bytes", "hw.memsize"))
        return memory;
    json_object_put(memory);
    return NULL;
}

static struct json_object *gpus_to_json(void)
{
    struct mac_frameworks frameworks;
    char why[MAC_REASON_SIZE];
    if (mac_frameworks_load(&frameworks, &mac_paths_system, why))
        return mac_gpu_list_to_json(&frameworks);
    return json_object_new_array();
}

struct json_object *machine_identity_to_json(const char *root)
{
    struct json_object *machine = json_object_new_object();
    (void)root;
    bool ok = machine && set_system(machine);
    ok = ok && json_set(machine, "cpu", cpu_to_json()) && json_set(machine, "memory", memory_to_json());
    ok = ok && json_set(machine, "gpus", gpus_to_json());
    if (ok)
        return machine;
    json_object_put(machine);
    return NULL;
}
