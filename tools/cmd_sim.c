/* `assay sim`: plays a simulated model server until it is told to stop. */
#include "verb.h"

#include "json.h"
#include "sim.h"
#include "sim_scenario.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cmd_sim_options {
    int64_t port, seed, threads, connections, ready_fd, for_ns, model_count, slow_list_ns, slow_show_ns,
        stall_at_ns, stall_for_ns, burn_ns;
    const char *host, *truth, *as, *tls;
    struct opt_list scenarios, models;
    bool list, with_parent, json, hang, truth_brief;
};

static const struct opt options[] = {
    {"port", 'p', OPT_INT, offsetof(struct cmd_sim_options, port), "N", "port, 0 = any free one",
        .max = 65535},
    {"host", 0, OPT_TEXT, offsetof(struct cmd_sim_options, host), "ADDRESS", "loopback address to listen on"},
    {"scenario", 0, OPT_LIST, offsetof(struct cmd_sim_options, scenarios), "FILE",
        "scenario beside the built-in ones"},
    {"model", 'm', OPT_LIST, offsetof(struct cmd_sim_options, models), "NAME",
        "serve only this scenario; the first is the default", .values = "@scenarios"},
    {"as", 0, OPT_TEXT, offsetof(struct cmd_sim_options, as), "KIND",
        "pass for a server of this kind: llamacpp, ollama, lmstudio, vllm, mlx_lm, mlx-knife",
        .values = "llamacpp|ollama|lmstudio|vllm|mlx_lm|mlx-knife"},
    {"models", 0, OPT_INT, offsetof(struct cmd_sim_options, model_count), "N",
        "list so many models: the default one under further names", .max = 10000},
    {"slow-list", 0, OPT_DURATION, offsetof(struct cmd_sim_options, slow_list_ns), "TIME",
        "let lists of models come so much later"},
    {"slow-show", 0, OPT_DURATION, offsetof(struct cmd_sim_options, slow_show_ns), "TIME",
        "let what is said of one model (Ollama's /api/show) come so much later"},
    {"stall-at", 0, OPT_DURATION, offsetof(struct cmd_sim_options, stall_at_ns), "TIME",
        "when the stall of --stall-for begins: so long behind the first request"},
    {"stall-for", 0, OPT_DURATION, offsetof(struct cmd_sim_options, stall_for_ns), "TIME",
        "let nothing leave for so long, once: all streams stand still"},
    {"burn", 0, OPT_DURATION, offsetof(struct cmd_sim_options, burn_ns), "TIME",
        "work so long before each write, so that it falls behind its schedule"},
    {"tls", 0, OPT_TEXT, offsetof(struct cmd_sim_options, tls), "CERT,KEY",
        "speak TLS with these PEM files; self: with a certificate made at the start"},
    {"hang", 0, OPT_FLAG, offsetof(struct cmd_sim_options, hang), NULL,
        "accept connections and never answer"},
    {"truth", 0, OPT_TEXT, offsetof(struct cmd_sim_options, truth), "FILE",
        "write the true times of each request"},
    {"truth-summary", 0, OPT_FLAG, offsetof(struct cmd_sim_options, truth_brief), NULL,
        "write of each request only what its events come to: for many streams"},
    {"seed", 0, OPT_INT, offsetof(struct cmd_sim_options, seed), "N", "of all random draws", .max = 9e15},
    {"threads", 0, OPT_INT, offsetof(struct cmd_sim_options, threads), "N",
        "loops, each with its share of the connections", .min = 1, .max = SIM_THREADS_MAX},
    {"connections", 0, OPT_INT, offsetof(struct cmd_sim_options, connections), "N",
        "do not start unless there is room for so many", .max = 1e6},
    {"for", 0, OPT_DURATION, offsetof(struct cmd_sim_options, for_ns), "TIME", "stop after this time",
        .positive = true},
    {"ready-fd", 0, OPT_INT, offsetof(struct cmd_sim_options, ready_fd), "N",
        "write the URL to this descriptor when listening, and close it", .min = -1, .max = 1e6},
    {"with-parent", 0, OPT_FLAG, offsetof(struct cmd_sim_options, with_parent), NULL,
        "stop when the parent process is gone"},
    {"list", 'l', OPT_FLAG, offsetof(struct cmd_sim_options, list), NULL, "list the scenarios and stop"},
    {"json", 0, OPT_FLAG, offsetof(struct cmd_sim_options, json), NULL, "with --list: as JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "sim",
    .operands = "",
    .summary = "play a simulated model server on loopback",
    .details =
        "Each scenario is a model of the server: ask for \"sim-steady\" and get steady streaming, for\n"
        "\"sim-reset\" and the connection breaks. docs/simulator.md explains scenarios and the truth "
        "file.\n\n"
        "  assay sim --truth truth.jsonl\n"
        "  assay sim --model sim-reasoning --port 8080 --for 10m\n"
        "  assay sim --list\n",
};

static struct sim_server *served; /* for the signal handler */

static void on_signal(int number)
{
    (void)number;
    sim_server_stop(served);
}

static void print_text(const struct sim_catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++)
        printf("%-22s %s\n", catalog->items[i].name, catalog->items[i].summary);
}

