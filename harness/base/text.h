/*
 * text.h - text from outside (model output, server headers, file names) made safe to store and to show.
 *
 * Everything is locale-proof: no function here or in its callers depends on setlocale().
 */
#ifndef ASSAY_TEXT_H
#define ASSAY_TEXT_H

#include "buf.h"

#include <stdint.h>

/* Length of the valid UTF-8 sequence at s (1-4), or 0: overlong, surrogate, > U+10FFFF, cut. *code may be
 * NULL. */
size_t text_utf8_decode(const char *s, size_t len, uint32_t *code);

bool text_utf8_valid(const char *s, size_t len);

/* Largest prefix of at most max_bytes that does not cut a character. */
size_t text_utf8_cut(const char *s, size_t len, size_t max_bytes);

/*
 * Appends s to out as valid, printable UTF-8: ANSI CSI and OSC sequences (also truncated ones) removed,
 * invalid bytes and control characters other than \t \n shown as \xNN, U+FFFE, U+FFFF and bidirectional
 * overrides shown as \u{...}, \r\n and \r made \n, at most max_bytes (head and tail kept, "... [N bytes left
 * out] ..." between them). What comes out is allowed in XML 1.0 and harmless on a terminal.
 */
enum status text_sanitise(struct buf *out, const char *s, size_t len, size_t max_bytes);

/* The same on one line: line ends and tabs become blanks. For names, and wherever a line of ours must stay
 * one. */
enum status text_sanitise_line(struct buf *out, const char *s, size_t len, size_t max_bytes);

/*
 * A name usable as a file name and as a CTest name: bytes outside [A-Za-z0-9_.-] become '_'; if anything was
 * changed (or the name is empty, longer than 100 bytes or starts with '.' or '-'), '-' and 4 hash digits of
 * the original are added.
 */
enum status text_slug(struct buf *out, const char *name);

/*
 * Number without exponent, NaN, infinity or locale: "0.000123"; digits behind the point 0-9, half to even. ""
 * for what is not finite or does not fit: never a wrong number.
 */
void text_format_decimal(char *out, size_t size, double value, int digits);

/* The same with as many digits as the number needs, at most 9: "0.5", "10", "0.333333333". */
void text_format_number(char *out, size_t size, double value);

/* Rounded to so many significant digits, without zeros at its end: "1.89", "0.05", "12300" (3 digits). */
void text_format_significant(char *out, size_t size, double value, int digits);

/* Human duration: "1.20 ms", "3.4 s", "2 min 05 s". */
void text_format_duration(char *out, size_t size, double seconds);

/* Human size: "512 B", "1.5 MiB". */
void text_format_bytes(char *out, size_t size, double bytes);

/* Full-match parsers: false (and *value untouched) on anything left over, overflow, empty text, hex, NaN,
 * infinity. */
bool text_parse_i64(const char *s, int64_t *value);
bool text_parse_double(const char *s, double *value);
bool text_parse_duration_ns(
    const char *s, int64_t *ns); /* "250ms" "1.5s" "10m" "2h" "0"; a bare number is seconds */
bool text_parse_bytes(
    const char *s, int64_t *bytes); /* "4096" "64KiB" "1.5GB"; not "64K", which is ambiguous */

/* Shell-like pattern with * and ?, case-insensitive ASCII; used for names of models and cases. */
bool text_match(const char *pattern, const char *name);

/*
 * How many insertions, deletions, changes and swaps of neighbours lead from a to b (optimal string alignment,
 * ASCII case ignored); the longer length where one has 64 bytes or more. For "did you mean".
 */
size_t text_distance(const char *a, const char *b);

/* Is `known` worth suggesting to somebody who typed `asked`? *distance ranks several that are. */
bool text_is_near(const char *asked, const char *known, size_t *distance);

/* The value of a hexadecimal digit of either case, -1 for any other byte. */
int text_hex_digit(char c);

/* FNV-1a, 64 bits: for names and salts, never for integrity. */
uint64_t text_hash(const void *bytes, size_t len);

#endif
