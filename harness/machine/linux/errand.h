/*
 * errand.h - readings that may never come back, made by a process of their own.
 *
 * Whoever asks a driver that is wedged sleeps in the kernel for good: no signal wakes him, and a process of which one
 * thread sleeps like that can be neither ended nor waited for. So what may hang is asked by a child, which is left
 * behind where it does not answer.
 *
 *     static void serve(struct errand_side *side, void *memory, const void *arg)      // the child
 *     {
 *         struct told *told = memory;
 *         struct battery *b = battery_open(arg);
 *         while (errand_next(side))
 *             battery_read(b, told);
 *         battery_close(b);
 *     }
 *
 *     struct errand_plan plan = {.serve = serve, .arg = root, .size = sizeof(struct told), .deadline_ns = 0};
 *     struct errand *errand = errand_start(&plan);            // NULL: no process can be had
 *     struct told *told = errand_memory(errand);              // both see it
 *     if (errand_ask(errand, 20 * NS_PER_MS) == ERRAND_TOLD)
 *         use(told);
 *     else if (errand_lost(errand, reason, sizeof reason))    // "power1_input has not answered for 3 s"
 *         ...
 *     errand_end(errand);                                     // never waits for one that hangs
 *
 * The memory belongs to the child from a question to its answer, else to the parent. The child has no descriptor but
 * those it opens, is in nobody's way (a process group of its own, signals ignored) and dies with its parent.
 */
#ifndef ASSAY_ERRAND_H
#define ASSAY_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errand;      /* the parent's side, opaque */
struct errand_side; /* the child's */

#define ERRAND_DEADLINE_NS (3 * INT64_C(1000000000))
#define ERRAND_PATIENCE_NS (20 * INT64_C(1000000))       /* of a sample */
#define ERRAND_LONG_PATIENCE_NS (250 * INT64_C(1000000)) /* of both ends of a window */

/* What is asked: each kind has drivers of its own. */
enum errand_kind { ERRAND_GPUS, ERRAND_SLOW, ERRAND_DISK, ERRAND_METERS, ERRAND_TARGET, ERRAND_KINDS };

struct errand_plan {
    enum errand_kind kind;
    void (*serve)(
        struct errand_side *side, void *memory, const void *arg); /* in the child, until it returns */
    const void *arg;
    size_t size;         /* of the memory, zeroed at first */
    int64_t deadline_ns; /* without an answer for so long it is lost; 0: ERRAND_DEADLINE_NS */
};

/*
 * How long whoever reads below root is to wait: asked_ns where it is given; 0, which means that no errand is needed,
 * for a captured tree.
 */
int64_t errand_deadline(const char *root, int64_t asked_ns);

struct errand *errand_start(const struct errand_plan *plan);
void errand_end(struct errand *errand); /* NULL allowed */

void *errand_memory(const struct errand *errand);
bool errand_owes(const struct errand *errand); /* an answer: the memory is the child's */

enum errand_answer {
    ERRAND_TOLD,    /* the memory has the answer to this question */
    ERRAND_EARLIER, /* to an earlier one, which came late; this one was not asked */
    ERRAND_SILENT,  /* none yet */
};

/*
 * Asks, and waits so long for the answer. An answer that is still owed is taken first, and then there is no new
 * question. One that is lost is not waited for again, but taken when it comes after all.
 */
enum errand_answer errand_ask(struct errand *errand, int64_t patience_ns);

/*
 * The same for the first question, whose answer may take several times the deadline where a driver is to be woken.
 * Where one of that kind was lost before and has not answered since, ERRAND_LONG_PATIENCE_NS is all: a run does not
 * wait for a wedged driver before each of its tests.
 */
enum { ERRAND_WAKING = 3 }; /* so many deadlines for GPUs that nobody uses */
enum errand_answer errand_ask_first(struct errand *errand, int64_t patience_ns);

/* The patience that is left for errands of that kind: as asked, or ERRAND_LONG_PATIENCE_NS as above. */
int64_t errand_patience(const struct errand *errand, int64_t asked_ns);

/*
 * What is lost is remembered by the process that lost it and by those it forks from then on. From this call on this
 * process and all that it forks remember together. Costs a page of memory.
 */
void errand_share_losses(void);
bool errand_was_lost(enum errand_kind kind);

/* Why readings of that kind are not there as long as there was no answer. Static text. */
const char *errand_unread(enum errand_kind kind);

/* Is it owed for longer than the deadline, or has the child gone? Then reason says what has not answered. */
bool errand_lost(const struct errand *errand, char *reason, size_t size);

/* ---- in the child ---- */

/* Says that the last question is answered and waits for the next; false: it is time to end. */
bool errand_next(struct errand_side *side);

/* What is being done, for the reason; costs a copy. Without effect in a process that is no errand. */
void errand_doing(const char *what);
/* The same by an open file, whose name is looked up only where it is needed. */
void errand_doing_file(int fd);

#endif
