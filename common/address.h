/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The two addresses that everything here turns on: IPv4 (struct in_addr, network byte
 * order as everywhere) and Ethernet MAC (six octets in the order they have on the wire).
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct mac {
	uint8_t octet[6];
};

/* Room for the text of either address, with its NUL. */
#define ADDRESS_TEXT 18

/* Parses exactly a dotted quad, as inet_pton(3) takes it. */
bool ip_parse(const char *text, struct in_addr *ret);
/* Parses six pairs of hexadecimal digits with colons, in any case. */
bool mac_parse(const char *text, struct mac *ret);

/* Write the canonical text (lower case) into BUFFER and return it. */
const char *ip_text(struct in_addr ip, char buffer[static ADDRESS_TEXT]);
const char *mac_text(struct mac mac, char buffer[static ADDRESS_TEXT]);

/* Text in a buffer that lives as long as the enclosing block. */
#define IP_TEXT(ip)   ip_text(ip, (char[ADDRESS_TEXT]){ 0 })
#define MAC_TEXT(mac) mac_text(mac, (char[ADDRESS_TEXT]){ 0 })

bool mac_equal(struct mac a, struct mac b);
/* Order by number: < 0, 0, > 0. */
int ip_compare(struct in_addr a, struct in_addr b);
