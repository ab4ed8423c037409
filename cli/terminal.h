/* SPDX-License-Identifier: ISC */
#pragma once

/* The terminal that standard output is, if it is one: how wide it is, and whether it has colours. */

#include <stdbool.h>

struct terminal {
	int columns; /* 0: there is no bound */
	bool coloured;
};

/* What a text is to a person at first sight. */
enum tone { TONE_NONE, TONE_GOOD, TONE_DOUBTFUL, TONE_BAD };

/*
 * Standard output as it is now; no bound and no colours where it is no terminal.  COLUMNS wins
 * over what the terminal says; NO_COLOR (no-color.org) and TERM=dumb take the colours off.
 */
struct terminal terminal_stdout(void);

/* What is printed before a text of the tone, and after it. */
const char *terminal_begin(const struct terminal *terminal, enum tone tone);
const char *terminal_end(const struct terminal *terminal, enum tone tone);
