/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * How fast to ask: at most RATE questions a second, the first BURST of them at once.  This
 * is the virtual scheduling algorithm of ITU-T I.371, annex A.  Times in microseconds.
 */

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t interval_us; /* 0: no limit */
	int64_t burst_us;
	int64_t next_us; /* when the next question would be due without any burst */
};

static inline struct pace pace_of(int rate, int burst)
{
	int64_t interval = rate > 0 ? 1000000 / rate : 0;

	return (struct pace){ .interval_us = interval,
			      .burst_us = interval * (burst - 1) };
}

/* When the next question may go: a time that is not after now means at once. */
static inline int64_t pace_due(const struct pace *pace)
{
	return pace->next_us - pace->burst_us;
}

static inline void pace_spend(struct pace *pace, int64_t now_us)
{
	pace->next_us =
		(pace->next_us > now_us ? pace->next_us : now_us) + pace->interval_us;
}
