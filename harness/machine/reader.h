/*
 * reader.h - how the sensors of one platform are read: linux/, and unsupported/ where each says so.
 *
 * A reader keeps its files open. All paths lie below a root folder ("" for the machine itself), so tests read
 * captured trees. One reader belongs to one thread.
 *
 *     struct machine_reader *reader;
 *     struct reader_options options = {.root = "", .own_pid = getpid(), .target_url = url};
 *     if (reader_open(&options, &reader, &why) != STATUS_OK) ...
 *     reader_locate_target(reader);
 *     reader_scan_processes(reader);      // zombies, CPU by owner: a pass over all processes
 *     reader_read(reader, &sample);       // everything else, and what the last pass found
 *     reader_close(reader);
 *
 * The clock sensors are not read here: monitor.c reads them from its struct clock, the same on every
 * platform.
 */
#ifndef ASSAY_READER_H
#define ASSAY_READER_H

#include "gpu_libraries.h"
#include "sensor.h"
#include "server_process.h"
#include "status.h"

#include <sys/types.h>

struct machine_reader; /* opaque, one definition per platform */

struct reader_options {
    const char *root; /* "" or a folder with a captured tree */
    pid_t own_pid;    /* the process whose descendants are ours */
    const char
        *target_url; /* of the measured server; NULL without one. Its host name is resolved at opening */
    struct gpu_libraries libraries; /* of the makers of GPUs */
    const char *disk_path;          /* a file or folder on the disk whose room is watched; NULL: none */
    int64_t
        deadline_ns; /* what a driver does not answer for so long is unavailable; 0: 3 s, no limit in a tree */
};

enum status reader_open(
    const struct reader_options *options, struct machine_reader **reader, struct error *e) ASSAY_MUST_CHECK;
void reader_close(struct machine_reader *reader);

/*
 * For a process that forks one after the other that reads: what did not answer one of them is not waited for by the
 * next, which would cost each some seconds.
 */
void reader_share_losses(void);

/* Processes of this session count as ours too, whoever their parent is: a runner started with setsid(). */
void reader_watch_session(struct machine_reader *reader, pid_t session);

/* Finds the target's process anew, by its listening socket; until then its CPU time is unattributed. */
void reader_locate_target(struct machine_reader *reader);

/* The process found by it, as of the last look; it is looked at with every reading. */
struct server_process reader_server(const struct machine_reader *reader);

/* One pass over all processes; costs in proportion to their number, so it is not part of every sample. */
void reader_scan_processes(struct machine_reader *reader);

/*
 * Fills every reading but the clock's; sample->t_mono_ns is to be set before. What comes from processes is as of the
 * last pass, the target's memory of this moment; what changes slowly is read once a second and after each pass, and
 * GPUs are not looked at with every sample. A target whose process has ended is looked for anew.
 */
void reader_read(struct machine_reader *reader, struct sample *sample);

#endif
