/* `assay model`: writes a small model file whose greedy answer is known, and says what that answer is. */
#include "verb.h"

#include "json.h"
#include "model_bert.h"
#include "model_chain.h"
#include "model_folder.h"
#include "model_pieces.h"
#include "model_projector.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct model_options {
    const char *out, *kind, *layout, *size, *type, *name, *prompt;
    int64_t seed, answer_tokens, context, expect;
    bool json;
};

static const struct opt options[] = {
    {"out", 'o', OPT_TEXT, offsetof(struct model_options, out), "FILE",
        "write the model to FILE (with --layout folder or hf-cache: a folder)"},
    {"kind", 'k', OPT_TEXT, offsetof(struct model_options, kind), "KIND",
        "chain, eos:N, utf8, utf8:N, reasoning:N:M, bert or projector; see below",
        .values = "chain|eos:|utf8|utf8:|reasoning:|bert|projector"},
    {"layout", 0, OPT_TEXT, offsetof(struct model_options, layout), "LAYOUT",
        "gguf, folder (safetensors as Hugging Face has them, for MLX) or hf-cache (such a folder as "
        "mlx-community/NAME in the cache FILE)",
        .values = "gguf|folder|hf-cache"},
    {"size", 0, OPT_TEXT, offsetof(struct model_options, size), "NAME",
        "tiny (4 M parameters), small (27 M) or base (99 M)", .values = "tiny|small|base"},
    {"type", 0, OPT_TEXT, offsetof(struct model_options, type), "TYPE", "of the weights: f32, f16 or q8_0",
        .values = "f32|f16|q8_0"},
    {"seed", 0, OPT_INT, offsetof(struct model_options, seed), "N", "of the weights and of the words' order",
        .max = 1e15},
    {"answer-tokens", 0, OPT_INT, offsetof(struct model_options, answer_tokens), "N",
        "end each answer after N tokens; 0: never", .max = MODEL_SCRIPT_MAX},
    {"context", 0, OPT_INT, offsetof(struct model_options, context), "TOKENS", "context length of the model",
        .min = 16, .max = 1 << 24},
    {"name", 0, OPT_TEXT, offsetof(struct model_options, name), "TEXT", "the model's own name in the file"},
    {"expect", 0, OPT_INT, offsetof(struct model_options, expect), "N",
        "print the first N tokens of the answer", .min = 1, .max = 1e6},
    {"json", 0, OPT_FLAG, offsetof(struct model_options, json), NULL,
        "with --expect: texts, token counts and finish reason as JSON"},
    {"prompt", 0, OPT_TEXT, offsetof(struct model_options, prompt), "TEXT",
        "print how many tokens TEXT is as the only message of a chat"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "model",
    .operands = "",
    .summary = "write a small model whose answer is known word for word",
    .details =
        "The file is a real llama model for llama.cpp, Ollama and others that read GGUF. Asked anything, "
        "greedily,\n"
        "it says the same list of words, one token each, so that text and token counts can be checked. "
        "Kinds:\n\n"
        "  chain          words for ever, until the server's limit\n"
        "  eos:N          N words, then the end of the turn\n"
        "  utf8, utf8:N   characters of two to four tokens between the words: tokens are not events\n"
        "  reasoning:N:M  N words between <think> and </think>, then M words, then the end (16:24 if left "
        "out)\n\n"
        "  assay model --out chain.gguf --kind eos:24\n"
        "  assay model --kind reasoning:8:8 --expect 100 --json\n",
};

struct kind {
    const char *name;
    enum model_kind kind;
    size_t least, most;  /* numbers behind the name */
    int64_t defaults[2]; /* where they are left out */
};

static const struct kind kinds[] = {
    {"chain", MODEL_KIND_CHAIN, 0, 0, {0, 0}},
    {"eos", MODEL_KIND_CHAIN, 1, 1, {0, 0}},
    {"utf8", MODEL_KIND_UTF8, 0, 1, {0, 0}},
    {"reasoning", MODEL_KIND_REASONING, 0, 2, {16, 24}},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], KIND_TEXT = 64 };

/* The numbers behind "name:"; false for anything else there, and for too many or too few of them. */
static bool read_numbers(const struct kind *kind, char *text, int64_t numbers[2])
{
    size_t count = 0;
    memcpy(numbers, kind->defaults, sizeof kind->defaults);
    while (text != NULL && count < kind->most) {
        char *next = strchr(text, ':');
        if (next != NULL)
            *next++ = '\0';
        if (!text_parse_i64(text, &numbers[count]) || numbers[count] < 1 || numbers[count] > MODEL_SCRIPT_MAX)
            return false;
        count++;
        text = next;
    }
    return text == NULL && count >= kind->least;
}

