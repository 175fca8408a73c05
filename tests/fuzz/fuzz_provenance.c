/*
 * Lists of files that anybody may have written, held against a small run: nothing but its own two files is ever found
 * to be as listed, and whatever a list names, nothing else is read.
 */
#include "buf.h"
#include "fs.h"
#include "json.h"
#include "provenance_check.h"
#include "run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define CONTENT "{}\n"

static char folder[] = "/tmp/fuzz_provenance.XXXXXX";

static void remove_folder(void)
{
    if (fs_remove_tree(folder, NULL) != STATUS_OK)
        fprintf(stderr, "%s stays behind\n", folder);
}

static void write_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    if (file == NULL || fputs(CONTENT, file) < 0 || fclose(file) != 0)
        abort();
}

static void make_run(void)
{
    static bool made;
    char logs[256];
    if (made)
        return;
    made = true;
    if (mkdtemp(folder) == NULL)
        abort();
    atexit(remove_folder);
    snprintf(logs, sizeof logs, "%s/logs", folder);
    if (fs_make_dirs(logs, NULL) != STATUS_OK)
        abort();
    write_file("benchmark.jsonl");
    write_file("logs/a.log");
}

static void check_found(const struct provenance_check *check)
{
    size_t read = 0;
    for (size_t i = 0; i < check->count; i++) {
        const struct provenance_file *f = &check->files[i];
        bool is_ours = strcmp(f->name, "benchmark.jsonl") == 0 || strcmp(f->name, "logs/a.log") == 0;
        read += f->state == PROVENANCE_AS_LISTED;
        if ((f->state == PROVENANCE_AS_LISTED || f->state == PROVENANCE_CHANGED) && !is_ours)
            abort();
        if (is_ours && !run_files_name_is_safe(f->name))
            abort();
    }
    if (read > 2 || check->bytes > (int64_t)(2 * strlen(CONTENT)))
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct json_object *run = NULL;
    struct provenance_check check;
    make_run();
    if (json_parse((const char *)data, size, &run, NULL) != STATUS_OK)
        return 0;
    (void)provenance_why_not(folder, run);
    if (provenance_check_files(folder, run, &check, NULL) == STATUS_OK) {
        check_found(&check);
        provenance_check_fini(&check);
    }
    json_object_put(run);
    return 0;
}
