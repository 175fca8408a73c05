#include "decoder.h"

#include "testkit.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool run(const char *program, const char *from, const char *to, const char *said)
{
    char *argv[] = {(char *)program, (char *)from, NULL};
    posix_spawn_file_actions_t files;
    pid_t pid;
    int how;
    ck_assert_int_eq(posix_spawn_file_actions_init(&files), 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int failed = posix_spawnp(&pid, program, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed)
        return false;
    ck_assert_int_eq(waitpid(pid, &how, 0), pid);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 127)
        return false;
    ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) == 0, "%s refuses our picture", program);
    return true;
}

bool decoder_unpack(const char *program, const void *bytes, size_t len, struct buf *pixels)
{
    const char *from = testkit_tmp_path("packed"), *to = testkit_tmp_path("unpacked"),
               *said = testkit_tmp_path("said");
    testkit_write(from, bytes, len);
    if (!run(program, from, to, said))
        return false;
    struct buf words = testkit_read(said);
    ck_assert_msg(strstr(buf_text(&words), "arn") == NULL, "%s says: %s", program, buf_text(&words));
    buf_fini(&words);
    *pixels = testkit_read(to);
    ck_assert_mem_eq(buf_text(pixels), "P6\n", 3);
    const char *at = buf_text(pixels);
    for (int lines = 0; lines < 3; lines++) /* "P6", width and height, 255 */
        at = strchr(at, '\n') + 1;
    buf_consume(pixels, (size_t)(at - buf_text(pixels)));
    return true;
}
