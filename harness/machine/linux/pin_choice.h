/*
 * pin_choice.h - which processors a sampler takes, so that it does not disturb those that are measured.
 *
 *     struct pin_facts facts = {&own, &measured, &efficiency, &isolated};
 *     if (pin_choose(&facts, &chosen, &why)) ...              // chosen: some of own, not all
 */
#ifndef ASSAY_PIN_CHOICE_H
#define ASSAY_PIN_CHOICE_H

#include "cpu_topology.h"

struct pin_facts {
    const struct cpu_set *own;        /* what the sampler may use */
    const struct cpu_set *measured;   /* what is measured may use; empty where unknown */
    const struct cpu_set *efficiency; /* cores of the lesser kind; empty where there is one kind */
    const struct cpu_set *isolated;   /* kept free for what is measured, as a rule */
};

/* False: nothing tells some apart, and chosen is own. why: static, one clause. */
bool pin_choose(const struct pin_facts *facts, struct cpu_set *chosen, const char **why);

/* "0-3,8"; cut with "..." where it does not fit. */
void cpu_set_format(const struct cpu_set *set, char *text, size_t size);

#endif
