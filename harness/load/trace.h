/*
 * trace.h - reads when requests came, and how long they were, from the traces that people publish.
 *
 * What a file is, its first line says:
 *     {"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]}     JSON lines
 *     TIMESTAMP,ContextTokens,GeneratedTokens                                                 CSV with names
 *     0.25                                                                                    seconds alone
 * Names of columns and members, and the unit of time that each means, are in trace_fields.c. Lines need not be
 * sorted: they are, those of equal moments in the file's order. The first request comes at 0. Empty lines are
 * left out, every other line that is not a request is an error with its number.
 *
 *     struct trace trace;
 *     if (trace_read("conversations.jsonl", &trace, &why) != STATUS_OK) ...    // "t.jsonl:7: no input_length ..."
 *     trace_fini(&trace);
 */
#ifndef ASSAY_TRACE_H
#define ASSAY_TRACE_H

#include "load_plan.h"

struct trace_request {
    int64_t at_ns;
    uint32_t prompt_tokens; /* with the prefix; 0 where the trace has none */
    uint32_t output_tokens;
    uint16_t prefix; /* or LOAD_NO_PREFIX */
};

struct trace {
    struct trace_request *requests;
    size_t count; /* at least 1 */
    bool has_prompts, has_outputs;
    uint32_t *prefix_lengths; /* as in struct load_plan; from hash_ids */
    uint16_t *prefix_parents;
    size_t prefix_count;
};

/* Also "-", standard input. STATUS_NOT_FOUND, STATUS_IO; STATUS_INVALID with file, line and what to do;
 * STATUS_LIMIT: more requests than LOAD_ITEMS_MAX, or than there are numbers for prefixes. */
enum status trace_read(const char *path, struct trace *trace, struct error *e) ASSAY_MUST_CHECK;

/* The same from memory; path is for messages. */
enum status trace_parse(
    const char *path, const char *text, size_t len, struct trace *trace, struct error *e) ASSAY_MUST_CHECK;

void trace_fini(struct trace *trace);

#endif
