#include "model_filter.h"

#include "model_guess.h"
#include "text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool model_filter_matches(const struct opt_list *patterns, const char *name)
{
    bool asked = false, found = false;
    for (size_t i = 0; i < patterns->count; i++) {
        const char *pattern = patterns->items[i];
        if (*pattern != '!') {
            asked = true;
            found |= text_match(pattern, name);
        } else if (text_match(pattern + 1, name)) {
            return false;
        }
    }
    return found || !asked;
}

/* ---- sizes ---- */

enum { BYTES_MIN = 1000000 }; /* "7" is a slip for "7B", and no size of a model */

bool model_filter_parse_size(const char *text, struct model_size *size)
{
    static const struct {
        char suffix;
        double scale;
    } scales[] = {{'M', 1e6}, {'B', 1e9}, {'T', 1e12}};
    char number[32];
    double value = 0;
    int64_t bytes = 0;
    size_t len = strlen(text);
    *size = (struct model_size){0};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        if (len < 2 || len >= sizeof number || toupper((unsigned char)text[len - 1]) != scales[i].suffix ||
            !isdigit((unsigned char)text[len - 2]))
            continue;
        snprintf(number, sizeof number, "%.*s", (int)len - 1, text);
        if (!text_parse_double(number, &value) || !(value > 0) || value * scales[i].scale > 1e18)
            return false;
        size->parameters = (int64_t)llround(value * scales[i].scale);
        return true;
    }
    if (!text_parse_bytes(text, &bytes) || bytes < BYTES_MIN)
        return false;
    size->bytes = bytes;
    return true;
}

/* What the weights take; 0 where neither the server nor the name tells. */
static int64_t weight_bytes(const struct model_info *m)
{
    double bits = model_guess_bits(m->quantization);
    if (m->size_bytes > 0)
        return m->size_bytes;
    double bytes = (double)m->parameters * bits / 8;
    return bytes > 0 && bytes < 1e18 ? (int64_t)bytes : 0;
}

int64_t model_memory_need(const struct model_info *m)
{
    enum { USUAL_CONTEXT = 4096 };
    int64_t weights = weight_bytes(m), context = m->loaded_context;
    double bits = model_guess_bits(m->quantization);
    if (m->memory_bytes > 0)
        return m->memory_bytes;
    if (weights == 0)
        return 0;
    if (context <= 0)
        context =
            m->context_length > 0 && m->context_length < USUAL_CONTEXT ? m->context_length : USUAL_CONTEXT;
    double parameters =
        m->parameters > 0 ? (double)m->parameters : (double)weights * 8 / (bits > 0 ? bits : 8);
    double per_token = 32768 * pow(parameters / 1e9, 0.55);
    double need = (double)weights + per_token * (double)context;
    return need < 9e18 ? (int64_t)need : INT64_MAX;
}

/* ---- choosing ---- */

static const struct {
    const char *word;
    enum modality bit;
} modality_words[] = {{"text", MODALITY_TEXT}, {"vision", MODALITY_VISION}, {"audio", MODALITY_AUDIO},
    {"embedding", MODALITY_EMBEDDING}, {"image", MODALITY_IMAGE}, {"speech", MODALITY_SPEECH},
    {"rerank", MODALITY_RERANK}, {"tools", MODALITY_TOOLS}};

unsigned model_filter_modality(const char *word)
{
    for (size_t i = 0; i < sizeof modality_words / sizeof modality_words[0]; i++)
        if (strcasecmp(word, modality_words[i].word) == 0)
            return modality_words[i].bit;
    return 0;
}

/* -1 smaller, 1 larger, 0 equal or not known. */
static int compare(const struct model_info *m, const struct model_size *bound)
{
    int64_t has = bound->parameters ? m->parameters : weight_bytes(m);
    int64_t limit = bound->parameters ? bound->parameters : bound->bytes;
    return has <= 0 || limit <= 0 ? 0 : (has > limit) - (has < limit);
}

static bool refuse(char *why, size_t size, const char *reason)
{
    snprintf(why, size, "%s", reason);
    return false;
}

bool model_filter_takes(const struct model_filter *f, const struct model_info *m, char *why, size_t size)
{
    if (f->patterns && !model_filter_matches(f->patterns, m->id))
        return refuse(why, size, "its name is not among those asked for");
    if (f->modalities && m->modalities == 0)
        return refuse(why, size, "its modality is not known");
    if (f->modalities && !(m->modalities & f->modalities))
        return refuse(why, size,
            m->guessed & MODEL_MODALITIES ? "its name speaks of another modality"
                                          : "it is of another modality");
    if (compare(m, &f->min) < 0)
        return refuse(why, size, "it is smaller than asked for");
    if (compare(m, &f->max) > 0)
        return refuse(why, size, "it is larger than asked for");
    return true;
}

bool model_filter_fits(const struct model_filter *f, const struct model_info *m, char *why, size_t size)
{
    char need_text[32], limit_text[32], percent[32];
    int64_t need = model_memory_need(m);
    double limit = (double)f->memory_bytes * f->memory_percent / 100;
    if (m->state == MODEL_LOADED || need == 0 || limit <= 0 || (double)need <= limit)
        return true;
    text_format_bytes(need_text, sizeof need_text, (double)need);
    text_format_bytes(limit_text, sizeof limit_text, limit);
    text_format_number(percent, sizeof percent, f->memory_percent);
    snprintf(why, size,
        "it needs about %s of memory%s, more than %s%% of this machine's (%s); --max-memory-share allows "
        "more",
        need_text, m->size_bytes > 0 ? "" : " by its name", percent, limit_text);
    return false;
}

bool model_filter_is_local(const char *endpoint)
{
    static const char *const hosts[] = {"127.", "localhost", "[::1]"};
    const char *host = strstr(endpoint, "://");
    host = host ? host + 3 : endpoint;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (strncasecmp(host, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}
