#include "load_trial.h"

#include "clock.h"
#include "testkit.h"

#include <stdlib.h>

struct load_trial *load_trial_begin(const char *model, size_t count, int streams)
{
    struct load_trial *t = calloc(1, sizeof *t);
    struct error why = {0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &t->sim, &why) == STATUS_OK, "%s", error_text(&why));
    t->stage.streams = streams;
    t->plan = (struct load_plan){.items = calloc(count, sizeof *t->plan.items),
        .count = count,
        .conversations = (uint32_t)count,
        .duration_ns = LOAD_NO_END,
        .stages = &t->stage,
        .stage_count = 1,
        .open = streams == 0};
    for (size_t i = 0; i < count; i++)
        t->plan.items[i] = (struct load_item){
            .output_tokens = LOAD_TRIAL_TOKENS, .conversation = (uint32_t)i, .prefix = LOAD_NO_PREFIX};
    t->choice = (struct load_choice){.access = {.url = t->sim.url}, .model = model};
    t->options = (struct load_client_options){.plan = &t->plan,
        .choices = &t->choice,
        .choice_count = 1,
        .drain_ns = 10 * NS_PER_S,
        .temperature = -1,
        .prompts = &t->prompts};
    load_prompts_init(&t->prompts, &t->plan, 1);
    return t;
}

void load_trial_run(struct load_trial *t)
{
    struct error why = {0};
    ck_assert_msg(load_client_run(&t->options, &t->outcome, &why) == STATUS_OK, "%s", error_text(&why));
}

void load_trial_end(struct load_trial *t)
{
    load_outcome_fini(&t->outcome);
    sim_stop(&t->sim);
    free(t->plan.items);
    free(t);
}
