/*
 * server_window.h - one test of a run, what the server's machine did meanwhile, and what its record says of that.
 *
 *     server_window_of_record(record, &w);                       // false: it was never run
 *     server_window_add_exchange(&w, line);                      // of exchanges.jsonl: when requests were answered
 *     server_window_begin(&w, &facts); server_window_note(&w, line, &sample, t_ns); ...    // in order of time
 *     server_window_settle(&w, &facts);
 *     server_window_into_record(&w, record);
 *     server_window_fini(&w);
 *
 * All times are of this machine's wall clock: whoever reads the samples has moved theirs. The samples next to the test
 * on both sides belong to it, so that counters are known at its ends.
 */
#ifndef ASSAY_SERVER_WINDOW_H
#define ASSAY_SERVER_WINDOW_H

#include "clock_offset.h"
#include "energy_work.h"
#include "monitor_summary.h"
#include "server_energy.h"
#include "server_file.h"

struct server_window {
    char *test; /* owned */
    int64_t attempt, start_ns, end_ns;
    int64_t body_from_ns, body_to_ns; /* 0: it never came to its body */
    char server[256];                 /* host of its target; "" without one */
    bool passed, joined;              /* joined: its server is on the machine that was watched */
    bool found_here;                  /* a process of this machine holds the server's socket */
    bool elsewhere;                   /* the server is certainly on another machine than this */
    struct energy_work *work;
    struct monitor_summary
        *summary;          /* of its samples; NULL before the first, and when it is settled and told */
    struct window *window; /* the same with their neighbours: what is judged */
    struct server_energy *energy;
    int64_t first_ns, last_ns; /* of the samples that belong to it, neighbours included; 0: none */
    /* by server_window_settle: */
    struct json_object *health, *used, *figures; /* system_health/server, energy, joules_* of performance */
    const char *verdict;                         /* static; NULL: nothing was judged */
};

/* "gpu1" of "http://gpu1:8000/v1"; "" where there is none. */
void server_host_of_url(const char *url, char *host, size_t size);

/* What is the same for all tests. */
struct server_facts_of_file {
    const struct server_file *file;
    const struct clock_offset *clock;
    const struct json_object *idle; /* of the server's machine, as in run.json; NULL */
};

/* *w is zeroed where false: the test was never run, or there is no memory (*memory). */
bool server_window_of_record(const struct json_object *record, struct server_window *w, bool *memory);
void server_window_fini(struct server_window *w);

/* False: no memory. */
bool server_window_add_exchange(struct server_window *w, const struct json_object *exchange);

/* Before the first sample. False: no memory. */
bool server_window_begin(struct server_window *w, const struct server_facts_of_file *facts);
/* inside: within the test, else next to it. values of the line are looked at, its times are not. */
void server_window_note(struct server_window *w, const struct json_object *line, const struct sample *sample,
    int64_t t_ns, bool inside, bool broken);

/* What all samples come to; also where there was none. False: no memory. */
bool server_window_settle(struct server_window *w, const struct server_facts_of_file *facts);

/* What is told is kept, what it was made of is not. */
void server_window_forget_samples(struct server_window *w);

/* What stands in a record of an earlier joining gives way, also where w is NULL. False: no memory. */
bool server_window_into_record(const struct server_window *w, struct json_object *record);

#endif
