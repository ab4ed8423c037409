/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Whom the gate lets in: guests, ports and what the gate holds go in, what it is to hold comes
 * out.
 */

#include "common/settings.h"
#include "hub/gate.h"
#include "hub/guest.h"

/* The ports of the bridge. */
struct ports {
	char (*names)[IFNAMSIZ];
	size_t count;
};

bool ports_have(const struct ports *ports, const char *name);

/*
 * What the gate may hold at once: of STANDING whoever is still who he was, and none besides.
 * That is whom an address is confirmed of, and whoever is silent at an address that nobody else
 * claims, at his port, while his VM runs.  Ports and MACs are as they are now: a MAC that
 * several running domains have is nobody's, since the bridge could not tell whom it sends to.
 */
struct gate_plan *admission_keep(const void *ctx, const struct settings *settings,
				 const struct gate_plan *standing,
				 const struct guests *guests, const struct ports *ports);

/* Of PORTS nobody: what the gate holds as long as it is not known whose they are. */
struct gate_plan *admission_nobody(const void *ctx, const struct ports *ports);

/* Do the settings allow MAC, that of a station? */
bool admission_station(const struct settings *settings, struct mac mac);

/* Is the guest one to be let in at its address?  A station is where SETTINGS allow its MAC. */
bool admission_due(const struct settings *settings, const struct guest *guest,
		   const struct ports *ports);

/* Adds who is due at IP, where only his own shares are left, to PLAN.  False: nobody is. */
bool admission_open(struct gate_plan *plan, const struct settings *settings,
		    const struct guests *guests, const struct ports *ports,
		    struct in_addr ip);

/* Takes whoever is at IP out of PLAN. */
void admission_close(struct gate_plan *plan, struct in_addr ip);

bool admission_holds(const struct gate_plan *plan, const struct gate_binding *binding);

/*
 * The kernel asks nobody who is at an address that is bound, so nobody can tell it otherwise:
 * its pinned neighbours on the bridge become those of TO and no others.  Who was not in FROM
 * (NULL: nobody was) is asked once, so that he knows the host.
 */
void admission_pin(const struct settings *settings, const struct gate_plan *from,
		   const struct gate_plan *to);

/* Do the two hold the same? */
bool admission_same(const struct gate_plan *a, const struct gate_plan *b);
