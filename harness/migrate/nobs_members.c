/* What becomes of each member of a NOBS file, and by what definition its figures came about. */
#include "nobs_parts.h"

#include <stddef.h>

#define LATENCY                                                                                              \
    "the time from the call of the client library (with a new connection, and of pictures with their "       \
    "preparation) to the end of the stream; failed requests are among them"
#define FIRST                                                                                                \
    "the time from the call of the client library to the first chunk whose content is not empty: reasoning " \
    "before it counts as waiting"
#define AFTER                                                                                                \
    "the time from the first chunk with content to the end of the stream: next to nothing where the answer " \
    "came in one chunk"
#define RATE                                                                                                 \
    "output tokens by the whole time of the request: waiting, reading the prompt and reasoning are in it"
#define OF_MEDIAN "Per run, the median over its prompts of "
#define OF_95 "Per run, the 95th percentile over its prompts of "
#define MEAN_MEDIAN "Mean over the runs of their medians over prompts of "
#define MEAN_95 "Mean over the runs of their 95th percentiles over prompts of "
#define MEDIANS "Median over the runs of their medians over prompts of "
#define ENCODING                                                                                             \
    "per run, the time of embedding all rows in the program's own process: no server and no request took "   \
    "part"
#define ROWS "per run, rows by the time of embedding all of them in the program's own process"

const char *const nobs_rate_after_first = "Per run, the median over its prompts of output tokens by the time "
                                          "after the first chunk with content: tokens of "
                                          "reasoning count, their time does not";
const char *const nobs_rate_whole = OF_MEDIAN RATE;
const char *const nobs_rate_unknown =
    "Per run, the median over its prompts of output tokens by either the whole time of the request or the "
    "time after "
    "its first chunk with content: versions of the program differ, and the file does not say which wrote it";

#define DERIVED "computed from the runs"
#define PARAMETER "a record has no such member; it is part of the workload's identity"
#define SESSION "a percentile over the whole session, pauses included: no test's power and no energy"

const struct old_member nobs_root_members[] = {
    {"/timestamp", OLD_TYPED, NULL, NULL},
    {"/device_info/host", OLD_TYPED, NULL, NULL},
    {"/device_info/platform", OLD_TYPED, NULL, NULL},
    {"/device_info/ram_gb", OLD_TYPED, NULL, NULL},
    {"/device_info/processor", OLD_TYPED, NULL, NULL},
    {"/device_info/gpu_name", OLD_TYPED, NULL, NULL},
    {"/device_info/gpu_memory_gb", OLD_TYPED, NULL, NULL},
    {"/device_info/device", OLD_KEPT, NULL, "run.json has no such member"},
    {"/device_info/cuda_version", OLD_KEPT, NULL, "of a library, not of the driver"},
    {"/power_metrics/samples_collected", OLD_KEPT, NULL, "of the whole session"},
    {"/power_metrics/monitoring_duration_seconds", OLD_KEPT, NULL, "of the whole session"},
    {"/power_metrics/battery_*", OLD_KEPT, NULL, "of the whole session"},
    {"/power_metrics/*", OLD_KEPT, NULL, SESSION},
    {"/total_score", OLD_KEPT, NULL, "a score of that program's own"},
    {NULL, OLD_KEPT, NULL, NULL},
};

#define TASK_MEMBERS                                                                                         \
    {"/task", OLD_TYPED, NULL, NULL}, {"/dataset", OLD_TYPED, NULL, NULL},                                   \
        {"/backend", OLD_TYPED, NULL, NULL},                                                                 \
        {"/backend_model", OLD_KEPT, NULL, "how the back end was asked for the model"},                      \
        {"/dataset_size", OLD_KEPT, NULL, PARAMETER}, {"/num_prompts", OLD_KEPT, NULL, PARAMETER},           \
        {"/num_questions", OLD_KEPT, NULL, PARAMETER}, {"/num_samples", OLD_KEPT, NULL, PARAMETER},          \
        {"/total_time_seconds", OLD_KEPT, NULL, "no total: the median or mean time of one prompt or run"},   \
        {"/task_score", OLD_KEPT, NULL, "a score of that program's own"},                                    \
        {"/model/model_name", OLD_TYPED, NULL, NULL}, {"/model/num_runs", OLD_TYPED, NULL, NULL},            \
        {"/model/num_prompts", OLD_KEPT, NULL, PARAMETER},                                                   \
    {                                                                                                        \
        "/model/runs/#/run", OLD_KEPT, NULL, "the number of the run: figures are in its order"               \
    }

const struct old_member nobs_embedding_members[] = {
    TASK_MEMBERS,
    {"/model/batch_size", OLD_KEPT, NULL, PARAMETER},
    {"/model/max_seq_length", OLD_KEPT, NULL, PARAMETER},
    {"/model/embedding_dimension", OLD_KEPT, NULL, PARAMETER},
    {"/model/actual_dataset_size", OLD_KEPT, NULL, PARAMETER},
    {"/model/dtype", OLD_KEPT, NULL, PARAMETER},
    {"/model/device", OLD_KEPT, NULL, PARAMETER},
    {"/model/runs/#/e2e_latency_s", OLD_FIGURE, "s", ENCODING},
    {"/model/runs/#/rps", OLD_FIGURE, "rows/s", ROWS},
    {"/model/runs/#/encoding_time_seconds", OLD_FIGURE, "s", ENCODING},
    {"/model/runs/#/rows_per_second", OLD_FIGURE, "rows/s", ROWS},
    {"/model/encoding_time_seconds", OLD_FIGURE, "s", ENCODING},
    {"/model/texts_per_second", OLD_FIGURE, "rows/s", ROWS},
    {"/model/final_*", OLD_KEPT, NULL, DERIVED},
    {"/model/median_*", OLD_KEPT, NULL, DERIVED},
    {"/model/std_*", OLD_KEPT, NULL, DERIVED},
    {NULL, OLD_KEPT, NULL, NULL},
};

