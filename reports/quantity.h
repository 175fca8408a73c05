/*
 * quantity.h - figures for people: a unit that fits the size, three significant digits, never a locale.
 *
 * Unit and digits are picked once per row, from its median and spread, so that all figures of a row can be
 * compared by eye. A spread too small for them has a unit of its own.
 *
 *     struct quantity_unit ms = quantity_unit_for_row("s", 0.0123, 0.0000306);
 *     quantity_format(text, sizeof text, &ms, 0.0123);            // "12.3 ms"
 *     quantity_format_spread(text, sizeof text, &ms, 0.0000306);  // "31 µs"
 */
#ifndef ASSAY_QUANTITY_H
#define ASSAY_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

#define QUANTITY_SIZE 64

struct quantity_unit {
    char unit[32]; /* as in records: "s" */
    char name[32]; /* "" for a pure number */
    double scale;  /* value times scale is shown */
    bool fixed;    /* digits below count; else each figure has as many as it needs */
    int digits;    /* behind the point */
};

/* "s" becomes ns, us, ms or s, "bytes" and "B" KiB, MiB, GiB; every other unit stays as it is. */
struct quantity_unit quantity_unit_for(const char *unit, double reference);

/* The same for a row of figures; three digits of the median, fewer where its spread leaves none to them. */
struct quantity_unit quantity_unit_for_row(const char *unit, double median, double spread);

/* "12.3 ms" */
void quantity_format(char *out, size_t size, const struct quantity_unit *unit, double value);

/* A spread with two digits, in the unit of its row or in a smaller one: "2.8 ms", "31 µs". */
void quantity_format_spread(char *out, size_t size, const struct quantity_unit *unit, double spread);

/* "11.7 to 12.7 ms", with so many more digits that the ends differ where they do. */
void quantity_format_range(char *out, size_t size, const struct quantity_unit *unit, double low, double high);

/* A figure that stands alone, in the unit that fits it: "4.30 MiB"; only the number where that is "count" or NULL. */
void quantity_format_alone(char *out, size_t size, const char *unit_name, double value);

/* Significant digits of a plain number: "0.0123", "123", "12345". */
void quantity_format_number(char *out, size_t size, double value);

#endif
