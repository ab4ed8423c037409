/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A command line that somebody has the service carry out, and what comes of it, as both go over
 * the socket: a line of JSON each.
 *
 * {"version": 1, "words": ["add", "-g", "untrusted-0", "/home/user/tmp"]}
 * {"version": 1, "status": 0, "output": "...", "error": ""}
 */

#include "common/fault.h"
#include "hub/caller.h"
#include "service/event.h"

enum {
	CALL_MAX_BYTES = 64 << 10, /* of a line, with its newline */
	CALL_WORDS_MAX = 64,
	CALL_OUTPUT_MAX_BYTES = 1
				<< 20, /* of what is printed, each of output and error */
};

struct call {
	const char *const *words; /* NULL-terminated, without the program's name */
	struct caller caller;
};

/* Exit status of the command, and what it printed. */
struct answer {
	int status;
	const char *output, *error;
};

/* The line, without newline, for WORDS.  Fault 2 if one is not UTF-8, or they are too many or
 * too long. */
struct fault *call_line(const void *ctx, const char *const *words, char **ret);
/* The words of such a line.  Fault 2 for one that is none. */
struct fault *call_parse(const void *ctx, const char *line, const char *const **ret);

/* The same of an answer; fault 1 for a line that is none. */
char *answer_line(const void *ctx, const struct answer *answer);
struct fault *answer_parse(const void *ctx, const char *line, struct answer **ret);

/* The event of it: who (UID) has called hubshare with WORDS (NULL: it is not known), and FAULT,
 * or NULL, is what came of it.  Asks for his account. */
struct event *call_event(const void *ctx, uid_t uid, const char *const *words,
			 const struct fault *fault);
