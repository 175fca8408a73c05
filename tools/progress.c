#include "progress.h"

#include "buf.h"
#include "clock.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REDRAW_MS = 100, WIDTH_DEFAULT = 80 };

void progress_open(struct progress *p, size_t total)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    *p = (struct progress){.total = total};
    p->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    p->colour = p->terminal && !(no_colour && no_colour[0]);
}

static int width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : WIDTH_DEFAULT;
}

static void erase(const struct progress *p)
{
    if (p->terminal)
        fputs("\r\033[K", stderr);
}

static void draw(struct progress *p, int64_t now_ns)
{
    char seconds[32], line[600];
    text_format_duration(seconds, sizeof seconds, (double)((now_ns - p->started_ns) / NS_PER_S));
    snprintf(line, sizeof line, "[%*zu/%zu] %s ... %s%s%s", p->total >= 100 ? 3 : 2, p->done + 1, p->total,
        p->name, p->waits_for ? p->waits_for : "", p->waits_for ? " " : "", seconds);
    size_t shown = text_utf8_cut(line, strlen(line), (size_t)width() - 1);
    erase(p);
    fwrite(line, 1, shown, stderr);
    fflush(stderr);
    p->drawn_ns = now_ns;
}

void progress_start(struct progress *p, const char *test)
{
    struct buf clean = BUF_INIT(4096);
    text_sanitise_line(&clean, test, strlen(test), 500);
    snprintf(p->name, sizeof p->name, "%s", buf_text(&clean));
    buf_fini(&clean);
    p->started_ns = clock_mono_ns(clock_system());
    if (p->terminal)
        draw(p, p->started_ns);
}

static void draw_now_and_then(struct progress *p)
{
    int64_t now_ns = clock_mono_ns(clock_system());
    if (p->terminal && now_ns - p->drawn_ns >= REDRAW_MS * NS_PER_MS)
        draw(p, now_ns);
}

void progress_tick(struct progress *p)
{
    if (p->waits_for)
        p->started_ns = clock_mono_ns(clock_system());
    p->waits_for = NULL;
    draw_now_and_then(p);
}

void progress_waits(struct progress *p, const char *what)
{
    p->waits_for = what;
    draw_now_and_then(p);
}

void progress_again(struct progress *p, const char *why)
{
    struct buf clean = BUF_INIT(4096);
    text_sanitise_line(&clean, why, strlen(why), 300);
    erase(p);
    fprintf(stderr, "[%*zu/%zu] %-9s %s  %s\n", p->total >= 100 ? 3 : 2, p->done + 1, p->total, "again",
        p->name, buf_text(&clean));
    buf_fini(&clean);
}

static const char *colour_of(const struct progress *p, const char *outcome)
{
    if (!p->colour)
        return "";
    if (strcmp(outcome, "passed") == 0)
        return "\033[32m";
    return strcmp(outcome, "skipped") == 0 || strcmp(outcome, "not_run") == 0 ? "\033[33m" : "\033[31m";
}

void progress_end(struct progress *p, const char *outcome, double seconds, const char *detail)
{
    struct buf clean = BUF_INIT(4096);
    char took[32];
    text_sanitise_line(&clean, detail, strlen(detail), 300);
    text_format_duration(took, sizeof took, seconds);
    p->done++;
    erase(p);
    int len = fprintf(stderr, "[%*zu/%zu] %s%-9s%s %s  %s", p->total >= 100 ? 3 : 2, p->done, p->total,
        colour_of(p, outcome), outcome, p->colour ? "\033[0m" : "", p->name, took);
    if (p->colour)
        len -= (int)(strlen(colour_of(p, outcome)) + strlen("\033[0m"));
    bool too_long =
        p->terminal && len + 2 + (int)clean.len > width(); /* break before the figures, not in them */
    fprintf(stderr, "%s%s\n", !clean.len ? "" : too_long ? "\n        " : "  ", buf_text(&clean));
    buf_fini(&clean);
}

void progress_hide(struct progress *p)
{
    erase(p);
    fflush(stderr);
    p->drawn_ns = 0;
}

void progress_close(struct progress *p)
{
    progress_hide(p);
}
