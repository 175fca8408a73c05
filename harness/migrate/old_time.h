/*
 * old_time.h - the moments that older formats write as text.
 *
 *     int64_t ns;
 *     bool zoned;
 *     if (old_time_parse("2026-01-30T12:00:00.123456+00:00", &ns, &zoned)) ...
 *
 * Date and time with T or a blank between them, up to nine digits of a fraction (more are dropped), and a zone: Z,
 * +02, +0200, +02:00. Without a zone the text is read as UTC and *zoned is false: what that means is the format's to
 * say. False for anything else, for days and times that do not exist, and for years before 1970 or behind 2199.
 */
#ifndef ASSAY_OLD_TIME_H
#define ASSAY_OLD_TIME_H

#include <stdbool.h>
#include <stdint.h>

bool old_time_parse(const char *text, int64_t *unix_ns, bool *zoned);

/* Seconds since 1970 as nanoseconds, to the microsecond: a double has no more. False: not finite, or out of range. */
bool old_time_of_seconds(double seconds, int64_t *unix_ns);

#endif
