#include "mac_host.h"

#include <mach/mach.h>
#include <stdatomic.h>

unsigned mac_host(void)
{
    static _Atomic mach_port_t port;
    mach_port_t mine = atomic_load(&port);
    if (mine == MACH_PORT_NULL) {
        mine = mach_host_self();
        atomic_store(&port, mine);
    }
    return mine;
}
