/* SPDX-License-Identifier: ISC */
#pragma once

/* The right to open a raw socket, as a program's file gives it (capabilities(7)). */

#include <stdbool.h>

/* Does the file PATH give CAP_NET_RAW to whoever runs it? */
bool capability_has_raw(const char *path);

/* Gives it that, effective, and nothing else; false, with errno, where that cannot be. */
bool capability_give_raw(const char *path);
