/* SPDX-License-Identifier: ISC */
#pragma once

/* What clang-tidy does not find out by itself, included before each source: a fault is made
 * whenever one is asked for, so where none was returned the result is there. */

#include "common/fault.h"

static inline struct fault *known_fault(struct fault *fault)
{
	if (!fault)
		__builtin_unreachable();
	return fault;
}

#define fault_new(...)	 known_fault(fault_new(__VA_ARGS__))
#define fault_errno(...) known_fault(fault_errno(__VA_ARGS__))
