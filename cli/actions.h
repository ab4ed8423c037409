/* SPDX-License-Identifier: ISC */
#pragma once

/* Every verb of hubshare: a file of its own each, which ends in its row. */

#include "common/command.h"

extern const struct action action_add, action_remove, action_list, action_find,
	action_wait, action_delete, action_clean, action_sync, action_edit, action_doctor,
	action_why, action_watch, action_mount_cmd, action_user, action_setup;
