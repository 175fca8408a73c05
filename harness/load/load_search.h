/*
 * load_search.h - which load to try next: a sweep up to saturation, or the search for the highest load that
 * holds. A state machine without input, output or time: it says what to run, is told what became of it.
 *
 * Sweep: loads grow by a factor until a step brings too little more throughput, or a load breaks.
 *
 * Highest: loads grow (or fall) by the factor until one holds and one breaks, then their interval is halved on
 * a logarithmic scale until it is narrow enough. Until then one run decides a load; a tie, and a load that held
 * above one that broke, are run again. At the end both ends of the interval are run until one outcome leads by a
 * majority of `repeats` (2 of 3, 3 of 5; or, on demand, all of them held), and if one of them turns, the search
 * goes on from there. So a lucky or unlucky run costs time, not the answer.
 *
 * Knee: the same, where a load holds if each unit of it (stream, request per second) still brings `share` of
 * what it brought at the lowest load, which is run nearly twice as often as the others.
 *
 *     struct load_search search;
 *     if (load_search_init(&search, &options, &why) != STATUS_OK) ...
 *     for (struct load_trial trial; load_search_next(&search, &trial);)
 *         load_search_report(&search, run(trial));
 *     struct load_search_answer answer = load_search_conclude(&search);
 */
#ifndef ASSAY_LOAD_SEARCH_H
#define ASSAY_LOAD_SEARCH_H

#include "buf.h"

#include <stdbool.h>

enum load_search_kind { SEARCH_SWEEP, SEARCH_HIGHEST, SEARCH_KNEE };

/* 0 stands for the default. */
struct load_search_options {
    enum load_search_kind kind;
    bool whole;             /* loads are streams; else a rate */
    double lowest, highest; /* bounds, > 0; no default */
    double first;           /* to begin with; lowest */
    double factor;          /* of growth, > 1; 2 */
    double gain_min;        /* sweep: a step must bring so much more throughput; 0.05 */
    double share;           /* knee; 0.9 */
    int repeats;            /* odd; sweep 1, else 3 */
    bool all;               /* a load holds only if all its runs did, instead of most */
    double width;           /* of the interval at the end, relative; 0.05 */
    int runs_max;           /* 60 */
    double seconds_max;     /* none */
};

struct load_trial {
    double load;
    int repeat;   /* of this load: 0, 1, ... */
    int lengthen; /* run it so many times as long: shorter ones could not be judged. 1, 2, 4 */
};

enum trial_outcome {
    TRIAL_HELD,
    TRIAL_BROKE,
    TRIAL_CANNOT_SAY, /* too few requests; counts against nothing but the end of a search for the highest */
    TRIAL_INVALID,    /* the client could not make the load: what is beyond is not to be known from here */
};

struct trial_report {
    enum trial_outcome outcome; /* of a knee: TRIAL_HELD unless it broke otherwise */
    double throughput;          /* in any one unit, the same for all */
    double margin; /* measured / limit of the objective that is worst off (slo_margin); 0: unknown. Of a knee:
                    * not asked for */
    double latency_s; /* for the knee's second opinion; 0: unknown */
    double seconds;   /* that it took */
};

enum { LOAD_SEEN_MAX = 16 };

/* A load and what became of its runs. */
struct load_point {
    double load;
    int held, broke, cannot_say, invalid;
    int runs;                   /* that measured: held or broke */
    double throughput;          /* median of those below: one disturbed run does not move a knee */
    double seen[LOAD_SEEN_MAX]; /* throughput of the first of these runs */
    double latency_s;           /* mean */
    double
        log_margin; /* mean over `margins` runs of which it is known; of a knee, that of the median throughput */
    int margins;
};

enum { LOAD_POINTS_MAX = 256 };

enum search_end {
    SEARCH_GOES_ON,
    SEARCH_FOUND,        /* the interval is narrow, its ends are sure; a sweep came to saturation */
    SEARCH_ALL_HELD,     /* the highest load held: the answer is at least it */
    SEARCH_NONE_HELD,    /* the lowest load broke */
    SEARCH_CLIENT_LIMIT, /* the interval ends where the client could not make the load */
    SEARCH_UNDECIDED,    /* too few requests, also in a run of four times the length */
    SEARCH_EXHAUSTED,    /* runs_max or seconds_max */
};

struct load_search {
    struct load_search_options o;
    struct load_point points[LOAD_POINTS_MAX]; /* by rising load */
    size_t count;
    double trial; /* the load that was asked for last */
    enum search_end end;
    int runs;
    double seconds;
    bool not_monotone; /* a load broke and a higher one held, both for sure */
};

/* STATUS_USAGE: bounds or numbers that make no search. */
enum status load_search_init(
    struct load_search *s, const struct load_search_options *options, struct error *e) ASSAY_MUST_CHECK;
/* False: it is over. */
bool load_search_next(struct load_search *s, struct load_trial *trial);
/* What became of the trial that load_search_next() gave last. */
void load_search_report(struct load_search *s, struct trial_report report);

struct load_search_answer {
    enum search_end end;
    bool has_low, has_high, has_not_judged;
    double low, high;  /* the highest load that held, the lowest above it that broke */
    double not_judged; /* the lowest above low that the client could not make: it may hold */
    double
        estimate; /* where the margin is 1, by all runs near it; 0: not known. Better than low and high, which
                       * only know on which side of it each run came out */
    int runs;
    double seconds;
};
struct load_search_answer load_search_conclude(const struct load_search *s);

/* "The highest load that holds is 31.8, between 31.2 and 32.5 streams (4.2 %), after 14 runs in 420 s."
 * "The highest load that holds is at least 64 streams; whether 67 streams hold is not known, ..."
 * unit: "streams", "requests/s". */
enum status load_search_describe(const struct load_search *s, const char *unit, struct buf *out);

#endif
