/* SPDX-License-Identifier: ISC */
#include "scanner/sweep.h"

#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "scanner/arp.h"
#include "scanner/pace.h"
#include "scanner/roster.h"

enum {
	/* Questions between two looks at what came in. */
	KICK = 64,
	/* A watch looks after its wire this often. */
	CARE_US = 5000000,
	PROGRESS_US = 1000000,
	/* Bounds on what frames may have it do. */
	HINTS_SECOND = 100,
	RETURNS_SECOND = 100,
};

struct sweep {
	struct sweep_plan plan;
	struct mac self; /* in whose name it asks */
	struct roster *roster;
	struct schedule *schedule;
	bool watch;
	bool told; /* something since the last flush */
	struct pace hints, returns;
	int64_t began_us, care_us, progress_us;
	uint64_t missed;
};

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In a sweep whoever is new was simply heard, and nobody is gone who was. */
static void tell(struct sweep *sweep, struct neighbour line)
{
	if (!sweep->watch && line.event == NEIGHBOUR_GONE)
		return;
	if (!sweep->watch && line.event == NEIGHBOUR_NEW)
		line.event = NEIGHBOUR_HEARD;
	sweep->plan.audience.tell(sweep->plan.audience.arg, &line);
	sweep->told = true;
}

static void tell_all(struct sweep *sweep, const struct roster_news *news)
{
	for (size_t i = 0; i < news->count; i++)
		tell(sweep, news->line[i]);
}

static struct fault *flush(struct sweep *sweep)
{
	bool told = sweep->told;

	sweep->told = false;
	if (told && !sweep->plan.audience.flush(sweep->plan.audience.arg))
		return fault_new(FAULT_FAILED, "Cannot write what was heard");
	return NULL;
}

static void follow_doubts(struct sweep *sweep, int64_t now_us,
			  const struct roster_doubts *doubts)
{
	for (size_t i = 0; i < doubts->rivals; i++)
		schedule_doubt(sweep->schedule, now_us, doubts->rival[i]);
	for (size_t i = 0; i < doubts->elsewheres; i++)
		schedule_suspect(sweep->schedule, now_us, doubts->elsewhere[i]);
}

/* A MAC that speaks up with an address that it had before may have left the one it had since. */
static void follow_return(struct sweep *sweep, int64_t now_us, roster_id claim)
{
	struct roster_doubts doubts;

	if (pace_due(&sweep->returns) > now_us)
		return;
	roster_return(sweep->roster, claim, &doubts);
	if (doubts.elsewheres)
		pace_spend(&sweep->returns, now_us);
	follow_doubts(sweep, now_us, &doubts);
}

/* What a watch goes on asking because of a claim; ANSWER: it was asked for. */
static void follow(struct sweep *sweep, int64_t now_us, const struct arp *arp,
		   bool answer, const struct roster_news *news)
{
	if (news->claim == ROSTER_NONE)
		return;
	if (news->fresh) {
		schedule_keep(sweep->schedule, now_us, news->claim, arp->spa, arp->sha);
		follow_doubts(sweep, now_us, &news->doubts);
	} else {
		schedule_confirm(sweep->schedule, now_us, news->claim);
		if (!answer)
			follow_return(sweep, now_us, news->claim);
	}
	if (roster_is_contested(sweep->roster, news->claim))
		schedule_soon(sweep->schedule, now_us, news->claim);
}

/* CLAIM is over if its port is; it is not asked for any longer. */
static void lose_if_unplugged(struct sweep *sweep, uint32_t claim, int64_t time_us)
{
	const char *port = roster_port(sweep->roster, claim);
	struct roster_news news;

	if (!*port || wire_has_port(sweep->plan.wire, port))
		return;
	roster_gone(sweep->roster, claim, time_us / 1000, &news);
	schedule_drop(sweep->schedule, claim, news.line[0].ip);
	tell_all(sweep, &news);
}

/* A VM that was started again has another port: the claim of the old one contests nothing. */
static void lose_unplugged(struct sweep *sweep, const struct arp *arp, const char *port,
			   int64_t time_us)
{
	struct roster_doubts doubts;

	roster_doubts(sweep->roster, arp->spa, arp->sha, port, &doubts);
	for (size_t i = 0; i < doubts.rivals; i++)
		lose_if_unplugged(sweep, doubts.rival[i], time_us);
	for (size_t i = 0; i < doubts.elsewheres; i++)
		lose_if_unplugged(sweep, doubts.elsewhere[i], time_us);
}