static enum status print_json(const struct sim_catalog *catalog, struct error *e)
{
    struct json_object *list = json_object_new_array();
    struct buf text = BUF_INIT(1 << 24);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < catalog->count; i++) {
        struct json_object *row = json_object_new_object();
        ok = json_set_text(row, "name", catalog->items[i].name) &&
             json_set_text(row, "summary", catalog->items[i].summary);
        ok = json_add(list, row) && ok;
    }
    enum status s =
        ok ? json_write_pretty(list, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the list");
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    json_object_put(list);
    buf_fini(&text);
    return s;
}

static enum status list_scenarios(const char *const *files, bool json, struct error *e)
{
    struct sim_catalog catalog;
    enum status s = sim_catalog_load(&catalog, files, e);
    if (s == STATUS_OK && json)
        s = print_json(&catalog, e);
    else if (s == STATUS_OK)
        print_text(&catalog);
    sim_catalog_fini(&catalog);
    return s;
}

/* Tells whoever waits that requests will be answered from now on. */
static enum status announce(const struct sim_server *server, int64_t ready_fd, struct error *e)
{
    const char *url = sim_server_url(server);
    const char *ca = sim_server_ca(server);
    if (ca[0])
        printf("to be trusted: --cacert %s\n", ca);
    printf("listening on %s\n", url);
    if (fflush(stdout) != 0)
        return error_set_errno(e, "cannot write");
    if (ready_fd < 0)
        return STATUS_OK;
    bool told = dprintf((int)ready_fd, "%s\n", url) > 0;
    if (!told)
        error_set_errno(e, "cannot write to descriptor %d", (int)ready_fd);
    close((int)ready_fd);
    return told ? STATUS_OK : STATUS_IO;
}

static enum status serve(const struct sim_options *sim, int64_t ready_fd, struct error *e)
{
    struct sigaction stop = {.sa_handler = on_signal};
    enum status s = sim_server_open(sim, &served, e);
    if (s != STATUS_OK)
        return s;
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    s = announce(served, ready_fd, e);
    if (s == STATUS_OK)
        s = sim_server_run(served, e);
    sim_server_close(served);
    return s;
}

static int sim_main(int argc, char **argv)
{
    struct cmd_sim_options o = {.ready_fd = -1, .threads = 1, .host = "127.0.0.1"};
    const char *files[OPT_LIST_MAX + 1] = {0}, *models[OPT_LIST_MAX + 1] = {0};
    struct error why = {0};
    int first_operand = 0, exit_code = 0;
    if (!verb_begin(&usage, options, &o, argc, argv, &first_operand, &exit_code))
        return exit_code;
    if (verb_refuses_operand(&usage, argc, argv, first_operand, &exit_code))
        return exit_code;
    memcpy(files, o.scenarios.items, o.scenarios.count * sizeof *files);
    memcpy(models, o.models.items, o.models.count * sizeof *models);
    struct sim_options sim = {.host = o.host,
        .port = (int)o.port,
        .scenario_files = files,
        .models = o.models.count ? models : NULL,
        .as = o.as,
        .model_count = o.model_count,
        .slow_list_ns = o.slow_list_ns,
        .slow_show_ns = o.slow_show_ns,
        .tls = o.tls,
        .stall_at_ns = o.stall_at_ns,
        .stall_for_ns = o.stall_for_ns,
        .burn_ns = o.burn_ns,
        .hang = o.hang,
        .truth_path = o.truth,
        .truth_brief = o.truth_brief,
        .seed = (uint64_t)o.seed,
        .threads = (int)o.threads,
        .connections = o.connections,
        .for_ns = o.for_ns,
        .with_parent = o.with_parent};
    enum status s = o.list ? list_scenarios(files, o.json, &why) : serve(&sim, o.ready_fd, &why);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("sim", &why);
}

const struct verb cmd_sim = {.name = "sim",
    .group = VERB_TOOLS,
    .summary = "play a simulated model server",
    .usage = &usage,
    .options = options,
    .main = sim_main};
