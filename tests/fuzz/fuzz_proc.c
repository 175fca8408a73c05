/* The text formats of /proc and control groups: any bytes are answered, and what is said to be found was
 * there. */
#include "cpu_topology.h"
#include "drm_fdinfo.h"
#include "proc_parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

/* What is refused leaves the result alone. */
static void check_counts(const char *text)
{
    uint64_t value = 7;
    if (proc_find_count(text, "pswpin", &value))
        require(strstr(text, "pswpin ") != NULL && strchr(text, '\n') != NULL);
    else
        require(value == 7);
    value = 7;
    if (proc_sum_counts(text, "allocstall", &value))
        require(strstr(text, "allocstall") != NULL && strchr(text, '\n') != NULL);
    else
        require(value == 7);
    if (proc_find_meminfo(text, "MemTotal", &value))
        require(value % 1024 == 0 && strstr(text, " kB\n") != NULL);
    if (proc_parse_pressure(text, "some", &value))
        require(strstr(text, "total=") != NULL);
    if (proc_parse_limit(text, &value))
        require(strchr(text, '\n') != NULL);
    if (proc_parse_files_limit(text, &value))
        require(strstr(text, "Max open files ") != NULL);
}

static void check_gpu_client(const char *text)
{
    struct drm_client client = {.id = 7};
    if (!drm_fdinfo_parse(text, &client)) {
        require(client.id == 7);
        return;
    }
    require(strstr(text, "drm-client-id:") != NULL && client.cycle_count <= DRM_ENGINES_MAX);
    require(memchr(client.device, '\0', sizeof client.device) != NULL);
    require(client.memory_told || client.memory_bytes == 0);
    for (size_t i = 0; i < client.cycle_count; i++)
        require(client.cycles[i].engine[0] && strstr(text, client.cycles[i].engine) != NULL);
}

static void check_cpu(const char *text)
{
    struct proc_cpu cpu = {.user = 7};
    if (proc_parse_cpu(text, &cpu))
        require(strstr(text, "cpu ") != NULL && (cpu.has_steal || cpu.steal == 0));
    else
        require(cpu.user == 7);
}

static void check_stat(const char *text)
{
    struct proc_stat stat = {.pid = -7};
    if (proc_parse_stat(text, &stat))
        require(strchr(text, ')') != NULL && stat.state != '\0' && stat.state == strrchr(text, ')')[2]);
    else
        require(stat.pid == -7);
}

static void check_lines(const char *text)
{
    struct proc_mount mount;
    struct proc_listener listener;
    char path[32];
    for (const char *line = text; line; line = proc_next_line(line)) {
        struct proc_cpu cpu;
        uint64_t number = UINT64_MAX;
        if (proc_parse_one_cpu(line, &number, &cpu))
            require(line[0] == 'c' && line[3] >= '0' && line[3] <= '9');
        else
            require(number == UINT64_MAX);
        if (proc_parse_mount(line, &mount))
            require(mount.root[0] && mount.point[0] && mount.type[0] && mount.options[0]);
        if (proc_parse_listener(line, &listener))
            require(listener.inode != 0);
    }
    if (proc_parse_group(text, "memory", path, sizeof path) || proc_parse_group(text, "", path, sizeof path))
        require(path[0] == '/' && strstr(text, path) != NULL);
}

static void check_set(const char *text)
{
    static struct cpu_set set;
    size_t count = 0;
    bool ok = cpu_set_parse(text, &set);
    for (size_t i = 0; i < CPU_COUNT_MAX; i++)
        count += set.has[i];
    require(count == set.count && ok == (count > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    check_counts(text);
    check_gpu_client(text);
    check_cpu(text);
    check_stat(text);
    check_lines(text);
    check_set(text);
    (void)proc_list_has(text, "memory");
    free(text);
    return 0;
}
