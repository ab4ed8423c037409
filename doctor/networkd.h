/* SPDX-License-Identifier: ISC */
#pragma once

/* What systemd-networkd does with an interface, by the file that it says it goes by
 * (systemd.network(5)). */

#include <stdbool.h>

#include "doctor/host.h"

/* The text of the file by which it keeps the bridge; NULL where it does not. */
char *networkd_text(struct host *host);

/* Does TEXT have it give addresses?  A route or DNS with them: what is wrong with that; NULL:
 * nothing. */
bool networkd_serves(const char *text);
const char *judge_networkd(const char *text);
