/* SPDX-License-Identifier: ISC */
#include "common/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool ip_parse(const char *text, struct in_addr *ret)
{
	struct in_addr ip;

	if (inet_pton(AF_INET, text, &ip) != 1)
		return false;
	*ret = ip;
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

bool mac_parse(const char *text, struct mac *ret)
{
	struct mac mac;

	for (size_t i = 0; i < sizeof(mac.octet); i++, text += 3) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac.octet[i] = (uint8_t)(high << 4 | low);
	}
	*ret = mac;
	return true;
}

const char *ip_text(struct in_addr ip, char buffer[static ADDRESS_TEXT])
{
	return inet_ntop(AF_INET, &ip, buffer, ADDRESS_TEXT);
}

const char *mac_text(struct mac mac, char buffer[static ADDRESS_TEXT])
{
	const uint8_t *o = mac.octet;

	snprintf(buffer, ADDRESS_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2],
		 o[3], o[4], o[5]);
	return buffer;
}

bool mac_equal(struct mac a, struct mac b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

int ip_compare(struct in_addr a, struct in_addr b)
{
	uint32_t x = ntohl(a.s_addr), y = ntohl(b.s_addr);

	return (x > y) - (x < y);
}
