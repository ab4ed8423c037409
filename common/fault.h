/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A failure as a value: the exit status it leads to and its story, one sentence for a
 * person.  NULL is success.  Functions hand faults up; main prints the last one, once.
 * A story may quote anything as it is: it is made fit for a terminal when it is printed.
 */

/* What the programs exit with; documented in the manual pages and in JSON errors. */
enum fault_status {
	FAULT_NONE = 0,
	FAULT_FAILED = 1,      /* something went wrong that has no number of its own */
	FAULT_USAGE = 2,       /* wrong use, or input that was refused */
	FAULT_NOT_FOUND = 3,   /* no such VM or share */
	FAULT_TIMEOUT = 4,     /* the time given ran out */
	FAULT_CONFLICT = 5,    /* an identity or a name is taken, or contested */
	FAULT_REFUSED = 6,     /* refused by policy or by missing rights */
	FAULT_UNREACHABLE = 7, /* a part is away: libvirt, smbd, the bridge */
	FAULT_UNPROVED = 8,    /* done, but a session could not be shown to be cut */
};

struct fault {
	enum fault_status status;
	char *text; /* a sentence without a final full stop or newline */
};

/*
 * Makes a fault.  It hangs on no parent: whoever receives it hands it on or frees it
 * with talloc_free().
 */
struct fault *fault_new(enum fault_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));

/* As fault_new() with status FAULT_FAILED, and ": " and strerror(ERROR) at the end. */
struct fault *fault_errno(int error, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));

/* Puts "CONTEXT: " before the story of FAULT and returns it; NULL stays NULL. */
struct fault *fault_wrap(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));

/* FIRST if there is one, with SECOND forgotten; else SECOND. */
struct fault *fault_first(struct fault *first, struct fault *second)
	__attribute__((warn_unused_result));

/* Prints FAULT on stderr, frees it, and returns its exit status; 0 for NULL. */
int fault_finish(struct fault *fault);

/* The status to exit with: STATUS, or 1, said on stderr, where all went well but standard
 * output could not take what was printed. */
int fault_flush(int status);
