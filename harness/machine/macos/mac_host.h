/*
 * mac_host.h - the kernel's port for questions about this host.
 *
 *     host_statistics64(mac_host(), HOST_VM_INFO64, ...);
 */
#ifndef ASSAY_MAC_HOST_H
#define ASSAY_MAC_HOST_H

/* A right to it is added by each call of the system's, so it is asked for once. The same for all threads. */
unsigned mac_host(void);

#endif
