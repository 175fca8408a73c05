/*
 * cross_figures.h - the cross-checks of all measured exchanges of a test, summed up for its record.
 *
 *     struct cross_figures *f = cross_figures_new();
 *     cross_figures_add(f, pairs_of_one_exchange);     // [{metric, client, server, source, differs, cause?}]
 *     cross_figures_into_record(f, share, record);     // cross_check[], and the flag where most of them differ
 *     cross_figures_free(f);
 *
 * A record shows medians and how many of the exchanges differed. The flag is raised where more than half of
 * those compared by some metric did: one late packet is no doubt about a server.
 */
#ifndef ASSAY_CROSS_FIGURES_H
#define ASSAY_CROSS_FIGURES_H

#include <stdbool.h>

struct cross_figures;
struct json_object;

struct cross_figures *cross_figures_new(void); /* NULL: no memory */
void cross_figures_free(struct cross_figures *f);
bool cross_figures_add(struct cross_figures *f, const struct json_object *pairs);

/* share: the limit of the relative difference, for the sensor's threshold. False: no memory. */
bool cross_figures_into_record(const struct cross_figures *f, double share, struct json_object *record);

#endif
