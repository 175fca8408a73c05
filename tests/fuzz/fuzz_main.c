/* Replays a corpus (files, or folders of files) through a fuzz target where libFuzzer is not built in. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of exactly its size, so that a sanitizer sees a read behind the end. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (file == NULL || fstat(fileno(file), &st) != 0) {
        perror(path);
        if (file != NULL)
            (void)fclose(file);
        return -1;
    }
    size_t size = (size_t)st.st_size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    size_t got = data != NULL ? fread(data, 1, size, file) : 0;
    (void)fclose(file);
    if (data != NULL && got == size)
        (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return data != NULL && got == size ? 1 : -1;
}

/* Number of files replayed, -1 after a failure. */
static long replay(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return replay_file(path);
    long count = 0;
    for (struct dirent *entry; count >= 0 && (entry = readdir(dir)) != NULL;) {
        char inner[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        long more = replay(inner);
        count = more < 0 ? -1 : count + more;
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;
    for (int i = 1; i < argc; i++) {
        long count = replay(argv[i]);
        if (count <= 0) {
            (void)fprintf(stderr, "%s: nothing to replay\n", argv[i]);
            return 1;
        }
        total += count;
    }
    (void)printf("%ld inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
