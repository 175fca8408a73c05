/* assay capture: the raw exchanges with a server as files, for tests of what reads them. */
#include "capture.h"
#include "target.h"
#include "verb.h"

#include "exchange.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct capture_command {
    const char *model, *prompt;
    struct opt_list only;
    int64_t max_tokens;
};

static const struct opt options[] = {
    {"model", 'm', OPT_TEXT, offsetof(struct capture_command, model), "ID",
        "ask this model (default: the first that the server lists)"},
    {"only", 0, OPT_LIST, offsetof(struct capture_command, only), "PATTERN",
        "only exchanges of this name, for example chat_*"},
    {"prompt", 'p', OPT_TEXT, offsetof(struct capture_command, prompt), "TEXT", "what to ask"},
    {"max-tokens", 0, OPT_INT, offsetof(struct capture_command, max_tokens), "N",
        "ask for at most this many tokens (default 16)", .min = 1, .max = 100000},
    {0},
};

static const struct opt_usage usage = {
    .verb = "capture",
    .operands = "URL DIR",
    .summary = "Keep exchanges with a server as our client sees them.",
    .details =
        "Asks what a benchmark asks - who the server is, its models, a chat in a stream and whole, one cut "
        "by its length, a model that is not there, a completion, vectors - and writes each exchange to a "
        "file of DIR: the request, the headers that matter, every read of the body with its time, the "
        "outcome. URL may begin with a protocol (ollama+http://...). Folders of paths, names of hosts and "
        "users, and secrets are masked letter by letter; look at the files all the same before you give "
        "them away.\n\n"
        "  assay capture http://127.0.0.1:8080 captures/llamacpp\n"
        "  assay validate captures/llamacpp/*.jsonl\n\n"
        "Exit code: 0 captured; 2 no server there, or DIR holds captures; 4 a file could not be written.",
};

/* What is asked of every server whose protocol offers it. */
struct asked {
    const char *name;
    enum task task;
    bool stream, unknown_model, cut;
};

static const struct asked exchanges[] = {
    {.name = "chat_stream", .task = TASK_CHAT, .stream = true},
    {.name = "chat_whole", .task = TASK_CHAT},
    {.name = "chat_cut", .task = TASK_CHAT, .stream = true, .cut = true},
    {.name = "chat_unknown_model", .task = TASK_CHAT, .stream = true, .unknown_model = true},
    {.name = "completion_stream", .task = TASK_COMPLETION, .stream = true},
    {.name = "completion_whole", .task = TASK_COMPLETION},
    {.name = "embed", .task = TASK_EMBED},
};

static bool is_wanted(const struct capture_command *o, const char *name)
{
    for (size_t i = 0; i < o->only.count; i++)
        if (text_match(o->only.items[i], name))
            return true;
    return o->only.count == 0;
}

static struct target_request request_of(const struct asked *asked, const struct capture_command *o,
    const char *model, const struct chat_message *message)
{
    static const char *const inputs[] = {"one text", "and another"};
    struct target_request r = {.task = asked->task};
    const char *name = asked->unknown_model ? "no-such-model" : model;
    int64_t tokens = asked->cut ? 3 : o->max_tokens;
    struct chat_request chat = {.model = name,
        .messages = message,
        .message_count = 1,
        .max_tokens = tokens,
        .temperature = 0,
        .seed = 42,
        .stream = asked->stream,
        .want_usage = true};
    if (asked->task == TASK_CHAT)
        r.chat = chat;
    else if (asked->task == TASK_COMPLETION)
        r.completion = request_as_completion(&chat, o->prompt);
    else
        r.embed = (struct embed_request){.model = name, .inputs = inputs, .input_count = 2};
    return r;
}

static void ask_all(
    struct target *target, const struct capture_command *o, const char *model, struct capture *capture)
{
    struct chat_message message = {.role = "user", .content = o->prompt};
    struct exchange x;
    exchange_init(&x);
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        const struct asked *asked = &exchanges[i];
        if (!is_wanted(o, asked->name) || !(target_offers(target) & (1U << asked->task)))
            continue;
        struct target_request request = request_of(asked, o, model, &message);
        capture_name(capture, asked->name, target_info(target));
        target_ask(target, &request, &x);
        printf("%s: %s%s%s\n", asked->name, exchange_error_name(x.error), x.error_text[0] ? ": " : "",
            x.error_text);
    }
    capture_name(capture, NULL, target_info(target));
    exchange_fini(&x);
}

