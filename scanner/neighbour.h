/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A neighbour: a MAC heard on the bridge with an IPv4 address, at which port where that is
 * known, what is new about it, and the one line that says so.  The line is the border between hubscan, which listens to
 * untrusted machines, and whoever runs it:
 *
 *	IP <TAB> MAC [<TAB> EVENT <TAB> TIME] [<TAB> PORT]
 *
 * IP is "-" where a MAC was seen without an address.  A sweep leaves EVENT and TIME out,
 * unless the address is contested.  TIME is UTC, "2026-01-31T12:00:00.123Z".  PORT is the
 * bridge's port that the frame came in by, and left out where that is not known.  The number
 * of fields tells which of them are there.
 */

#include <net/if.h>
#include <stdint.h>

#include "common/address.h"
#include "common/fault.h"

/* The last line of a watch whose interface is gone; exit status 7 follows. */
#define NEIGHBOUR_BRIDGE_GONE "bridge gone"

enum neighbour_event {
	NEIGHBOUR_HEARD,     /* (a sweep's line) it answers */
	NEIGHBOUR_NEW,	     /* first heard */
	NEIGHBOUR_MOVED,     /* this MAC had another address, which it no longer claims */
	NEIGHBOUR_CONTESTED, /* more than one MAC claims this address; each gets a line */
	NEIGHBOUR_GONE,	     /* silent through all probes */
	NEIGHBOUR_LINK, /* frames of this MAC were seen, no address yet (IP is "-") */
};

struct neighbour {
	struct in_addr ip; /* 0.0.0.0 with NEIGHBOUR_LINK */
	struct mac mac;
	enum neighbour_event event;
	int64_t time_ms;     /* ms since 1970 UTC; 0 when the line has none */
	char port[IFNAMSIZ]; /* "": not known */
};

/* Room for a line with its NUL, and for a time alone. */
#define NEIGHBOUR_LINE_MAX 96
#define NEIGHBOUR_TIME	   25

/* What an event is called in a line and in JSON; NULL for NEIGHBOUR_HEARD. */
const char *neighbour_event_name(enum neighbour_event event);
/* A time as a line has it; years after 9999 are written as the last moment of it. */
const char *neighbour_time(int64_t time_ms, char buffer[static NEIGHBOUR_TIME]);

/* Can NAME be a port's in a line: 1 to 15 printable ASCII bytes without blanks and '/'? */
bool neighbour_port_is_sound(const char *name);

/* The line of a neighbour, without newline, on CTX. */
char *neighbour_line(const void *ctx, const struct neighbour *neighbour);
/* Reads a line (without newline).  Fault 1 naming the line if it is not one. */
struct fault *neighbour_parse(const char *line, struct neighbour *ret);
