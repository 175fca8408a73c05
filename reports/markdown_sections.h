/*
 * markdown_sections.h - the parts of the Markdown report, in the order of the page. Private to markdown*.c.
 *
 * Each appends its heading and content, or nothing where there is nothing to say. Failures stick to the buf.
 */
#ifndef ASSAY_MARKDOWN_SECTIONS_H
#define ASSAY_MARKDOWN_SECTIONS_H

#include "gate_judge.h"

#include "buf.h"

void markdown_headline(
    const struct run_data *data, const struct gate *gate, struct buf *out); /* the first screen */
void markdown_migrated(
    const struct run_data *data, struct buf *out); /* that it was, from what, what that means */
void markdown_inputs(const struct run_data *data, struct buf *out);
void markdown_summary(const struct run_data *data, const struct gate *gate, struct buf *out);
void markdown_tests(const struct run_data *data, struct buf *out);
void markdown_results(const struct run_data *data, struct buf *out);
void markdown_figures(const struct run_data *data, struct buf *out); /* by definitions that are not ours */
void markdown_load(const struct run_data *data, struct buf *out);    /* load tests side by side */
void markdown_tokens(const struct run_data *data, struct buf *out);
void markdown_checks(
    const struct run_data *data, struct buf *out); /* cross-checks, stop tokens, client, grades, energy */
void markdown_energy(
    const struct run_data *data, struct buf *out); /* what the machine used, and what is not in it */
void markdown_regrades(const struct run_data *data, struct buf *out); /* grades given after the run */
void markdown_servers(const struct run_data *data, struct buf *out);  /* their processes, their models */
void markdown_failures(const struct run_data *data, struct buf *out);
void markdown_migrated_health(
    const struct run_data *data, struct buf *out); /* what its original said of that */
void markdown_health(const struct run_data *data, struct buf *out);
void markdown_retries(const struct run_data *data, struct buf *out);
void markdown_absent(const struct run_data *data, struct buf *out); /* skipped and not run */
void markdown_losses(const struct run_data *data, struct buf *out); /* what a migration had no place for */
void markdown_metrics(const struct run_data *data, struct buf *out);
void markdown_files(const struct run_data *data, struct buf *out);

#endif
