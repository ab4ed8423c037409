/* SPDX-License-Identifier: ISC */
#pragma once

/* What the gate's text (hub/gate_text.c) and its door (hub/gate.c) share: its tables and
 * sets. */

#include "common/document.h"
#include "hub/gate.h"

/* The tables, in the order in which they are written; the end is NULL. */
extern const char *const gate_families[];

/* What a set holds, as nft(8) writes it, sorted, nothing twice: "\"vnet3\" . 52:54:…". */
struct gate_elements {
	char **list;
	size_t count;
};

/* A set: what it is called in the table of FAMILY, its type, what of a plan it holds. */
struct gate_set {
	const char *family, *name, *type;
	void (*fill)(struct gate_elements *elements, const struct gate_plan *plan);
};

/* All sets, the first three being a plan's; the end has no name. */
enum { GATE_SET_PORTS, GATE_SET_TAPS, GATE_SET_BINDINGS, GATE_SETS_MAX = 16 };
extern const struct gate_set gate_sets[];

/* What SET holds for PLAN, on CTX. */
struct gate_elements *gate_elements(const void *ctx, const struct gate_set *set,
				    const struct gate_plan *plan);

/* Adds one as nft(8) writes it; they are sorted afterwards. */
void gate_elements_add(struct gate_elements *elements, char *text);
void gate_elements_sort(struct gate_elements *elements);

/* A rule's comment is "3/31 WORDS": its number, and how many there are. */
enum { GATE_RULES_MAX = 64 };
bool gate_rule_number(const char *comment, unsigned *ret_number, unsigned *ret_count);
