#include "load_words.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 80 }; /* of a word in a message */

static enum status refuse(const char *option, const char *word, const char *instead, struct error *e)
{
    return error_set(e, STATUS_USAGE, "%s: '%.*s' %s", option, SHOWN, word, instead);
}

/* The first len bytes as a number above 0; false where it is none. */
static bool parse_positive(const char *text, size_t len, double *value)
{
    char number[64];
    if (len >= sizeof number)
        return false;
    memcpy(number, text, len);
    number[len] = 0;
    double parsed;
    if (!text_parse_double(number, &parsed) || !(parsed > 0))
        return false;
    *value = parsed;
    return true;
}

enum status load_words_rate(const char *option, const char *word, double *rate_per_s, struct error *e)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"/s", 1}, {"/min", 60}, {"/h", 3600}};
    size_t len = strcspn(word, "/");
    double value;
    if (parse_positive(word, len, &value))
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
            if (strcmp(word + len, units[i].unit) == 0) {
                *rate_per_s = value / units[i].seconds;
                return STATUS_OK;
            }
    return refuse(option, word, "is no rate; write requests per second, as 500 or 0.5, or 30/min", e);
}

enum status load_words_speed(const char *option, const char *word, double *factor, struct error *e)
{
    size_t len = strlen(word);
    if (len > 0 && word[len - 1] == 'x')
        len--;
    if (parse_positive(word, len, factor))
        return STATUS_OK;
    return refuse(option, word, "is no speed; write a factor, as 2 (twice as fast) or 0.5", e);
}

enum status load_words_streams(const char *option, const char *word, int *streams, struct error *e)
{
    int64_t value;
    if (!text_parse_i64(word, &value) || value < 1 || value > LOAD_STREAMS_MAX)
        return refuse(option, word, "is no number of streams; write one between 1 and 1000000", e);
    *streams = (int)value;
    return STATUS_OK;
}

static const char arrivals_words[] =
    "is not known; write constant, poisson, gamma:CV (as gamma:2) or trace:FILE";

enum status load_words_arrivals(
    const char *option, const char *word, struct arrivals *arrivals, struct error *e)
{
    if (strcmp(word, "constant") == 0) {
        arrivals->kind = ARRIVALS_CONSTANT;
    } else if (strcmp(word, "poisson") == 0) {
        arrivals->kind = ARRIVALS_POISSON;
    } else if (strncmp(word, "gamma:", 6) == 0) {
        if (!parse_positive(word + 6, strlen(word + 6), &arrivals->cv))
            return refuse(option, word,
                "has no coefficient of variation; write a number above 0, as gamma:2 (1 is Poisson)", e);
        arrivals->kind = ARRIVALS_GAMMA;
    } else if (strncmp(word, "trace:", 6) == 0) {
        if (!word[6])
            return refuse(option, word, "names no file; write trace:FILE", e);
        arrivals->trace_file = word + 6;
        arrivals->kind = ARRIVALS_TRACE;
    } else {
        return refuse(option, word, arrivals_words, e);
    }
    return STATUS_OK;
}

/* "16x30s" of len bytes. */
static bool parse_stage(const char *text, size_t len, int *streams, int64_t *length_ns)
{
    char stage[64];
    int64_t value;
    if (len >= sizeof stage)
        return false;
    memcpy(stage, text, len);
    stage[len] = 0;
    char *by = strchr(stage, 'x');
    if (!by)
        return false;
    *by = 0;
    if (!text_parse_i64(stage, &value) || value < 1 || value > LOAD_STREAMS_MAX)
        return false;
    *streams = (int)value;
    return text_parse_duration_ns(by + 1, length_ns) && *length_ns > 0;
}

static bool parse_stages(const char *word, struct load_stage *stages, size_t *count, int64_t *end_ns)
{
    for (const char *at = word;; at++) {
        size_t len = strcspn(at, ",");
        int64_t length_ns;
        struct load_stage *stage = &stages[*count];
        if (!parse_stage(at, len, &stage->streams, &length_ns) || length_ns > LOAD_NO_END - *end_ns)
            return false;
        stage->at_ns = *end_ns;
        *end_ns += length_ns;
        (*count)++;
        at += len;
        if (!*at)
            return true;
    }
}

enum status load_words_stages(const char *option, const char *word, struct load_stage **stages, size_t *count,
    int64_t *duration_ns, struct error *e)
{
    size_t room = 1, made = 0;
    int64_t end_ns = 0;
    for (const char *at = word; *at; at++)
        room += *at == ',';
    struct load_stage *list = calloc(room, sizeof *list);
    if (!list)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu stages", room);
    if (!parse_stages(word, list, &made, &end_ns)) {
        free(list);
        return refuse(option, word, "has a stage that is none; write STREAMSxTIME, as 1x10s,4x10s,16x30s", e);
    }
    *stages = list;
    *count = made;
    *duration_ns = end_ns;
    return STATUS_OK;
}
