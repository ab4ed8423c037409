/* SPDX-License-Identifier: ISC */
#include "hub/nft.h"

#include <nftables/libnftables.h>
#include <string.h>
#include <unistd.h>

/* libnftables says in words what the kernel said by number. */
static enum fault_status status_of(const char *error)
{
	static const struct {
		const char *words;
		enum fault_status status;
	} rows[] = {
		{ "Operation not permitted", FAULT_REFUSED },
		{ "Permission denied", FAULT_REFUSED },
		{ "not supported", FAULT_UNREACHABLE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strstr(error, rows[i].words))
			return rows[i].status;
	return FAULT_FAILED;
}

/* The first line says it; the others show where. */
static struct fault *nft_fault(struct nft_ctx *nft)
{
	const char *error = nft_ctx_get_error_buffer(nft);
	int length = (int)strcspn(error, "\n");

	return fault_new(status_of(error), "nftables: %.*s", length, error);
}

static struct fault *nft_open(unsigned flags, struct nft_ctx **ret)
{
	if (geteuid() != 0) /* the library would say so by itself, on standard error */
		return fault_new(FAULT_REFUSED, "nftables: Operation not permitted");
	*ret = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!*ret)
		return fault_new(FAULT_FAILED, "nftables cannot be asked");
	nft_ctx_output_set_flags(*ret, flags);
	nft_ctx_buffer_output(*ret);
	nft_ctx_buffer_error(*ret);
	return NULL;
}

struct fault *nft_run(const char *text)
{
	struct nft_ctx *nft;
	struct fault *fault = nft_open(0, &nft);

	if (fault)
		return fault;
	if (nft_run_cmd_from_buffer(nft, text) != 0)
		fault = nft_fault(nft);
	nft_ctx_free(nft);
	return fault;
}

struct fault *nft_list(const void *ctx, const char *command, struct document **ret)
{
	struct nft_ctx *nft;
	struct fault *fault = nft_open(NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE, &nft);

	if (fault)
		return fault;
	if (nft_run_cmd_from_buffer(nft, command) != 0)
		fault = nft_fault(nft);
	else
		fault = document_read(ctx, nft_ctx_get_output_buffer(nft), ret);
	nft_ctx_free(nft);
	return fault;
}
