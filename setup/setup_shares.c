/* SPDX-License-Identifier: ISC */
/* What setup has to do with shares: none stays open on a host that is set up no more. */

#include "common/memory.h"
#include "hub/apply.h"
#include "setup/setup_parts.h"

/* As for a host without VMs: the lists of shares stay, and what is served goes. */
static struct fault *close_all(struct store *store, const struct settings *settings)
{
	const struct domains *none = mem_new(store, struct domains);
	const struct evidence nobody = { .bridge = settings->bridge };
	struct guests *guests = guests_join(store, none, &nobody);
	struct samba *samba = samba_new(store, settings);
	struct inventory *inventory;
	struct fault *fault = store_inventory(store, store, &inventory);

	return fault ? fault :
		       apply(store, samba, NULL,
			     plan_of(store, inventory, guests, NULL, PLAN_EDITS_REFUSE));
}

struct fault *setup_close_shares(struct setup *setup)
{
	struct store *store;
	struct fault *fault = store_open(NULL, setup->settings, STORE_WRITE, &store);

	if (fault)
		return fault;
	fault = close_all(store, setup->settings);
	talloc_free(store);
	return fault;
}
