/* load_search_steps.h - how a search goes on. Private to load_search. */
#ifndef ASSAY_LOAD_SEARCH_STEPS_H
#define ASSAY_LOAD_SEARCH_STEPS_H

#include "load_search.h"

/* The next load to run; sets `end` instead where there is none. */
double search_sweep_on(struct load_search *s);
double search_close_in(struct load_search *s);

/* The interval as far as it is known: indices of points, -1 for an end that is not there. */
struct search_interval {
    int low, high;
};
struct search_interval search_interval(const struct load_search *s);
/* The client could not make it, also when it was run again: it neither held nor broke. */
bool search_is_beyond_client(const struct load_point *p);
/* The first point from `from` on that broke, most of its runs judged; -1: none. */
int search_first_broken(const struct load_search *s, int from);

/* Where the margin is 1, near an interval; 0: too little is known. */
double search_estimate(const struct load_search *s, double low, double high);

#endif
