#include "run_options.h"

#include "config.h"
#include "lifecycle.h"
#include "json.h"
#include "prompts.h"
#include "rng.h"
#include "settings.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct run_options, field)

const struct opt run_options_table[] = {
    {"target", 't', OPT_LIST, AT(targets), "URL",
        "measure this server (again for more); sim: is a simulator, lms: LM Studio by its program",
        .values = OPT_TARGETS},
    TRANSPORT_OPTIONS(struct run_options, transport),
    {"model", 'm', OPT_LIST, AT(models), "PATTERN",
        "only models whose id matches (* and ?); !PATTERN: only others"},
    {"modality", 0, OPT_LIST, AT(modalities), "KIND",
        "only models of this kind: text, vision, audio, embedding, image, speech, rerank, tools",
        .values = "text|vision|audio|embedding|image|speech|rerank|tools"},
    {"min-size", 0, OPT_TEXT, AT(min_size), "SIZE", "only models of at least 3B parameters, or 2GB"},
    {"max-size", 0, OPT_TEXT, AT(max_size), "SIZE", "only models of at most 8B parameters, or 6GB"},
    {"max-memory-share", 0, OPT_REAL, AT(max_memory_share), "P",
        "skip models that need more percent of this machine's memory (default 60; 0: never)", .min = 0,
        .max = 1000},
    {"unload", 0, OPT_TEXT, AT(unload), "WHICH",
        "which models leave the server's memory behind their tests: ours (default: those that this run "
        "loaded), "
        "always, never",
        .values = "ours|always|never"},
    {"pull", 0, OPT_FLAG, AT(pull), NULL, "have a server fetch a model that --model names and none has",
        .flag_only = true},
    {"suite", 's', OPT_LIST, AT(suites), "PATTERN", "only these suites", .values = "@suites"},
    {"case", 'c', OPT_LIST, AT(cases), "PATTERN", "only these cases, for example chat.short",
        .values = "@cases"},
    {"interactive", 'i', OPT_FLAG, AT(interactive), NULL, "tick targets, models and suites in a menu",
        .flag_only = true},
    {"quick", 'q', OPT_FLAG, AT(quick), NULL, "5 repeats instead of 10"},
    {"repeats", 'r', OPT_INT, AT(repeats), "N", "measured repeats of each case", .min = 1, .max = 1000},
    {"warmup", 0, OPT_INT, AT(warmup), "N", "repeats before them that are not measured (default 1)", .min = 0,
        .max = 1000},
    {"prompt", 'p', OPT_TEXT, AT(prompt), "FILE",
        "your own prompt instead of the built-in ones; - is standard input"},
    {"tasks", 0, OPT_TEXT, AT(tasks), "FILE",
        "ask and grade your own tasks (JSON lines or .csv), or a public set: imdb, hf:OWNER/NAME, ..."},
    {"task-count", 0, OPT_INT, AT(task_count), "N", "only the first N tasks, or so many rows of a set",
        .min = 1, .max = 100000},
    {"offline", 0, OPT_FLAG, AT(offline), NULL, "fetch no set: take what the cache holds"},
    {"max-tokens", 0, OPT_INT, AT(max_tokens), "N", "ask for at most this many tokens", .min = 1,
        .max = 1000000},
    {"temperature", 0, OPT_REAL, AT(temperature), "T", "sampling temperature (default 0: greedy)", .min = 0,
        .max = 100},
    {"seed", 0, OPT_INT, AT(request_seed), "N", "seed sent with each request (default 42)", .min = 0,
        .max = 2147483647},
    {"run-seed", 0, OPT_INT, AT(run_seed), "N", "repeat a run's order, salts and prompts (see its run.json)",
        .min = 0, .max = 9007199254740991.0},
    {"server-option", 0, OPT_LIST, AT(server_options), "KEY=VALUE",
        "pass this on to the server with each request, for example num_ctx=8192"},
    {"max-retries", 0, OPT_INT, AT(max_retries), "N",
        "try a refused request again; every attempt is recorded", .min = 0, .max = 100},
    {"timeout", 0, OPT_DURATION, AT(timeout_ns), "TIME", "give up on one exchange after this",
        .positive = true},
    {"cross-check-percent", 0, OPT_REAL, AT(cross_check_percent), "P",
        "doubt a figure where the server says another by more than this (default 5)", .min = 0,
        .max = 1000000},
    {"cross-check-ms", 0, OPT_REAL, AT(cross_check_ms), "MS", "and by more than this (default 5)", .min = 0,
        .max = 1000000},
    {"budget", 0, OPT_DURATION, AT(budget_ns), "TIME",
        "start no further test after this; the rest is not_run (default 0: no limit)"},
    {"idle", 0, OPT_DURATION, AT(idle_ns), "TIME",
        "watch the machine without work this long before the first test, where it tells what it draws "
        "(default 3 "
        "s; 0: not)"},
    {"limit", 0, OPT_DURATION, AT(limit_ns), "TIME", "give up on silent servers after this (default 3 s)"},
    {"wait", 0, OPT_DURATION, AT(wait_ns), "TIME", "wait this long for another measurement to end"},
    {"out", 'o', OPT_TEXT, AT(out), "DIR", "where run folders are made (default runs)"},
    {"junit", 0, OPT_TEXT, AT(junit), "FILE", "write the JUnit XML here too"},
    {"server-samples", 0, OPT_TEXT, AT(server_samples), "FILE",
        "take in at the end what `assay monitor` wrote on the server's machine", .flag_only = true},
    {"anonymise", 0, OPT_FLAG, AT(anonymise), NULL,
        "leave the machine's and the user's names, the home folder and serial numbers out of the run's "
        "files"},
    {"note", 0, OPT_LIST, AT(notes), "TEXT", "what readers of the report must know first"},
    {"cooldown", 0, OPT_DURATION, AT(cooldown_ns), "TIME", "rest so long before each test but the first"},
    {"wait-until-quiet", 0, OPT_DURATION, AT(wait_until_quiet_ns), "TIME",
        "start each test when nothing disturbs the machine; measure anyway after TIME (60 s)",
        .optional = true, .alone = 60 * NS_PER_S},
    {"require-clean", 0, OPT_INT, AT(require_clean), "N",
        "fail where the machine was not fit to measure; with N, first measure such a test again, N times "
        "at most",
        .optional = true, .min = 1, .max = 10},
    {"config", 0, OPT_TEXT, AT(config), "FILE",
        "read this instead of assay.yaml; none reads neither it nor .env", .flag_only = true},
    {"print-config", 0, OPT_FLAG, AT(print_config), NULL,
        "show every option, its value and where it came from", .flag_only = true},
    {"resume", 0, OPT_TEXT, AT(resume), "RUN", "go on with a run: what was lost, interrupted or not run",
        .flag_only = true},
    {"failed", 0, OPT_TEXT, AT(failed), "RUN", "only the tests that did not pass in that run",
        .flag_only = true},
    {"dry-run", 'n', OPT_FLAG, AT(dry_run), NULL, "show the plan and what it will take, send nothing",
        .flag_only = true},
    {"json", 0, OPT_FLAG, AT(json), NULL, "print the summary (or the plan) as JSON", .flag_only = true},
    {0},
};