static void take_claim(struct sweep *sweep, const struct arp *arp, const char *port,
		       int64_t time_us)
{
	bool answer = arp->op == ARP_REPLY && mac_equal(arp->tha, sweep->self);
	int64_t now_us = clock_us();
	struct roster_news news;

	if (mac_equal(arp->sha, sweep->self) && !*port)
		return;
	schedule_heard(sweep->schedule, now_us, arp->spa, arp->sha, answer);
	lose_unplugged(sweep, arp, port, time_us);
	roster_claim(sweep->roster, arp->spa, arp->sha, port, time_us / 1000, &news);
	tell_all(sweep, &news);
	if (sweep->watch)
		follow(sweep, now_us, arp, answer, &news);
}

/* Somebody is there; who has no address yet is sought. */
static void take_link(struct sweep *sweep, struct mac mac, const char *port,
		      int64_t time_us)
{
	struct neighbour line = { .mac = mac,
				  .event = NEIGHBOUR_LINK,
				  .time_ms = time_us / 1000 };

	strncpy(line.port, port, sizeof(line.port) - 1);
	if (!roster_link(sweep->roster, mac, line.time_ms))
		return;
	tell(sweep, line);
	schedule_seek(sweep->schedule, clock_us());
}

/* A bridge without a MAC of its own takes one of its ports', so that it may change when a
 * port comes; answers to the old one do not arrive. */
static void renew_self(struct sweep *sweep)
{
	struct mac now;

	if (!wire_mac(sweep->plan.wire, &now) || mac_equal(now, sweep->self))
		return;
	sweep->self = now;
	roster_self(sweep->roster, now);
}

/*
 * Whom a watch asks behind the gate is perhaps not let in yet.  He must not learn from the
 * question where the host is: what he would send now is dropped, and a connection is tried
 * again after a second at the earliest.  So it is a probe (RFC 5227).
 */
static struct in_addr asker(const struct sweep *sweep, struct in_addr ip)
{
	if (sweep->watch && wire_has_log(sweep->plan.wire))
		return (struct in_addr){ 0 };
	return interface_source(sweep->plan.interface, ip);
}

static struct fault *say(struct sweep *sweep, const struct schedule_next *next)
{
	uint8_t frame[ARP_FRAME];
	if (sweep->watch)
		renew_self(sweep);
	struct arp arp = {
		.op = ARP_REQUEST,
		.sha = sweep->self,
		.spa = asker(sweep, next->ip),
		.tpa = next->ip,
	};

	arp_pack(&arp, next->mac, frame);
	return wire_say(sweep->plan.wire, frame, sizeof(frame));
}

/*
 * Who sends IPv4 from an address that he has not claimed is asked for it at once.  Whoever
 * changes his address need not say so in ARP when his tables are warm, and the gate, which
 * drops what he sends, hands it on so that he is not shut out until he is asked by chance.
 */
static void take_hint(struct sweep *sweep, struct mac source,
		      const struct wire_frame *frame)
{
	struct schedule_next next = { .mac = source };
	int64_t now_us = clock_us();

	if (!arp_source_ip(frame->bytes, frame->length, &next.ip) ||
	    roster_knows(sweep->roster, next.ip, source, frame->port) ||
	    wire_is_recording(sweep->plan.wire) || pace_due(&sweep->hints) > now_us)
		return;
	pace_spend(&sweep->hints, now_us);
	/* That the interface is gone shows soon enough. */
	talloc_free(say(sweep, &next));
}

/*
 * Is it one of those that claim something?  A forged one is as good as a claim of whoever is at
 * its port, so that he is found out; without a port it could only harm whom it names.
 */
static bool is_claim_frame(const struct wire_frame *frame, enum arp_flaw flaw,
			   const struct arp *arp)
{
	return (flaw == ARP_SOUND || (flaw == ARP_FORGED && *frame->port)) &&
	       !arp_is_probe(arp);
}

static void on_frame(void *arg, const struct wire_frame *frame)
{
	struct sweep *sweep = arg;
	struct arp arp;
	struct mac source;
	enum arp_flaw flaw = arp_unpack(frame->bytes, frame->length, &arp);
	bool claim = is_claim_frame(frame, flaw, &arp);

	if (claim)
		take_claim(sweep, &arp, frame->port, frame->time_us);
	if (claim && flaw == ARP_SOUND)
		return;
	if (sweep->watch && flaw != ARP_TAGGED &&
	    arp_source(frame->bytes, frame->length, &source)) {
		take_link(sweep, source, frame->port, frame->time_us);
		take_hint(sweep, source, frame);
	}
}

static void lose(struct sweep *sweep, uint32_t claim)
{
	struct roster_news news;

	roster_gone(sweep->roster, claim, wall_ms(), &news);
	tell_all(sweep, &news);
}

/* Asks what is due, some questions at most.  *RET_UNTIL: when there is more to do. */
static struct fault *ask(struct sweep *sweep, int64_t *ret_until, bool *ret_done)
{
	struct schedule_next next;
	struct fault *f;

