#include "load_slot.h"

#include "loop.h"

#include <stdlib.h>
#include <string.h>

struct load_slot *load_slot_new(struct load_thread *thread)
{
    struct load_slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return NULL;
    slot->thread = thread;
    exchange_init(&slot->x);
    slot->next_of_all = thread->slots;
    thread->slots = slot;
    return slot;
}

void load_slot_forget(struct load_slot *slot)
{
    for (size_t i = 0; i < slot->message_count; i++)
        free((char *)slot->messages[i].content);
    slot->message_count = 0;
}

void load_slot_free(struct load_slot *slot)
{
    load_slot_forget(slot);
    free(slot->messages);
    loop_timer_free(slot->pause);
    exchange_fini(&slot->x);
    free(slot);
}

static bool remember(struct load_slot *slot, const char *role, const char *content)
{
    if (slot->message_count == slot->message_cap) {
        size_t cap = slot->message_cap ? 2 * slot->message_cap : 4;
        struct chat_message *more = realloc(slot->messages, cap * sizeof *more);
        if (!more)
            return false;
        slot->messages = more;
        slot->message_cap = cap;
    }
    char *copy = strdup(content);
    if (copy)
        slot->messages[slot->message_count++] = (struct chat_message){.role = role, .content = copy};
    return copy != NULL;
}

static const struct load_item *item_of(const struct load_slot *slot)
{
    return &slot->thread->run->plan->items[slot->item];
}

static bool has_next_turn(const struct load_slot *slot)
{
    const struct load_plan *plan = slot->thread->run->plan;
    const struct load_item *item = item_of(slot);
    return slot->item + 1 < plan->count && item[1].conversation == item->conversation &&
           item[1].turn > item->turn;
}

bool load_slot_next_turn(struct load_slot *slot)
{
    if (!has_next_turn(slot) || slot->x.error != EXCHANGE_OK ||
        !remember(slot, "assistant", buf_text(&slot->x.answer)))
        return false;
    slot->item++;
    return true;
}

static struct target_request request_of(const struct load_slot *slot, const char *text)
{
    const struct load_client_options *o = slot->thread->run->options;
    const struct load_item *item = item_of(slot);
    const struct load_choice *choice = &o->choices[item->choice];
    struct chat_request chat = {.model = choice->model,
        .messages = slot->messages,
        .message_count = slot->message_count,
        .max_tokens = item->output_tokens,
        .temperature = o->temperature,
        .seed = -1,
        .stream = !o->unstreamed,
        .want_usage = true,
        .engine = choice->engine,
        .extra_json = choice->extra_json,
        .t_intended_ns = slot->intended_ns};
    if (o->completion)
        return (struct target_request){.task = TASK_COMPLETION,
            .completion = request_as_completion(&chat, text),
            .t_intended_ns = slot->intended_ns};
    return (struct target_request){.task = TASK_CHAT, .chat = chat, .t_intended_ns = slot->intended_ns};
}

static bool refuse(struct load_slot *slot)
{
    exchange_reset(&slot->x);
    slot->x.error = EXCHANGE_INTERNAL;
    slot->x.t_intended_ns = slot->intended_ns;
    slot->x.t_dequeued_ns = slot->x.t_done_ns = loop_now_ns();
    strncpy(slot->x.error_text, "out of memory", sizeof slot->x.error_text - 1);
    return false;
}

/* A chat of one message needs no copy of its text. */
bool load_slot_start(struct load_slot *slot, target_done_fn done)
{
    const struct load_run *run = slot->thread->run;
    const struct load_item *item = item_of(slot);
    struct buf *buf = &slot->thread->text;
    buf_clear(buf);
    if (load_prompts_write(run->options->prompts, item, slot->round * run->plan->count + slot->item, buf) !=
        STATUS_OK)
        return refuse(slot);
    const char *text = buf_text(buf);
    struct chat_message only = {.role = "user", .content = text};
    bool alone = slot->message_count == 0 && !has_next_turn(slot);
    if (!alone && !remember(slot, "user", text))
        return refuse(slot);
    struct target_request request = request_of(slot, text);
    if (alone && request.task == TASK_CHAT) {
        request.chat.messages = &only;
        request.chat.message_count = 1;
    }
    slot->call = target_ask_start(slot->thread->targets[item->choice], &request, &slot->x, done, slot);
    return slot->call != NULL;
}
