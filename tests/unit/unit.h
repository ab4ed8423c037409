/* SPDX-License-Identifier: ISC */
#pragma once

/* What every unit test includes: cmocka needs these four before it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
