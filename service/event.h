/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Something that happened on the host and concerns a person: a VM was heard, a share was
 * opened, an address is contested.  One table says of each kind what it is called, how grave
 * it is, under which MESSAGE_ID the journal keeps it, and its sentence.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/fault.h"

enum event_kind {
	EVENT_VM_HEARD,	     /* a VM has an address that is confirmed */
	EVENT_ADDRESS_MOVED, /* ... another one than before */
	EVENT_SHARE_OPENED,
	EVENT_SHARE_CLOSED,
	EVENT_SHARE_SUSPENDED, /* closed as long as a conflict lasts */
	EVENT_SHARE_RESUMED,
	EVENT_SHARE_EXPIRED,
	EVENT_CONFLICT, /* somebody claims what is not his, or two claim one address */
	EVENT_CONFLICT_OVER,
	EVENT_SESSION_OPENED, /* somebody has opened a share by SMB */
	EVENT_SESSION_CLOSED,
	EVENT_GATE_MENDED, /* others had changed it */
	EVENT_GATE_CLOSED, /* it shuts somebody out, or cannot be kept */
	EVENT_LIBVIRT_LOST,
	EVENT_LIBVIRT_BACK,
	EVENT_VM_STARTED,
	EVENT_VM_STOPPED,
	EVENT_VM_RENAMED,
	EVENT_DEGRADED, /* the service cannot do all that it should */
	EVENT_COMMAND,	/* somebody has changed something, or tried to */
	EVENT_KINDS,
};

/* What is not known or does not matter is NULL, 0.0.0.0, or 00:00:00:00:00:00. */
struct event {
	enum event_kind kind;
	int64_t time_ms; /* since 1970, UTC */
	const char *vm, *uuid;
	struct in_addr ip;
	struct mac mac;
	const char *tap, *share;
	const char *tenure;	   /* tenure_text() */
	const char *uid, *account; /* who, of a command */
	const char *result;	   /* "done", or what went wrong */
	/* What else there is to say; the address that it moved from, the name it had before, the
	 * words of a command. */
	const char *text;
};

/* "share-opened" */
const char *event_name(enum event_kind kind);
/* syslog(3)'s level */
int event_priority(enum event_kind kind);

/* "'user-temp' of untrusted-0 is open at 172.16.10.51", fit for a terminal. */
char *event_sentence(const void *ctx, const struct event *event);

/* The same with its local time: "2026-01-31 12:00:00.123 'user-temp' of ..." */
char *event_line(const void *ctx, const struct event *event);

/*
 * One line of JSON, without newline: an object with the keys "version", "kind", "time" (RFC 3339, UTC,
 * with milliseconds), "message" (the sentence), and "vm", "uuid", "ip", "mac", "tap",
 * "share", "tenure", "uid", "account", "result", "text", each a string or null.
 */
char *event_json(const void *ctx, const struct event *event);

/*
 * What event_json() made, on CTX.  Other keys are left aside, as a newer service may have
 * some.  Fault 1 if a key is missing or its value is none of its kind.
 */
struct fault *event_parse(const void *ctx, const char *json, struct event **ret);

/* "FIELD=value" for the journal, as they are, NULL-terminated: MESSAGE, PRIORITY, MESSAGE_ID,
 * SYSLOG_IDENTIFIER, HUBSHARE_KIND, and HUBSHARE_VM and so on where there is a value. */
char **event_fields(const void *ctx, const struct event *event);
