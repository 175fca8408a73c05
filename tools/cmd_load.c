/* assay load - a load test, a sweep, or the search for the highest load. */
#include "verb.h"

#include "clock.h"
#include "descriptors.h"
#include "fs.h"
#include "json.h"
#include "load_json.h"
#include "load_options.h"
#include "load_print.h"
#include "measure_lock.h"
#include "model_filter.h"
#include "rng.h"
#include "server_list.h"
#include "text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 400 };

struct command {
    struct load_options options;
    struct config config;
    struct config_origins origins;
    struct server_list servers;
    struct portfolio portfolio;
    struct load_choice choices[LOAD_CHOICES_MAX];
    char names[LOAD_CHOICES_MAX][NAME_SIZE];
    const char *name_list[LOAD_CHOICES_MAX];
    size_t choice_count;
    struct load_wish wish;
    struct load_setup setup;
    int lock_fd;
};

static atomic_bool stop;
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
    atomic_store(&stop, true);
}

static void catch_signals(void)
{
    struct sigaction action = {
        .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* the second one ends it */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

/* ---- who is asked ---- */

static void add_choice(struct command *c, const struct portfolio_target *t, const struct model_info *m)
{
    size_t i = c->choice_count++;
    snprintf(c->names[i], NAME_SIZE, "%s/%s", t->info.name, m->id);
    c->name_list[i] = c->names[i];
    c->choices[i] = (struct load_choice){
        .access = t->access, .protocol = t->info.protocol, .model = m->id, .simulated = t->info.simulated};
    c->choices[i].engine.ignore_eos = c->options.keep_eos ? CHOICE_LEAVE : CHOICE_YES;
}

static bool can_be_asked(const struct model_info *m)
{
    return m->modalities == 0 || (m->modalities & MODALITY_TEXT);
}

static enum status gather_choices(struct command *c, struct error *e)
{
    struct model_filter filter = {.patterns = &c->options.models};
    size_t fitting = 0;
    char why[256];
    for (size_t i = 0; i < c->portfolio.count; i++) {
        struct portfolio_target *t = &c->portfolio.targets[i];
        for (size_t k = 0; k < t->models.count; k++) {
            const struct model_info *m = &t->models.items[k];
            if (!can_be_asked(m) || !model_filter_takes(&filter, m, why, sizeof why))
                continue;
            if (fitting++ < LOAD_CHOICES_MAX)
                add_choice(c, t, m);
        }
    }
    if (fitting == 0)
        return error_set(
            e, STATUS_NOT_FOUND, "no model to ask: see what there is with `assay list --models`");
    if (fitting > 1 && c->options.models.count == 0)
        return error_set(e, STATUS_USAGE,
            "%zu models can be asked (%s, %s%s): name one, or several, with --model", fitting, c->names[0],
            c->names[1], fitting > 2 ? ", ..." : "");
    return fitting <= LOAD_CHOICES_MAX
               ? STATUS_OK
               : error_set(e, STATUS_USAGE, "%zu models: at most %d can be asked in one test", fitting,
                     LOAD_CHOICES_MAX);
}

static enum status find_servers(struct command *c, struct error *e)
{
    const struct load_options *o = &c->options;
    enum status s = server_list_open(&o->targets, &c->config, &o->transport, &c->servers, e);
    if (s == STATUS_OK)
        s = server_list_discover(&c->servers, o->limit_ns, &c->portfolio, e);
    for (size_t i = 0; s == STATUS_OK && i < c->portfolio.count; i++)
        s = server_list_check(&c->portfolio.targets[i], e);
    if (s == STATUS_OK && c->portfolio.count == 0)
        s = error_set(e, STATUS_UNAVAILABLE,
            "no server answers: start one, name one with --target URL, or try --target sim:");
    return s == STATUS_OK ? gather_choices(c, e) : s;
}

/* Prompts are as long as was asked for once it is known how many tokens a word has. */
static void learn_scale(struct command *c)
{
    struct load_prompts prompts;
    struct load_plan none = {0};
    struct error why = {0};
    struct load_client_options o = {
        .choices = c->choices, .choice_count = c->choice_count, .completion = c->options.completion};
    load_prompts_init(&prompts, &none, rng_entropy());
    if (load_client_learn_scale(&o, &prompts, &why) == STATUS_OK)
        c->setup.scale = prompts.scale;
    else
        fprintf(stderr, "assay: prompts are as many words as tokens were asked for: %s\n", error_text(&why));
}

/* ---- progress ---- */

static void show_progress(const struct load_progress *p, int64_t since_ns, void *arg)
{
    (void)arg;
    fprintf(stderr, "\r%5lld s  %ld in flight, %ld done, %ld failed, %lld tokens  ",
        (long long)(since_ns / NS_PER_S), atomic_load(&p->in_flight), atomic_load(&p->done),
        atomic_load(&p->failed), (long long)atomic_load(&p->token_events));
}

static void end_progress(const struct command *c)
{
    if (c->setup.tick)
        fprintf(stderr, "\r%60s\r", "");
}

/* ---- results ---- */

static enum status put_json(const struct command *c, struct json_object *tree, struct error *e)
{
    struct buf text = BUF_INIT(256 << 20);
    enum status s = json_write_pretty(tree, &text, e);
    if (s == STATUS_OK && c->options.json)
        fputs(buf_text(&text), stdout);
    if (s == STATUS_OK && c->options.out)
        s = fs_write_output(c->options.out, text.data, text.len, NULL, e);
    json_object_put(tree);
    buf_fini(&text);
    return s;
}

/* 1 where an objective is missed, 3 where nothing could be judged: also where so many requests failed that it was
 * given up, but the client was late or lacked something. */
static int code_of(const struct command *c, struct load_test *t)
{
    if (stop_signal)
        return 128 + stop_signal;
    if (load_verdict_own_failure(&t->verdict))
        return EXIT_CANNOT_JUDGE;
    if (t->outcome.aborted)
        return EXIT_BAD;
    if (!t->has_window || t->result.counts.ok + t->result.counts.failed == 0)
        return EXIT_CANNOT_JUDGE;
    struct slo_figures figures = load_result_figures(&t->result);
    enum slo_verdict verdict = slo_judge_all(&c->wish.slo, &figures);
    if (t->result.counts.ok == 0)
        return EXIT_BAD;
    if (t->verdict.fitness == LOAD_INVALID)
        return EXIT_CANNOT_JUDGE;
    return verdict == SLO_MISSED ? EXIT_BAD : verdict == SLO_CANNOT_SAY ? EXIT_CANNOT_JUDGE : EXIT_FINE;
}

static int run_once(struct command *c)
{
    struct load_test test;
    struct error why = {0};
    enum status s = load_setup_run(&c->setup, 1, &test, &why);
    end_progress(c);
    if (s != STATUS_OK)
        return verb_fail("load", &why);
    int code = code_of(c, &test);
    if (!c->options.json)
        load_test_print(&c->setup, &test);
    s = put_json(c, load_test_to_json(&c->setup, &test), &why);
    if (s == STATUS_OK && c->options.samples)
        s = load_samples_write(&test, c->options.samples, &why);
    load_test_fini(&test);
    return s == STATUS_OK ? code : verb_fail("load", &why);
}

/* ---- searches ---- */

static enum trial_outcome judge_trial(const struct command *c, struct load_test *t)
{
    if (load_verdict_own_failure(&t->verdict))
        return TRIAL_INVALID;
    if (t->outcome.aborted)
        return TRIAL_BROKE;
    if (!t->has_window)
        return TRIAL_CANNOT_SAY;
    if (t->verdict.fitness == LOAD_INVALID)
        return TRIAL_INVALID;
    if (t->limits.open && t->steady.state == STEADY_SATURATED)
        return TRIAL_BROKE;
    struct slo_figures figures = load_result_figures(&t->result);
    switch (slo_judge_all(&c->wish.slo, &figures)) {
    case SLO_MET:
        return TRIAL_HELD;
    case SLO_MISSED:
        return TRIAL_BROKE;
    default:
        return TRIAL_CANNOT_SAY;
    }
}

/* Tokens of a closed loop: its few requests make a coarse rate, and their number in a window is chance. */
static double throughput_of(const struct load_test *t)
{
    const struct load_rates *rates = &t->result.rates;
    bool tokens =
        !t->limits.open && t->result.counts.tokens_not_counted == 0 && rates->output_tokens_per_s > 0;
    return tokens ? rates->output_tokens_per_s : rates->requests_per_s;
}

static struct trial_report report_of(
    enum trial_outcome outcome, const struct slo_set *slo, struct load_test *t, double seconds)
{
    struct trial_report r = {.outcome = outcome, .seconds = seconds};
    struct summary s;
    if (t->has_window) {
        r.throughput = throughput_of(t);
        struct slo_figures figures = load_result_figures(&t->result);
        r.margin = slo_margin(slo, &figures);
        if (distribution_summarise(&t->result.values[LOAD_LATENCY], &s) == STATUS_OK)
            r.latency_s = s.mean;
    }
    return r;
}

static enum status search_loads(struct command *c, struct load_search *search, struct error *e)
{
    static const char *const words[] = {[TRIAL_HELD] = "held",
        [TRIAL_BROKE] = "broke",
        [TRIAL_CANNOT_SAY] = "unclear",
        [TRIAL_INVALID] = "invalid"};
    const char *unit = search->o.whole ? "streams" : "requests/s";
    enum status s = STATUS_OK;
    for (struct load_trial trial; s == STATUS_OK && !stop_signal && load_search_next(search, &trial);) {
        struct load_test test;
        int64_t began_ns = clock_mono_ns(clock_system());
        load_wish_set_load(&c->wish, trial.load);
        c->wish.plan.seed = (uint64_t)c->options.seed + (uint64_t)search->runs;
        s = load_setup_run(&c->setup, trial.lengthen, &test, e);
        end_progress(c);
        if (s != STATUS_OK)
            break;
        enum trial_outcome outcome = judge_trial(c, &test);
        if (!stop_signal) {
            if (!c->options.json)
                load_trial_print(&trial, unit, &test, words[outcome]);
            double seconds = (double)(clock_mono_ns(clock_system()) - began_ns) / 1e9;
            load_search_report(search, report_of(outcome, &c->wish.slo, &test, seconds));
        }
        load_test_fini(&test);
    }
    return s;
}

static int run_search(struct command *c)
{
    struct load_search *search = calloc(1, sizeof *search);
    struct error why = {0};
    enum status s = search ? load_search_init(search, &c->wish.search, &why)
                           : error_set(&why, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK)
        s = search_loads(c, search, &why);
    if (s == STATUS_OK && !c->options.json)
        load_search_print(search, search->o.whole ? "streams" : "requests/s");
    if (s == STATUS_OK)
        s = put_json(c, load_search_to_json(&c->setup, search), &why);
    bool found = s == STATUS_OK && load_search_conclude(search).has_low;
    free(search);
    if (s != STATUS_OK)
        return verb_fail("load", &why);
    return stop_signal ? 128 + stop_signal : found ? EXIT_FINE : EXIT_CANNOT_JUDGE;
}

/* ---- the verb ---- */

static int measure(struct command *c)
{
    struct error why = {0};
    enum status s = measure_lock(c->options.wait_ns, &c->lock_fd, &why);
    if (s == STATUS_OK)
        s = find_servers(c, &why);
    if (s == STATUS_OK)
        s = load_wish_read(&c->options, c->choice_count, &c->wish, &why);
    if (s != STATUS_OK)
        return verb_fail("load", &why);
    c->setup = (struct load_setup){.options = &c->options,
        .wish = &c->wish,
        .choices = c->choices,
        .names = c->name_list,
        .choice_count = c->choice_count,
        .stop = &stop,
        .tick = isatty(STDERR_FILENO) ? show_progress : NULL};
    descriptors_raise();
    catch_signals();
    for (size_t i = 0; i < c->choice_count; i++)
        fprintf(stderr, "assay: loads %s\n", c->names[i]);
    learn_scale(c);
    return c->wish.searches ? run_search(c) : run_once(c);
}

static int load_main(int argc, char **argv)
{
    struct command c = {.options = LOAD_OPTIONS_DEFAULT, .lock_fd = -1};
    int first, code;
    if (config_begin(
            &load_usage, load_options_table, &c.options, argc, argv, &first, &code, &c.config, &c.origins) &&
        !verb_refuses_operand(&load_usage, argc, argv, first, &code)) {
        code = measure(&c);
        load_wish_fini(&c.wish);
        portfolio_fini(&c.portfolio);
        server_list_fini(&c.servers);
        if (c.lock_fd >= 0)
            close(c.lock_fd);
    }
    config_fini(&c.config);
    return code;
}

const struct verb cmd_load = {
    .name = "load",
    .summary = "a load test: streams or a rate, objectives, the highest load that holds",
    .group = VERB_MEASURE,
    .usage = &load_usage,
    .options = load_options_table,
    .main = load_main,
};