	*ret_until = 0;
	for (int i = 0; i < KICK; i++) {
		switch (schedule_next(sweep->schedule, clock_us(), &next)) {
		case SCHEDULE_ASK:
			if ((f = say(sweep, &next)))
				return f;
			break;
		case SCHEDULE_LOST:
			lose(sweep, next.claim);
			break;
		case SCHEDULE_WAIT:
			*ret_until = next.until_us;
			return NULL;
		case SCHEDULE_DONE:
			*ret_done = true;
			return NULL;
		}
	}
	return NULL;
}

/* Frames that came too fast, or a link that was down, may have hidden somebody. */
static void care(struct sweep *sweep, int64_t now_us)
{
	uint64_t missed = wire_missed(sweep->plan.wire);

	if (missed != sweep->missed || wire_is_down(sweep->plan.wire))
		schedule_seek(sweep->schedule, now_us);
	sweep->missed = missed;
	sweep->care_us = now_us + CARE_US;
}

static void report(struct sweep *sweep, int64_t now_us)
{
	const struct audience *audience = &sweep->plan.audience;
	int percent, round = schedule_round(sweep->schedule, &percent);

	audience->progress(audience->arg, round, percent);
	sweep->progress_us = now_us + PROGRESS_US / 10;
}

/* What is done from time to time; returns when it wants to be done again. */
static int64_t attend(struct sweep *sweep)
{
	int64_t now_us = clock_us();

	if (sweep->watch && now_us >= sweep->care_us)
		care(sweep, now_us);
	if (!sweep->watch && sweep->plan.audience.progress &&
	    now_us >= sweep->progress_us)
		report(sweep, now_us);
	return sweep->watch		     ? sweep->care_us :
	       sweep->plan.audience.progress ? sweep->progress_us :
					       INT64_MAX;
}

/* One turn of the loop: ask, listen, tell. */
static struct fault *turn(struct sweep *sweep, bool *ret_done)
{
	int64_t until_us, care_us = attend(sweep);
	struct fault *f = ask(sweep, &until_us, ret_done);
	bool end;

	if ((f = fault_first(f, flush(sweep))) || *ret_done)
		return f;
	f = wire_hear(sweep->plan.wire, until_us < care_us ? until_us : care_us, on_frame,
		      sweep, &end);
	return fault_first(f, flush(sweep));
}

static struct fault *replay(struct sweep *sweep)
{
	struct fault *f = NULL;
	bool end = false;

	while (!f && !end) {
		f = wire_hear(sweep->plan.wire, 0, on_frame, sweep, &end);
		f = fault_first(f, flush(sweep));
	}
	return f;
}

static struct sweep *new_sweep(const void *ctx, const struct sweep_plan *plan,
			       const struct in_addr *own)
{
	struct sweep *sweep = mem_new(ctx, struct sweep);
	const struct schedule_plan *schedule = &plan->schedule;
	struct roster_plan roster = {
		.ranges = schedule->ranges,
		.self = { plan->interface->mac, own, plan->interface->count },
		.expected = schedule->expected,
		.expected_count = schedule->expected_count,
		.seed = plan->seed,
	};

	sweep->plan = *plan;
	sweep->self = plan->interface->mac;
	sweep->plan.schedule.own = own;
	sweep->plan.schedule.own_count = plan->interface->count;
	sweep->watch = schedule->watch;
	sweep->hints = pace_of(HINTS_SECOND, HINTS_SECOND / 4);
	sweep->returns = pace_of(RETURNS_SECOND, RETURNS_SECOND);
	sweep->began_us = clock_us();
	sweep->care_us = sweep->began_us + CARE_US;
	sweep->progress_us = sweep->began_us + PROGRESS_US;
	sweep->roster = roster_new(sweep, &roster);
	sweep->schedule = schedule_new(sweep, &sweep->plan.schedule, sweep->began_us);
	return sweep;
}

struct fault *sweep_run(const void *ctx, const struct sweep_plan *plan,
			uint64_t *ret_turned_away)
{
	const struct interface *interface = plan->interface;
	struct in_addr *own = mem_array(ctx, struct in_addr, interface->count + 1);
	struct fault *f = NULL;
	struct sweep *sweep;
	bool done = false;

	for (size_t i = 0; i < interface->count; i++)
		own[i] = interface->address[i].ip;
	sweep = new_sweep(ctx, plan, own);
	if (wire_is_recording(plan->wire))
		f = replay(sweep);
	else
		while (!f && !done)
			f = turn(sweep, &done);
	*ret_turned_away = roster_turned_away(sweep->roster);
	talloc_free(sweep);
	talloc_free(own);
	return f;
}
