#include "identity.h"

#include "control_group.h"
#include "cpu_topology.h"
#include "fs.h"
#include "gpu_list.h"
#include "json.h"
#include "proc_parse.h"
#include "system_settings.h"
#include "told_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { CPUINFO_MAX = 16 * 1024 }; /* the first processor is enough */

/* The first line of a file, without spaces around it; false where there is nothing. */
static bool read_line(const char *root, const char *path, char *text, size_t size)
{
    if (fs_read_small(root, path, text, size) <= 0)
        return false;
    size_t len = strcspn(text, "\n");
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    text[len] = '\0';
    size_t lead = strspn(text, " \t");
    memmove(text, text + lead, len - (lead < len ? lead : len) + 1);
    return text[0] != '\0';
}

static bool set_line(struct json_object *object, const char *key, const char *root, const char *path)
{
    char text[512];
    return !read_line(root, path, text, sizeof text) || told_text_set(object, key, text);
}

void machine_host_name(const char *root, char *name, size_t size)
{
    char text[256];
    bool known = read_line(root, "/proc/sys/kernel/hostname", text, sizeof text);
    snprintf(name, size, "%s", known ? text : "unknown");
    name[strcspn(name, ".")] = '\0';
    if (!name[0])
        snprintf(name, size, "unknown");
}

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" */
static bool os_name(const char *root, char *name, size_t size)
{
    static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
    static const char key[] = "PRETTY_NAME=";
    char text[4096];
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (fs_read_small(root, paths[i], text, sizeof text) <= 0)
            continue;
        for (const char *line = text; line; line = proc_next_line(line)) {
            if (strncmp(line, key, sizeof key - 1) != 0)
                continue;
            const char *value = line + sizeof key - 1;
            bool quoted = *value == '"' || *value == '\'';
            size_t len = strcspn(value + quoted, quoted ? "\"'\n" : "\n");
            snprintf(name, size, "%.*s", (int)len, value + quoted);
            return name[0] != '\0';
        }
    }
    return false;
}

static bool set_model(struct json_object *machine, const char *root)
{
    char vendor[256] = "", product[256], both[520];
    if (read_line(root, "/sys/class/dmi/id/product_name", product, sizeof product)) {
        read_line(root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof vendor);
        bool repeated = !vendor[0] || strncmp(product, vendor, strlen(vendor)) == 0;
        snprintf(both, sizeof both, "%s%s%s", repeated ? "" : vendor, repeated ? "" : " ", product);
        return told_text_set(machine, "model", both);
    }
    return set_line(machine, "model", root, "/proc/device-tree/model");
}

/* What the firmware of a virtual machine calls itself. */
static const char *hypervisor_of(const char *vendor, const char *product)
{
    static const struct {
        const char *in_vendor, *in_product, *name;
    } makers[] = {
        {"QEMU", "", "qemu"},
        {"", "KVM", "kvm"},
        {"VMware", "", "vmware"},
        {"innotek", "", "virtualbox"},
        {"", "VirtualBox", "virtualbox"},
        {"Microsoft", "Virtual Machine", "hyper-v"},
        {"Amazon EC2", "", "amazon ec2"},
        {"Google", "Compute Engine", "google compute engine"},
        {"Parallels", "", "parallels"},
        {"Xen", "", "xen"},
        {"Apple", "Virtualization", "apple virtualization"},
        {"OpenStack", "", "openstack"},
        {"DigitalOcean", "", "digitalocean"},
        {"Hetzner", "", "hetzner"},
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        if (strstr(vendor, makers[i].in_vendor) && strstr(product, makers[i].in_product))
            return makers[i].name;
    }
    return NULL;
}

/* The first process namespace has a fixed number: who is in it is in no container, whatever lies on the disk.
 */
static bool in_first_namespace(const char *root)
{
    char path[600], link[64];
    if ((size_t)snprintf(path, sizeof path, "%s/proc/self/ns/pid", root) >= sizeof path)
        return false;
    ssize_t len = readlink(path, link, sizeof link - 1);
    link[len > 0 ? len : 0] = '\0';
    return strcmp(link, "pid:[4026531836]") == 0;
}

static const char *container_of(const char *root)
{
    char path[600];
    static const struct {
        const char *file, *name;
    } marks[] = {{"/.dockerenv", "docker"}, {"/run/.containerenv", "podman"}};
    if (in_first_namespace(root))
        return NULL;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if ((size_t)snprintf(path, sizeof path, "%s%s", root, marks[i].file) < sizeof path && fs_exists(path))
            return marks[i].name;
    }
    return NULL;
}

static bool set_virtualisation(struct json_object *machine, const char *root, const char *cpuinfo)
{
    char vendor[256] = "", product[256] = "", kernel[256] = "", text[128];
    read_line(root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof vendor);
    read_line(root, "/sys/class/dmi/id/product_name", product, sizeof product);
    read_line(root, "/proc/sys/kernel/osrelease", kernel, sizeof kernel);
    const char *flags = strstr(cpuinfo, "\nflags");
    const char *host = strstr(kernel, "icrosoft") ? "wsl" : hypervisor_of(vendor, product);
    if (!host && flags && strstr(flags, " hypervisor"))
        host = "virtual machine";
    const char *container = container_of(root);
    if (container)
        snprintf(text, sizeof text, "%s%s%s", container, host ? " on " : "", host ? host : "");
    else
        snprintf(text, sizeof text, "%s", host ? host : "none");
    return json_set_text(machine, "virtualisation", text);
}