/* What may accompany --resume: where and how long, not what is measured; that stands in the run's run.json.
 */
static const char *const fit_for_resume[] = {"target", "cacert", "cert", "cert-key", "insecure",
    "unix-socket", "proxy", "header", "budget", "limit", "wait", "junit", "server-samples", "cooldown",
    "wait-until-quiet", "require-clean", "resume", "json", "config", "print-config", NULL};

static bool fits_resume(const char *name)
{
    for (size_t i = 0; fit_for_resume[i]; i++)
        if (strcmp(fit_for_resume[i], name) == 0)
            return true;
    return false;
}

/* --out "$DIR" with DIR unset: a slip, and never a wish. */
static bool any_is_empty(const struct run_options *options, struct error *e)
{
    for (const struct opt *o = run_options_table; o->name; o++) {
        const char *text = NULL;
        if (o->kind == OPT_TEXT)
            memcpy(&text, (const char *)options + o->offset, sizeof text);
        if (text && !*text)
            return error_set(e, STATUS_USAGE, "--%s is empty: it wants a %s", o->name, o->arg) != STATUS_OK;
    }
    return false;
}

enum status run_options_filter(const struct opt_list *modalities, const char *min_size, const char *max_size,
    struct model_filter *filter, struct error *e)
{
    static const char sizes[] = "is no size of a model: 7B or 500M parameters, 4GB or 512MiB are";
    for (size_t i = 0; i < modalities->count; i++) {
        unsigned bit = model_filter_modality(modalities->items[i]);
        if (bit == 0)
            return error_set(e, STATUS_USAGE,
                "\"%s\" is no modality: text, vision, audio, embedding, image, speech, rerank and tools are",
                modalities->items[i]);
        filter->modalities |= bit;
    }
    if (min_size && !model_filter_parse_size(min_size, &filter->min))
        return error_set(e, STATUS_USAGE, "--min-size: \"%s\" %s", min_size, sizes);
    if (max_size && !model_filter_parse_size(max_size, &filter->max))
        return error_set(e, STATUS_USAGE, "--max-size: \"%s\" %s", max_size, sizes);
    return STATUS_OK;
}

