# shellcheck shell=sh
# To be sourced by tests of the command line that draw a timeline.

# 20 minutes at 5 Hz, with a single reading of a busy machine in it
made_samples() {
    awk 'BEGIN {
        for (i = 0; i < 6000; i++) {
            t = 1795218367 + i * 0.2; busy += i == 321 ? 1.6 : 0.16
            printf "{\"schema_version\":\"1.0.0\",\"unix_ns\":%.0f000000,\"mono_ns\":%d00000000,", t * 1000, 10 + i * 2
            printf "\"values\":{\"memory_available\":%d,", 8e9 + i * 1e6
            printf "\"cpu_total\":%.1f,\"cpu_busy\":%.2f}}\n", i * 1.6, busy
        }
    }'
}
