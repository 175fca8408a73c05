#include "process.h"

#include "fs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of /proc/PID/stat behind the name, which may itself hold spaces and parentheses. */
static bool parse_stat(const char *text, struct process *p)
{
    const char *name_end = strrchr(text, ')');
    long parent = 0, session = 0;
    long long ticks = 0;
    if (name_end == NULL ||
        sscanf(name_end + 1,
            " %c %ld %*d %ld %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld", &p->state,
            &parent, &session, &ticks) != 4)
        return false;
    p->parent = (pid_t)parent;
    p->session = (pid_t)session;
    p->start_ticks = ticks;
    return true;
}

bool process_read(pid_t pid, struct process *p)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    memset(p, 0, sizeof *p);
    p->pid = pid;
    return fs_read_small("", path, text, sizeof text) > 0 && parse_stat(text, p);
}

struct process *process_list(size_t *count)
{
    struct process *all = NULL;
    size_t cap = 0;
    *count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (*count == cap) {
            struct process *moved = realloc(all, (cap += 256) * sizeof *all);
            if (moved == NULL)
                break;
            all = moved;
        }
        if (process_read((pid_t)strtol(entry->d_name, NULL, 10), &all[*count]))
            ++*count;
    }
    if (proc != NULL)
        closedir(proc);
    return all;
}

int64_t process_start_ticks(pid_t pid)
{
    struct process p;
    return process_read(pid, &p) ? p.start_ticks : -1;
}

void process_boot_id(char id[PROCESS_BOOT_ID_SIZE])
{
    long len = fs_read_small("", "/proc/sys/kernel/random/boot_id", id, PROCESS_BOOT_ID_SIZE);
    id[len > 0 ? strcspn(id, "\n") : 0] = '\0';
}

bool process_is(pid_t pid, int64_t start_ticks, const char *boot_id)
{
    char now[PROCESS_BOOT_ID_SIZE];
    process_boot_id(now);
    if (boot_id != NULL && boot_id[0] != '\0' && now[0] != '\0' && strcmp(boot_id, now) != 0)
        return false;
    struct process p;
    if (process_read(pid, &p))
        return p.state != 'Z' && p.state != 'X' && (start_ticks < 0 || p.start_ticks == start_ticks);
    return start_ticks < 0 && (kill(pid, 0) == 0 || errno == EPERM);
}
