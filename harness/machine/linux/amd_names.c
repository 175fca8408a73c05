#include "amd_names.h"

#include "amd_smi.h"
#include "errand.h"

#include <string.h>

/* Those to be asked about: "" for the others. */
struct question {
    const char *library;
    char slots[GPUS_MAX][32];
};

static void ask(const struct question *question, struct amd_names *names)
{
    char why[128];
    struct amd_smi *smi = amd_smi_open(question->library, why, sizeof why);
    for (size_t i = 0; i < GPUS_MAX && smi; i++) {
        void *processor = question->slots[i][0] ? amd_smi_find(smi, question->slots[i]) : NULL;
        if (processor && !amd_smi_name(smi, processor, names->of[i], sizeof names->of[i]))
            names->of[i][0] = '\0';
    }
    amd_smi_close(smi);
}

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    if (!errand_next(side))
        return;
    ask(arg, memory);
    (void)errand_next(side);
}

/* A library that hangs is one that is not there. */
static void ask_apart(const struct question *question, int64_t deadline_ns, struct amd_names *names)
{
    struct errand_plan plan = {.kind = ERRAND_GPUS,
        .serve = serve,
        .arg = question,
        .size = sizeof *names,
        .deadline_ns = deadline_ns};
    struct errand *errand = errand_start(&plan);
    if (errand && errand_ask_first(errand, ERRAND_WAKING * deadline_ns) == ERRAND_TOLD)
        *names = *(const struct amd_names *)errand_memory(errand);
    errand_end(errand);
}

void amd_names_ask(const char *root, const char *library, const struct gpu_card *cards, size_t count,
    struct amd_names *names)
{
    struct question question = {.library = library};
    bool asked = false;
    char own[256];
    memset(names, 0, sizeof *names);
    for (size_t i = 0; i < count && i < GPUS_MAX; i++) {
        if (strcmp(cards[i].vendor, "AMD") != 0)
            continue;
        if (gpu_card_sleeps(root, &cards[i]))
            return;
        if (!gpu_card_word(root, &cards[i], "device/product_name", own, sizeof own))
            asked |= gpu_card_slot(root, &cards[i], question.slots[i], sizeof question.slots[i]);
    }
    int64_t deadline_ns = errand_deadline(root, 0);
    if (!asked || (!library && root[0] != '\0'))
        return;
    if (deadline_ns > 0)
        ask_apart(&question, deadline_ns, names);
    else
        ask(&question, names);
}
