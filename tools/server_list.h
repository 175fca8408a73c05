/*
 * server_list.h - which servers a command is about: those of its options, else the usual ports.
 *
 * "sim:" is a simulator that is started here and stopped by server_list_fini(); "sim:NAME" plays the scenario
 * NAME. "lms:" is the LM Studio of this machine, whose server is started where it does not run, and stopped by
 * server_list_fini() only then; "lms:PORT" has it on that port. Names and keys of targets come from the
 * configuration.
 *
 *     struct server_list servers;
 *     struct portfolio portfolio;
 *     if (server_list_open(&options.targets, &config, &options.transport, &servers, &why) == STATUS_OK &&
 *         server_list_discover(&servers, 3 * NS_PER_S, &portfolio, &why) == STATUS_OK) ...
 *     portfolio_fini(&portfolio);
 *     server_list_fini(&servers);
 */
#ifndef ASSAY_SERVER_LIST_H
#define ASSAY_SERVER_LIST_H

#include "config.h"
#include "opt.h"
#include "portfolio.h"
#include "sim.h"

enum { SERVERS_MAX = 64, SIMS_MAX = 8 };

struct server_list {
    struct target_access servers[SERVERS_MAX]; /* URLs owned, the rest borrowed from said */
    struct config_target said[SERVERS_MAX];    /* what the configuration says of each */
    size_t count;
    bool asked; /* by somebody; false: the usual ports */
    struct sim_process sims[SIMS_MAX];
    char scenarios[SIMS_MAX][64]; /* that each of them plays */
    size_t sim_count;
    const char *lms_url; /* of the LM Studio that was started here, borrowed from servers; NULL: none */
};

/* Starts the simulators that are asked for. config may be NULL; usual is the way to servers
 * of which it says nothing, NULL for none. STATUS_USAGE for what is no URL; whatever
 * sim_spawn says. */
enum status server_list_open(const struct opt_list *urls, const struct config *config,
    const struct transport_options *usual, struct server_list *servers, struct error *e) ASSAY_MUST_CHECK;
void server_list_fini(struct server_list *servers);

/* Asks them all; marks those that we started as managed. */
enum status server_list_discover(const struct server_list *servers, int64_t limit_ns,
    struct portfolio *portfolio, struct error *e) ASSAY_MUST_CHECK;

/* Whether a target answers: else STATUS_UNAVAILABLE, or STATUS_USAGE for what is not even a URL, with its
 * name and why.
 */
enum status server_list_check(const struct portfolio_target *target, struct error *e) ASSAY_MUST_CHECK;

#endif
