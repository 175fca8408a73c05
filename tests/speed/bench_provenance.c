/* What listing the files of a run costs: per byte of a large file, and per file of many small ones. Medians. */
#include "clock.h"
#include "fs.h"
#include "json.h"
#include "provenance.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 5, SMALL_FILES = 1000 };
#define LARGE_BYTES ((size_t)256 << 20)

static double list_s(const char *folder, size_t files_wanted)
{
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        struct json_object *files = NULL;
        struct error why = {0};
        int64_t t0 = clock_mono_ns(clock_system());
        if (provenance_list(folder, &files, &why) != STATUS_OK ||
            json_object_array_length(files) != files_wanted)
            exit(4);
        rounds[round] = (double)(clock_mono_ns(clock_system()) - t0) / 1e9;
        json_object_put(files);
    }
    return stats_median(rounds, ROUNDS);
}

static void write_file(const char *folder, const char *name, const void *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        exit(4);
}

int main(void)
{
    char large[] = "/tmp/bench_provenance_large.XXXXXX", small[] = "/tmp/bench_provenance_small.XXXXXX";
    char *bytes = malloc(LARGE_BYTES);
    if (bytes == NULL || mkdtemp(large) == NULL || mkdtemp(small) == NULL)
        return 4;
    for (size_t i = 0; i < LARGE_BYTES; i++)
        bytes[i] = (char)(i * 2654435761U >> 7);
    write_file(large, "samples.jsonl", bytes, LARGE_BYTES);
    for (int i = 0; i < SMALL_FILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "log.%04d", i);
        write_file(small, name, bytes, 1000);
    }
    double of_large = list_s(large, 1), of_small = list_s(small, SMALL_FILES);
    printf("%.0f MB/s of a file of %zu MiB in memory, %.0f us for each of %d small files\n",
        (double)LARGE_BYTES / 1e6 / of_large, LARGE_BYTES >> 20, of_small * 1e6 / SMALL_FILES, SMALL_FILES);
    free(bytes);
    return fs_remove_tree(large, NULL) == STATUS_OK && fs_remove_tree(small, NULL) == STATUS_OK ? 0 : 4;
}
