/*
 * context.h - what stands behind struct assay_context: made by the runner, used by the case through assay.h.
 *
 * The runner forks, then:
 *
 *     struct assay_context *ctx;
 *     if (context_open(&spec, journal, &ctx, &why) != STATUS_OK) ...  // the case ends as `error` with that text
 *     context_run(ctx);           // the case's body; the journal gets the phases setup, warmup, body, done
 *     context_close(ctx);
 *
 * A failed assertion leaves context_run by Check's longjmp, a skip through ck_abort() after the journal holds
 * the reason; the runner then closes the context.
 */
#ifndef ASSAY_CONTEXT_H
#define ASSAY_CONTEXT_H

#include "assay.h"
#include "settings.h"
#include "target.h"

#include <sys/types.h>

struct journal;

struct context_spec {
    const struct assay_case *subject;
    const struct assay_prompt *prompts; /* ends with name NULL; may be NULL */
    const struct run_settings *settings;
    const char *test; /* "chat.short[llamacpp/tiny]" */
    const char *skip; /* why the plan skips it; NULL where it does not */
    int attempt;
    const char *run_folder;             /* where the user's own prompt lies */
    const struct target_access *access; /* the way to the target; NULL for a case without one */
    const struct target_info *target;   /* as planned: name, protocol, ...; NULL likewise */
    const struct model_info *model;     /* NULL where no model is involved */
    pid_t
        supervisor; /* gets SIGCHLD where what is measured begins and ends, to look at once; 0: nobody does */
};

enum status context_open(const struct context_spec *spec, struct journal *journal, struct assay_context **ctx,
    struct error *e) ASSAY_MUST_CHECK;
void context_run(struct assay_context *ctx);
void context_close(struct assay_context *ctx);

#endif
