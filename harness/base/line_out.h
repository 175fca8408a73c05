/*
 * line_out.h - a text file that is written line by line, compressed where its name ends in .zst.
 *
 *     struct line_out *out;
 *     if (line_out_open("samples.jsonl.zst", &out, &why) != STATUS_OK) ...
 *     line_out_add(out, text, len, &why);
 *     line_out_close(out, &why);             // only now is everything in the file
 */
#ifndef ASSAY_LINE_OUT_H
#define ASSAY_LINE_OUT_H

#include "status.h"

#include <stddef.h>

struct line_out;

/* STATUS_UNAVAILABLE: .zst is wanted of a program that was built without zstd; STATUS_IO. */
enum status line_out_open(const char *path, struct line_out **out, struct error *e) ASSAY_MUST_CHECK;
/* text is without its newline. */
enum status line_out_add(
    struct line_out *out, const char *text, size_t len, struct error *e) ASSAY_MUST_CHECK;
/* Frees it also where the last bytes cannot be written. NULL: STATUS_OK. */
enum status line_out_close(struct line_out *out, struct error *e) ASSAY_MUST_CHECK;

#endif
