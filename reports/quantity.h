/*
 * quantity.h - figures for people: a unit that fits the size, three significant digits, never a locale.
 *
 * The unit is picked once per row (from its median), so that all figures of a row can be compared by eye.
 *
 *     struct quantity_unit ms = quantity_unit_for("s", 0.0123);
 *     quantity_format(text, sizeof text, &ms, 0.0123);            // "12.3 ms"
 */
#ifndef ASSAY_QUANTITY_H
#define ASSAY_QUANTITY_H

#include <stddef.h>

#define QUANTITY_SIZE 64

struct quantity_unit {
    char name[32]; /* "" for a pure number */
    double scale;  /* value times scale is shown */
};

/* "s" becomes ns, us, ms or s, "bytes" and "B" KiB, MiB, GiB; every other unit stays as it is. */
struct quantity_unit quantity_unit_for(const char *unit, double reference);

/* "12.3 ms"; digits follow the value itself. */
void quantity_format(char *out, size_t size, const struct quantity_unit *unit, double value);

/* Significant digits of a plain number: "0.0123", "123", "12345". */
void quantity_format_number(char *out, size_t size, double value);

#endif
