/* SPDX-License-Identifier: ISC */
#pragma once

/* The first words of SMB2 ([MS-SMB2] 2.2.3, 2.2.4): enough to see whether a server speaks it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SMB2_PORT = 445,
	SMB2_NEGOTIATE = 112, /* bytes of ours */
	SMB2_REPLY = 68,      /* of a reply's beginning, which are enough */
};

/* NEGOTIATE of dialects 2.0.2 to 3.0.2, as it goes over TCP (2.1). */
void smb2_pack_negotiate(uint8_t packet[static SMB2_NEGOTIATE]);

/* Are the LENGTH bytes of PACKET the beginning of a reply to that?  A server that wants a newer
 * dialect says so in one. */
bool smb2_is_reply(const uint8_t *packet, size_t length);
