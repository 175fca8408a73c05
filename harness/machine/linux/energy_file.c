#include "energy_file.h"

#include "errand.h"
#include "fs.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_MAX = 64 };

struct number_file {
    struct kept_file file;
    double scale;
};

struct energy_source *energy_list_next(struct energy_list *list, enum energy_unit unit, enum energy_part part)
{
    if (list->count == list->max)
        return NULL;
    struct energy_source *source = &list->sources[list->count++];
    *source = (struct energy_source){.unit = unit, .part = part};
    return source;
}

void energy_name_append(struct energy_source *source, const char *text)
{
    size_t len = strlen(source->name);
    for (; *text && len + 1 < sizeof source->name; text++)
        source->name[len++] = isalnum((unsigned char)*text) ? (char)tolower((unsigned char)*text) : '_';
    source->name[len] = '\0';
}

bool energy_read_line(const char *root, const char *folder, const char *file, char *text, size_t size)
{
    char path[640];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    errand_doing(path);
    bool read = fs_read_small(root, path, text, size) >= 0;
    text[read ? strcspn(text, "\n") : 0] = '\0';
    return read;
}

bool energy_has_file(const char *root, const char *folder, const char *file)
{
    char path[1024];
    return (size_t)snprintf(path, sizeof path, "%s%s/%s", root, folder, file) < sizeof path &&
           access(path, F_OK) == 0;
}

bool energy_parse(const char *text, double *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno != 0 || end[strspn(end, " \n")] != '\0')
        return false;
    *value = (double)number;
    return true;
}

static bool read_number(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    struct number_file *number = source->state;
    char text[NUMBER_MAX];
    if (!kept_read(&number->file, text, sizeof text)) {
        snprintf(reason, ENERGY_REASON_SIZE, "%s", number->file.reason);
        return false;
    }
    if (!energy_parse(text, value)) {
        snprintf(reason, ENERGY_REASON_SIZE, "no number in it");
        return false;
    }
    *value *= number->scale;
    return true;
}

static void close_number(struct energy_source *source)
{
    struct number_file *number = source->state;
    kept_close(&number->file);
    free(number);
}

static const struct energy_ops number_ops = {.read = read_number, .close = close_number};

void energy_file_attach(
    struct energy_source *source, const char *root, const char *path, double scale, const char *forbidden)
{
    struct number_file *number = calloc(1, sizeof *number);
    if (!number) {
        snprintf(source->reason, sizeof source->reason, "no memory");
        return;
    }
    kept_open(&number->file, root, path);
    if (number->file.fd >= 0) {
        number->scale = scale;
        source->state = number;
        source->ops = &number_ops;
        return;
    }
    bool refused = strcmp(number->file.reason, strerror(EACCES)) == 0;
    snprintf(
        source->reason, sizeof source->reason, "%s", refused && forbidden ? forbidden : number->file.reason);
    free(number);
}
