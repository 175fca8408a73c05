#include "model_guess.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the name, made comparable ---- */

enum { NAME_SIZE = 256 };

/* Lower case, every separator a '-', one '-' at either end: "-llama-3.2-3b-instruct-4bit-". */
static void normalise(const char *id, char name[NAME_SIZE + 3])
{
    size_t n = 0;
    name[n++] = '-';
    for (const char *c = id; *c && n < NAME_SIZE; c++) {
        unsigned char u = (unsigned char)*c;
        bool kept = (u < 128 && isalnum(u)) || (*c == '.' && isdigit((unsigned char)c[1]));
        name[n++] = kept ? (char)(u >= 'A' && u <= 'Z' ? u - 'A' + 'a' : u) : '-';
    }
    name[n++] = '-';
    name[n] = '\0';
}

/* Where a phrase of whole words stands; a '*' at its start or end lets the word go on there. */
static const char *find_phrase(const char *name, const char *phrase)
{
    bool open_start = *phrase == '*';
    size_t len = strlen(phrase += open_start);
    bool open_end = len > 0 && phrase[len - 1] == '*';
    len -= open_end;
    for (const char *at = name; *at; at++)
        if (strncmp(at, phrase, len) == 0 && (open_start || at[-1] == '-') && (open_end || at[len] == '-'))
            return at;
    return NULL;
}

static bool has_phrase(const char *name, const char *phrase)
{
    return find_phrase(name + 1, phrase) != NULL;
}

/* ---- what it is for ---- */

/* In this order: a reranker is named after the embedding model it comes from, a speaker after its text model. */
static const struct {
    const char *phrase;
    unsigned modalities;
} purposes[] = {
    {"*rerank*", MODALITY_RERANK},
    {"*embed*", MODALITY_EMBEDDING},
    {"bge", MODALITY_EMBEDDING},
    {"gte", MODALITY_EMBEDDING},
    {"e5", MODALITY_EMBEDDING},
    {"*minilm*", MODALITY_EMBEDDING},
    {"*mpnet*", MODALITY_EMBEDDING},
    {"gtr-t5", MODALITY_EMBEDDING},
    {"sentence-t5", MODALITY_EMBEDDING},
    {"sentence-transformers", MODALITY_EMBEDDING},
    {"*whisper*", MODALITY_AUDIO},
    {"parakeet", MODALITY_AUDIO},
    {"canary", MODALITY_AUDIO},
    {"moonshine", MODALITY_AUDIO},
    {"voxtral", MODALITY_TEXT | MODALITY_AUDIO},
    {"ultravox", MODALITY_TEXT | MODALITY_AUDIO},
    {"*audio", MODALITY_TEXT | MODALITY_AUDIO},
    {"*omni", MODALITY_TEXT | MODALITY_VISION | MODALITY_AUDIO},
    {"*multimodal", MODALITY_TEXT | MODALITY_VISION | MODALITY_AUDIO},
    {"*tts*", MODALITY_SPEECH},
    {"kokoro", MODALITY_SPEECH},
    {"bark", MODALITY_SPEECH},
    {"piper", MODALITY_SPEECH},
    {"orpheus", MODALITY_SPEECH},
    {"stable-diffusion", MODALITY_IMAGE},
    {"sdxl", MODALITY_IMAGE},
    {"sd-turbo", MODALITY_IMAGE},
    {"flux*", MODALITY_IMAGE},
    {"dall-e", MODALITY_IMAGE},
    {"qwen-image", MODALITY_IMAGE},
    {"*llava*", MODALITY_TEXT | MODALITY_VISION},
    {"*vl", MODALITY_TEXT | MODALITY_VISION},
    {"*vlm*", MODALITY_TEXT | MODALITY_VISION},
    {"vision", MODALITY_TEXT | MODALITY_VISION},
    {"pixtral", MODALITY_TEXT | MODALITY_VISION},
    {"moondream*", MODALITY_TEXT | MODALITY_VISION},
    {"minicpm-v", MODALITY_TEXT | MODALITY_VISION},
    {"internvl*", MODALITY_TEXT | MODALITY_VISION},
    {"paligemma*", MODALITY_TEXT | MODALITY_VISION},
    {"idefics*", MODALITY_TEXT | MODALITY_VISION},
    {"florence", MODALITY_TEXT | MODALITY_VISION},
    {"molmo", MODALITY_TEXT | MODALITY_VISION},
    {NULL, 0},
};

