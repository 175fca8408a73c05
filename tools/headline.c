#include "headline.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool append_figure(
    struct buf *out, const struct json_object *record, const char *metric, const char *label)
{
    char pointer[96], text[48];
    double median;
    snprintf(pointer, sizeof pointer, "/performance/%s/median", metric);
    if (!json_get_real(record, pointer, &median))
        return false;
    buf_append_text(out, out->len ? ", " : "");
    if (strcmp(metric + strlen(metric) - 2, "_s") == 0 && !strstr(metric, "_per_")) {
        text_format_duration(text, sizeof text, median);
        buf_printf(out, "%s %s", label, text);
    } else {
        text_format_decimal(text, sizeof text, median, median < 99.95 ? 1 : 0);
        buf_printf(out, "%s %s", text, label);
    }
    return true;
}

/* What a case asks for above all is said first: "80 % valid". */
static void append_valid(struct buf *out, const struct json_object *record)
{
    char text[48];
    double share;
    if (!json_get_real(record, "/performance/valid_fraction/mean", &share))
        return;
    text_format_decimal(text, sizeof text, share * 100, 0);
    buf_printf(out, "%s%s %% valid", out->len ? ", " : "", text);
}

/* A test of wrong answers passes all the same: its score is said here, or nowhere before the report. */
static void append_score(struct buf *out, const struct json_object *record)
{
    int64_t graded = 0, correct = 0;
    if (json_get_int(record, "/utility/graded", &graded) &&
        json_get_int(record, "/utility/correct", &correct))
        buf_printf(out, "%s%" PRId64 " of %" PRId64 " right", out->len ? ", " : "", correct, graded);
}

/* Where no token was timed, the first of these that was measured. */
static const struct {
    const char *metric, *label;
} others[] = {
    {"image_s", "a picture in"},
    {"wer", "words wrong per word"},
    {"audio_rtf", "times real time"},
    {"speech_s_per_s", "s of speech/s"},
    {"inputs_per_s", "inputs/s"},
    {"load_s", "loaded in"},
    {"latency_s", "latency"},
};

static void append_reason(struct buf *out, const struct json_object *record)
{
    const char *text = json_get_text(record, "/skip_reason");
    if (!text)
        text = json_get_text(record, "/message");
    if (text)
        buf_append(out, text, strcspn(text, "\n"));
}

void headline_append(struct buf *out, const struct json_object *record)
{
    const char *outcome = json_get_text(record, "/outcome");
    if (!outcome || strcmp(outcome, "passed") != 0) {
        append_reason(out, record);
        return;
    }
    append_valid(out, record);
    append_score(out, record);
    bool any = append_figure(out, record, "ttft_s", "ttft");
    any |= append_figure(out, record, "prefill_tokens_per_s", "prompt tokens/s");
    any |= append_figure(out, record, "decode_tokens_per_s", "tokens/s");
    for (size_t i = 0; !any && i < sizeof others / sizeof *others; i++)
        any = append_figure(out, record, others[i].metric, others[i].label);
}
