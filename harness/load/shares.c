#include "shares.h"

#include <math.h>
#include <stdlib.h>

static enum status check_weights(const double *weights, size_t count, double *sum, struct error *e)
{
    if (count > SHARES_MAX)
        return error_set(e, STATUS_USAGE, "shares: %zu targets and models; at most %d", count, SHARES_MAX);
    *sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0 && weights[i] <= 1e9))
            return error_set(e, STATUS_USAGE, "shares: number %zu must be between 0 and 1000000000", i + 1);
        *sum += weights[i];
    }
    if (!(*sum > 0))
        return error_set(e, STATUS_USAGE, "shares: all are 0, nobody would be asked; give one above 0");
    return STATUS_OK;
}

enum status shares_init(struct shares *shares, const double *weights, size_t count, struct error *e)
{
    *shares = (struct shares){0};
    if (!weights || count == 0)
        return STATUS_OK;
    double sum = 0;
    enum status s = check_weights(weights, count, &sum, e);
    if (s != STATUS_OK)
        return s;
    shares->part = calloc(count, sizeof *shares->part);
    shares->given = calloc(count, sizeof *shares->given);
    if (!shares->part || !shares->given) {
        shares_fini(shares);
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu shares", count);
    }
    for (size_t i = 0; i < count; i++)
        shares->part[i] = weights[i] / sum;
    shares->count = count;
    return STATUS_OK;
}

void shares_fini(struct shares *shares)
{
    free(shares->part);
    free(shares->given);
    *shares = (struct shares){0};
}

/* Among those that are far enough behind for the bound to hold, the one whose next turn is due first; where
 * rounding hides all of them, the one that is furthest behind. */
uint16_t shares_next(struct shares *shares)
{
    if (shares->count < 2)
        return 0;
    double slack = 1 / (2 * (double)shares->count - 2), turn = (double)++shares->turns;
    double due_first = INFINITY, behind_most = -INFINITY;
    size_t chosen = shares->count, furthest = 0;
    for (size_t i = 0; i < shares->count; i++) {
        if (!(shares->part[i] > 0))
            continue;
        double behind = shares->part[i] * turn - (double)shares->given[i];
        double due = ((double)shares->given[i] + 1 - slack) / shares->part[i];
        if (behind >= slack && due < due_first) {
            due_first = due;
            chosen = i;
        }
        if (behind > behind_most) {
            behind_most = behind;
            furthest = i;
        }
    }
    if (chosen == shares->count)
        chosen = furthest;
    shares->given[chosen]++;
    return (uint16_t)chosen;
}
