#include "socket_match.h"

#include <string.h>

bool socket_answers_for(const unsigned char address[16], uint16_t port, const struct endpoint *endpoint)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const unsigned char loopback[16] = {[15] = 1};
    static const unsigned char any[16] = {0};
    bool v4 = memcmp(address, mapped, sizeof mapped) == 0;
    if (port != endpoint->port)
        return false;
    if (memcmp(address, any, 16) == 0 || (v4 && memcmp(address + 12, any, 4) == 0))
        return true;
    if (endpoint->loopback) /* "localhost" may have been resolved to the other family */
        return v4 ? address[12] == 127 : memcmp(address, loopback, 16) == 0;
    return memcmp(address, endpoint->address, 16) == 0;
}
