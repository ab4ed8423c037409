/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * How long a share is for: for good, until a moment, or until its VM is shut off.  Clocks may
 * be set, and a host may boot or sleep: what cannot be shown to last any more is over.  Pure:
 * the clocks go in.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/fault.h"

/* The kernel's boot id (/proc/sys/kernel/random/boot_id) is a UUID, a new one each boot. */
enum { TERM_BOOT_ID = 36 };

enum term_kind {
	TERM_NONE, /* for good */
	TERM_BOOT, /* until CLOCK_BOOTTIME, which runs on in suspend, is UNTIL_MS of this boot */
	TERM_DATE, /* until a date; a clock that shows a time before SINCE_MS counts as later */
	TERM_STOP, /* as long as the VM runs under libvirt's ID in this boot */
	TERM_LOST, /* what was written cannot be understood: it is over */
};

struct term {
	enum term_kind kind;
	int64_t until_ms,
		since_ms; /* of TERM_BOOT and TERM_DATE, as struct term_now has it */
	int id;
	char boot[TERM_BOOT_ID + 1];
};

/* What is now. */
struct term_now {
	int64_t boot_ms;	     /* CLOCK_BOOTTIME */
	int64_t date_ms;	     /* since 1970, UTC */
	char boot[TERM_BOOT_ID + 1]; /* "": not known */
};

/* The clocks of this machine. */
struct term_now term_now(void);

/*
 * Reads "2h", "1h30m", "45s", "3d" into ms: whole numbers of w, d, h, m and s, the longest
 * first, each once.  Fault 2; from a second to ten years (520 weeks).
 */
struct fault *term_parse_duration(const char *text, int64_t *ret_ms);

/* From NOW on for that long: by the date where it has to outlive a boot. */
struct term term_for(const struct term_now *now, int64_t ms, bool permanent);
/* As long as the VM runs, which has libvirt's ID now. */
struct term term_until_stop(const struct term_now *now, int id);

/* Is it over?  ID: libvirt's of the VM now, -1 if it is off. */
bool term_over(const struct term *term, const struct term_now *now, int id);

/* In how many ms a clock ends it, 0 if it is over; -1: none does. */
int64_t term_left_ms(const struct term *term, const struct term_now *now);

/* May A last when B is over? */
bool term_outlasts(const struct term *a, const struct term *b);
bool term_same(const struct term *a, const struct term *b);

/* "until=2026-01-31T12:00:00.000Z since=...": as a note of a share, on CTX; NULL for
 * TERM_NONE. */
char *term_note(const void *ctx, const struct term *term);
/* Reads such a note; false if it is none ("until=").  One that is not just as it is written
 * gives TERM_LOST. */
bool term_parse_note(const char *note, struct term *ret);

/* "expires in 1h12m", "until stop", on CTX; NULL for TERM_NONE. */
char *term_text(const void *ctx, const struct term *term, const struct term_now *now);
/* When that is, as a date ("2026-01-31T12:00:00Z"), or "stop", on CTX; NULL likewise. */
char *term_until_text(const void *ctx, const struct term *term,
		      const struct term_now *now);
