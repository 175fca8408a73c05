#include "menu_terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#define SCREEN_ENTER "\x1b[?1049h\x1b[?25l\x1b[2J"
#define SCREEN_LEAVE "\x1b[?25h\x1b[?1049l"

enum { ESCAPE_WAIT_MS = 50, BYTES_MAX = 64 };

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

static volatile sig_atomic_t ended_by;

static void take_signal(int number)
{
    if (number != SIGWINCH) /* which only has to wake the waiting */
        ended_by = number;
}

struct terminal {
    struct termios before;
    struct sigaction actions[SIGNAL_COUNT];
    sigset_t mask; /* while waiting */
    bool colour;
    char bytes[BYTES_MAX];
    size_t len;
};

static void write_all(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n <= 0 && errno != EINTR)
            return;
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

/* Signals come only while we wait for keys: no picture is torn, and the terminal is always put back. */
static void take_signals(struct terminal *t)
{
    struct sigaction action = {.sa_handler = take_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaddset(&blocked, signals[i]);
        (void)sigaction(signals[i], &action, &t->actions[i]);
    }
    ended_by = 0;
    (void)sigprocmask(SIG_BLOCK, &blocked, &t->mask);
}

static void leave_signals(struct terminal *t)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        (void)sigaction(signals[i], &t->actions[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

static enum status enter(struct terminal *t, struct error *e)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || (term && strcmp(term, "dumb") == 0))
        return error_set(e, STATUS_USAGE,
            "-i shows a menu and needs a terminal for input and output; --target, --model and --suite choose "
            "without one");
    if (tcgetattr(STDIN_FILENO, &t->before) != 0)
        return error_set_errno(e, "the terminal does not say how it is set");
    t->colour = !(no_colour && *no_colour);
    struct termios raw = t->before;
    raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON | ISTRIP | INLCR | IGNCR | BRKINT);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    take_signals(t);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) {
        leave_signals(t);
        return error_set_errno(e, "the terminal cannot be set");
    }
    write_all(SCREEN_ENTER, sizeof SCREEN_ENTER - 1);
    return STATUS_OK;
}

static void leave(struct terminal *t)
{
    write_all(SCREEN_LEAVE, sizeof SCREEN_LEAVE - 1);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &t->before);
    leave_signals(t);
}

static enum status draw(struct menu *m, const struct terminal *t, const char *title, const char *footer)
{
    struct winsize size = {0};
    struct buf picture = BUF_INIT(1 << 20);
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    struct menu_look look = {.rows = size.ws_row > 0 ? size.ws_row : 24,
        .columns = size.ws_col > 0 ? size.ws_col : 80,
        .colour = t->colour,
        .title = title,
        .footer = footer};
    enum status s = menu_draw(m, &look, &picture);
    if (s == STATUS_OK)
        write_all(buf_text(&picture), picture.len);
    buf_fini(&picture);
    return s;
}

/* Waits for a byte, a signal or (timeout_ms >= 0) the time. False: the terminal is gone. */
static bool wait_for_bytes(struct terminal *t, int timeout_ms)
{
    fd_set input;
    struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    int n = pselect(STDIN_FILENO + 1, &input, NULL, NULL, timeout_ms < 0 ? NULL : &limit, &t->mask);
    if (n <= 0)
        return n == 0 || errno == EINTR;
    ssize_t got = read(STDIN_FILENO, t->bytes + t->len, sizeof t->bytes - t->len);
    t->len += got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* Presses every key that has come as a whole. True where a tick changed. */
static bool press_keys(struct menu *m, struct terminal *t, bool more)
{
    bool changed = false;
    size_t n;
    int key;
    while (m->end == MENU_OPEN && (n = menu_read_key(t->bytes, t->len, more, &key)) > 0) {
        changed |= menu_press(m, key);
        t->len -= n;
        memmove(t->bytes, t->bytes + n, t->len);
    }
    return changed;
}

static enum status loop(
    struct menu *m, struct terminal *t, const char *title, menu_footer_fn footer, void *arg, struct error *e)
{
    char words[256] = "";
    bool changed = true;
    while (m->end == MENU_OPEN && ended_by == 0) {
        if (changed && footer)
            footer(m, words, sizeof words, arg);
        if (draw(m, t, title, words) != STATUS_OK)
            return error_set(e, STATUS_NO_MEMORY, "no memory for the menu");
        if (ended_by != 0) /* a sanitizer hands a signal over late */
            break;
        if (!wait_for_bytes(t, -1))
            return error_set(e, STATUS_IO, "the terminal is gone");
        changed = press_keys(m, t, true);
        if (t->len > 0 && m->end == MENU_OPEN) { /* an escape: alone, or the start of a key? */
            (void)wait_for_bytes(t, ESCAPE_WAIT_MS);
            changed |= press_keys(m, t, false);
        }
    }
    return STATUS_OK;
}

enum status menu_on_terminal(
    struct menu *menu, const char *title, menu_footer_fn footer, void *arg, struct error *e)
{
    struct terminal t = {0};
    enum status s = enter(&t, e);
    if (s != STATUS_OK)
        return s;
    s = loop(menu, &t, title, footer, arg, e);
    leave(&t);
    if (ended_by != 0)
        (void)raise(ended_by);
    return s;
}
