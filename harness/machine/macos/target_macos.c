#include "target_macos.h"

#include <errno.h>
#include <libproc.h>

static const char of_peak[] = "proc_pid_rusage ri_lifetime_max_phys_footprint";
static const char of_files[] = "proc_pidinfo PROC_PIDTBSDINFO pbi_nfiles";

struct sums {
    double peak_bytes, files;
    bool peak_hidden, files_hidden;
};

static void add_peak(pid_t pid, struct sums *sums)
{
    struct rusage_info_v4 usage;
    if (proc_pid_rusage(pid, RUSAGE_INFO_V4, (rusage_info_t *)(void *)&usage) == 0)
        sums->peak_bytes += (double)usage.ri_lifetime_max_phys_footprint;
    else
        sums->peak_hidden |= errno != ESRCH; /* it has ended meanwhile */
}

static void add_files(pid_t pid, struct sums *sums)
{
    struct proc_bsdinfo info;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, (int)sizeof info) == (int)sizeof info)
        sums->files += info.pbi_nfiles;
    else
        sums->files_hidden |= errno != ESRCH;
}

static void tell(struct reading *r, double value, bool hidden, const char *source)
{
    if (hidden)
        reading_unavailable(r, source, "a process of the server belongs to another user");
    else
        reading_set(r, value, source);
}

void target_macos_look(const pid_t *pids, size_t count, struct target_macos *readings)
{
    struct sums sums = {0};
    for (size_t i = 0; i < count; i++) {
        add_peak(pids[i], &sums);
        add_files(pids[i], &sums);
    }
    tell(&readings->rss_peak, sums.peak_bytes, sums.peak_hidden, of_peak);
    tell(&readings->files_open, sums.files, sums.files_hidden, of_files);
}
