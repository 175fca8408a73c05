/* Which of the sockets that libcurl made for a request is its connection. */
#include "http_easy.h"

#include "testkit.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket with a port of its own at our end. */
static int socket_with_port(int family, int *port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool four = family == AF_INET;
    socklen_t len = four ? sizeof v4 : sizeof v6;
    struct sockaddr *address = four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, address, len) != 0 || getsockname(fd, address, &len) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(four ? v4.sin_port : v6.sin6_port);
    return fd;
}

/* Of a name with two addresses the first may be connected last, when the second has been tried already. */
static void of_two_addresses_the_slower_one_may_win(void)
{
    int first_port = 0, second_port = 0;
    int first = socket_with_port(AF_INET6, &first_port), second = socket_with_port(AF_INET, &second_port);
    if (first < 0) /* a machine without IPv6 */
        first = socket_with_port(AF_INET, &first_port);
    ck_assert(first >= 0 && second >= 0 && first_port != second_port);
    struct easy_work w = {.fd = CURL_SOCKET_BAD};
    easy_work_note_socket(&w, first);
    easy_work_note_socket(&w, second);
    ck_assert_int_eq(w.fd, second);
    easy_work_settle_socket(&w, first_port);
    ck_assert_int_eq(w.fd, first);
    easy_work_settle_socket(&w, second_port);
    ck_assert_int_eq(w.fd, second);
    close(first);
    easy_work_settle_socket(&w, first_port); /* closed, and so not the one */
    ck_assert_int_eq(w.fd, second);
    close(second);
}

/* A Unix socket has no port, and of a connection that is used again nothing was made. */
static void without_a_port_it_is_the_last_one_made(void)
{
    struct easy_work w = {.fd = CURL_SOCKET_BAD};
    easy_work_settle_socket(&w, 4711);
    ck_assert_int_eq(w.fd, CURL_SOCKET_BAD);
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    easy_work_note_socket(&w, ends[0]);
    easy_work_note_socket(&w, ends[1]);
    easy_work_settle_socket(&w, 0);
    ck_assert_int_eq(w.fd, ends[1]);
    close(ends[0]);
    close(ends[1]);
}

static void of_very_many_the_last_ones_are_known(void)
{
    struct easy_work w = {.fd = CURL_SOCKET_BAD};
    int ports[EASY_SOCKETS_MAX + 3], fds[EASY_SOCKETS_MAX + 3];
    for (int i = 0; i < EASY_SOCKETS_MAX + 3; i++) {
        fds[i] = socket_with_port(AF_INET, &ports[i]);
        ck_assert_int_ge(fds[i], 0);
        easy_work_note_socket(&w, fds[i]);
    }
    for (int i = 3; i < EASY_SOCKETS_MAX + 3; i++) {
        easy_work_settle_socket(&w, ports[i]);
        ck_assert_int_eq(w.fd, fds[i]);
    }
    for (int i = 0; i < EASY_SOCKETS_MAX + 3; i++)
        close(fds[i]);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(of_two_addresses_the_slower_one_may_win),
        TESTKIT_TEST(without_a_port_it_is_the_last_one_made),
        TESTKIT_TEST(of_very_many_the_last_ones_are_known),
        {0},
    };
    return testkit_run("http_easy", tests);
}
