#include "endpoint.h"

#include "text.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* "http://user:password@host:port/path" -> host (brackets removed) and port as text. */
static bool split_url(const char *url, char *host, size_t host_size, char *port, size_t port_size)
{
    const char *scheme_end = strstr(url, "://");
    const char *at = scheme_end ? scheme_end + 3 : url;
    size_t authority = strcspn(at, "/?#");
    for (size_t i = authority; i > 0; i--) {
        if (at[i - 1] == '@') {
            authority -= i;
            at += i;
            break;
        }
    }
    bool bracketed = authority > 0 && at[0] == '[';
    size_t host_len = bracketed ? strcspn(at, "]") + 1 : strcspn(at, ":/?#");
    if (host_len > authority || host_len <= 2u * bracketed || host_len - 2u * bracketed >= host_size)
        return false;
    memcpy(host, at + bracketed, host_len - 2u * bracketed);
    host[host_len - 2u * bracketed] = '\0';
    size_t rest = authority - host_len;
    if (rest <= 1)
        return snprintf(port, port_size, "%s", strncmp(url, "https:", 6) == 0 ? "443" : "80") > 0;
    if (at[host_len] != ':' || rest > port_size)
        return false;
    memcpy(port, at + host_len + 1, rest - 1);
    port[rest - 1] = '\0';
    return true;
}

static bool address_of(const struct sockaddr *from, unsigned char address[16])
{
    if (from->sa_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
        return true;
    }
    if (from->sa_family != AF_INET)
        return false;
    memset(address, 0, 10);
    memset(address + 10, 0xff, 2);
    memcpy(address + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    return true;
}

static bool is_loopback(const unsigned char address[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const unsigned char loopback[16] = {[15] = 1};
    static const unsigned char any[16] = {0};
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return address[12] == 127 || memcmp(address + 12, any, 4) == 0;
    return memcmp(address, loopback, 16) == 0 || memcmp(address, any, 16) == 0;
}

static bool is_own_address(const unsigned char address[16])
{
    struct ifaddrs *all = NULL;
    bool own = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *i = all; i && !own; i = i->ifa_next) {
        unsigned char interface_address[16];
        own = i->ifa_addr && address_of(i->ifa_addr, interface_address) &&
              memcmp(interface_address, address, 16) == 0;
    }
    freeifaddrs(all);
    return own;
}

bool endpoint_resolve(const char *url, struct endpoint *endpoint)
{
    char host[256], port[8];
    int64_t number;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    *endpoint = (struct endpoint){.local = true, .loopback = true};
    if (strncmp(url, "http+unix://", 12) == 0)
        return true; /* a socket in a folder of this machine */
    if (!split_url(url, host, sizeof host, port, sizeof port) || !text_parse_i64(port, &number) ||
        number < 1 || number > UINT16_MAX)
        return false;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return false;
    bool ok = address_of(found->ai_addr, endpoint->address);
    freeaddrinfo(found);
    endpoint->port = (uint16_t)number;
    endpoint->loopback = ok && is_loopback(endpoint->address);
    endpoint->local = endpoint->loopback || (ok && is_own_address(endpoint->address));
    return ok;
}
