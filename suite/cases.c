#include "suite.h"

#include <stdlib.h>

static const struct assay_case *const suites[] = {
    cases_infrastructure,
    cases_chat,
    cases_embeddings,
    cases_vision,
    cases_audio,
    cases_images,
    cases_tools,
    cases_server,
    cases_prefill_decode,
    cases_load,
    cases_utility,
};

static size_t case_count(void)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        for (const struct assay_case *c = suites[i]; c->id; c++)
            n++;
    return n;
}

const struct assay_case *suite_cases(void)
{
    static struct assay_case *all;
    if (all)
        return all;
    all = calloc(case_count() + 1, sizeof *all);
    if (!all)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        for (const struct assay_case *c = suites[i]; c->id; c++)
            all[n++] = *c;
    return all;
}