/* Words that only models of text have. */
static const char *const text_words[] = {
    "instruct", "it", "chat", "coder", "code", "thinking", "reasoning", "dolphin", "hermes", "zephyr", NULL};

/* Families by name; what a server says may be finer ("qwen2"). */
static const struct {
    const char *phrase, *family;
    bool text; /* its models make text where the name says nothing else */
} families[] = {
    {"*whisper*", "whisper", false},
    {"nomic*", "nomic-bert", false},
    {"mxbai", "bert", false},
    {"*minilm*", "bert", false},
    {"bge", "bert", false},
    {"e5", "bert", false},
    {"gte", "bert", false},
    {"flux*", "flux", false},
    {"stable-diffusion", "stable-diffusion", false},
    {"gpt-oss", "gpt-oss", true},
    {"deepseek*", "deepseek", true},
    {"*llava*", "llava", true},
    {"tinyllama*", "llama", true},
    {"codellama*", "llama", true},
    {"*llama*", "llama", true},
    {"codestral*", "mistral", true},
    {"devstral*", "mistral", true},
    {"magistral*", "mistral", true},
    {"ministral*", "mistral", true},
    {"mistral*", "mistral", true},
    {"pixtral*", "mistral", true},
    {"mixtral*", "mixtral", true},
    {"qwen*", "qwen", true},
    {"qwq*", "qwen", true},
    {"codegemma*", "gemma", true},
    {"paligemma*", "gemma", true},
    {"embeddinggemma*", "gemma", false},
    {"gemma*", "gemma", true},
    {"phi*", "phi", true},
    {"granite*", "granite", true},
    {"smollm*", "smollm", true},
    {"smolvlm*", "smolvlm", true},
    {"starcoder*", "starcoder", true},
    {"stablelm*", "stablelm", true},
    {"falcon*", "falcon", true},
    {"command", "command-r", true},
    {"aya", "command-r", true},
    {"glm*", "glm", true},
    {"chatglm*", "glm", true},
    {"kimi*", "kimi", true},
    {"minimax*", "minimax", true},
    {"minicpm*", "minicpm", true},
    {"internlm*", "internlm", true},
    {"internvl*", "internvl", true},
    {"yi", "yi", true},
    {"olmo*", "olmo", true},
    {"exaone*", "exaone", true},
    {"lfm2*", "lfm2", true},
    {"nemotron*", "nemotron", true},
    {"vicuna*", "llama", true},
    {"solar*", "llama", true},
    {"orca*", "llama", true},
    {"moondream*", "moondream", true},
    {"rwkv*", "rwkv", true},
    {"mamba*", "mamba", true},
    {NULL, NULL, false},
};

/* Whoever stands first in the name; where a vendor is named like its models, the part behind the slash counts
 * first. */
static size_t find_family(const char *name, const char *base)
{
    size_t best = sizeof families / sizeof families[0] - 1;
    const char *best_at = NULL;
    for (size_t pass = 0; pass < 2 && !best_at; pass++)
        for (size_t i = 0; families[i].phrase; i++) {
            const char *at = find_phrase((pass == 0 ? base : name) + 1, families[i].phrase);
            if (at && families[i].phrase[0] == '*')
                while (at[-1] != '-') /* begins where its word does */
                    at--;
            if (at && (!best_at || at < best_at))
                best = i, best_at = at;
        }
    return best;
}

