/* What becomes of each member of a file of SLM-Bench, and by what definition its figures came about. */
#include "slm_parts.h"

#include <stddef.h>

#define CALL                                                                                                 \
    "by the wall clock, from the call of the client library; of the last attempt, where there were several"
#define ESTIMATE "built on words x 1.3, which are no tokens"
#define CLIENT "of the program that measured, not of the server"
#define SUM "computed from the results"

const struct old_member slm_item_members[] = {
    {"/id", OLD_TYPED, NULL, NULL},
    {"/model", OLD_TYPED, NULL, NULL},
    {"/prompt", OLD_KEPT, NULL, "a text, no figure"},
    {"/output", OLD_KEPT, NULL, "a text, no figure"},
    {"/category", OLD_KEPT, NULL, "a record has no such member; it is part of the workload's identity"},
    {"/metrics/duration", OLD_FIGURE, "s", "Time to the end of the stream " CALL},
    {"/metrics/ttft", OLD_FIGURE, "s",
        "Time to the first chunk of any kind, an empty one too, " CALL ": near to our ttfe_s"},
    {"/metrics/chunk_count", OLD_FIGURE, "chunks",
        "Chunks of the stream, empty ones and the last one too: no tokens"},
    {"/metrics/output_words", OLD_FIGURE, "words", "Words of the answer, between white space"},
    {"/metrics/output_tokens", OLD_KEPT, NULL, ESTIMATE},
    {"/metrics/tokens_per_second", OLD_KEPT, NULL, ESTIMATE},
    {"/metrics/decode_tps", OLD_KEPT, NULL, ESTIMATE},
    {"/metrics/peak_memory_mb", OLD_KEPT, NULL, CLIENT},
    {"/metrics/memory_delta_gb", OLD_KEPT, NULL, CLIENT},
    {"/metrics/status", OLD_TYPED, NULL, NULL},
    {"/metrics/error", OLD_TYPED, NULL, NULL},
    {NULL, OLD_KEPT, NULL, NULL},
};

/* Of an attempt that failed that program writes zeros for times that it never took. */
const struct old_member slm_failed_members[] = {
    {"/id", OLD_TYPED, NULL, NULL},
    {"/model", OLD_TYPED, NULL, NULL},
    {"/prompt", OLD_KEPT, NULL, "a text, no figure"},
    {"/category", OLD_KEPT, NULL, "a record has no such member; it is part of the workload's identity"},
    {"/metrics/status", OLD_TYPED, NULL, NULL},
    {"/metrics/error", OLD_TYPED, NULL, NULL},
    {"/metrics/*", OLD_KEPT, NULL, "a zero in the place of what was not measured"},
    {NULL, OLD_KEPT, NULL, NULL},
};

#define SUMMARY_MEMBERS                                                                                      \
    {"/model", OLD_TYPED, NULL, NULL}, {"/timestamp", OLD_TYPED, NULL, NULL},                                \
        {"/config/max_tokens", OLD_TYPED, NULL, NULL}, {"/config/temperature", OLD_TYPED, NULL, NULL},       \
        {"/config/max_retries", OLD_TYPED, NULL, NULL}, {"/total_items", OLD_KEPT, NULL, SUM},               \
        {"/successful", OLD_KEPT, NULL, SUM}, {"/failed", OLD_KEPT, NULL, SUM},                              \
        {"/success_rate", OLD_KEPT, NULL, SUM}, {"/category_breakdown/*", OLD_KEPT, NULL, ESTIMATE},         \
        {"/performance/*tokens*", OLD_KEPT, NULL, ESTIMATE},                                                 \
    {                                                                                                        \
        "/performance/*tps*", OLD_KEPT, NULL, ESTIMATE                                                       \
    }

const struct old_member slm_summary_members[] = {
    SUMMARY_MEMBERS,
    {"/performance/*", OLD_KEPT, NULL, SUM},
    {NULL, OLD_KEPT, NULL, NULL},
};

/* A comparison holds the summaries of several models and not what they sum up. */
const struct old_member slm_compared_members[] = {
    SUMMARY_MEMBERS,
    {"/performance/avg_duration", OLD_FIGURE, "s",
        "Mean over the items that succeeded of the time to the end of the "
        "stream " CALL},
    {"/performance/avg_ttft", OLD_FIGURE, "s",
        "Mean over the items that succeeded of the time to the first chunk of any kind, an empty one "
        "too, " CALL},
    {"/performance/min_ttft", OLD_FIGURE, "s",
        "The least time to the first chunk of any kind, an empty one too, " CALL},
    {"/performance/max_ttft", OLD_FIGURE, "s",
        "The longest time to the first chunk of any kind, an empty one too, " CALL},
    {"/performance/total_time_spent", OLD_KEPT, NULL, SUM},
    {NULL, OLD_KEPT, NULL, NULL},
};

const struct old_member slm_comparison_members[] = {
    {"/meta/timestamp", OLD_KEPT, NULL, "when the comparison was written"},
    {"/meta/*", OLD_KEPT, NULL, "how the comparison was written"},
    {"/analysis/*", OLD_KEPT, NULL, "written by a language model, from rates that are built on words x 1.3"},
    {"/analysis", OLD_KEPT, NULL, "written by a language model, from rates that are built on words x 1.3"},
    {NULL, OLD_KEPT, NULL, NULL},
};
