/*
 * How many records are validated in a second of one core: a line of benchmark.jsonl of about 1 KB against the
 * record's schema, or those of FILE one after the other; parsed already, from text, beside json-c's own parser;
 * and what compiling the schema costs. All parts take turns, and the best of many short windows counts: what else
 * the machine does only ever makes them slower.
 *
 *     build/release/tests/speed/bench_schema [SECONDS [FILE]]
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

#define RECORDS_MAX 1000

/* Records in turn. */
struct bench {
    const struct schema *schema;
    struct json_tokener *tokener;
    struct buf texts[RECORDS_MAX];
    struct json_object *parsed[RECORDS_MAX];
    size_t count, next, bytes;
};

static size_t turn(struct bench *b)
{
    b->next = b->next + 1 < b->count ? b->next + 1 : 0;
    return b->next;
}

static bool validate_parsed(struct bench *b)
{
    return schema_validate(b->schema, b->parsed[turn(b)], NULL) == STATUS_OK;
}

static bool parse_by_json_c(struct bench *b)
{
    const struct buf *text = &b->texts[turn(b)];
    json_tokener_reset(b->tokener);
    struct json_object *tree = json_tokener_parse_ex(b->tokener, text->data, (int)text->len);
    json_object_put(tree);
    return tree != NULL;
}

static bool parse_only(struct bench *b)
{
    struct json_object *tree;
    const struct buf *text = &b->texts[turn(b)];
    bool fine = json_parse(text->data, text->len, &tree, NULL) == STATUS_OK;
    json_object_put(tree);
    return fine;
}

static bool validate_text(struct bench *b)
{
    struct json_object *tree;
    const struct buf *text = &b->texts[turn(b)];
    bool fine = json_parse(text->data, text->len, &tree, NULL) == STATUS_OK &&
                schema_validate(b->schema, tree, NULL) == STATUS_OK;
    json_object_put(tree);
    return fine;
}

static bool write_text(struct bench *b)
{
    struct buf out = BUF_INIT(1 << 20);
    bool fine = json_write(b->parsed[turn(b)], &out, NULL) == STATUS_OK;
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

static struct part {
    const char *name;
    bool (*step)(struct bench *);
    double best_ns; /* of one step; 0: not measured yet, below: it failed */
} parts[] = {{"validate, parsed", validate_parsed, 0}, {"parse, json-c", parse_by_json_c, 0},
    {"parse", parse_only, 0}, {"parse and validate", validate_text, 0}, {"write", write_text, 0},
    {"parse and compile the schema", compile_schema, 0}};
enum { VALIDATE, JSON_C, PARTS = sizeof parts / sizeof *parts };

#define WINDOW_S 0.01

static void measure(struct part *p, struct bench *b)
{
    int64_t start_ns = cpu_ns(), now_ns = start_ns;
    long count = 0;
    while ((double)(now_ns - start_ns) < WINDOW_S * 1e9) {
        for (int i = 0; i < 20; i++)
            if (!p->step(b)) {
                p->best_ns = -1;
                return;
            }
        count += 20;
        now_ns = cpu_ns();
    }
    double ns = (double)(now_ns - start_ns) / (double)count;
    p->best_ns = p->best_ns == 0 || ns < p->best_ns ? ns : p->best_ns;
}

static bool add_record(struct bench *b, const char *text, size_t len)
{
    struct error why = {0};
    if (b->count == RECORDS_MAX)
        return true;
    b->texts[b->count] = (struct buf)BUF_INIT(1 << 24);
    buf_append(&b->texts[b->count], text, len);
    if (json_parse(text, len, &b->parsed[b->count], &why) != STATUS_OK ||
        schema_check(b->schema, b->parsed[b->count], &why) != STATUS_OK) {
        fprintf(stderr, "record %zu: %s\n", b->count + 1, error_text(&why));
        return false;
    }
    b->bytes += len;
    b->count++;
    return true;
}

static bool add_file(struct bench *b, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool fine = true;
    FILE *file = fopen(path, "r");
    while (fine && file != NULL && (len = getline(&line, &size, file)) > 0)
        fine = add_record(b, line, (size_t)len - (line[len - 1] == '\n'));
    free(line);
    if (file != NULL)
        (void)fclose(file);
    return fine && b->count > 0;
}

static int show(const struct bench *b)
{
    int failures = 0;
    printf("%zu record%s of %zu bytes\n", b->count, b->count == 1 ? "" : "s", b->bytes / b->count);
    for (int i = 0; i < PARTS; i++) {
        failures += parts[i].best_ns <= 0;
        printf("%-30s %10.0f /s %8.2f us\n", parts[i].name, 1e9 / parts[i].best_ns, parts[i].best_ns / 1e3);
    }
    printf(
        "validation is %.1f %% of json-c's parsing\n", 100 * parts[VALIDATE].best_ns / parts[JSON_C].best_ns);
    return failures;
}

static void drop(struct bench *b)
{
    for (size_t i = 0; i < b->count; i++) {
        buf_fini(&b->texts[i]);
        json_object_put(b->parsed[i]);
    }
    json_tokener_free(b->tokener);
}

int main(int argc, char **argv)
{
    static struct bench b;
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 3;
    b.schema = schema_for("record");
    b.tokener = json_tokener_new();
    bool fine = b.schema != NULL && b.tokener != NULL &&
                (argc > 2 ? add_file(&b, argv[2]) : add_record(&b, record, sizeof record - 1));
    for (int round = 0; fine && round < seconds / WINDOW_S / PARTS; round++)
        for (int i = 0; i < PARTS; i++)
            measure(&parts[i], &b);
    int failures = fine ? show(&b) : 1;
    drop(&b);
    return failures > 0;
}
