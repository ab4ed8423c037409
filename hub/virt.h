/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to libvirt.  The connection is read-only, but for networks: hubshare never changes
 * a domain.
 */

#include "common/fault.h"
#include "hub/domain.h"
#include "hub/domain_news.h"

struct virt;

/* Connects to URI; the connection ends with *RET.  Fault 7 with libvirt's own words. */
struct fault *virt_open(const void *ctx, const char *uri, struct virt **ret);

/*
 * All domains, running or not, each NIC with the bridge it is or would be on (a network's
 * bridge is asked for).  Whole or not at all: any error is a fault (7), since what is not
 * in the list may be taken for gone.
 */
struct fault *virt_domains(const void *ctx, struct virt *virt, struct domains **ret);

/* Is told what is new; false: nobody listens any more. */
typedef bool virt_tell_fn(void *arg, const struct domain_news *news);

/*
 * Follows the domains of URI: tells each that there is, that this was all, and from then on
 * each that changes (its state, its NICs, its name, its network), for as long as libvirt
 * answers; when nothing is new it says so every 5 s.  May wait for libvirt for ever, so it
 * is for a process of its own.  Fault 7 when libvirt goes away.
 */
struct fault *virt_follow(const char *uri, virt_tell_fn *tell, void *arg);

/* A network of libvirt. */
struct virt_network {
	char *xml; /* as it is defined; NULL: there is none of that name */
	bool up, autostart;
};

/* The network NAME of URI; *RET_NAME: the one that makes BRIDGE, NULL: none does.  Fault 7. */
struct fault *virt_network_read(const void *ctx, const char *uri, const char *name,
				struct virt_network *ret);
struct fault *virt_network_of(const void *ctx, const char *uri, const char *bridge,
			      char **ret_name);

/* Defines the network that XML tells of. */
struct fault *virt_network_define(const char *uri, const char *xml);

enum virt_network_change {
	NETWORK_UNDEFINE,
	NETWORK_UP,
	NETWORK_DOWN,
	NETWORK_AUTOSTART,
	NETWORK_NO_AUTOSTART,
};
/* Changes network NAME; fault 3 if there is none. */
struct fault *virt_network_change(const char *uri, const char *name,
				  enum virt_network_change change);
