#include "sys_file.h"

#include "errand.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sys_open(const char *root, const char *path)
{
    char full[1024];
    if ((size_t)snprintf(full, sizeof full, "%s%s", root, path) >= sizeof full)
        return -1;
    errand_doing(path);
    return open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

void sys_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

bool sys_read_word(int fd, char word[SYS_WORD_SIZE])
{
    char text[SYS_WORD_SIZE];
    errand_doing_file(fd);
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    text[n] = '\0';
    size_t len = strcspn(text, " \t\n");
    if (len == 0 || text[len + strspn(text + len, " \t\n")] != '\0')
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    return true;
}

bool sys_read_number(int fd, int64_t *value)
{
    char word[SYS_WORD_SIZE];
    return sys_read_word(fd, word) && text_parse_i64(word, value);
}

bool sys_number_at(const char *root, const char *path, int64_t *value)
{
    int fd = sys_open(root, path);
    bool read = sys_read_number(fd, value);
    sys_close(&fd);
    return read;
}

bool sys_word_at(const char *root, const char *path, char word[SYS_WORD_SIZE])
{
    int fd = sys_open(root, path);
    bool read = sys_read_word(fd, word);
    sys_close(&fd);
    return read;
}
