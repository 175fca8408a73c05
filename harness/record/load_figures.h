/*
 * load_figures.h - the load tests of a case, one per measured repeat, summed up for its record: `load`, `client`,
 * and the errors and tokens of their requests.
 *
 *     struct load_figures *f = load_figures_new();
 *     load_figures_add(f, entry_of_one_repeat);
 *     load_figures_into_record(f, record);
 *     load_figures_free(f);
 *
 * An entry without a window has no figures: it says what the client was, and nothing of the load.
 *
 * An entry: {arrivals, unit, asked, achieved, in_flight_mean, window: [from, to], state, excluded, objectives?,
 * requests: {begun, ok, failed, cut_off}, errors: {class: n}, tokens: {source, prompt?, completion?, cached?},
 * client: {fitness, reason?, figure?, figure_fitness?, unit?, measured?, bound?, cpu_share, lateness_p99_s?,
 * calibration}}. figure is the worst that the client itself is to blame for, figure_fitness what it makes of it.
 *
 * The client's verdict is that of its worst repeat. Where the client itself was late in any repeat the record is
 * flagged; where it could not measure what it says for that, the verdict on the measurement is `invalid`.
 */
#ifndef ASSAY_LOAD_FIGURES_H
#define ASSAY_LOAD_FIGURES_H

#include <stdbool.h>

struct load_figures;
struct json_object;

struct load_figures *load_figures_new(void); /* NULL: no memory */
void load_figures_free(struct load_figures *f);

/* What an entry lacks is left out. False: no memory. */
bool load_figures_add(struct load_figures *f, const struct json_object *entry);

/* record has its system_health, errors and tokens already; nothing is set without an entry. False: no memory. */
bool load_figures_into_record(const struct load_figures *f, struct json_object *record);

#endif
