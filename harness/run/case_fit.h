/*
 * case_fit.h - whether a model can do what a case needs, as far as is known of it.
 *
 *     if (!case_fits_model(subject, model, why, sizeof why)) skip(why);
 */
#ifndef ASSAY_CASE_FIT_H
#define ASSAY_CASE_FIT_H

#include "assay.h"
#include "target.h"

/* What the server says that the model cannot do is not tried; what it does not say is. model may be NULL. */
bool case_fits_model(
    const struct assay_case *subject, const struct model_info *model, char *why, size_t size);

#endif
