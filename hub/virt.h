/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to libvirt.  The connection is read-only: hubshare never changes a domain.
 */

#include "common/fault.h"
#include "hub/domain.h"

struct virt;

/* Connects to URI; the connection ends with *RET.  Fault 7 with libvirt's own words. */
struct fault *virt_open(const void *ctx, const char *uri, struct virt **ret);

/*
 * All domains, running or not, each NIC with the bridge it is or would be on (a network's
 * bridge is asked for).  Whole or not at all: any error is a fault (7), since what is not
 * in the list may be taken for gone.
 */
struct fault *virt_domains(const void *ctx, struct virt *virt, struct domains **ret);