static enum status read_kind(const char *given, struct model_chain_options *chain, struct error *e)
{
    char text[KIND_TEXT];
    int64_t n[2];
    if (snprintf(text, sizeof text, "%s", given) >= (int)sizeof text)
        return error_set(e, STATUS_USAGE, "the kind is too long");
    char *numbers = strchr(text, ':');
    if (numbers != NULL)
        *numbers++ = '\0';
    for (const struct kind *k = kinds; k < kinds + KINDS; k++) {
        if (strcmp(k->name, text) != 0)
            continue;
        if (!read_numbers(k, numbers, n))
            return error_set(e, STATUS_USAGE, "%s: wrong numbers of tokens for the kind %s", given, k->name);
        chain->kind = k->kind;
        chain->answer_tokens = (uint32_t)(k->most == 2 ? n[1] : n[0]);
        chain->reasoning_tokens = (uint32_t)(k->most == 2 ? n[0] : 0);
        return STATUS_OK;
    }
    return error_set(
        e, STATUS_USAGE, "no kind %s: chain, eos:N, utf8, reasoning:N:M, bert, projector", given);
}

static enum status read_size(const char *name, struct model_chain_options *chain, struct error *e)
{
    for (const struct model_chain_size *size = model_chain_sizes; size->name != NULL; size++) {
        if (strcmp(size->name, name) != 0)
            continue;
        *chain = size->options;
        return STATUS_OK;
    }
    return error_set(e, STATUS_USAGE, "no size %s: tiny, small, base", name);
}

static enum status chain_options(
    const struct model_options *o, struct model_chain_options *chain, struct error *e)
{
    enum status s = read_size(o->size, chain, e);
    if (s == STATUS_OK)
        s = read_kind(o->kind, chain, e);
    if (s == STATUS_OK && !model_tensor_type_from_name(o->type, &chain->type))
        s = error_set(e, STATUS_USAGE, "no type %s: f32, f16, q8_0", o->type);
    if (s != STATUS_OK)
        return s;
    chain->name = o->name;
    chain->seed = (uint64_t)o->seed;
    chain->answer_tokens = o->answer_tokens >= 0 ? (uint32_t)o->answer_tokens : chain->answer_tokens;
    chain->context = o->context != 0 ? (uint32_t)o->context : chain->context;
    return STATUS_OK;
}

static enum status print_size(const char *path, struct error *e)
{
    struct stat file;
    if (stat(path, &file) != 0)
        return error_set_errno(e, "cannot find %s", path);
    printf("%s: %lld bytes\n", path, (long long)file.st_size);
    return STATUS_OK;
}

static enum status write_gguf(const struct model_chain_options *chain, const char *path, struct error *e)
{
    enum status s = model_chain_write(chain, path, e);
    return s == STATUS_OK ? print_size(path, e) : s;
}

static enum status write_folder(const struct model_chain_options *chain, const char *path, struct error *e)
{
    enum status s = model_folder_write(chain, path, e);
    if (s == STATUS_OK)
        puts(path);
    return s;
}

static enum status write_cache(const struct model_chain_options *chain, const char *path, struct error *e)
{
    struct buf folder = BUF_INIT(8192);
    const char *name = chain->name != NULL ? chain->name : "chain";
    enum status s = model_folder_write_cache(chain, path, name, &folder, e);
    if (s == STATUS_OK)
        puts(buf_text(&folder));
    buf_fini(&folder);
    return s;
}

static enum status write_model(
    const struct model_chain_options *chain, const char *layout, const char *path, struct error *e)
{
    static const struct {
        const char *name;
        enum status (*write)(const struct model_chain_options *, const char *, struct error *);
    } layouts[] = {{"gguf", write_gguf}, {"folder", write_folder}, {"hf-cache", write_cache}};
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (strcmp(layouts[i].name, layout) == 0)
            return layouts[i].write(chain, path, e);
    return error_set(e, STATUS_USAGE, "no layout %s: gguf, folder, hf-cache", layout);
}

static enum status print_expected_json(
    const struct model_chain_options *chain, const struct model_chain_expected *x, struct error *e)
{
    struct buf line = BUF_INIT(64 << 20);
    struct json_object *out = json_object_new_object();
    bool ok = json_set_text(out, "answer", buf_text(&x->answer));
    if (chain->kind == MODEL_KIND_REASONING)
        ok &= json_set_text(out, "reasoning", buf_text(&x->reasoning));
    ok &= json_set_int(out, "completion_tokens", (int64_t)x->completion_tokens);
    ok &= json_set_int(out, "reasoning_tokens", (int64_t)x->reasoning_tokens);
    ok &= json_set_text(out, "finish_reason", x->stopped ? "stop" : "length");
    enum status s = ok ? json_write(out, &line, e) : error_set(e, STATUS_NO_MEMORY, "no memory for JSON");
    if (s == STATUS_OK)
        puts(buf_text(&line));
    json_object_put(out);
    buf_fini(&line);
    return s;
}

static enum status print_answer(
    const struct model_chain_options *chain, size_t tokens, bool json, struct error *e)
{
    struct model_chain_expected x;
    struct buf text = BUF_INIT(64 << 20);
    enum status s = model_chain_expect(chain, tokens, &x, e);
    if (s == STATUS_OK && json)
        s = print_expected_json(chain, &x, e);
    else if (s == STATUS_OK) {
        s = model_chain_answer(chain, tokens, &text);
        if (s == STATUS_OK)
            puts(buf_text(&text));
        else
            s = error_set(e, s, "no memory for an answer of %zu tokens", tokens);
    }
    buf_fini(&text);
    model_chain_expected_fini(&x);
    return s;
}

