#include "http_origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEFAULT_PORT = 80, PORT_MAX = 65535 };

/* libcurl rewrites dot segments, and has an opinion on other characters. */
static bool path_is_plain(const char *path)
{
    if (*path && *path != '/')
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127 || *c == '#' || *c == '\\' ||
            (*c == '/' && c[1] == '.'))
            return false;
    return true;
}

static size_t host_length(const char *url)
{
    size_t len = 0;
    while ((url[len] >= '0' && url[len] <= '9') || ((url[len] | 0x20) >= 'a' && (url[len] | 0x20) <= 'z') ||
           (url[len] && strchr(".-_[]:", url[len])))
        len++;
    return len;
}

bool http_place_of(const struct http_request *request, struct http_place *place)
{
    const struct http_transport *way = request->transport;
    if (strncmp(request->url, "http://", 7) != 0 || (way && (way->proxy || way->http == HTTP_WISH_2)))
        return false;
    place->authority = request->url + 7;
    place->authority_len = host_length(place->authority);
    place->path = place->authority + place->authority_len;
    place->unix_socket = way ? way->unix_socket : NULL;
    return place->authority_len > 0 && path_is_plain(place->path);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool http_origin_is(const struct http_origin *origin, const struct http_place *place)
{
    return strncmp(origin->host, place->authority, place->authority_len) == 0 &&
           origin->host[place->authority_len] == '\0' && same_text(origin->unix_socket, place->unix_socket);
}

/* ---- addresses ---- */

/* ":8080" or nothing; -1 for what is neither. */
static int port_of(const char *text)
{
    int port = 0;
    if (*text == '\0')
        return DEFAULT_PORT;
    if (*text++ != ':' || *text == '\0')
        return -1;
    for (; *text >= '0' && *text <= '9' && port <= PORT_MAX; text++)
        port = port * 10 + (*text - '0');
    return *text == '\0' && port > 0 && port <= PORT_MAX ? port : -1;
}

static void add_v4(struct http_origin *o, struct in_addr address, int port)
{
    union http_address *a = &o->addresses[o->address_count];
    a->v4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = address};
    o->lengths[o->address_count++] = sizeof a->v4;
}

static void add_v6(struct http_origin *o, struct in6_addr address, int port)
{
    union http_address *a = &o->addresses[o->address_count];
    a->v6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = address};
    o->lengths[o->address_count++] = sizeof a->v6;
}

static bool add_local(struct http_origin *o)
{
    union http_address *a = &o->addresses[0];
    if (strlen(o->unix_socket) >= sizeof a->local.sun_path)
        return false;
    a->local = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(a->local.sun_path, o->unix_socket, strlen(o->unix_socket));
    o->lengths[0] = sizeof a->local;
    o->address_count = 1;
    return true;
}

/* host is cut from its port. A host in brackets is IPv6; localhost is both, IPv6 first as libcurl has it. */
static bool add_numeric(struct http_origin *o, char *host, int port)
{
    size_t len = strlen(host);
    struct in_addr v4;
    struct in6_addr v6;
    if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
        host[len - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &v6) != 1)
            return false;
        add_v6(o, v6, port);
    } else if (inet_pton(AF_INET, host, &v4) == 1) {
        add_v4(o, v4, port);
    } else if (strcasecmp(host, "localhost") == 0) {
        add_v6(o, in6addr_loopback, port);
        add_v4(o, (struct in_addr){.s_addr = htonl(INADDR_LOOPBACK)}, port);
    } else {
        return false;
    }
    return true;
}

static bool add_addresses(struct http_origin *o)
{
    char host[64]; /* longer ones are names */
    const char *end = strrchr(o->host, ']'), *colon = strchr(end ? end : o->host, ':');
    size_t len = colon ? (size_t)(colon - o->host) : strlen(o->host);
    int port = port_of(o->host + len);
    if (port < 0)
        return false;
    if (o->unix_socket)
        return add_local(o);
    if (len >= sizeof host)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)len, o->host);
    return add_numeric(o, host, port);
}

struct http_origin *http_origin_new(const struct http_place *place)
{
    struct http_origin *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->host = strndup(place->authority, place->authority_len);
    o->unix_socket = place->unix_socket ? strdup(place->unix_socket) : NULL;
    if (o->host && (o->unix_socket || !place->unix_socket) && add_addresses(o))
        return o;
    http_origin_free(o);
    return NULL;
}

void http_origin_free(struct http_origin *origin)
{
    if (!origin)
        return;
    free(origin->host);
    free(origin->unix_socket);
    free(origin);
}

/* ---- proxies ---- */

static bool origin_is_loopback(const struct http_origin *origin)
{
    const union http_address *a = &origin->addresses[0];
    if (a->any.sa_family == AF_INET)
        return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
    return a->any.sa_family == AF_UNIX || IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

bool http_origin_wants_proxy(const struct http_origin *origin)
{
    static const char *const variables[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    if (origin_is_loopback(origin))
        return false;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *proxy = getenv(variables[i]);
        if (proxy && *proxy)
            return true;
    }
    return false;
}