static unsigned find_purpose(const char *name, bool text_family)
{
    for (size_t i = 0; purposes[i].phrase; i++)
        if (has_phrase(name, purposes[i].phrase))
            return purposes[i].modalities;
    for (size_t i = 0; text_words[i]; i++)
        if (has_phrase(name, text_words[i]))
            return MODALITY_TEXT;
    return text_family ? MODALITY_TEXT : 0;
}

static const struct {
    const char *phrase, *variant;
} variants[] = {{"instruct", "instruct"}, {"it", "instruct"}, {"chat", "chat"}, {"coder", "coder"},
    {"code", "code"}, {"thinking", "thinking"}, {"reasoning", "reasoning"}, {"math", "math"},
    {"base", "base"}, {"pt", "base"}, {NULL, NULL}};

/* "bge-base" is a size. */
static const char *find_variant(const char *base, unsigned modalities)
{
    for (size_t i = 0; (modalities & MODALITY_TEXT) && variants[i].phrase; i++)
        if (has_phrase(base, variants[i].phrase))
            return variants[i].variant;
    return "";
}

static const struct {
    const char *phrase, *format;
} formats[] = {{"gguf", "gguf"}, {"ggml*", "gguf"}, {"mlx", "mlx"}, {"gptq", "safetensors"},
    {"awq", "safetensors"}, {"safetensors", "safetensors"}, {"onnx", "onnx"}, {NULL, NULL}};

static const char *find_format(const char *name)
{
    for (size_t i = 0; formats[i].phrase; i++)
        if (has_phrase(name, formats[i].phrase))
            return formats[i].format;
    return "";
}

/* ---- how its weights are kept ---- */

/* Bits of llama.cpp's kinds as its quantiser reports them for an 8B model; others by their definition: 4 bits
 * and a scale and a bias of 16 bits for each 64 weights. */
static const struct {
    const char *phrase; /* as in a normalised name */
    const char *name;   /* as servers write it */
    double bits;
} quantizations[] = {{"iq1-s", "IQ1_S", 2.0}, {"iq1-m", "IQ1_M", 2.15}, {"iq2-xxs", "IQ2_XXS", 2.4},
    {"iq2-xs", "IQ2_XS", 2.6}, {"iq2-s", "IQ2_S", 2.75}, {"iq2-m", "IQ2_M", 2.95},
    {"iq3-xxs", "IQ3_XXS", 3.25}, {"iq3-xs", "IQ3_XS", 3.5}, {"iq3-s", "IQ3_S", 3.65},
    {"iq3-m", "IQ3_M", 3.75}, {"iq4-xs", "IQ4_XS", 4.45}, {"iq4-nl", "IQ4_NL", 4.65}, {"tq1-0", "TQ1_0", 1.7},
    {"tq2-0", "TQ2_0", 2.1}, {"q2-k-s", "Q2_K_S", 3.0}, {"q2-k-xl", "Q2_K_XL", 3.2},
    {"q2-k-l", "Q2_K_L", 3.2}, {"q2-k", "Q2_K", 3.15}, {"q3-k-s", "Q3_K_S", 3.65}, {"q3-k-m", "Q3_K_M", 4.0},
    {"q3-k-xl", "Q3_K_XL", 4.4}, {"q3-k-l", "Q3_K_L", 4.3}, {"q3-k", "Q3_K", 4.0}, {"q4-k-s", "Q4_K_S", 4.65},
    {"q4-k-m", "Q4_K_M", 4.9}, {"q4-k-xl", "Q4_K_XL", 5.0}, {"q4-k-l", "Q4_K_L", 5.0}, {"q4-k", "Q4_K", 4.9},
    {"q4-0", "Q4_0", 4.65}, {"q4-1", "Q4_1", 5.1}, {"q5-k-s", "Q5_K_S", 5.55}, {"q5-k-m", "Q5_K_M", 5.7},
    {"q5-k-xl", "Q5_K_XL", 5.8}, {"q5-k-l", "Q5_K_L", 5.8}, {"q5-k", "Q5_K", 5.7}, {"q5-0", "Q5_0", 5.55},
    {"q5-1", "Q5_1", 6.05}, {"q6-k-xl", "Q6_K_XL", 6.8}, {"q6-k-l", "Q6_K_L", 6.7}, {"q6-k", "Q6_K", 6.6},
    {"q8-0", "Q8_0", 8.5}, {"q8-k-xl", "Q8_K_XL", 9.0}, {"mxfp4", "MXFP4", 4.25}, {"nvfp4", "NVFP4", 4.5},
    {"bf16", "BF16", 16}, {"fp16", "F16", 16}, {"f16", "F16", 16}, {"fp32", "F32", 32}, {"f32", "F32", 32},
    {"fp8", "FP8", 8}, {"int8", "INT8", 8}, {"int4", "INT4", 4.5}, {"nf4", "NF4", 4.5},
    {"w4a16", "W4A16", 4.5}, {"w8a8", "W8A8", 8}, {"w8a16", "W8A16", 8}, {"awq", "AWQ", 4.5},
    {"gptq", "GPTQ", 4.5}, {"2bit", "2bit", 2.5}, {"3bit", "3bit", 3.5}, {"4bit", "4bit", 4.5},
    {"5bit", "5bit", 5.5}, {"6bit", "6bit", 6.5}, {"8bit", "8bit", 8.5}, {"2-bit", "2bit", 2.5},
    {"3-bit", "3bit", 3.5}, {"4-bit", "4bit", 4.5}, {"5-bit", "5bit", 5.5}, {"6-bit", "6bit", 6.5},
    {"8-bit", "8bit", 8.5}, {"q2", "Q2", 2.6}, {"q3", "Q3", 3.5}, {"q4", "Q4", 4.65}, {"q5", "Q5", 5.6},
    {"q6", "Q6", 6.6}, {"q8", "Q8", 8.5}, {NULL, NULL, 0}};