const struct old_member nobs_asking_members[] = {
    TASK_MEMBERS,
    {"/model/runs/#/p50_latency_s", OLD_FIGURE, "s", OF_MEDIAN LATENCY},
    {"/model/runs/#/p95_latency_s", OLD_FIGURE, "s", OF_95 LATENCY},
    {"/model/runs/#/p50_ttft_s", OLD_FIGURE, "s", OF_MEDIAN FIRST},
    {"/model/runs/#/p95_ttft_s", OLD_FIGURE, "s", OF_95 FIRST},
    {"/model/runs/#/p50_tg_s", OLD_FIGURE, "s", OF_MEDIAN AFTER},
    {"/model/runs/#/p95_tg_s", OLD_FIGURE, "s", OF_95 AFTER},
    {"/model/runs/#/p50_tps", OLD_FIGURE, "tokens/s", OF_MEDIAN RATE},
    {"/model/runs/#/p95_tps", OLD_FIGURE, "tokens/s", OF_95 RATE},
    {"/model/runs/#/p25_*", OLD_KEPT, NULL, "the figures have the median and the 95th percentile"},
    {"/model/runs/#/p75_*", OLD_KEPT, NULL, "the figures have the median and the 95th percentile"},
    {"/model/runs/#/median_latency_s", OLD_FIGURE, "s", OF_MEDIAN LATENCY},
    {"/model/runs/#/median_ttft_s", OLD_FIGURE, "s", OF_MEDIAN FIRST},
    {"/model/runs/#/median_tg_s", OLD_FIGURE, "s", OF_MEDIAN AFTER},
    {"/model/runs/#/median_tokens_per_sec", OLD_FIGURE, "tokens/s", ""}, /* said where the rest is known */
    {"/model/runs/#/total_input_tokens", OLD_TYPED, NULL, NULL},
    {"/model/runs/#/total_output_tokens", OLD_TYPED, NULL, NULL},
    {"/model/runs/#/per_prompt_details/#/*", OLD_KEPT, NULL, "of single prompts: the figures are of runs"},
    {"/model/all_prompt_details*", OLD_KEPT, NULL, "the same as stands in the runs"},
    {"/model/final_*", OLD_KEPT, NULL, DERIVED},
    {NULL, OLD_KEPT, NULL, NULL},
};

const struct old_member nobs_final_members[] = {
    TASK_MEMBERS,
    {"/model/final_*std*", OLD_KEPT, NULL, "the spread of runs that the file does not hold"},
    {"/model/final_p50_e2e_latency_s", OLD_FIGURE, "s", MEAN_MEDIAN LATENCY},
    {"/model/final_p95_e2e_latency_s", OLD_FIGURE, "s", MEAN_95 LATENCY},
    {"/model/final_p50_ttft_s", OLD_FIGURE, "s", MEAN_MEDIAN FIRST},
    {"/model/final_p95_ttft_s", OLD_FIGURE, "s", MEAN_95 FIRST},
    {"/model/final_p50_tg_s", OLD_FIGURE, "s", MEAN_MEDIAN AFTER},
    {"/model/final_p95_tg_s", OLD_FIGURE, "s", MEAN_95 AFTER},
    {"/model/final_p50_tps", OLD_FIGURE, "tokens/s", MEAN_MEDIAN RATE},
    {"/model/final_p95_tps", OLD_FIGURE, "tokens/s", MEAN_95 RATE},
    {"/model/final_50p_latency_s", OLD_FIGURE, "s", MEDIANS LATENCY},
    {"/model/final_50p_ttft_s", OLD_FIGURE, "s", MEDIANS FIRST},
    {"/model/median_encoding_time_seconds", OLD_FIGURE, "s", "Median over the runs; " ENCODING},
    {"/model/median_rows_per_second", OLD_FIGURE, "rows/s", "Median over the runs; " ROWS},
    {"/model/final_mean_e2e_latency_s", OLD_FIGURE, "s", "Mean over the runs; " ENCODING},
    {"/model/final_mean_rps", OLD_FIGURE, "rows/s", "Mean over the runs; " ROWS},
    {"/model/final_median_latency_s", OLD_FIGURE, "s", MEDIANS LATENCY},
    {"/model/final_median_ttft_s", OLD_FIGURE, "s", MEDIANS FIRST},
    {"/model/final_*tokens_per_sec", OLD_KEPT, NULL, "versions of the program differ in what it is"},
    {"/model/final_*", OLD_KEPT, NULL, "an aggregate of runs that the file does not hold"},
    {"/model/*", OLD_KEPT, NULL, "an aggregate, or a parameter, of runs that the file does not hold"},
    {NULL, OLD_KEPT, NULL, NULL},
};
