/* SPDX-License-Identifier: ISC */
#include "confgen/inventory.h"

#include <string.h>

#include "common/memory.h"

void inventory_add_oddity(struct inventory *inventory, const char *path, const char *name,
			  const char *what)
{
	*mem_grow(inventory, inventory->oddities, const char *, inventory->oddity_count) =
		mem_printf(inventory, "%s/%s %s", path, name, what);
	inventory->oddity_count++;
}

void inventory_add_truth(struct inventory *inventory, struct fragment *fragment,
			 const char *uuid)
{
	/* The name of the file is what counts; its head may have been lost in an edit. */
	fragment->uuid = mem_strdup(fragment, uuid);
	*mem_grow(inventory, inventory->truths, struct fragment *,
		  inventory->truth_count) = talloc_steal(inventory, fragment);
	inventory->truth_count++;
}

void inventory_add_rendering(struct inventory *inventory, struct fragment *fragment,
			     struct in_addr ip)
{
	*mem_grow(inventory, inventory->renderings, struct rendering,
		  inventory->rendering_count) =
		(struct rendering){ .ip = ip,
				    .tenure = fragment->tenure,
				    .fragment = talloc_steal(inventory, fragment) };
	inventory->rendering_count++;
}

struct fragment *inventory_truth(const struct inventory *inventory, const char *uuid,
				 enum tenure tenure)
{
	for (size_t i = 0; i < inventory->truth_count; i++)
		if (inventory->truths[i]->tenure == tenure &&
		    strcmp(inventory->truths[i]->uuid, uuid) == 0)
			return inventory->truths[i];
	return NULL;
}

struct fragment *inventory_make(struct inventory *inventory, const char *uuid,
				const char *vm, enum tenure tenure)
{
	struct fragment *truth = inventory_truth(inventory, uuid, tenure);

	if (!truth) {
		truth = fragment_new(inventory, uuid, vm, tenure);
		inventory_add_truth(inventory, truth, uuid);
	}
	return truth;
}

struct rendering *inventory_rendering(const struct inventory *inventory,
				      enum tenure tenure, struct in_addr ip)
{
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (inventory->renderings[i].tenure == tenure &&
		    inventory->renderings[i].ip.s_addr == ip.s_addr)
			return &inventory->renderings[i];
	return NULL;
}

bool inventory_original(const struct inventory *inventory, const char *vm,
			const char *name)
{
	for (size_t i = 0; i < inventory->rendering_count; i++) {
		const struct fragment *there = inventory->renderings[i].fragment;

		if (!there->uuid && there->vm && strcmp(there->vm, vm) == 0 &&
		    (name ? fragment_find(there, name) != NULL : there->count > 0))
			return true;
	}
	return false;
}
