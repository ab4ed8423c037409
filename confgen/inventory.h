/* SPDX-License-Identifier: ISC */
#pragma once

/* What the store holds, as it was read: truths, renderings, and what is neither. */

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "confgen/fragment.h"

/* A file <IP>.conf that smbd includes for that client. */
struct rendering {
	struct in_addr ip;
	enum tenure tenure;
	struct fragment *fragment; /* without UUID: hubshare did not make it */
	const char *
		refused; /* why its shares may not become a VM's own; NULL: nothing known */
};

/* What the store holds; all of it hangs on the inventory. */
struct inventory {
	struct fragment **truths;
	size_t truth_count;
	struct rendering *renderings;
	size_t rendering_count;
	const char **
		oddities; /* a sentence for each entry that is not ours or not readable */
	size_t oddity_count;
};

/* One more of each; FRAGMENT goes over to the inventory.  The name of a truth's file is its
 * UUID, also where an edit has lost its head. */
void inventory_add_truth(struct inventory *inventory, struct fragment *fragment,
			 const char *uuid);
void inventory_add_rendering(struct inventory *inventory, struct fragment *fragment,
			     struct in_addr ip);
/* "PATH/NAME WHAT" */
void inventory_add_oddity(struct inventory *inventory, const char *path, const char *name,
			  const char *what);

/* The VM's fragment of that tenure among the truths; NULL if it has none. */
struct fragment *inventory_truth(const struct inventory *inventory, const char *uuid,
				 enum tenure tenure);
/* The same, but made (empty, for the VM called VM) where there is none. */
struct fragment *inventory_make(struct inventory *inventory, const char *uuid,
				const char *vm, enum tenure tenure);
/* The rendering in that place; NULL if there is none. */
struct rendering *inventory_rendering(const struct inventory *inventory,
				      enum tenure tenure, struct in_addr ip);

/* Has a file that the original tool made for VM a share NAME (NULL: any at all)? */
bool inventory_original(const struct inventory *inventory, const char *vm,
			const char *name);
