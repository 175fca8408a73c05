#include "model_move.h"

#include "clock.h"
#include "runner.h"
#include "stop.h"
#include "text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_NS (20 * NS_PER_MS)
#define ASK_LIMIT_NS (10 * NS_PER_S) /* for what every server knows at once: a hung one must not cost more */
#define GRACE_NS (5 * NS_PER_S)      /* behind the limit, which the process keeps by itself */

bool model_moves_offered(const char *protocol)
{
    for (size_t i = 0; protocol != NULL && target_protocols[i] != NULL; i++)
        if (strcmp(target_protocols[i]->protocol, protocol) == 0)
            return (target_protocols[i]->offers & OFFER_LOAD) != 0;
    return false;
}

/* Two ways to one server, of different patience. */
struct mover {
    const struct move_options *options;
    struct target *asking, *moving;
};

static void take_error(struct model_move *move, struct error *why)
{
    struct buf clean = BUF_INIT(4096);
    const char *text = error_text(why);
    (void)!text_sanitise_line(&clean, text, strlen(text), sizeof move->error - 1);
    size_t len = text_utf8_cut(buf_text(&clean), clean.len, sizeof move->error - 1);
    memcpy(move->error, buf_text(&clean), len);
    move->error[len] = '\0';
    buf_fini(&clean);
}

/* True where the server says so; what says nothing is asked to load, and says then that it had. */
static bool is_loaded(struct target *target, const char *model)
{
    struct model_list models = {0};
    bool loaded = false;
    if (target_loaded(target, &models, NULL) == STATUS_OK)
        for (size_t i = 0; i < models.count; i++)
            loaded |= strcmp(models.items[i].id, model) == 0;
    model_list_fini(&models);
    return loaded;
}

static enum status load(const struct mover *m, struct model_move *move, struct error *e)
{
    struct load_report report = {.server_s = -1};
    const char *more = m->options->server_options;
    struct engine_options options = {.more_json = more[0] != '\0' ? more : NULL};
    move->was_loaded = is_loaded(m->asking, move->model);
    if (move->was_loaded)
        return STATUS_OK;
    enum status s = target_load(m->moving, move->model, &options, &report, e);
    move->was_loaded = report.was_loaded;
    move->server_s = report.server_s;
    return s;
}

static enum status unload(const struct mover *m, struct model_move *move, struct error *e)
{
    struct load_report report = {.server_s = -1};
    enum status s = target_unload(m->moving, move->model, &report, e);
    move->was_loaded = report.was_loaded;
    move->server_s = report.server_s;
    return s;
}

static void run_move(const struct mover *m, struct model_move *move)
{
    const struct clock *clock = clock_system();
    struct error why = {0};
    move->server_s = -1;
    move->start_unix_ns = clock_wall_ns(clock);
    move->start_ns = clock_mono_ns(clock);
    move->begun = true;
    enum status s = move->into ? load(m, move, &why) : unload(m, move, &why);
    move->end_ns = clock_mono_ns(clock);
    if (s != STATUS_OK)
        take_error(move, &why);
    move->ended = true;
}

static struct target *open_target(const struct move_options *o, int64_t limit_ns)
{
    struct target *target = NULL;
    struct target_options options = {.url = o->access->url,
        .api_key = o->access->api_key,
        .transport = o->access->transport,
        .found = o->access->found,
        .name = o->target->name,
        .protocol = o->target->protocol,
        .first_token_timeout_ns = limit_ns, /* the answer comes when the model is there */
        .idle_timeout_ns = limit_ns,
        .total_timeout_ns = limit_ns,
        .deadline_ns = clock_mono_ns(clock_system()) + o->limit_ns};
    if (target_open(&options, &target, NULL) == STATUS_OK && target_probe(target, NULL) == STATUS_OK)
        return target;
    target_close(target);
    return NULL;
}

static void run_moves(const struct move_options *o, struct model_move *moves, size_t count)
{
    int64_t ask_ns = o->limit_ns < ASK_LIMIT_NS ? o->limit_ns : ASK_LIMIT_NS;
    struct mover m = {.options = o, .asking = open_target(o, ask_ns)};
    m.moving = m.asking != NULL ? open_target(o, o->limit_ns) : NULL;
    for (size_t i = 0; m.moving != NULL && i < count; i++)
        run_move(&m, &moves[i]);
    target_close(m.moving);
    target_close(m.asking);
}

static void wait_for(pid_t child, int64_t limit_ns)
{
    const struct clock *clock = clock_system();
    int64_t until_ns = clock_mono_ns(clock) + limit_ns + GRACE_NS;
    bool told = false;
    while (waitpid(child, NULL, WNOHANG) == 0) {
        if (!told && (stop_asked() != 0 || clock_mono_ns(clock) > until_ns))
            told = kill(child, SIGKILL) == 0;
        stop_wait(WAIT_NS);
    }
}

void model_moves_run(const struct move_options *options, struct model_move *moves, size_t count)
{
    size_t bytes = count * sizeof *moves;
    pid_t parent = getpid();
    struct model_move *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return;
    memcpy(shared, moves, bytes);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        stop_forget();
        stop_with_parent();
        if (getppid() == parent)
            run_moves(options, shared, count);
        runner_exit(0);
    }
    if (child > 0)
        wait_for(child, options->limit_ns);
    memcpy(moves, shared, bytes);
    (void)munmap(shared, bytes);
}
