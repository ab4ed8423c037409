/* SPDX-License-Identifier: ISC */
/* What somebody on the bridge answers to a DISCOVER: an OFFER that is taken has an address. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "doctor/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mac mac = { { 0x02, 1, 2, 3, 4, 5 } };
	struct dhcp_offer offer;

	if (dhcp_unpack_offer(data, size, 0x01020304, mac, &offer) && !offer.ip.s_addr)
		abort();
	return 0;
}
