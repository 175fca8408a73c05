/* A trace may be anything: requests that a plan can be made of, or a reason with a place; never a crash. */
#include "trace.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void require_requests(const struct trace *trace)
{
    require(trace->count > 0 && trace->requests[0].at_ns == 0);
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_request *r = &trace->requests[i];
        require(i == 0 || r->at_ns >= trace->requests[i - 1].at_ns);
        require((r->prompt_tokens > 0) == trace->has_prompts && (r->output_tokens > 0) == trace->has_outputs);
        require(r->prefix == LOAD_NO_PREFIX || r->prefix < trace->prefix_count);
    }
}

/* Parents come before their children and are no longer than they: prompts are written from above. */
static void require_prefixes(const struct trace *trace)
{
    for (size_t i = 0; i < trace->prefix_count; i++) {
        uint16_t parent = trace->prefix_parents[i];
        require(trace->prefix_lengths[i] > 0);
        require(parent == LOAD_NO_PREFIX ||
                (parent < i && trace->prefix_lengths[parent] <= trace->prefix_lengths[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace trace;
    struct error why = {0};
    enum status s = trace_parse("t", size ? (const char *)data : "", size, &trace, &why);
    if (s == STATUS_OK) {
        require_requests(&trace);
        require_prefixes(&trace);
    } else {
        require(why.text[0] && why.file[0] && !trace.requests);
    }
    trace_fini(&trace);
    return 0;
}
