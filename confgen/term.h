/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * How long a share is for: for good, until a moment, or until its VM is shut off.  Pure: the
 * clocks go in.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/fault.h"

/* Room for the kernel's boot id (/proc/sys/kernel/random/boot_id) with its NUL. */
enum { TERM_BOOT_ID = 37 };

enum term_kind {
	TERM_NONE, /* for good */
	TERM_BOOT, /* until CLOCK_BOOTTIME, which runs on in suspend, is UNTIL_MS of this boot */
	TERM_DATE, /* until a date; a clock that shows a time before SINCE_MS counts as later */
	TERM_STOP, /* as long as the VM runs under libvirt's ID in this boot */
};

struct term {
	enum term_kind kind;
	int64_t until_ms, since_ms; /* of TERM_DATE since 1970, whole seconds */
	int id;
	char boot[TERM_BOOT_ID];
};

/* What is now. */
struct term_now {
	int64_t boot_ms; /* CLOCK_BOOTTIME */
	int64_t date_ms; /* since 1970 */
	char boot[TERM_BOOT_ID];
};

/* The clocks of this machine. */
struct term_now term_now(void);

/* Reads "2h", "1h30m", "45s", "3d", "2w" into ms.  Fault 2; a second to ten years. */
struct fault *term_parse_duration(const char *text, int64_t *ret_ms);

/* From NOW on for that long: by the date where it has to outlive a boot. */
struct term term_for(const struct term_now *now, int64_t ms, bool permanent);
/* As long as the VM runs, which has libvirt's ID now. */
struct term term_until_stop(const struct term_now *now, int id);

/* Is it over?  ID: libvirt's of the VM now, -1 if it is off. */
bool term_over(const struct term *term, const struct term_now *now, int id);

/* In how many ms that will be, if nothing else happens; -1: that cannot be said. */
int64_t term_left_ms(const struct term *term, const struct term_now *now);

bool term_same(const struct term *a, const struct term *b);

/* "until=2026-01-31T12:00:00Z since=…": as a note of a share, on CTX; NULL for TERM_NONE. */
char *term_note(const void *ctx, const struct term *term);
/* Reads such a note; false if it is none. */
bool term_parse_note(const char *note, struct term *ret);

/* "expires in 1h12m", "until stop", on CTX; NULL for TERM_NONE. */
char *term_text(const void *ctx, const struct term *term, const struct term_now *now);