/* The model that is meant: an id of the list, or as the user spells it where the server lists none. */
static enum status choose_model(
    struct target *target, const char *wanted, char *model, size_t size, struct error *e)
{
    struct model_list models = {0};
    enum status s = target_list_models(target, &models, e);
    if (s == STATUS_OK && !wanted && models.count == 0)
        s = error_set(e, STATUS_NOT_FOUND, "the server lists no model; name one with --model");
    if (s == STATUS_OK)
        snprintf(model, size, "%s", wanted ? wanted : models.items[0].id);
    model_list_fini(&models);
    return s;
}

static enum status capture_server(
    const char *url, const struct capture_command *o, struct capture *capture, struct error *e)
{
    struct target *target = NULL;
    char model[sizeof((struct model_info *)0)->id];
    struct target_options how = {.url = url, .tap = capture_tap(capture)};
    enum status s = target_open(&how, &target, e);
    if (s == STATUS_INVALID)
        return error_set(e, STATUS_USAGE,
            "%s is not the URL of a server, as http://127.0.0.1:8080 is; `assay sim` plays one", url);
    if (s != STATUS_OK)
        return s;
    s = target_probe(target, e);
    capture_name(capture, NULL, target_info(target));
    if (s == STATUS_OK)
        s = choose_model(target, o->model, model, sizeof model, e);
    if (s == STATUS_OK)
        ask_all(target, o, model, capture);
    target_close(target);
    return s == STATUS_OK ? capture_status(capture, e) : s;
}

/* What must not stand in a file: taken from the URL and the environment. */
struct surroundings {
    char host[256], machine[256], password[256];
};

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
           strncmp(host, "[::1]", 5) == 0;
}

static struct capture_names names_of(const char *url, struct surroundings *s)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', len), *colon = memchr(host, ':', len);
    *s = (struct surroundings){0};
    if (at && colon && colon < at)
        snprintf(s->password, sizeof s->password, "%.*s", (int)(at - colon - 1), colon + 1);
    const char *name = at ? at + 1 : host;
    if (!is_loopback(name))
        snprintf(s->host, sizeof s->host, "%.*s", (int)strcspn(name, ":/?#"), name);
    if (gethostname(s->machine, sizeof s->machine - 1) != 0)
        s->machine[0] = '\0';
    const char *user = getenv("USER");
    return (struct capture_names){.host = s->host,
        .machine = is_loopback(s->machine) ? "" : s->machine,
        .user = user && strcmp(user, "root") != 0 ? user : "",
        .secrets = {getenv("ASSAY_API_KEY"), getenv("OPENAI_API_KEY"), s->password}};
}

static int capture_main(int argc, char **argv)
{
    struct capture_command o = {.prompt = "Count to five.", .max_tokens = 16};
    struct surroundings around;
    struct capture *capture = NULL;
    struct error why = {0};
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (argc - first != 2) {
        (void)error_set(&why, STATUS_USAGE,
            "give a URL and a folder, for example: assay capture http://127.0.0.1:8080 captures");
        return verb_fail("capture", &why);
    }
    struct capture_options how = {.folder = argv[first + 1], .names = names_of(argv[first], &around)};
    enum status s = capture_new(&how, &capture, &why);
    if (s == STATUS_OK)
        s = capture_server(argv[first], &o, capture, &why);
    if (capture && capture_count(capture) > 0)
        printf("%zu exchange%s in %s\n", capture_count(capture), capture_count(capture) == 1 ? "" : "s",
            argv[first + 1]);
    capture_free(capture);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("capture", &why);
}

const struct verb cmd_capture = {.name = "capture",
    .summary = "keep the raw exchanges with a server as files",
    .group = VERB_TOOLS,
    .usage = &usage,
    .options = options,
    .main = capture_main};
