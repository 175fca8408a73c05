/* `assay model`: writes a small model file whose greedy answer is known, and says what that answer is. */
#include "verb.h"

#include "model_chain.h"
#include "model_words.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct model_options {
    const char *out, *size, *name, *prompt;
    int64_t seed, answer_tokens, context, expect;
};

static const struct opt options[] = {
    {"out", 'o', OPT_TEXT, offsetof(struct model_options, out), "FILE", "write the model (GGUF) to FILE"},
    {"size", 0, OPT_TEXT, offsetof(struct model_options, size), "NAME", "tiny (8 MB) or small (54 MB)"},
    {"seed", 0, OPT_INT, offsetof(struct model_options, seed), "N", "of the weights and of the words' order",
        .max = 1e15},
    {"answer-tokens", 0, OPT_INT, offsetof(struct model_options, answer_tokens), "N",
        "end each answer after N words; 0: never", .max = MODEL_WORD_COUNT},
    {"context", 0, OPT_INT, offsetof(struct model_options, context), "TOKENS", "context length of the model",
        .min = 16, .max = 1 << 24},
    {"name", 0, OPT_TEXT, offsetof(struct model_options, name), "TEXT", "the model's own name in the file"},
    {"expect", 0, OPT_INT, offsetof(struct model_options, expect), "N",
        "print the first N tokens of the answer", .min = 1, .max = 1e6},
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
        "it says the same list of words, one token each, so that text and token counts can be checked.\n\n"
        "  assay model --out chain.gguf --answer-tokens 24\n"
        "  assay model --answer-tokens 24 --expect 8\n",
};

static enum status chain_options(
    const struct model_options *o, struct model_chain_options *chain, struct error *e)
{
    for (const struct model_chain_size *size = model_chain_sizes; size->name != NULL; size++) {
        if (strcmp(size->name, o->size) != 0)
            continue;
        *chain = size->options;
        chain->name = o->name;
        chain->seed = (uint64_t)o->seed;
        chain->answer_tokens = (uint32_t)o->answer_tokens;
        chain->context = o->context != 0 ? (uint32_t)o->context : chain->context;
        return STATUS_OK;
    }
    return error_set(e, STATUS_USAGE, "no size %s: tiny, small", o->size);
}

static enum status write_file(const struct model_chain_options *chain, const char *path, struct error *e)
{
    struct stat file;
    enum status s = model_chain_write(chain, path, e);
    if (s == STATUS_OK && stat(path, &file) != 0)
        s = error_set_errno(e, "cannot find %s", path);
    if (s == STATUS_OK)
        printf("%s: %lld bytes\n", path, (long long)file.st_size);
    return s;
}

static enum status print_answer(const struct model_chain_options *chain, size_t tokens, struct error *e)
{
    struct buf text = BUF_INIT(64 << 20);
    enum status s = model_chain_answer(chain, tokens, &text);
    if (s == STATUS_OK)
        puts(buf_text(&text));
    else
        s = error_set(e, s, "no memory for an answer of %zu tokens", tokens);
    buf_fini(&text);
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

static int model_main(int argc, char **argv)
{
    struct model_options o = {.size = "tiny", .seed = 1};
    struct model_chain_options chain;
    struct error e = {0};
    int first_operand = argc, code = EXIT_FINE;
    if (!verb_begin(&usage, options, &o, argc, argv, &first_operand, &code))
        return code;
    enum status s = chain_options(&o, &chain, &e);
    if (s == STATUS_OK && (first_operand < argc || (o.out == NULL && o.expect == 0 && o.prompt == NULL)))
        s = error_set(
            &e, STATUS_USAGE, "say what to do: --out FILE, --expect N or --prompt TEXT, no operands");
    if (s == STATUS_OK && o.out != NULL)
        s = write_file(&chain, o.out, &e);
    if (s == STATUS_OK && o.expect != 0)
        s = print_answer(&chain, (size_t)o.expect, &e);
    if (s == STATUS_OK && o.prompt != NULL)
        s = print_prompt_tokens(o.prompt, &e);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("model", &e);
}

const struct verb cmd_model = {.name = "model",
    .group = VERB_TOOLS,
    .summary = "write a small model whose answer is known word for word",
    .main = model_main};
