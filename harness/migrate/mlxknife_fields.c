#include "mlxknife_fields.h"

#include "json.h"

#include <string.h>

const char *const mlx_version_names[MLX_VERSIONS] = {"", "0.1.0", "0.2.0", "0.2.1", "0.2.2"};

enum mlx_version mlx_version_of(const struct json_object *record)
{
    const char *text = json_get_text(record, "/schema_version");
    for (enum mlx_version v = MLX_0_1_0; text != NULL && v < MLX_VERSIONS; v++)
        if (strcmp(text, mlx_version_names[v]) == 0)
            return v;
    return MLX_NEVER;
}

static const char not_said[] = "the format does not say what is counted and when the clock runs";
static const char not_said_how[] = "the format does not say how it is measured";
static const char no_counter[] = "the format does not say who counted";
static const char no_zero[] = "the format does not say what moment the times count from";
static const char no_home[] = "a record has no such field";
static const char no_unit[] = "whether a GB is 10^9 or 2^30 bytes is not said";

#define SENSORS "/system_health/sensors/"

const struct mlx_field mlx_fields[] = {
    {"/schema_version", MLX_0_1_0, MLX_LIFTED, "/metadata/migrated/version"},
    {"/timestamp", MLX_0_1_0, MLX_LIFTED, "/timestamp"},
    {"/test_start_ts", MLX_0_2_2, MLX_LIFTED, "/test_start_ts"},
    {"/test_end_ts", MLX_0_2_2, MLX_LIFTED, "/test_end_ts"},
    {"/mlx_knife_version", MLX_0_1_0, MLX_LIFTED, "/identity/subject/server_version"},
    {"/test", MLX_0_1_0, MLX_LIFTED, "/test"},
    {"/outcome", MLX_0_1_0, MLX_LIFTED, "/outcome"},
    {"/duration", MLX_0_1_0, MLX_LIFTED, "/duration"},
    {"/model", MLX_0_1_0, MLX_GROUP},
    {"/model/id", MLX_0_1_0, MLX_NAME, "/model/id"},
    {"/model/size_gb", MLX_0_1_0, MLX_AMOUNT, "/model/size_gb"},
    {"/model/family", MLX_0_1_0, MLX_NAME, "/model/family"},
    {"/model/variant", MLX_0_1_0, MLX_NAME, "/model/variant"},
    {"/model/framework", MLX_0_2_0, MLX_NAME, "/model/framework"},
    {"/model/quantization", MLX_0_2_0, MLX_NAME, "/model/quantization"},
    {"/performance", MLX_0_1_0, MLX_GROUP},
    {"/performance/tokens_per_sec", MLX_0_1_0, MLX_FIGURE, .unit = "tokens/s", .why = not_said},
    {"/performance/ram_peak_mb", MLX_0_1_0, MLX_FIGURE, .unit = "MB", .why = not_said_how},
    {"/performance/duration_s", MLX_0_1_0, MLX_FIGURE, .unit = "s", .why = not_said},
    {"/performance/prompt_tokens", MLX_0_1_0, MLX_FIGURE, .unit = "tokens", .why = no_counter},
    {"/performance/completion_tokens", MLX_0_1_0, MLX_FIGURE, .unit = "tokens", .why = no_counter},
    {"/performance/model_load_time_s", MLX_0_2_0, MLX_FIGURE, .unit = "s", .why = not_said},
    {"/performance/time_to_first_token_s", MLX_0_2_0, MLX_FIGURE, .unit = "s", .why = not_said},
    {"/performance/cleanup_time_s", MLX_0_2_0, MLX_FIGURE, .unit = "s", .why = not_said},
    {"/performance/peak_ram_gb", MLX_0_2_0, MLX_FIGURE, .unit = "GB", .why = not_said_how},
    {"/performance/stable_ram_gb", MLX_0_2_0, MLX_FIGURE, .unit = "GB", .why = not_said_how},
    {"/stop_tokens", MLX_0_1_0, MLX_GROUP},
    {"/stop_tokens/configured", MLX_0_1_0, MLX_TEXTS, "/stop_tokens/configured"},
    {"/stop_tokens/detected", MLX_0_1_0, MLX_TEXTS, "/stop_tokens/detected"},
    {"/stop_tokens/leaked", MLX_0_1_0, MLX_YES_NO, "/stop_tokens/leaked"},
    {"/stop_tokens/workaround", MLX_0_1_0, MLX_KEPT, .why = no_home},
    {"/system", MLX_0_1_0, MLX_GROUP},
    {"/system/platform", MLX_0_1_0, MLX_MACHINE, "/machine/os"},
    {"/system/platform_version", MLX_0_1_0, MLX_KEPT, .why = no_home},
    {"/system/python_version", MLX_0_1_0, MLX_KEPT, .why = no_home},
    {"/system/mlx_version", MLX_0_1_0, MLX_KEPT, .why = no_home},
    {"/system/hardware", MLX_0_1_0, MLX_KEPT, .why = no_home},
    {"/system/ram_total_gb", MLX_0_1_0, MLX_KEPT, .why = no_unit},
    {"/system/hardware_profile", MLX_0_2_0, MLX_GROUP},
    {"/system/hardware_profile/model_identifier", MLX_0_2_0, MLX_MACHINE, "/machine/model"},
    {"/system/hardware_profile/chip", MLX_0_2_0, MLX_MACHINE, "/machine/cpu/model"},
    {"/system/hardware_profile/metal_version", MLX_0_2_0, MLX_KEPT, .why = no_home},
    {"/system/hardware_profile/chip_cores_performance", MLX_0_2_0, MLX_MACHINE, "/machine/cpu/performance"},
    {"/system/hardware_profile/chip_cores_efficiency", MLX_0_2_0, MLX_MACHINE, "/machine/cpu/efficiency"},
    {"/system/hardware_profile/gpu_cores", MLX_0_2_0, MLX_KEPT, .why = "a GPU's cores need its name"},
    {"/system/hardware_profile/model", MLX_NEVER, MLX_MACHINE, "/machine/model",
        .instead = "model_identifier"},
    {"/system/hardware_profile/cores_physical", MLX_NEVER, MLX_MACHINE, "/machine/cpu/physical",
        .instead = "chip_cores_performance and chip_cores_efficiency"},
    {"/system/hardware_profile/cores_logical", MLX_NEVER, MLX_MACHINE, "/machine/cpu/logical"},
    {"/system_health", MLX_0_2_0, MLX_GROUP},
    {"/system_health/swap_gb", MLX_0_2_0, MLX_SENSOR, SENSORS "swap_gb", "GB"},
    {"/system_health/ram_free_gb", MLX_0_2_0, MLX_SENSOR, SENSORS "ram_free_gb", "GiB"},
    {"/system_health/zombies_detected", MLX_0_2_0, MLX_SENSOR, SENSORS "zombies_detected", "processes"},
    {"/system_health/swap_used_mb", MLX_NEVER, MLX_SENSOR, SENSORS "swap_used_mb", "MiB",
        .instead = "swap_gb"},
    {"/system_health/zombie_processes", MLX_NEVER, MLX_SENSOR, SENSORS "zombie_processes", "processes",
        .instead = "zombies_detected"},
    {"/system_health/quality_flags", MLX_0_2_0, MLX_TEXTS, "/metadata/migrated/quality_flags"},
    {"/timeline", MLX_0_2_0, MLX_GROUP},
    {"/timeline/server_start_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/model_load_start_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/model_load_complete_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/server_ready_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/request_sent_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/first_token_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/stream_complete_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/shutdown_request_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/timeline/cleanup_complete_ms", MLX_0_2_0, MLX_FIGURE, .unit = "ms", .why = no_zero},
    {"/metadata", MLX_0_1_0, MLX_LIFTED, "/metadata/migrated/original/metadata"},
    {0},
};

const struct mlx_field *mlx_field_find(const char *pointer)
{
    for (const struct mlx_field *f = mlx_fields; f->pointer != NULL; f++)
        if (strcmp(f->pointer, pointer) == 0)
            return f;
    return NULL;
}
