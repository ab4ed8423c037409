/* SPDX-License-Identifier: ISC */
#pragma once

/* The door to nftables: libnftables(3). */

#include "common/document.h"
#include "common/fault.h"

/*
 * Carries out TEXT, commands as nft(8) reads them, in one transaction.  Faults: 6 without the
 * right to, 7 where the kernel has no such rules, 1 otherwise.  Nothing is kept between calls.
 */
struct fault *nft_run(const char *text);

/* What COMMAND lists, as libnftables-json(5) has it, on CTX.  Faults as nft_run(). */
struct fault *nft_list(const void *ctx, const char *command, struct document **ret);
