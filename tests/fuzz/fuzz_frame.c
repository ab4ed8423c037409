/* SPDX-License-Identifier: ISC */
/*
 * Any frame: what arp_unpack() takes is right in every field, and packs to the same; and
 * what follows from it leaves the roster whole.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "scanner/arp.h"
#include "scanner/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check(const struct arp *arp)
{
	uint8_t frame[ARP_FRAME];
	struct arp again;
	uint32_t spa = ntohl(arp->spa.s_addr);

	require(arp->op == ARP_REQUEST || arp->op == ARP_REPLY);
	require(!mac_is_group(arp->sha));
	require(spa >> 24 != 127 && spa >> 24 < 224);
	require(spa >> 24 != 0 || arp_is_probe(arp));
	require(!arp_is_probe(arp) || !arp_is_announcement(arp));
	arp_pack(arp, arp->tha, frame);
	require(arp_unpack(frame, sizeof(frame), &again) == ARP_SOUND);
	require(again.op == arp->op && mac_equal(again.sha, arp->sha) &&
		mac_equal(again.tha, arp->tha) && again.spa.s_addr == arp->spa.s_addr &&
		again.tpa.s_addr == arp->tpa.s_addr);
}

/* A roster that lives as long as the fuzzer, of 10.0.0.0/16. */
static struct roster *roster(void)
{
	static struct roster *the_roster;
	static struct in_addr own;
	struct range range = { 0x0a000001, 0x0a00fffe };
	struct roster_plan plan = { .self = { { { 2, 0, 0, 0, 0, 1 } }, &own, 1 } };
	struct ranges *ranges;

	if (the_roster)
		return the_roster;
	own.s_addr = htonl(0x0a000001);
	require(!ranges_new(NULL, &range, 1, &ranges));
	plan.ranges = ranges;
	return the_roster = roster_new(NULL, &plan);
}

static void take(const struct arp *arp)
{
	struct roster_news news, gone;

	/* From one of three ports, or from none that is known. */
	const char *port = (const char *[]){ "", "a", "b", "c" }[ntohl(arp->tpa.s_addr) >> 1 & 3];

	roster_claim(roster(), arp->spa, arp->sha, port, 0, &news);
	require(news.count <= ROSTER_CLAIMANTS + 1);
	require(!news.count || news.fresh || (*port && news.count == 1));
	/* Half of them leave again. */
	if (news.claim != ROSTER_NONE && arp->tpa.s_addr & htonl(1)) {
		roster_gone(roster(), news.claim, 0, &gone);
		require(gone.count >= 1 && gone.line[0].event == NEIGHBOUR_GONE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arp arp;
	struct mac source;

	if (arp_unpack(data, size, &arp) == ARP_SOUND) {
		check(&arp);
		take(&arp);
	}
	if (arp_source_ip(data, size, &arp.spa))
		require(ntohl(arp.spa.s_addr) >> 24 != 0 && ntohl(arp.spa.s_addr) >> 24 < 224);
	if (arp_source(data, size, &source)) {
		require(!mac_is_group(source));
		roster_link(roster(), source, (int64_t)size);
	}
	return 0;
}
