/* fault_cases.h - cases that go wrong, each in one way, and how they are told what to spoil. */
#ifndef ASSAY_FAULT_CASES_H
#define ASSAY_FAULT_CASES_H

#include "assay.h"
#include "target.h"

extern const struct assay_suite fault_suite;

/*
 * Environment of the cases: a folder of the test's own, a control group to die in, a root with fake
 * counters.
 */
#define FAULT_FOLDER "ASSAY_FAULT_FOLDER"
#define FAULT_GROUP "ASSAY_FAULT_GROUP"
#define FAULT_ROOT "ASSAY_FAULT_ROOT"

/* What fault.leaves_stray writes into the folder: pid and start of the process that it left. */
#define FAULT_STRAY_FILE "stray"

#endif
