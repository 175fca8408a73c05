#include "server_merge.h"

#include "clock_probe.h"
#include "finalise.h"
#include "fs.h"
#include "json.h"
#include "log.h"
#include "provenance.h"
#include "provenance_check.h"
#include "report_files.h"
#include "run_data.h"
#include "server_samples.h"
#include "text.h"
#include "verb.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *method, *words;
} methods[] = {
    {"same_machine", "it is this machine's"},
    {"dates", "by the dates of the server's answers"},
    {"ntp", "by what both machines' time service promises"},
    {"dates_and_ntp", "by the dates of the server's answers and both machines' time service"},
};

static const char *words_of(const char *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].method, method) == 0)
            return methods[i].words;
    return method;
}

static void ask_time(void *arg, struct clock_bounds *dates)
{
    const struct target_access *access = arg;
    clock_probe(access, CLOCK_PROBE_QUESTIONS, dates);
}

static void print_clock(FILE *out, const struct clock_offset *clock)
{
    char ahead[48], error[48];
    double ahead_s = (double)clock->ahead_ns / 1e9;
    text_format_decimal(ahead, sizeof ahead, fabs(ahead_s), 3);
    fprintf(out, "  its clock: %s s %s of ours", ahead, ahead_s < 0 ? "behind" : "ahead");
    if (clock->error_ns > 0) {
        text_format_duration(error, sizeof error, (double)clock->error_ns / 1e9);
        fprintf(out, ", at most %s more or less", error);
    }
    fprintf(out, " (%s)\n", words_of(clock->method));
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_health(FILE *out, const struct server_samples *done)
{
    if (done->not_clean > 0)
        fprintf(out, "  its machine was not fit to measure in %zu test%s, first in %s\n", done->not_clean,
            plural(done->not_clean), done->worst);
    else if (done->judged > 0)
        fprintf(out, "  its machine was clean in %s\n", done->unknown > 0 ? "those" : "all of them");
    if (done->unknown > 0)
        fprintf(out, "  how its machine was in %zu test%s is not known: the records say why\n", done->unknown,
            plural(done->unknown));
}

static void print_trouble(FILE *out, const struct server_samples *done, const char *file)
{
    char missing[48];
    struct buf doubt = BUF_INIT(2048);
    (void)text_sanitise_line(&doubt, done->doubt, strlen(done->doubt), 500);
    text_format_duration(missing, sizeof missing, (double)done->short_by_ns / 1e9);
    if (done->doubt[0] != '\0')
        fprintf(out, "  is it the right file? %s\n", buf_text(&doubt));
    if (done->short_by_ns > 0)
        fprintf(out, "  the file ends %s before the run did\n", missing);
    if (done->left_out > 0)
        fprintf(out, "  %zu line%s of %s cannot be read and %s left out\n", done->left_out,
            plural(done->left_out), file, done->left_out == 1 ? "is" : "are");
    if (done->other > 0)
        fprintf(out, "  %zu test%s of servers on other machines stay%s as they are\n", done->other,
            plural(done->other), done->other == 1 ? "s" : "");
    buf_fini(&doubt);
}

static void print_done(FILE *out, const struct server_samples *done, const char *file)
{
    struct buf host = BUF_INIT(512);
    (void)text_sanitise_line(&host, done->host, strlen(done->host), 128);
    fprintf(out, "%s: %zu samples of %s, in %zu of %zu tests\n", SERVER_SAMPLES_FILE, done->samples,
        buf_text(&host), done->seen, done->tests);
    print_clock(out, &done->clock);
    print_health(out, done);
    if (done->records)
        fprintf(out, "  what it used stands in %zu record%s\n", done->measured, plural(done->measured));
    else
        fprintf(out, "  the records have this machine's figures already\n");
    print_trouble(out, done, file);
    buf_fini(&host);
}

/* Reports that are there say what the records said before. */
static enum status refresh_reports(const char *run, struct error *e)
{
    static const enum report_format formats[] = {REPORT_MARKDOWN, REPORT_JUNIT};
    struct run_data data = {0};
    struct report_options options = {.formats = REPORT_MARKDOWN | REPORT_JUNIT};
    enum status s = run_data_load(run, &data, e);
    for (size_t i = 0; s == STATUS_OK && i < sizeof formats / sizeof formats[0]; i++) {
        struct buf path = BUF_INIT(8192);
        s = fs_join(&path, run, report_file_name(formats[i]));
        if (s == STATUS_OK && fs_exists(buf_text(&path)))
            s = report_save(&data, &options, formats[i], buf_text(&path), e);
        buf_fini(&path);
    }
    run_data_fini(&data);
    return s;
}

/* The run's list of files is away meanwhile, and comes back as it was where nothing came of it. */
static enum status merge_listed(const struct server_samples_request *request, struct server_samples *done,
    bool *signed_before, struct error *e)
{
    struct json_object *listed = NULL;
    enum status s = provenance_check_before_change(request->run, e);
    if (s != STATUS_OK)
        return s;
    s = provenance_withdraw(request->run, &listed, e);
    if (s == STATUS_OK)
        s = server_samples_merge(request, done, e);
    if (s == STATUS_OK)
        s = refresh_reports(request->run, e);
    if (s == STATUS_OK)
        s = provenance_again(request->run, PROVENANCE_KIND_COUNT, signed_before, e);
    else if (provenance_restore(request->run, listed, NULL) != STATUS_OK)
        log_note("%s lists no files any more", request->run);
    json_object_put(listed);
    return s;
}

int server_merge(const struct server_merge *merge)
{
    struct server_samples done;
    struct finalised sum;
    struct error why = {0};
    bool signed_before = false;
    struct target_access access = {0};
    struct server_samples_request request = {.file = merge->file, .run = merge->run};
    if (merge->access != NULL) {
        access = *merge->access;
        request.ask_time = ask_time;
        request.arg = &access;
    }
    if (finalise_run(merge->run, &sum, &why) != STATUS_OK ||
        merge_listed(&request, &done, &signed_before, &why) != STATUS_OK)
        return verb_fail(merge->verb, &why);
    if (signed_before && done.records)
        log_note("the run was signed before it had these samples: sign it again");
    print_done(merge->out, &done, merge->file);
    return EXIT_FINE;
}
