/*
 * Any bytes as a file of an older format, once as what they look like and once as each format: whatever they are, the
 * run that comes of them is valid (migrate_file sees to it), and nothing half-made is left.
 */
#include "migrate.h"
#include "migration.h"

#include "fs.h"
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char runs[] = "/dev/shm/fuzz_migrate.XXXXXX"; /* in memory: each run is synced to the disk */

static void remove_runs(void)
{
    if (fs_remove_tree(runs, NULL) != STATUS_OK)
        abort();
}

static int abort_at(const char *name, void *arg)
{
    (void)name;
    (void)arg;
    abort();
}

static void migrate_as(const char *path, const char *from)
{
    const struct migrate_request request = {.from = from, .runs = runs, .assay_version = "0.0.0"};
    struct migrate_result result;
    struct error why = {0};
    if (migrate_file(path, &request, &result, &why) == STATUS_OK) {
        if (result.records + result.samples == 0 || json_get(result.run, "/migrated") == NULL)
            abort();
        if (fs_remove_tree(result.folder, NULL) != STATUS_OK)
            abort();
    } else if (why.text[0] == '\0') {
        abort();
    }
    migrate_result_fini(&result);
    if (fs_list(runs, abort_at, NULL, NULL) != STATUS_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made && mkdtemp(runs) == NULL)
        abort();
    if (!made)
        atexit(remove_runs);
    made = true;
    int fd = memfd_create("old", MFD_CLOEXEC);
    char path[64];
    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    migrate_as(path, NULL);
    for (size_t i = 0; migrate_formats[i] != NULL; i++)
        migrate_as(path, migrate_formats[i]->name);
    close(fd);
    return 0;
}
