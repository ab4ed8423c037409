/* SPDX-License-Identifier: ISC */
#pragma once

/* Random input from a seed that is printed, so that a failure can be had again. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void random_begin(void)
{
	const char *given = getenv("HUBSHARE_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

	printf("# HUBSHARE_SEED=%u\n", seed);
	srandom(seed);
}

/* A number below LIMIT. */
static inline size_t random_below(size_t limit)
{
	return (size_t)random() % limit;
}

/* True once in N. */
static inline int one_in(size_t n)
{
	return random_below(n) == 0;
}
