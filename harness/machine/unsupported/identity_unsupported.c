#include "identity.h"

#include "json.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

void machine_host_name(const char *root, char *name, size_t size)
{
    struct utsname system;
    (void)root;
    bool known = uname(&system) == 0 && system.nodename[0];
    snprintf(name, size, "%s", known ? system.nodename : "unknown");
    name[strcspn(name, ".")] = '\0';
}

struct json_object *machine_identity_to_json(const char *root)
{
    struct utsname system = {0};
    char host[256];
    struct json_object *machine = json_object_new_object();
    bool known = uname(&system) >= 0;
    machine_host_name(root, host, sizeof host);
    bool ok = json_set_text(machine, "host", host);
    ok &= json_set_text(machine, "os", known ? system.sysname : "unknown");
    ok &= json_set_text(machine, "kernel", known ? system.release : "unknown");
    ok &= json_set_text(machine, "architecture", known ? system.machine : "unknown");
    if (ok)
        return machine;
    json_object_put(machine);
    return NULL;
}
