/* SPDX-License-Identifier: ISC */
#include "hub/standing.h"

#include <string.h>

#include "hub/expiry.h"
#include "hub/plan.h"

static const char *const names[] = { [STANDING_OPEN] = "open",
				     [STANDING_PARKED] = "parked",
				     [STANDING_SUSPENDED] = "suspended",
				     [STANDING_EXPIRED] = "expired" };

const char *standing_name(enum standing standing)
{
	return names[standing];
}

/* Does what stands at the address of GUEST keep the truth of that tenure from being served? */
static bool is_kept(const struct inventory *inventory, const struct guest *guest,
		    enum tenure tenure)
{
	const struct rendering *there = inventory_rendering(inventory, tenure, guest->ip);

	return there && (there->fragment->edited || !there->fragment->uuid);
}

/* Is the VM there, and something in the way?  IP of NULL: at any of its addresses. */
static bool is_hindered(const struct inventory *inventory, const struct guests *guests,
			const struct fragment *truth, const struct in_addr *ip)
{
	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (!guest->heard || !guest->domain ||
		    strcmp(guest->domain->uuid, truth->uuid) != 0 ||
		    (ip && guest->ip.s_addr != ip->s_addr))
			continue;
		if (guest->contested || is_kept(inventory, guest, truth->tenure))
			return true;
	}
	return false;
}

enum standing standing_of(const struct inventory *inventory, const struct guests *guests,
			  const struct fragment *truth, const struct share *share,
			  const struct rendering *there, const struct term_now *now)
{
	const char *owner = there ? plan_owner(guests, there, there->ip) : NULL;

	if (expiry_is_over(share, guests->domains, truth->uuid, now))
		return STANDING_EXPIRED;
	if (is_hindered(inventory, guests, truth, there ? &there->ip : NULL))
		return STANDING_SUSPENDED;
	return owner && strcmp(owner, truth->uuid) == 0 ? STANDING_OPEN : STANDING_PARKED;
}
