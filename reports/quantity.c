#include "quantity.h"

#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct step {
    const char *unit; /* as in records */
    double from;      /* smallest reference shown this way */
    const char *name;
    double scale;
};

/* Largest first within a unit. */
static const struct step steps[] = {
    {"s", 1.0, "s", 1},
    {"s", 1e-3, "ms", 1e3},
    {"s", 1e-6, "µs", 1e6},
    {"s", 0, "ns", 1e9},
    {"bytes", 1024.0 * 1024 * 1024, "GiB", 1.0 / (1024.0 * 1024 * 1024)},
    {"bytes", 1024.0 * 1024, "MiB", 1.0 / (1024.0 * 1024)},
    {"bytes", 1024.0, "KiB", 1.0 / 1024},
    {"bytes", 0, "B", 1},
};

struct quantity_unit quantity_unit_for(const char *unit, double reference)
{
    struct quantity_unit out = {.scale = 1};
    if (strcmp(unit, "B") == 0)
        unit = "bytes";
    snprintf(out.unit, sizeof out.unit, "%s", unit);
    snprintf(out.name, sizeof out.name, "%s", strcmp(unit, "1") == 0 ? "" : unit);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (strcmp(steps[i].unit, unit) != 0)
            continue;
        if (fabs(reference) < steps[i].from ||
            (reference == 0 && strcmp(unit, "s") == 0 && steps[i].scale > 1))
            continue;
        snprintf(out.name, sizeof out.name, "%s", steps[i].name);
        out.scale = steps[i].scale;
        break;
    }
    return out;
}

static int digits_behind_point(double value)
{
    double size = fabs(value);
    if (size == 0 || size >= 100)
        return 0;
    int before = (int)floor(log10(size)) + 1; /* 0 or negative below 1 */
    if (round(size * pow(10, 3 - before)) >= 1000)
        before++; /* 9.996 is shown as 10.0 */
    int digits = 3 - before;
    return digits > 9 ? 9 : digits;
}

#define SHOWN_MAX 1e15 /* beyond it a figure is noise, and longer than a table is wide */

static bool is_beyond(double value, char *out, size_t size)
{
    if (fabs(value) < SHOWN_MAX)
        return false;
    snprintf(out, size, "%s", value < 0 ? "below -1e15" : "above 1e15");
    return true;
}

void quantity_format_number(char *out, size_t size, double value)
{
    bool whole = value == floor(value) && fabs(value) < 1e9;
    if (!is_beyond(value, out, size))
        text_format_decimal(out, size, value, whole ? 0 : digits_behind_point(value));
}

void quantity_format(char *out, size_t size, const struct quantity_unit *unit, double value)
{
    char number[QUANTITY_SIZE];
    double shown = value * unit->scale;
    if (!is_beyond(shown, number, sizeof number))
        text_format_decimal(
            number, sizeof number, shown, unit->fixed ? unit->digits : digits_behind_point(shown));
    snprintf(out, size, "%s%s%s", number, unit->name[0] ? " " : "", unit->name);
}

void quantity_format_alone(char *out, size_t size, const char *unit_name, double value)
{
    bool named = unit_name && strcmp(unit_name, "count") != 0;
    struct quantity_unit unit = quantity_unit_for(named ? unit_name : "", value);
    if (unit.name[0])
        quantity_format(out, size, &unit, value);
    else
        quantity_format_number(out, size, value);
}

struct quantity_unit quantity_unit_for_row(const char *unit, double median, double spread)
{
    struct quantity_unit out = quantity_unit_for(unit, median);
    double shown = fabs(spread * out.scale);
    out.fixed = true;
    out.digits = digits_behind_point(median * out.scale);
    if (shown >= 10 && out.digits > 0)
        out.digits = 0;
    else if (shown >= 1 && out.digits > 1)
        out.digits = 1;
    return out;
}

#define SPREAD_IN_UNIT_MIN 0.1 /* of the row's unit */

void quantity_format_spread(char *out, size_t size, const struct quantity_unit *unit, double spread)
{
    struct quantity_unit own = fabs(spread * unit->scale) < SPREAD_IN_UNIT_MIN && spread != 0
                                   ? quantity_unit_for(unit->unit, spread)
                                   : *unit;
    char number[QUANTITY_SIZE];
    double shown = spread * own.scale;
    if (!is_beyond(shown, number, sizeof number))
        text_format_significant(number, sizeof number, shown, fabs(shown) < 100 ? 2 : 3);
    snprintf(out, size, "%s%s%s", number, own.name[0] ? " " : "", own.name);
}

void quantity_format_range(char *out, size_t size, const struct quantity_unit *unit, double low, double high)
{
    struct quantity_unit bare = *unit;
    char from[QUANTITY_SIZE], to[QUANTITY_SIZE];
    bare.name[0] = '\0';
    for (int more = 0; more <= 3; more++) {
        quantity_format(from, sizeof from, &bare, low);
        quantity_format(to, sizeof to, &bare, high);
        if (!bare.fixed || !(low < high) || strcmp(from, to) != 0)
            break;
        bare.digits++;
    }
    snprintf(out, size, "%s to %s%s%s", from, to, unit->name[0] ? " " : "", unit->name);
}