/* The value of "key\t: value" in /proc/cpuinfo. */
static bool cpuinfo_value(const char *cpuinfo, const char *key, char *value, size_t size)
{
    size_t len = strlen(key);
    for (const char *line = cpuinfo; line; line = proc_next_line(line)) {
        const char *at = line + len;
        if (strncmp(line, key, len) != 0)
            continue;
        at += strspn(at, " \t");
        if (*at != ':')
            continue;
        at++;
        at += strspn(at, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
        return value[0] != '\0';
    }
    return false;
}

/* Arm does not name its processors, only their makers and parts by number. */
static bool set_arm_cpu(struct json_object *cpu, const char *cpuinfo)
{
    static const struct {
        const char *id, *name;
    } makers[] = {{"0x41", "ARM"}, {"0x46", "Fujitsu"}, {"0x48", "HiSilicon"}, {"0x4e", "NVIDIA"},
        {"0x51", "Qualcomm"}, {"0x61", "Apple"}, {"0xc0", "Ampere"}, {"0x6d", "Microsoft"}};
    char maker[64], part[64], model[160];
    if (!cpuinfo_value(cpuinfo, "CPU implementer", maker, sizeof maker))
        return true;
    const char *name = maker;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        if (strcmp(makers[i].id, maker) == 0)
            name = makers[i].name;
    }
    if (!cpuinfo_value(cpuinfo, "CPU part", part, sizeof part))
        return told_text_set(cpu, "vendor", name);
    snprintf(model, sizeof model, "%s part %s", name, part);
    return told_text_set(cpu, "vendor", name) && told_text_set(cpu, "model", model);
}

static bool set_count(struct json_object *object, const char *key, size_t count)
{
    return count == 0 || json_set_int(object, key, (int64_t)count);
}

static struct json_object *cpu_to_json(
    const char *root, const char *cpuinfo, const struct control_group *group)
{
    struct cpu_topology topology;
    char text[256];
    struct json_object *cpu = json_object_new_object();
    bool ok = cpu != NULL;
    cpu_topology_read(root, &topology);
    if (cpuinfo_value(cpuinfo, "model name", text, sizeof text))
        ok &= told_text_set(cpu, "model", text);
    if (cpuinfo_value(cpuinfo, "vendor_id", text, sizeof text))
        ok &= told_text_set(cpu, "vendor", text);
    else
        ok &= set_arm_cpu(cpu, cpuinfo);
    ok &= set_count(cpu, "logical", topology.logical) && set_count(cpu, "physical", topology.physical);
    ok &= set_count(cpu, "performance", topology.performance) &&
          set_count(cpu, "efficiency", topology.efficiency);
    ok &= set_count(cpu, "allowed", topology.allowed);
    if (group->cpu_quota > 0)
        ok &= json_set_real(cpu, "quota", group->cpu_quota);
    if (ok)
        return cpu;
    json_object_put(cpu);
    return NULL;
}

static bool set_bytes(struct json_object *object, const char *key, uint64_t bytes)
{
    return json_set_int(object, key, bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
}

static struct json_object *memory_to_json(const char *root, const struct control_group *group)
{
    char text[8192];
    uint64_t bytes;
    struct json_object *memory = json_object_new_object();
    bool readable = fs_read_small(root, "/proc/meminfo", text, sizeof text) > 0;
    bool ok = memory != NULL;
    if (readable && proc_find_meminfo(text, "MemTotal", &bytes))
        ok &= set_bytes(memory, "total_bytes", bytes);
    if (readable && proc_find_meminfo(text, "SwapTotal", &bytes))
        ok &= set_bytes(memory, "swap_bytes", bytes);
    if (group->limiting[0])
        ok &= set_bytes(memory, "limit_bytes", group->memory_limit_bytes);
    if (ok)
        return memory;
    json_object_put(memory);
    return NULL;
}

static bool set_system(struct json_object *machine, const char *root)
{
    char text[512];
    struct utsname system;
    bool named = uname(&system) == 0;
    machine_host_name(root, text, sizeof text);
    bool ok = told_text_set(machine, "host", text);
    ok &= told_text_set(machine, "os", os_name(root, text, sizeof text) ? text : "unknown");
    bool known = read_line(root, "/proc/sys/kernel/osrelease", text, sizeof text);
    ok &= told_text_set(machine, "kernel", known ? text : "unknown");
    known = read_line(root, "/proc/sys/kernel/arch", text, sizeof text);
    ok &= told_text_set(machine, "architecture", known ? text : named ? system.machine : "unknown");
    ok &= set_model(machine, root);
    return ok && set_line(machine, "boot_id", root, "/proc/sys/kernel/random/boot_id");
}

struct json_object *machine_identity_to_json(const char *root)
{
    struct control_group group;
    struct json_object *machine = json_object_new_object();
    char *cpuinfo = calloc(1, CPUINFO_MAX);
    bool ok = machine && cpuinfo;
    if (!ok)
        goto out;
    if (fs_read_small(root, "/proc/cpuinfo", cpuinfo, CPUINFO_MAX) < 0)
        cpuinfo[0] = '\0';
    control_group_find(root, &group);
    ok = set_system(machine, root);
    ok &= set_virtualisation(machine, root, cpuinfo);
    ok &= json_set(machine, "cpu", cpu_to_json(root, cpuinfo, &group));
    ok &= json_set(machine, "memory", memory_to_json(root, &group));
    ok = ok && system_settings_into(root, machine);
    ok &= json_set(machine, "gpus", gpu_list_to_json(root, NULL));
out:
    free(cpuinfo);
    if (ok)
        return machine;
    json_object_put(machine);
    return NULL;
}
