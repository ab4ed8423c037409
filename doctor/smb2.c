/* SPDX-License-Identifier: ISC */
#include "doctor/smb2.h"

#include <string.h>

/* Offsets: four bytes of length (2.1), the header (2.2.1.2), the request (2.2.3). */
enum {
	AT_MAGIC = 4,
	AT_HEADER_SIZE = 8,
	AT_COMMAND = 16,
	AT_CREDITS = 18,
	AT_FLAGS = 20,
	AT_SIZE = 68,
	AT_DIALECT_COUNT = 70,
	AT_SECURITY = 72,
	AT_DIALECTS = 104,
};

enum { SIGNING_ENABLED = 1, FROM_SERVER = 1, COMMAND_NEGOTIATE = 0 };

static const uint8_t magic[] = { 0xfe, 'S', 'M', 'B' };

void smb2_pack_negotiate(uint8_t packet[static SMB2_NEGOTIATE])
{
	static const uint8_t dialects[] = {
		0x02, 0x02, 0x10, 0x02, 0x00, 0x03, 0x02, 0x03
	};

	memset(packet, 0, SMB2_NEGOTIATE);
	packet[3] = AT_DIALECTS + sizeof(dialects) - AT_MAGIC;
	memcpy(packet + AT_MAGIC, magic, sizeof(magic));
	packet[AT_HEADER_SIZE] = 64;
	packet[AT_CREDITS] = 1;
	packet[AT_SIZE] = 36;
	packet[AT_DIALECT_COUNT] = sizeof(dialects) / 2;
	packet[AT_SECURITY] = SIGNING_ENABLED;
	memcpy(packet + AT_DIALECTS, dialects, sizeof(dialects));
}

bool smb2_is_reply(const uint8_t *packet, size_t length)
{
	return length >= SMB2_REPLY && packet[0] == 0 &&
	       memcmp(packet + AT_MAGIC, magic, sizeof(magic)) == 0 &&
	       packet[AT_HEADER_SIZE] == 64 && packet[AT_COMMAND] == COMMAND_NEGOTIATE &&
	       packet[AT_FLAGS] & FROM_SERVER;
}
