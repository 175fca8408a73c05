/*
 * Prompts as paths in a tree of blocks: a node that two requests pass is a beginning that they share. Prefixes
 * are the deepest shared node of each request, and the nodes where such paths part, so that what is shared by
 * many and what by few of them are both kept: a prefix begins with its parent's text.
 */
#include "trace_parts.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 1 << 26 };

struct node {
    uint64_t block;
    uint32_t parent, depth, passes;
    uint32_t shared_children, prefix; /* when the tree is complete: prefix + 1, 0 for none */
    uint32_t shortest;                /* prompt of which it is the deepest shared node, UINT32_MAX: of none */
};

/* One request that has blocks. */
struct path {
    size_t request;
    long line;
    uint32_t leaf, blocks;
    uint32_t prompt_tokens;
};

struct trace_blocks {
    struct node *nodes; /* the first is the root */
    uint32_t count, room;
    uint32_t *slots;   /* open addressing, by parent and block; 0: empty */
    size_t slot_count; /* a power of 2 */
    struct path *paths;
    size_t path_count, path_room;
};

struct trace_blocks *trace_blocks_new(void)
{
    struct trace_blocks *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->room = 1024;
    b->slot_count = 4096;
    b->nodes = calloc(b->room, sizeof *b->nodes);
    b->slots = calloc(b->slot_count, sizeof *b->slots);
    b->count = 1;
    if (!b->nodes || !b->slots) {
        trace_blocks_free(b);
        return NULL;
    }
    return b;
}

void trace_blocks_free(struct trace_blocks *b)
{
    if (!b)
        return;
    free(b->nodes);
    free(b->slots);
    free(b->paths);
    free(b);
}

/* Where the child is, or the empty slot where it belongs. */
static uint32_t *find_slot(const struct trace_blocks *b, uint32_t parent, uint64_t block)
{
    uint64_t h =
        (block + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (parent + UINT64_C(1)) * UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 32;
    h *= UINT64_C(0x94d049bb133111eb);
    for (size_t i = (size_t)(h ^ h >> 29) & (b->slot_count - 1);; i = (i + 1) & (b->slot_count - 1)) {
        uint32_t n = b->slots[i];
        if (n == 0 || (b->nodes[n].parent == parent && b->nodes[n].block == block))
            return &b->slots[i];
    }
}

static bool grow_slots(struct trace_blocks *b)
{
    uint32_t *slots = calloc(b->slot_count * 2, sizeof *slots);
    if (!slots)
        return false;
    free(b->slots);
    b->slots = slots;
    b->slot_count *= 2;
    for (uint32_t n = 1; n < b->count; n++)
        *find_slot(b, b->nodes[n].parent, b->nodes[n].block) = n;
    return true;
}

static bool make_node_room(struct trace_blocks *b)
{
    if (b->count < b->room)
        return true;
    struct node *nodes = realloc(b->nodes, (size_t)b->room * 2 * sizeof *nodes);
    if (!nodes)
        return false;
    b->nodes = nodes;
    b->room *= 2;
    return b->room <= b->slot_count / 2 || grow_slots(b);
}

static enum status step(struct trace_blocks *b, uint32_t *at, uint64_t block, struct error *e)
{
    if (b->count >= NODES_MAX)
        return error_set(
            e, STATUS_LIMIT, "the trace has more than %d different blocks of prompts", NODES_MAX);
    if (!make_node_room(b))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the prompts' blocks");
    uint32_t *slot = find_slot(b, *at, block);
    if (*slot == 0) {
        b->nodes[b->count] = (struct node){
            .block = block, .parent = *at, .depth = b->nodes[*at].depth + 1, .shortest = UINT32_MAX};
        *slot = b->count++;
    }
    *at = *slot;
    b->nodes[*at].passes++;
    return STATUS_OK;
}

enum status trace_blocks_add(
    struct trace_blocks *b, size_t request, const struct trace_row *row, long line, struct error *e)
{
    if (b->path_count == b->path_room) {
        size_t room = b->path_room ? b->path_room * 2 : 256;
        struct path *paths = realloc(b->paths, room * sizeof *paths);
        if (!paths)
            return error_set(e, STATUS_NO_MEMORY, "no memory for the prompts' blocks");
        b->paths = paths;
        b->path_room = room;
    }
    uint32_t at = 0;
    for (size_t i = 0; i < row->block_count; i++) {
        enum status s = step(b, &at, row->blocks[i], e);
        if (s != STATUS_OK)
            return s;
    }
    b->paths[b->path_count++] = (struct path){.request = request,
        .line = line,
        .leaf = at,
        .blocks = (uint32_t)row->block_count,
        .prompt_tokens = (uint32_t)row->values[TRACE_PROMPT]};
    return STATUS_OK;
}

static bool block_fits(const struct path *path, uint32_t size)
{
    return path->blocks == path->prompt_tokens / size + (path->prompt_tokens % size != 0);
}

/* Tokens in a block: no trace says it, but the numbers of blocks and tokens do. The size that most lines agree
 * on; Mooncake's 512 where several do equally. */
static uint32_t guess_block_size(const struct trace_blocks *b)
{
    static const uint32_t sizes[] = {512, 256, 128, 64, 32, 16, 1024, 2048};
    uint32_t best = sizes[0];
    size_t most = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t fitting = 0;
        for (size_t k = 0; k < b->path_count; k++)
            fitting += block_fits(&b->paths[k], sizes[i]);
        if (fitting > most) {
            most = fitting;
            best = sizes[i];
        }
    }
    return best;
}

