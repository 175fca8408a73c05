/*
 * io_report.h - energy and GPU time as the chip itself counts them, by the library that Apple's own tools use. Needs
 * no rights. It is documented nowhere: what it says is checked, and where it is not there or says nothing, so do we.
 *
 *     struct io_report *report = io_report_open(&frameworks, IO_REPORT_ENERGY, why);
 *     io_report_read(report);
 *     if (io_report_joules(report, MAC_CPU, &joules)) ...           // since it was opened
 *     io_report_close(report);
 */
#ifndef ASSAY_IO_REPORT_H
#define ASSAY_IO_REPORT_H

#include "mac_frameworks.h"
#include "mac_units.h"

enum io_report_kind { IO_REPORT_ENERGY = 1, IO_REPORT_GPU = 2 }; /* to be or-ed */

struct io_report; /* opaque */

/* f is borrowed for as long as the report is open. NULL with why. */
struct io_report *io_report_open(const struct mac_frameworks *f, unsigned kinds, char why[MAC_REASON_SIZE]);
void io_report_close(struct io_report *report); /* NULL allowed */

/* What happened since the reading before is added. False where there was nothing to be had this time. */
bool io_report_read(struct io_report *report);

/* Since it was opened; false where the chip has no such channel (known from the first reading on). */
bool io_report_joules(const struct io_report *report, enum mac_part part, double *joules);

/* Share of the time between the last two readings in which the GPU worked; false where it does not tell. */
bool io_report_gpu_busy(const struct io_report *report, double *share);

#endif
