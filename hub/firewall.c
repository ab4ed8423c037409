/* SPDX-License-Identifier: ISC */
#include "hub/firewall.h"

#include <nftables/libnftables.h>
#include <string.h>

#include "common/memory.h"

struct fault *firewall_ruleset(const void *ctx, struct document **ret)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	struct fault *fault;

	if (!nft)
		return fault_new(FAULT_FAILED, "nftables cannot be asked");
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE);
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	if (nft_run_cmd_from_buffer(nft, "list ruleset") != 0)
		fault = fault_new(FAULT_REFUSED, "nftables does not list its rules: %s",
				  nft_ctx_get_error_buffer(nft));
	else
		fault = document_read(ctx, nft_ctx_get_output_buffer(nft), ret);
	nft_ctx_free(nft);
	return fault;
}

struct looking {
	const void *ctx;
	const char *bridge;	     /* as JSON has it, in quotes */
	const struct document *list; /* "nftables" */
	const struct document *chain;
	const char *name; /* of the chain: FAMILY TABLE CHAIN */
	bool named;	  /* a rule of it names the bridge or the port */
	const char *handle; /* of a rule that drops */
	struct obstacle *found;
};

static char *place_of(const void *ctx, const struct document *part, const char *chain_key)
{
	return mem_printf(ctx, "%s %s %s", document_text(part, "family"),
			  document_text(part, "table"), document_text(part, chain_key));
}

/* One rule of the list, seen for the chain that is being looked at. */
static struct fault *look_rule(const struct document *member, void *user)
{
	struct looking *looking = user;
	struct document *rule = document_member(looking->ctx, member, "rule");

	if (!rule || strcmp(place_of(looking->ctx, rule, "chain"), looking->name) != 0)
		return NULL;
	const char *text = document_write(looking->ctx, rule, false);
	bool bridge = strstr(text, looking->bridge) != NULL;
	bool drops = strstr(text, "{\"drop\"") || strstr(text, "{\"reject\"");

	looking->named |= bridge || strstr(text, "445");
	if (bridge && drops && !looking->handle)
		looking->handle = mem_printf(looking->ctx, "%jd",
					     (intmax_t)document_number(rule, "handle"));
	return NULL;
}

static struct fault *look_chain(const struct document *member, void *user)
{
	struct looking *looking = user;
	struct document *chain = document_member(looking->ctx, member, "chain");

	if (looking->found->chain || !chain || strcmp(document_text(chain, "hook"), "input") != 0)
		return NULL;
	looking->name = place_of(looking->ctx, chain, "name");
	looking->named = false;
	looking->handle = NULL;
	document_each(looking->list, look_rule, looking);
	if (!looking->handle &&
	    (looking->named || strcmp(document_text(chain, "policy"), "drop") != 0))
		return NULL;
	looking->found->chain = looking->name;
	looking->found->handle = looking->handle;
	return NULL;
}

bool firewall_obstacle(const void *ctx, const struct document *ruleset, const char *bridge,
		       struct obstacle *ret)
{
	struct looking looking = { .ctx = ctx,
				   .bridge = mem_printf(ctx, "\"%s\"", bridge),
				   .list = document_member(ctx, ruleset, "nftables"),
				   .found = ret };

	*ret = (struct obstacle){ NULL, NULL };
	if (looking.list)
		document_each(looking.list, look_chain, &looking);
	return ret->chain != NULL;
}