static const char *find_quantization(const char *name)
{
    for (size_t i = 0; quantizations[i].phrase; i++)
        if (has_phrase(name, quantizations[i].phrase))
            return quantizations[i].name;
    return "";
}

double model_guess_bits(const char *quantization)
{
    char name[NAME_SIZE + 3];
    if (!*quantization)
        return 0;
    normalise(quantization, name);
    for (size_t i = 0; quantizations[i].phrase; i++)
        if (has_phrase(name, quantizations[i].phrase))
            return quantizations[i].bits;
    return 0;
}

/* ---- how large it is ---- */

/* Digits with at most one point; "0-5" is 0.5, as in "qwen1_5-0_5b". Returns what follows. */
static const char *read_number(const char *c, double *value)
{
    double place = 1;
    *value = 0;
    bool zero_first = *c == '0' && c[1] == '-';
    for (bool behind = false;
         isdigit((unsigned char)*c) || (!behind && (*c == '.' || (zero_first && *c == '-'))); c++) {
        if (!isdigit((unsigned char)*c)) {
            behind = true;
            continue;
        }
        *value = *value * 10 + (*c - '0');
        place = behind ? place * 10 : place;
    }
    *value /= place;
    return c;
}

/* One word: "7b", "0.5b", "270m", "8x7b", "e4b" (effective); not "a3b", the active part of a larger one. */
static double parameters_of_word(const char *word)
{
    double number, times = 1;
    const char *c = *word == 'e' && isdigit((unsigned char)word[1]) ? word + 1 : word;
    if (!isdigit((unsigned char)*c))
        return 0;
    c = read_number(c, &number);
    if (*c == 'x' && isdigit((unsigned char)c[1])) {
        times = number;
        c = read_number(c + 1, &number);
    }
    double scale = *c == 't' ? 1e12 : *c == 'b' ? 1e9 : *c == 'm' ? 1e6 : 0;
    bool plausible = scale == 1e12 ? number <= 10 : scale == 1e9 ? number <= 2000 : number >= 10;
    return scale > 0 && c[1] == '-' && plausible && number > 0 ? times * number * scale : 0;
}

