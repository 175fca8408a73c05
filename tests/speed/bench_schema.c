/*
 * How many records are validated in a second of one core: a line of benchmark.jsonl of about 1 KB against the
 * record's schema, parsed already and from text; and what compiling the schema costs.
 *
 *     build/release/tests/speed/bench_schema [SECONDS]
 */
#include "clock.h"
#include "our_schemas.h"
#include "schemas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char record[] =
    "{\"schema_version\":\"1.0.0\",\"run_id\":\"2026-11-20T234605Z-bench1-9f3c\",\"attempt\":1,"
    "\"test\":\"chat.short[llamacpp/tiny-chat]\",\"suite\":\"chat\",\"case\":\"chat.short\","
    "\"timestamp\":\"2026-11-20T23:46:12.345Z\",\"test_start_ts\":1795909569.123456,\"test_end_ts\":"
    "1795909572.345678,"
    "\"start_unix_ns\":1795909569123456000,\"end_unix_ns\":1795909572345678000,\"duration\":3.222222,"
    "\"phases\":{\"setup_s\":0.012,\"warmup_s\":0.3,\"body_s\":2.9,\"teardown_s\":0.001},\"outcome\":"
    "\"passed\","
    "\"process\":{\"exit_code\":0,\"phase_reached\":\"done\",\"strays_killed\":0},"
    "\"model\":{\"id\":\"tiny-chat\",\"quantization\":\"F16\",\"context_length\":2048},"
    "\"performance\":{\"ttft_s\":{\"unit\":\"s\",\"better\":\"lower\",\"n\":5,\"median\":0.021,\"min\":0.02,"
    "\"max\":0.024,"
    "\"values\":[0.021,0.020,0.022,0.023,0.021]}},"
    "\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{\"swap\":{"
    "\"status\":\"ok\","
    "\"value\":0,\"delta\":0,\"threshold\":0,\"scope\":\"client\"}}},"
    "\"identity\":{\"workload\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
    "\"subject\":{\"server\":\"llama.cpp\",\"assay_version\":\"0.1.0\"}}}";

struct bench {
    const struct schema *schema;
    struct json_object *parsed;
};

static bool validate_parsed(struct bench *b)
{
    return schema_validate(b->schema, b->parsed, NULL) == STATUS_OK;
}

static bool parse_only(struct bench *b)
{
    struct json_object *tree;
    (void)b;
    bool fine = json_parse(record, sizeof record - 1, &tree, NULL) == STATUS_OK;
    json_object_put(tree);
    return fine;
}

static bool validate_text(struct bench *b)
{
    struct json_object *tree;
    bool fine = json_parse(record, sizeof record - 1, &tree, NULL) == STATUS_OK &&
                schema_validate(b->schema, tree, NULL) == STATUS_OK;
    json_object_put(tree);
    return fine;
}

static bool write_text(struct bench *b)
{
    struct buf out = BUF_INIT(1 << 16);
    bool fine = json_write(b->parsed, &out, NULL) == STATUS_OK;
    buf_fini(&out);
    return fine;
}

static bool compile_schema(struct bench *b)
{
    struct json_object *document = NULL;
    struct schema *schema = NULL;
    const struct schema_file *file = schema_files;
    (void)b;
    while (strcmp(file->name, "record") != 0)
        file++;
    bool fine = json_parse(file->text, file->len, &document, NULL) == STATUS_OK &&
                schema_compile(document, NULL, &schema, NULL) == STATUS_OK;
    schema_free(schema);
    json_object_put(document);
    return fine;
}

/* Processor time, which other programs on the machine disturb less than the time that passes. */
static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* The best of five windows: what the machine did besides only ever makes it slower. */
static double best_per_s(bool (*step)(struct bench *), struct bench *b, double seconds)
{
    double best = 0;
    for (int window = 0; window < 5; window++) {
        int64_t start_ns = cpu_ns(), now_ns = start_ns;
        long count = 0;
        while ((double)(now_ns - start_ns) < seconds / 5 * 1e9) {
            for (int i = 0; i < 20; i++)
                if (!step(b))
                    return -1;
            count += 20;
            now_ns = cpu_ns();
        }
        double per_s = (double)count * 1e9 / (double)(now_ns - start_ns);
        best = per_s > best ? per_s : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool (*step)(struct bench *);
    } benches[] = {{"validate, parsed", validate_parsed}, {"parse", parse_only},
        {"parse and validate", validate_text}, {"write", write_text},
        {"parse and compile the schema", compile_schema}};
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    struct bench b = {.schema = schema_for("record")};
    if (b.schema == NULL || json_parse(record, sizeof record - 1, &b.parsed, NULL) != STATUS_OK)
        return 1;
    printf("a record of %zu bytes\n", sizeof record - 1);
    int failures = 0;
    for (size_t i = 0; i < sizeof benches / sizeof *benches; i++) {
        double per_s = best_per_s(benches[i].step, &b, seconds);
        failures += per_s <= 0;
        printf("%-30s %10.0f /s %8.2f us\n", benches[i].name, per_s, 1e6 / per_s);
    }
    json_object_put(b.parsed);
    return failures > 0;
}
