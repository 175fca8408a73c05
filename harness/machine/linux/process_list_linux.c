#include "process_list.h"

#include "proc_parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool process_list_open(struct process_list *list, const char *root, char *reason, size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/proc", root);
    list->handle = opendir(path);
    list->size = 0;
    if (!list->handle)
        snprintf(reason, size, "/proc: %s", strerror(errno));
    return list->handle != NULL;
}

void process_list_close(struct process_list *list)
{
    if (list->handle)
        closedir(list->handle);
    list->handle = NULL;
}

static bool is_pid(const char *name)
{
    return name[0] >= '1' && name[0] <= '9' && name[strspn(name, "0123456789")] == '\0';
}

/* False where the process ended meanwhile, is hidden, or its line makes no sense. */
static bool read_stat(int folder, const char *pid, struct proc_stat *stat)
{
    char path[32], text[2048];
    if ((size_t)snprintf(path, sizeof path, "%s/stat", pid) >= sizeof path)
        return false;
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return proc_parse_stat(text, stat);
}

bool process_list_each(struct process_list *list, bool (*take)(const struct proc_stat *process, void *arg),
    void *arg, size_t *unreadable)
{
    const struct dirent *entry;
    DIR *folder = list->handle;
    rewinddir(folder);
    while ((entry = readdir(folder)) != NULL) {
        struct proc_stat stat;
        if (!is_pid(entry->d_name))
            continue;
        if (!read_stat(dirfd(folder), entry->d_name, &stat))
            ++*unreadable;
        else if (!take(&stat, arg))
            return false;
    }
    return true;
}

bool process_list_one(const struct process_list *list, pid_t pid, struct proc_stat *process)
{
    char name[16];
    snprintf(name, sizeof name, "%ld", (long)pid);
    return list->handle && read_stat(dirfd(list->handle), name, process);
}
