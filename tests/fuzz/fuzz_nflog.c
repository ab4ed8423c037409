/* SPDX-License-Identifier: ISC */
/* Any message of the packet log: what comes out is a port and as much of a frame as fits. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "scanner/arp.h"
#include "scanner/nflog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nflog packet;
	struct arp arp;

	if (!nflog_unpack(data, size, &packet))
		return 0;
	if (!packet.port || packet.length < 14 || packet.length > NFLOG_FRAME)
		abort();
	(void)arp_unpack(packet.frame, packet.length, &arp);
	return 0;
}