/* What assay says itself: a second word on it would measure something else than the record says. */
static const char *const said_by_us[] = {"model", "messages", "prompt", "input", "stream", "stream_options",
    "max_tokens", "max_completion_tokens", "num_predict", "temperature", "seed", "tools", "response_format",
    "format", "n", NULL};

/* A value is JSON (8192, 0.5, true, "text") or, where it is not, a text as it stands. */
static enum status set_server_option(struct json_object *all, const char *word, struct error *e)
{
    const char *value = strchr(word, '=');
    char key[64];
    if (!value || value == word || (size_t)(value - word) >= sizeof key || !value[1])
        return error_set(e, STATUS_USAGE, "--server-option: \"%s\" is not KEY=VALUE", word);
    snprintf(key, sizeof key, "%.*s", (int)(value++ - word), word);
    for (size_t i = 0; said_by_us[i]; i++)
        if (strcmp(said_by_us[i], key) == 0)
            return error_set(e, STATUS_USAGE, "--server-option: %s is said by assay itself", key);
    struct json_object *tree = NULL;
    bool plain = json_parse(value, strlen(value), &tree, NULL) == STATUS_OK && tree &&
                 !json_object_is_type(tree, json_type_object) && !json_object_is_type(tree, json_type_array);
    bool ok = plain ? json_set(all, key, tree) : json_set_text(all, key, value);
    if (!plain)
        json_object_put(tree);
    return ok ? STATUS_OK : error_set(e, STATUS_USAGE, "--server-option: \"%s\" is not text", word);
}

static enum status set_server_options(
    const struct opt_list *words, struct run_settings *settings, struct error *e)
{
    struct json_object *all = json_object_new_object();
    struct buf text = BUF_INIT(sizeof settings->server_options - 1);
    enum status s = all ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for options");
    for (size_t i = 0; s == STATUS_OK && i < words->count; i++)
        s = set_server_option(all, words->items[i], e);
    if (s == STATUS_OK && words->count > 0 && json_write(all, &text, NULL) != STATUS_OK)
        s = error_set(
            e, STATUS_USAGE, "--server-option: more than %zu bytes", sizeof settings->server_options - 1);
    snprintf(settings->server_options, sizeof settings->server_options, "%s", buf_text(&text));
    json_object_put(all);
    buf_fini(&text);
    return s;
}

