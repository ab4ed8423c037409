/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The service: keeps what smbd serves true to VMs and addresses as they change.  One loop
 * hears libvirt, the scanner, leases, the kernel and the store, and after each change
 *  1. closes the gate to whoever is no longer who he was,
 *  2. has a worker plan and apply, as the commands do,
 *  3. opens the gate where nothing of another's is left.
 * It waits for nobody but the kernel.  What members of the group ask for by the control socket
 * is carried out beside that, by processes of their own.
 */

#include "common/settings.h"
#include "hub/loop.h"
#include "service/call.h"
#include "service/events.h"

/*
 * Runs until SIGTERM or SIGINT.  What is open then stays so, and true: the gate goes on
 * standing.  SERVE carries a call out (service/control.h).  Faults: 7 where a service runs
 * already, 6 without the rights.
 */
struct fault *service_run(const struct settings *settings, void (*say)(const char *line),
			  struct fault *(*serve)(void *arg, const struct call *call),
			  void *arg);
