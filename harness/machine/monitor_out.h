/*
 * monitor_out.h - the file that samples are streamed to, line by line, so that what was taken is not lost.
 *
 * A line is written when it is made: a SIGKILL loses nothing that was handed over, and at most the line that was
 * under way is torn. The first failure sticks; what could be written stays whole lines.
 *
 *     struct monitor_out out;
 *     if (monitor_out_open("samples.jsonl", MONITOR_OUT_NEW, &out, &why) != STATUS_OK) ...
 *     monitor_out_hold(&out);                  // where it is not sure yet that there is anything to measure
 *     monitor_out_line(&out, &line);           // adds the newline to it
 *     monitor_out_release(&out);
 *     monitor_out_look(&out);                  // now and then: is the file still in its folder?
 *     if (monitor_out_status(&out, &why) != STATUS_OK) ...
 *     monitor_out_close(&out);
 */
#ifndef ASSAY_MONITOR_OUT_H
#define ASSAY_MONITOR_OUT_H

#include "buf.h"

enum monitor_out_mode {
    MONITOR_OUT_ADD,     /* behind what is there; others may write to it too */
    MONITOR_OUT_NEW,     /* a file that holds something is refused: STATUS_USAGE */
    MONITOR_OUT_REPLACE, /* what it holds is dropped, when the first line is written */
};

struct monitor_out {
    int fd;       /* -1: none */
    bool regular; /* a file, no pipe and no device */
    bool made;    /* it was not there before */
    bool muted;   /* for the time being nothing is written */
    bool drops;   /* what it holds, with the next line */
    bool holds;   /* lines wait in `held` */
    struct buf held;
    struct error error;
};

/* path "-" is standard output. STATUS_BUSY: another monitor writes to it (not with MONITOR_OUT_ADD). */
enum status monitor_out_open(
    const char *path, enum monitor_out_mode mode, struct monitor_out *out, struct error *e) ASSAY_MUST_CHECK;
void monitor_out_close(struct monitor_out *out);

void monitor_out_line(struct monitor_out *out, struct buf *line);

/* From now on lines wait, until they are released or, with the file as it was, dropped by monitor_out_close. */
void monitor_out_hold(struct monitor_out *out);
void monitor_out_release(struct monitor_out *out);

/* A file that was removed takes everything that is written to it along. */
void monitor_out_look(struct monitor_out *out);

/* STATUS_OK, or the first failure. */
enum status monitor_out_status(const struct monitor_out *out, struct error *e) ASSAY_MUST_CHECK;

#endif
