#include "menu.h"
#include "menu_terminal.h"

#include "testkit.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

static struct menu make(size_t models)
{
    struct menu m = {0};
    char name[32];
    ck_assert_int_eq(menu_add(&m, "Targets", "one", true), STATUS_OK);
    for (size_t i = 0; i < models; i++) {
        snprintf(name, sizeof name, "model-%03zu", i);
        ck_assert_int_eq(menu_add(&m, "Models", name, true), STATUS_OK);
    }
    return m;
}

static void press(struct menu *m, const char *keys)
{
    for (; *keys; keys++)
        (void)menu_press(m, *keys);
}

static size_t ticked(const struct menu *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += m->items[i].ticked;
    return n;
}

static void keys_move_tick_and_end(void)
{
    struct menu m = make(3);
    press(&m, "kjj ");
    ck_assert_uint_eq(m.cursor, 2);
    ck_assert(!m.items[2].ticked);
    press(&m, "jjjj");
    ck_assert_uint_eq(m.cursor, 3);
    press(&m, "a"); /* not all of the group are ticked */
    ck_assert_uint_eq(ticked(&m), 4);
    press(&m, "a");
    ck_assert_uint_eq(ticked(&m), 1); /* the target is of another group */
    ck_assert(menu_press(&m, ' '));
    ck_assert(!menu_press(&m, 'x'));
    ck_assert_int_eq(m.end, MENU_OPEN);
    press(&m, "\r");
    ck_assert_int_eq(m.end, MENU_ACCEPTED);
    press(&m, "q");
    ck_assert_int_eq(m.end, MENU_LEFT);
    menu_fini(&m);
}

static void a_filter_shows_and_ticks_what_contains_it(void)
{
    struct menu m = make(30);
    press(&m, "/EL-02\r");
    ck_assert_str_eq(m.filter, "EL-02");
    ck_assert(!m.filtering);
    ck_assert_str_eq(m.items[m.cursor].text, "model-020");
    press(&m, "a");
    ck_assert_uint_eq(ticked(&m), 21);
    press(&m, "/");
    press(&m, "\x7fzzz");
    struct buf picture = BUF_INIT(1 << 16);
    ck_assert_int_eq(menu_draw(&m, &(struct menu_look){.rows = 10, .columns = 60}, &picture), STATUS_OK);
    ck_assert_ptr_nonnull(strstr(buf_text(&picture), "nothing contains this"));
    ck_assert(!menu_press(&m, ' '));
    (void)menu_press(&m, MENU_ESCAPE);
    ck_assert_str_eq(m.filter, "");
    buf_fini(&picture);
    menu_fini(&m);
}

