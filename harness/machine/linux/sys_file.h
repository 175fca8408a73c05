/*
 * sys_file.h - the tiny files of /sys: one number or one word, opened once and read again with pread.
 *
 *     int fd = sys_open(root, "/sys/class/thermal/thermal_zone0/temp");
 *     int64_t millidegrees;
 *     if (sys_read_number(fd, &millidegrees)) ...
 *
 * A descriptor of -1 stands for a file that is not there and reads as nothing.
 */
#ifndef ASSAY_SYS_FILE_H
#define ASSAY_SYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYS_WORD_SIZE = 64 };

int sys_open(const char *root, const char *path); /* -1: not there, or not for us */
void sys_close(int *fd);                          /* and sets it to -1 */

/* False, with the result left alone, for what cannot be read, is no whole number, or is no single word. */
bool sys_read_number(int fd, int64_t *value);
bool sys_read_word(int fd, char word[SYS_WORD_SIZE]);

/* Opens, reads and closes. */
bool sys_number_at(const char *root, const char *path, int64_t *value);
bool sys_word_at(const char *root, const char *path, char word[SYS_WORD_SIZE]);

#endif
