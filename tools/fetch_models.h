/*
 * fetch_models.h - has servers fetch the models that were named and that they lack (--pull). Never unasked.
 *
 *     bool fetched = false;
 *     enum status s = fetch_models(&wanted, &portfolio, &fetched, &why);
 *     if (s == STATUS_OK && fetched) ... // ask the servers again
 */
#ifndef ASSAY_FETCH_MODELS_H
#define ASSAY_FETCH_MODELS_H

#include "opt.h"
#include "portfolio.h"

/*
 * wanted: names and patterns; only a name without a wildcard can be fetched, and is where no server has it. The
 * first server that offers to fetch models is asked. Progress goes to stderr. STATUS_UNAVAILABLE where none
 * offers it; STATUS_NOT_FOUND where it cannot get the model.
 */
enum status fetch_models(const struct opt_list *wanted, const struct portfolio *portfolio, bool *fetched,
    struct error *e) ASSAY_MUST_CHECK;

#endif
