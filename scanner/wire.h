/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The wire: the only file that knows libpcap, and what is heard before the gate beside it.
 * One socket for both directions, since each
 * costs a grace period of the kernel (some 16 ms) when it is closed; snapshots of 64 bytes,
 * so that the 2 MB of its ring hold more than 10,000 frames and not 32.
 */

#include <stdio.h>

#include "common/address.h"
#include "common/fault.h"
#include "scanner/packetlog.h"

struct wire;

struct wire_frame {
	const uint8_t *bytes;
	size_t length;	  /* as far as it was captured */
	int64_t time_us;  /* since 1970 */
	const char *port; /* of the bridge, where it came in; "": not known */
};

typedef void wire_heard_fn(void *arg, const struct wire_frame *frame);

/*
 * Opens the wire at an interface, for ARP that comes in (SELF's own frames do not); with
 * MULTICAST, for every frame to a group address too.  Closed when it is freed.
 * Fault 7 if there is no such interface or it is down, 6 if this is not permitted.
 */
struct fault *wire_open(const void *ctx, const char *interface, struct mac self,
			bool multicast, struct wire **ret);

/*
 * Hears CLAIMS too, of the ports of that bridge; the wire owns it from now on.  A frame that
 * comes both ways is heard with its port first.
 */
void wire_add_log(struct wire *wire, struct packetlog *log);
bool wire_has_log(const struct wire *wire);

/*
 * Opens a recording (a pcap or pcapng file), which is closed with the wire.  In one of the
 * packet log (DLT_NFLOG) ports have no names: "#3" is the one of index 3.
 */
struct fault *wire_replay(const void *ctx, FILE *file, struct wire **ret);

/*
 * Sends a frame.  That it got lost, or that the link is down, is no fault: there are no
 * promises on a wire.  Fault 7 if the interface is gone.
 */
struct fault *wire_say(struct wire *wire, const uint8_t *frame, size_t length);

/*
 * Hands what was heard to HEARD, some hundred frames at most, and waits for it until
 * UNTIL_US (of clock_us()) if there is nothing.  *RET_END: a recording is at its end.
 * Fault 7 if the interface is gone; a link that goes down and up is none.
 */
struct fault *wire_hear(struct wire *wire, int64_t until_us, wire_heard_fn *heard,
			void *arg, bool *ret_end);

/* Its socket; -1 for a recording. */
int wire_descriptor(const struct wire *wire);

bool wire_is_recording(const struct wire *wire);

/* Was the link down when something was said last? */
bool wire_is_down(const struct wire *wire);

/* Is there an interface PORT?  In a recording all are. */
bool wire_has_port(const struct wire *wire, const char *port);

/* The interface's MAC now; false if it cannot be told (a recording; it is gone). */
bool wire_mac(const struct wire *wire, struct mac *ret);

/* How many frames came too fast, since it was opened. */
uint64_t wire_missed(struct wire *wire);

/* Microseconds of CLOCK_MONOTONIC. */
int64_t clock_us(void);