/* 0.6 would skip nearly everything. */
static enum status check_share(double percent, struct error *e)
{
    if (percent <= 0 || percent >= 1)
        return STATUS_OK;
    return error_set(e, STATUS_USAGE, "--max-memory-share is in percent: 60, not 0.6");
}

static enum status check_unload(const char *word, struct error *e)
{
    for (size_t i = 0; lifecycle_policies[i] != NULL; i++)
        if (strcmp(lifecycle_policies[i], word) == 0)
            return STATUS_OK;
    return error_set(e, STATUS_USAGE, "--unload is ours, always or never, not \"%s\"", word);
}

enum status run_options_check(
    const struct run_options *options, const struct config_origins *origins, struct error *e)
{
    if (any_is_empty(options, e))
        return STATUS_USAGE;
    struct model_filter ignored = {0};
    struct run_settings settings;
    enum status s = set_server_options(&options->server_options, &settings, e);
    if (s == STATUS_OK)
        s = check_share(options->max_memory_share, e);
    if (s == STATUS_OK)
        s = check_unload(options->unload, e);
    if (s == STATUS_OK)
        s = run_options_filter(&options->modalities, options->min_size, options->max_size, &ignored, e);
    if (s != STATUS_OK)
        return s;
    if (!options->resume)
        return STATUS_OK;
    for (size_t i = 0; run_options_table[i].name; i++)
        if (!fits_resume(run_options_table[i].name) && strcmp(origins->rows[i], CONFIG_COMMAND_LINE) == 0)
            return error_set(e, STATUS_USAGE,
                "--%s does not go with --resume: a run goes on as it was begun (start a new one to measure "
                "otherwise)",
                run_options_table[i].name);
    return STATUS_OK;
}

#define RUN_SEED_LIMIT (UINT64_C(1) << 53) /* what JSON keeps exactly */

void run_options_settings(const struct run_options *o, struct run_settings *settings)
{
    *settings = (struct run_settings)RUN_SETTINGS_DEFAULT;
    settings->seed = o->run_seed >= 0 ? (uint64_t)o->run_seed : rng_entropy() % RUN_SEED_LIMIT;
    settings->repeats = o->repeats > 0 ? (int)o->repeats : o->quick ? 5 : settings->repeats;
    settings->warmup = o->warmup >= 0 ? (int)o->warmup : settings->warmup;
    settings->max_tokens = o->max_tokens;
    settings->temperature = o->temperature;
    settings->cross_share = o->cross_check_percent / 100;
    settings->cross_slack_s = o->cross_check_ms / 1000;
    settings->request_seed = o->request_seed;
    settings->max_retries = (int)o->max_retries;
    settings->timeout_s = (double)o->timeout_ns / 1e9;
    (void)!set_server_options(&o->server_options, settings, NULL); /* checked before */
    snprintf(settings->prompt_set, sizeof settings->prompt_set, "%s", PROMPTS_VERSION);
}

const struct opt_usage run_usage = {
    .verb = "run",
    .operands = "",
    .summary = "Measures every model of every server it finds, and leaves a folder with records and reports.",
    .details =
        "Servers are those of --target, else of ASSAY_TARGETS, else the usual ports of this machine. "
        "A key comes from ASSAY_API_KEY or, for servers that are named, OPENAI_API_KEY, never from the "
        "command line.\n\n"
        "  assay run                                   all that is found\n"
        "  assay run -q -s chat -m '*8b*'              the chat suite, quickly, on models named so\n"
        "  assay run --target http://box:8080/v1       one server\n"
        "  assay run -i                                choose in a menu\n"
        "  assay run --target sim:                     a simulator, to see how it works\n\n"
        "Exit code: 0 all well; 1 a test failed or a record was lost; 2 usage; 3 nothing to run or the "
        "budget used up; 4 cannot write. With --require-clean also 1 for a machine that was not fit, and 3 "
        "for one "
        "of which "
        "nobody knows.\n",
};