/* The last block may be left out where it is not full. */
static enum status check_blocks(const struct trace_blocks *b, uint32_t size, struct error *e)
{
    for (size_t i = 0; i < b->path_count; i++) {
        const struct path *path = &b->paths[i];
        if (block_fits(path, size) || path->blocks == path->prompt_tokens / size)
            continue;
        error_set(e, STATUS_INVALID,
            "%u hash_ids do not make a prompt of %u tokens, where other lines have %u tokens in a block",
            path->blocks, path->prompt_tokens, size);
        error_locate(e, NULL, path->line, 0, NULL);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* The deepest node of each path that another one passes too; 0, the root, where there is none. */
static void find_shared(struct trace_blocks *b)
{
    for (size_t i = 0; i < b->path_count; i++) {
        struct path *path = &b->paths[i];
        while (path->leaf != 0 && b->nodes[path->leaf].passes < 2)
            path->leaf = b->nodes[path->leaf].parent;
        struct node *node = &b->nodes[path->leaf];
        if (path->prompt_tokens < node->shortest)
            node->shortest = path->prompt_tokens;
    }
    for (uint32_t n = 1; n < b->count; n++)
        if (b->nodes[n].passes >= 2)
            b->nodes[b->nodes[n].parent].shared_children++;
}

static size_t number_prefixes(struct trace_blocks *b)
{
    size_t count = 0;
    for (uint32_t n = 1; n < b->count; n++)
        if (b->nodes[n].shortest != UINT32_MAX || b->nodes[n].shared_children >= 2)
            b->nodes[n].prefix = (uint32_t)++count;
    return count;
}

static uint16_t prefix_above(const struct trace_blocks *b, uint32_t n)
{
    do
        n = b->nodes[n].parent;
    while (n != 0 && b->nodes[n].prefix == 0);
    return n == 0 ? LOAD_NO_PREFIX : (uint16_t)(b->nodes[n].prefix - 1);
}

/* As long as its blocks, but one token shorter than the shortest prompt with it, so that each has some text of
 * its own; never shorter than its parent, which has a lower number. */
static uint32_t prefix_length(
    const struct trace *trace, const struct node *node, uint16_t parent, uint32_t size)
{
    uint64_t length = (uint64_t)node->depth * size;
    if (length >= node->shortest)
        length = node->shortest > 1 ? node->shortest - 1 : 1;
    if (parent != LOAD_NO_PREFIX && length < trace->prefix_lengths[parent])
        length = trace->prefix_lengths[parent];
    return (uint32_t)length;
}

enum status trace_blocks_finish(struct trace_blocks *b, struct trace *trace, struct error *e)
{
    uint32_t size = guess_block_size(b);
    enum status s = check_blocks(b, size, e);
    if (s != STATUS_OK)
        return s;
    find_shared(b);
    size_t count = number_prefixes(b);
    if (count >= LOAD_NO_PREFIX)
        return error_set(e, STATUS_LIMIT,
            "%zu beginnings of prompts are shared; at most %d can be: cut the trace", count,
            LOAD_NO_PREFIX - 1);
    if (count == 0)
        return STATUS_OK;
    trace->prefix_lengths = calloc(count, sizeof *trace->prefix_lengths);
    trace->prefix_parents = calloc(count, sizeof *trace->prefix_parents);
    if (!trace->prefix_lengths || !trace->prefix_parents)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu prefixes", count);
    trace->prefix_count = count;
    for (uint32_t n = 1; n < b->count; n++) {
        if (b->nodes[n].prefix == 0)
            continue;
        size_t i = b->nodes[n].prefix - 1;
        trace->prefix_parents[i] = prefix_above(b, n);
        trace->prefix_lengths[i] = prefix_length(trace, &b->nodes[n], trace->prefix_parents[i], size);
    }
    for (size_t i = 0; i < b->path_count; i++)
        if (b->paths[i].leaf != 0)
            trace->requests[b->paths[i].request].prefix = (uint16_t)(b->nodes[b->paths[i].leaf].prefix - 1);
    return STATUS_OK;
}
