/*
 * junit_properties.h - what a JUnit report says of one test beside its result, as names and values; where
 * they go depends on the profile.
 *
 *     junit_properties(test, true, sink_to_element, junit);  // sink(arg, "ttft_s.median", "0.012300"), ...
 */
#ifndef ASSAY_JUNIT_PROPERTIES_H
#define ASSAY_JUNIT_PROPERTIES_H

#include "run_data.h"

/* Called once per property; both texts are borrowed, the value is as hostile as the record. */
typedef void junit_property_sink(void *arg, const char *name, const char *value);

/* figures: medians, spreads and counts of the metrics too. */
void junit_properties(const struct run_test *test, bool figures, junit_property_sink *sink, void *arg);

#endif