/* Billions before millions ("7B-Instruct-1M" is a context), the first of them. */
static int64_t find_parameters(const char *base)
{
    double found = 0;
    for (const char *c = base; (c = strchr(c, '-')) && c[1]; c++) {
        double p = parameters_of_word(c + 1);
        if (p > 0 && (found == 0 || (found < 1e8 && p >= 1e9)))
            found = p;
    }
    return (int64_t)llround(found);
}

/* "4k", "128k", "1m" behind a size in billions. */
static int64_t find_context(const char *base)
{
    for (const char *c = base; (c = strchr(c, '-')) && c[1]; c++) {
        int64_t n = 0;
        const char *d = c + 1;
        for (; isdigit((unsigned char)*d) && n < 10000; d++)
            n = n * 10 + (*d - '0');
        if (d > c + 1 && d[0] == 'k' && d[1] == '-' && n >= 2 && n <= 2048)
            return n * 1024;
        if (d > c + 1 && d[0] == 'm' && d[1] == '-' && n > 0 && n < 10)
            return n * 1024 * 1024;
    }
    return 0;
}

/* ---- all of it ---- */

static void fill_text(struct model_info *m, char *field, size_t size, const char *guess, unsigned bit)
{
    if (*field || !*guess)
        return;
    snprintf(field, size, "%s", guess);
    m->guessed |= bit;
}

static void fill_count(struct model_info *m, int64_t *field, int64_t guess, unsigned bit)
{
    if (*field > 0 || guess <= 0)
        return;
    *field = guess;
    m->guessed |= bit;
}

/* Without the vendor before the slash, who may be named like a model. */
static void normalise_base(const char *id, char base[NAME_SIZE + 3])
{
    const char *slash = strrchr(id, '/');
    normalise(slash && slash[1] ? slash + 1 : id, base);
}

void model_guess_fill(struct model_info *m)
{
    char name[NAME_SIZE + 3], base[NAME_SIZE + 3];
    normalise(m->id, name);
    normalise_base(m->id, base);
    size_t family = find_family(name, base);
    const char *family_name = families[family].phrase ? families[family].family : "";
    if (m->modalities == 0) {
        m->modalities = find_purpose(name, families[family].text);
        m->guessed |= m->modalities ? MODEL_MODALITIES : 0;
    }
    fill_text(m, m->family, sizeof m->family, family_name, MODEL_FAMILY);
    fill_text(m, m->variant, sizeof m->variant, find_variant(base, m->modalities), MODEL_VARIANT);
    fill_text(m, m->format, sizeof m->format, find_format(name), MODEL_FORMAT);
    fill_text(m, m->quantization, sizeof m->quantization, find_quantization(name), MODEL_QUANTIZATION);
    fill_count(m, &m->parameters, find_parameters(base), MODEL_PARAMETERS);
    fill_count(m, &m->context_length, find_context(base), MODEL_CONTEXT);
}

static const struct {
    unsigned bit;
    const char *name;
} field_names[] = {{MODEL_FAMILY, "family"}, {MODEL_VARIANT, "variant"}, {MODEL_FORMAT, "format"},
    {MODEL_QUANTIZATION, "quantization"}, {MODEL_PARAMETERS, "parameters"}, {MODEL_CONTEXT, "context_length"},
    {MODEL_MODALITIES, "modalities"}};

const char *model_field_name(unsigned field)
{
    for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++)
        if (field_names[i].bit == field)
            return field_names[i].name;
    return "";
}

unsigned model_field_of(const char *name)
{
    for (size_t i = 0; name && i < sizeof field_names / sizeof field_names[0]; i++)
        if (strcmp(field_names[i].name, name) == 0)
            return field_names[i].bit;
    return 0;
}
