#include "load_store.h"

#include "buf.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK_BYTES = 64 << 10, TIME_SHIFT = 8, CODE_MAX = 10, TIMES_KEPT = 1 << 15 };

/* Before each sample in the file. */
struct entry_head {
    uint32_t times_len, has_times;
};

struct load_store {
    int fd;
    struct buf block; /* not yet written */
    struct buf times; /* of the sample that is being added */
    int64_t times_left;
    size_t count, written;
    uint64_t without_times;
    int failed_errno; /* 0: all is well */
    char *map;
    size_t map_len;
};

static int open_nameless(const char *folder, struct error *e)
{
    char path[4096];
    int fd = -1;
#ifdef O_TMPFILE
    fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
#endif
    snprintf(path, sizeof path, "%s/assay-load.XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        error_set_errno(e, "cannot make a file for the samples in %s", folder);
    else
        unlink(path);
    return fd;
}

enum status load_store_new(const char *folder, int64_t times_max, struct load_store **store, struct error *e)
{
    const char *tmp = getenv("TMPDIR");
    struct load_store *s = calloc(1, sizeof *s);
    *store = NULL;
    if (!s)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    *s = (struct load_store){
        .block = BUF_INIT(SIZE_MAX / 4), .times = BUF_INIT(SIZE_MAX / 4), .times_left = times_max};
    s->fd = open_nameless(folder ? folder : tmp && *tmp ? tmp : "/tmp", e);
    if (s->fd < 0) {
        free(s);
        return STATUS_IO;
    }
    *store = s;
    return STATUS_OK;
}

void load_store_free(struct load_store *store)
{
    if (!store)
        return;
    if (store->map)
        munmap(store->map, store->map_len);
    close(store->fd);
    buf_fini(&store->block);
    buf_fini(&store->times);
    free(store);
}

static bool write_block(struct load_store *s)
{
    size_t done = 0;
    while (done < s->block.len && !s->failed_errno) {
        ssize_t n = write(s->fd, s->block.data + done, s->block.len - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno != EINTR)
            s->failed_errno = errno;
    }
    s->written += done;
    buf_clear(&s->block);
    return !s->failed_errno;
}

/* Seven bits a byte, the lowest first; the highest bit says that more follow. */
static size_t encode(uint64_t value, uint8_t code[CODE_MAX])
{
    size_t len = 0;
    for (; value > 0x7f; value >>= 7)
        code[len++] = (uint8_t)(value | 0x80);
    code[len++] = (uint8_t)value;
    return len;
}

bool load_times_next(const uint8_t *times, size_t len, size_t *at, int64_t *t_ns)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < len && shift < 64; shift += 7) {
        uint8_t byte = times[(*at)++];
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *t_ns += (int64_t)(value << TIME_SHIFT);
        return true;
    }
    return false;
}

/* What is rounded off at one moment is made good at the next. */
static bool encode_times(
    struct load_store *s, const struct load_sample *sample, const struct exchange_event *events, size_t count)
{
    uint8_t code[CODE_MAX];
    int64_t before = sample->t_sent_ns;
    buf_clear(&s->times);
    for (size_t i = 0; i < count; i++) {
        if (!(events[i].kinds & EVENT_TOKEN_KINDS) || events[i].t_ns < before)
            continue;
        uint64_t step = (uint64_t)(events[i].t_ns - before) >> TIME_SHIFT;
        before += (int64_t)(step << TIME_SHIFT);
        if (buf_append(&s->times, code, encode(step, code)) != STATUS_OK)
            return false;
    }
    return (int64_t)s->times.len <= s->times_left;
}

bool load_store_add(
    struct load_store *s, const struct load_sample *sample, const struct exchange_event *events, size_t count)
{
    bool kept = s->times_left > 0 && encode_times(s, sample, events, count);
    struct entry_head head = {.times_len = kept ? (uint32_t)s->times.len : 0, .has_times = kept};
    s->times_left -= head.times_len;
    s->without_times += !kept;
    buf_append(&s->block, &head, sizeof head);
    buf_append(&s->block, sample, sizeof *sample);
    if (head.times_len)
        buf_append(&s->block, s->times.data, head.times_len);
    if (s->times.cap > TIMES_KEPT)
        buf_fini(&s->times), buf_init(&s->times, SIZE_MAX / 4);
    if (buf_status(&s->block) != STATUS_OK || (s->block.len >= BLOCK_BYTES && !write_block(s)))
        return false;
    s->count++;
    return true;
}

enum status load_store_finish(struct load_store *s, struct error *e)
{
    if (!write_block(s)) {
        errno = s->failed_errno;
        return error_set_errno(e, "cannot write the samples");
    }
    if (!s->written)
        return STATUS_OK;
    void *map = mmap(NULL, s->written, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (map == MAP_FAILED)
        return error_set_errno(e, "cannot read the samples again");
    s->map = map;
    s->map_len = s->written;
    return STATUS_OK;
}

bool load_store_next(const struct load_store *s, struct load_store_cursor *at)
{
    struct entry_head head;
    if (s->map_len - at->offset < sizeof head + sizeof at->sample)
        return false;
    memcpy(&head, s->map + at->offset, sizeof head);
    at->offset += sizeof head;
    memcpy(&at->sample, s->map + at->offset, sizeof at->sample);
    at->offset += sizeof at->sample;
    at->times = head.has_times ? (const uint8_t *)s->map + at->offset : NULL;
    at->times_len = head.times_len;
    at->offset += head.times_len;
    return true;
}

size_t load_store_count(const struct load_store *s)
{
    return s->count;
}

uint64_t load_store_without_times(const struct load_store *s)
{
    return s->without_times;
}
