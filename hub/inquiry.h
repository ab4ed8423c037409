/* SPDX-License-Identifier: ISC */
#pragma once

/* Asks libvirt once, by a helper, so that nobody waits for one that hangs. */

#include "common/fault.h"
#include "hub/domain.h"

/*
 * All domains of URI, as virt_domains() has them, but for which volumes their disks are: the
 * paths of these are among the disks.  Fault 7 with libvirt's own words, and where it has not
 * answered within 10 s.
 */
struct fault *inquiry_domains(const void *ctx, const char *uri, struct domains **ret);
/* The same within so many milliseconds. */
struct fault *inquiry_domains_within(const void *ctx, const char *uri, int milliseconds,
				     struct domains **ret);
