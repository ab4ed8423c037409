/* SPDX-License-Identifier: ISC */
#pragma once

/* A text as a file that lies nowhere, for another program of ours to read. */

#include "common/fault.h"

/* *RET_PATH names it as long as it is there: with CTX it goes. */
struct fault *scratch_new(const void *ctx, const char *text, const char **ret_path);
