/* A file server that is gone: statvfs() of the folder of the samples never returns, and no run waits for it. */
#include "errand.h"
#include "fault_cases.h"
#include "fault_run.h"
#include "testkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

static char wedged[1024]; /* a file: while it is there nobody gets an answer */

/* In the place of the system's own, for all of this program. */
int statvfs(const char *path, struct statvfs *disk)
{
    while (wedged[0] && access(wedged, F_OK) == 0)
        (void)usleep(1000);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : fstatvfs(fd, disk);
    if (fd >= 0)
        (void)close(fd);
    return result;
}

static void wedge(void)
{
    snprintf(wedged, sizeof wedged, "%s", testkit_tmp_path("wedged"));
    testkit_write(wedged, "", 0);
}

static void a_disk_that_hangs_holds_no_run(void)
{
    struct fault_run run;
    wedge();
    fault_run_open(
        &run, testkit_tmp_path("runs"), (const char *const[]){"fault.passes", "fault.asserts", NULL});
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "passed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "failed");
    struct json_object *record = fault_run_record(&run, "fault.passes", 1);
    const char *reason = json_get_text(record, "/system_health/sensors/disk_free/reason");
    ck_assert_msg(reason == NULL || strstr(reason, "has not answered for 3 s"), "disk_free: %s", reason);
    ck_assert_str_eq(
        json_get_text(record, "/system_health/sensors/cpu_busy/status"), "ok"); /* as is the rest */
    ck_assert(errand_was_lost(ERRAND_DISK)); /* by the first, and the second knew: this process forked both */
    ck_assert(!errand_was_lost(ERRAND_SLOW)); /* heat and power are nothing to a disk */
    int64_t strays = 0;
    (void)json_get_int(record, "/process/strays_killed", &strays);
    ck_assert_int_eq(strays, 0);                      /* who reads the sensors is none of the test's */
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* nor does he outlive it */
    fault_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_disk_that_hangs_holds_no_run),
        {0},
    };
    return testkit_run("wedged", tests);
}
