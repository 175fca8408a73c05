#include "slo.h"

/*
 * Limits of the server scenario of MLPerf Inference, at its target percentile, 99. There the time to first
 * token counts from the scheduled moment, which in an open loop that keeps its schedule is the same.
 */
#define MLPERF "MLPerf Inference, mlcommons/inference loadgen/mlperf.conf at 001712e9"

const struct slo_preset slo_presets[] = {
    {"mlperf-llama2-70b", "ttft_p99<2s,tpot_p99<200ms", MLPERF},
    {"mlperf-llama2-70b-interactive", "ttft_p99<450ms,tpot_p99<40ms", MLPERF},
    {"mlperf-llama3.1-405b", "ttft_p99<6s,tpot_p99<175ms", MLPERF},
    {"mlperf-llama3.1-405b-interactive", "ttft_p99<4.5s,tpot_p99<80ms", MLPERF},
    {"mlperf-llama3.1-8b", "ttft_p99<2s,tpot_p99<100ms", MLPERF},
    {"mlperf-llama3.1-8b-interactive", "ttft_p99<500ms,tpot_p99<30ms", MLPERF},
    {"mlperf-mixtral-8x7b", "ttft_p99<2s,tpot_p99<200ms", MLPERF},
    {"mlperf-deepseek-r1", "ttft_p99<2s,tpot_p99<80ms", MLPERF},
    {"mlperf-deepseek-r1-interactive", "ttft_p99<1.5s,tpot_p99<15ms", MLPERF},
    {0},
};
