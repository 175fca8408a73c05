#include "server_merge.h"

#include "clock_probe.h"
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
    {"assumed", "assumed: the server does not date its answers and no time service keeps both clocks"},
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

static void print_done(FILE *out, const struct server_samples *done)
{
    struct buf host = BUF_INIT(512);
    (void)text_sanitise_line(&host, done->host, strlen(done->host), 128);
    fprintf(out, "%s: %zu samples of %s, in %zu of %zu tests\n", SERVER_SAMPLES_FILE, done->samples,
        buf_text(&host), done->judged, done->tests);
    print_clock(out, &done->clock);
    if (done->not_clean > 0)
        fprintf(out, "  its machine was not fit to measure in %zu test%s, first in %s\n", done->not_clean,
            done->not_clean == 1 ? "" : "s", done->worst);
    else if (done->judged > 0)
        fprintf(out, "  its machine was clean in all of them\n");
    buf_fini(&host);
}

int server_merge(const struct server_merge *merge)
{
    struct server_samples done;
    struct error why = {0};
    struct target_access access = {0};
    struct server_samples_request request = {.file = merge->file, .run = merge->run};
    if (merge->access != NULL) {
        access = *merge->access;
        request.ask_time = ask_time;
        request.arg = &access;
    }
    if (server_samples_merge(&request, &done, &why) != STATUS_OK)
        return verb_fail(merge->verb, &why);
    print_done(merge->out, &done);
    return EXIT_FINE;
}
