/* SPDX-License-Identifier: ISC */
#include "cli/terminal.h"

#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_MAX = 10000 };

static int columns_of_stdout(void)
{
	const char *wanted = secure_getenv("COLUMNS"), *error = NULL;
	struct winsize size = { 0 };
	int columns = wanted ? (int)strtonum(wanted, 1, COLUMNS_MAX, &error) : 0;

	if (columns > 0)
		return columns;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool has_colours(void)
{
	const char *no_color = secure_getenv("NO_COLOR"), *term = secure_getenv("TERM");

	return !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

struct terminal terminal_stdout(void)
{
	if (!isatty(STDOUT_FILENO))
		return (struct terminal){ 0 };
	return (struct terminal){ .columns = columns_of_stdout(),
				  .coloured = has_colours() };
}

/* ECMA-48, 8.3.117: the colours that every terminal with colours has. */
static const char *const sequences[] = { [TONE_NONE] = "",
					 [TONE_GOOD] = "\033[32m",
					 [TONE_DOUBTFUL] = "\033[33m",
					 [TONE_BAD] = "\033[31m" };

const char *terminal_begin(const struct terminal *terminal, enum tone tone)
{
	return terminal->coloured ? sequences[tone] : "";
}

const char *terminal_end(const struct terminal *terminal, enum tone tone)
{
	return terminal->coloured && tone != TONE_NONE ? "\033[0m" : "";
}