static enum status print_prompt_tokens(const char *content, struct error *e)
{
    struct buf prompt = BUF_INIT(64 << 20);
    struct model_vocab *vocab = model_vocab_new();
    model_chain_render_turn(&prompt, "user", content);
    model_chain_render_end(&prompt);
    enum status s = vocab != NULL ? buf_status(&prompt) : STATUS_NO_MEMORY;
    if (s == STATUS_OK)
        printf("%zu\n", model_vocab_encode(vocab, buf_text(&prompt), prompt.len, NULL, 0));
    else
        s = error_set(e, s, "no memory for the prompt");
    model_vocab_free(vocab);
    buf_fini(&prompt);
    return s;
}

static enum status no_answer(const struct model_options *o, struct error *e)
{
    if (o->expect != 0)
        return error_set(e, STATUS_USAGE, "a model of kind %s says nothing: --expect is not for it", o->kind);
    if (strcmp(o->layout, "gguf") != 0)
        return error_set(e, STATUS_USAGE, "a model of kind %s is a GGUF file, no %s", o->kind, o->layout);
    return STATUS_OK;
}

static enum status bert_work(const struct model_options *o, struct error *e)
{
    const struct model_bert_size *size = model_bert_sizes;
    while (size->name != NULL && strcmp(size->name, o->size) != 0)
        size++;
    if (size->name == NULL)
        return error_set(e, STATUS_USAGE, "no size %s of the kind bert: tiny, small", o->size);
    struct model_bert_options bert = size->options;
    enum status s = no_answer(o, e);
    if (s == STATUS_OK && !model_tensor_type_from_name(o->type, &bert.type))
        s = error_set(e, STATUS_USAGE, "no type %s: f32, f16, q8_0", o->type);
    bert.name = o->name;
    bert.seed = (uint64_t)o->seed;
    bert.context = o->context != 0 ? (uint32_t)o->context : bert.context;
    if (s == STATUS_OK && o->out != NULL && (s = model_bert_write(&bert, o->out, e)) == STATUS_OK)
        s = print_size(o->out, e);
    if (s != STATUS_OK || o->prompt == NULL)
        return s;
    struct model_pieces *pieces = model_pieces_new();
    if (pieces == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the prompt");
    printf("%zu\n", model_pieces_encode(pieces, o->prompt, strlen(o->prompt), NULL, 0));
    model_pieces_free(pieces);
    return STATUS_OK;
}

static enum status projector_work(const struct model_options *o, struct error *e)
{
    struct model_chain_options chain;
    enum status s = no_answer(o, e);
    if (s == STATUS_OK)
        s = read_size(o->size, &chain, e);
    if (s == STATUS_OK && (o->out == NULL || o->prompt != NULL))
        s = error_set(e, STATUS_USAGE, "a projector can only be written: --out FILE");
    if (s != STATUS_OK)
        return s;
    const struct model_projector_options projector = {o->name, (uint64_t)o->seed, chain.dim};
    s = model_projector_write(&projector, o->out, e);
    return s == STATUS_OK ? print_size(o->out, e) : s;
}

static enum status chain_work(const struct model_options *o, struct error *e)
{
    struct model_chain_options chain;
    enum status s = chain_options(o, &chain, e);
    if (s == STATUS_OK && o->out != NULL)
        s = write_model(&chain, o->layout, o->out, e);
    if (s == STATUS_OK && o->expect != 0)
        s = print_answer(&chain, (size_t)o->expect, o->json, e);
    if (s == STATUS_OK && o->prompt != NULL)
        s = print_prompt_tokens(o->prompt, e);
    return s;
}

static enum status work(const struct model_options *o, struct error *e)
{
    if (strcmp(o->kind, "bert") == 0)
        return bert_work(o, e);
    return strcmp(o->kind, "projector") == 0 ? projector_work(o, e) : chain_work(o, e);
}

static int model_main(int argc, char **argv)
{
    struct model_options o = {
        .kind = "chain", .layout = "gguf", .size = "tiny", .type = "f16", .seed = 1, .answer_tokens = -1};
    struct error e = {0};
    int first_operand = argc, code = EXIT_FINE;
    if (!verb_begin(&usage, options, &o, argc, argv, &first_operand, &code))
        return code;
    enum status s = STATUS_OK;
    if (first_operand < argc || (o.out == NULL && o.expect == 0 && o.prompt == NULL))
        s = error_set(
            &e, STATUS_USAGE, "say what to do: --out FILE, --expect N or --prompt TEXT, no operands");
    if (s == STATUS_OK)
        s = work(&o, &e);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("model", &e);
}

const struct verb cmd_model = {.name = "model",
    .group = VERB_TOOLS,
    .summary = "write a small model whose answer is known word for word",
    .usage = &usage,
    .options = options,
    .main = model_main};