static void keys_are_read_as_terminals_send_them(void)
{
    static const struct {
        const char *bytes;
        bool more;
        size_t len;
        int key;
    } rows[] = {{"j", true, 1, 'j'}, {"\x1b[A", true, 3, MENU_UP}, {"\x1bOBx", true, 3, MENU_DOWN},
        {"\x1b[6~", true, 4, MENU_PAGE_DOWN}, {"\x1b", true, 0, 0}, {"\x1b", false, 1, MENU_ESCAPE},
        {"\x1b[", true, 0, 0}, {"\x1b[1;5C", true, 6, 0}, {"\x1bz", true, 1, MENU_ESCAPE}, {"", true, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int key = -1;
        size_t n = menu_read_key(rows[i].bytes, strlen(rows[i].bytes), rows[i].more, &key);
        ck_assert_msg(n == rows[i].len, "row %zu: %zu", i, n);
        if (n > 0)
            ck_assert_msg(key == rows[i].key, "row %zu: %d", i, key);
    }
}

/* Characters between two line ends, without escape sequences. */
static size_t widest_line(const char *text)
{
    size_t widest = 0, n = 0;
    for (; *text; text++) {
        if (*text == '\x1b')
            while (text[1] && !(*text >= 'A' && *text <= 'Z') && *text != 'm')
                text++;
        else if (*text == '\r' || *text == '\n')
            n = 0;
        else if (++n > widest)
            widest = n;
    }
    return widest;
}

static void two_hundred_models_scroll_within_any_window(void)
{
    struct menu m = make(200);
    for (int rows = 1; rows < 30; rows++)
        for (size_t i = 0; i < 3; i++) {
            struct buf picture = BUF_INIT(1 << 16);
            struct menu_look look = {
                .rows = rows, .columns = 20, .title = "A title that is longer than that"};
            (void)menu_press(&m, (int[]){MENU_LAST, MENU_PAGE_UP, MENU_FIRST}[i]);
            ck_assert_int_eq(menu_draw(&m, &look, &picture), STATUS_OK);
            ck_assert_msg(strstr(buf_text(&picture), "> [x]"), "no cursor in %d rows", rows);
            ck_assert_uint_lt(widest_line(buf_text(&picture)), 20);
            size_t lines = 0;
            for (const char *c = buf_text(&picture); (c = strchr(c, '\n')); c++)
                lines++;
            ck_assert_msg(rows < 6 || lines < (size_t)rows, "%zu lines for %d rows", lines + 1, rows);
            ck_assert_ptr_null(strstr(buf_text(&picture), "\x1b[7m")); /* no colour, no inverse */
            buf_fini(&picture);
        }
    menu_fini(&m);
}

/* ---- on a terminal of our own ---- */

struct session {
    int master;
    pid_t child;
    struct termios before;
};

static const int ending[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

static struct session start(void)
{
    struct session s;
    struct winsize size = {.ws_row = 12, .ws_col = 60};
    int slave;
    ck_assert_int_eq(openpty(&s.master, &slave, NULL, NULL, &size), 0);
    ck_assert_int_eq(tcgetattr(s.master, &s.before), 0);
    s.child = fork();
    if (s.child == 0) {
        close(s.master); /* so that a test that fails hangs up on us ... */
        (void)signal(SIGALRM, SIG_DFL);
        (void)alarm(120); /* ... and nothing outlives it for long */
        struct menu m = make(3);
        struct error why = {0};
        for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
            (void)signal(ending[i], SIG_DFL); /* Check's handler would end the test */
        ck_assert_int_eq(login_tty(slave), 0);
        setenv("TERM", "xterm", 1);
        enum status status = menu_on_terminal(&m, "title", NULL, NULL, &why);
        _exit(status == STATUS_OK ? 10 * (int)m.end + (int)ticked(&m) : 99);
    }
    close(slave);
    return s;
}

static void wait_for_text(const struct session *s, const char *text)
{
    char seen[65536];
    size_t len = 0;
    struct pollfd p = {.fd = s->master, .events = POLLIN};
    while (len + 1 < sizeof seen && poll(&p, 1, 60000) > 0) {
        ssize_t n = read(s->master, seen + len, sizeof seen - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        seen[len] = '\0';
        if (strstr(seen, text))
            return;
    }
    ck_abort_msg("in vain waited for %s", text);
}

static int end(struct session *s)
{
    struct termios after;
    int status = 0;
    wait_for_text(s, "\x1b[?1049l"); /* the screen from before */
    ck_assert_int_eq(waitpid(s->child, &status, 0), s->child);
    if (tcgetattr(s->master, &after) == 0)
        ck_assert_msg(after.c_lflag == s->before.c_lflag && after.c_iflag == s->before.c_iflag,
            "the terminal is not as it was");
    close(s->master);
    return status;
}

static void the_terminal_is_put_back_however_it_ends(void)
{
    struct session s = start();
    wait_for_text(&s, "> [x] one");
    ck_assert_int_eq(write(s.master, "\x1b[B \r", 5), 5);
    int status = end(&s);
    ck_assert_int_eq(WEXITSTATUS(status), 10 * MENU_ACCEPTED + 3);
    s = start();
    wait_for_text(&s, "> [x] one");
    ck_assert_int_eq(write(s.master, "q", 1), 1);
    ck_assert_int_eq(WEXITSTATUS(end(&s)), 10 * MENU_LEFT + 4);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        s = start();
        wait_for_text(&s, "> [x] one");
        ck_assert_int_eq(kill(s.child, ending[i]), 0);
        status = end(&s);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == ending[i]);
    }
}

static void another_size_is_another_picture(void)
{
    struct session s = start();
    struct winsize size = {.ws_row = 12, .ws_col = 24};
    wait_for_text(&s, "/ filter");
    ck_assert_int_eq(ioctl(s.master, TIOCSWINSZ, &size), 0);
    ck_assert_int_eq(kill(s.child, SIGWINCH), 0);
    wait_for_text(&s, "up/down move, space ...");
    ck_assert_int_eq(write(s.master, "q", 1), 1);
    (void)end(&s);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(keys_move_tick_and_end),
        TESTKIT_TEST(a_filter_shows_and_ticks_what_contains_it),
        TESTKIT_TEST(keys_are_read_as_terminals_send_them),
        TESTKIT_TEST(two_hundred_models_scroll_within_any_window),
        TESTKIT_TEST(the_terminal_is_put_back_however_it_ends),
        TESTKIT_TEST(another_size_is_another_picture),
        {0},
    };
    return testkit_run("menu", tests);
}
