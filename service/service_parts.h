/* SPDX-License-Identifier: ISC */
#pragma once

/* What the parts of the service share: service.c (what it hears, and what follows),
 * service_work.c (the worker), service_gate.c (the gate), service_sessions.c (who opens what). */

#include "hub/admission.h"
#include "hub/netlink.h"
#include "hub/scan.h"
#include "service/claims.h"
#include "service/diary.h"
#include "service/events.h"
#include "service/follower.h"
#include "service/worker.h"

/* Who was confirmed where when the worker was started. */
struct vouched {
	struct in_addr ip;
	const char *uuid; /* "" for a station */
};

struct service {
	const struct settings *settings;
	struct loop *loop;
	struct events *events;
	struct feed *feed;
	struct control *control;
	struct session_watch *session_watch; /* NULL: nobody watches */
	struct diary *diary;
	struct follower *follower;
	struct notices *notices;
	struct in_addr host; /* the host's address on the bridge */
	struct ports ports;
	struct leases *leases;
	struct source *lease_timer; /* when to read them again */

	struct scan *scan; /* NULL: it is not running */
	struct source *scan_source, *scan_settle;
	int scan_pause_ms;
	struct claims *claims;

	struct guests
		*guests; /* NULL: something is new, and they have to be joined again */
	struct source *judging;
	int64_t rest_until_ms; /* no new look before */

	struct gate_plan *standing; /* what the gate holds; NULL: it does not stand */
	bool stale;		    /* what stands was made by other settings, maybe */
	bool shut;		    /* it cannot be had, so nothing may be open */
	struct source *gate_timer;

	struct worker *worker;
	bool work_shut; /* it closes everything */
	struct vouched *vouched;
	size_t vouched_count;
	struct served *served, *suspended; /* as far as workers have told */
	char *judged;			   /* what the last worker was started for */
	bool again; /* another one is needed when this one has ended */
	int work_pause_ms;
	const char *trouble;	   /* what the last worker could not do */
	struct source *work_limit; /* when it has worked long enough */
	struct source *work_timer;
	struct source *end_timer, *date_timer; /* when something ends by itself */

	bool ready; /* systemd was told so */
	struct source *watchdog;
};

/* How long to wait before the first try again, and after PAUSE_MS. */
enum { SERVICE_WORK_PAUSE_MS = 1000 };
int service_longer(int pause_ms);

/* systemd is told so, once. */
void service_be_ready(struct service *service);

/* Starts a worker if what is served depends on has changed. */
void service_work(struct service *service);

bool service_gated(const struct service *service);

/* The guests as they are now; NULL as long as libvirt's list is not known. */
struct guests *service_guests(struct service *service);

/* Something is new: look at it soon. */
void service_look(struct service *service);

/* Tells an event: of the service that ARG is; without a VM, with TEXT. */
void service_event(void *arg, const struct event *event);
void service_tell(struct service *service, enum event_kind kind, const char *text);

/* The gate as it was left in the kernel. */
void service_gate_start(struct service *service);
/* Closes it to whoever is no longer who he was; puts it up where it does not stand, for nobody
 * as long as libvirt's list is not known. */
void service_gate_close(struct service *service);
/* Opens it to whoever is confirmed at IP. */
void service_gate_open(struct service *service, struct in_addr ip);
/* Closes it to whoever is at IP. */
void service_gate_shut(struct service *service, struct in_addr ip);
/* Somebody else has changed the rules. */
void service_gate_mend(struct service *service);

/* Sessions are told of as long as somebody watches. */
void service_sessions_start(struct service *service);
