/* SPDX-License-Identifier: ISC */
#pragma once

/* A network of libvirt, by its XML (https://libvirt.org/formatnetwork.html). */

#include "common/fault.h"

/*
 * What XML says of a network, a fact a line, sorted: "bridge@name=br-hub".  Two texts with the
 * same facts are the same network to us: libvirt orders and completes what it is given.  Left
 * out is what it makes up itself, UUID and MAC, and what is so for a moment.  Fault 1 for what
 * is no XML.
 */
struct fault *network_facts(const void *ctx, const char *xml, char **ret);
