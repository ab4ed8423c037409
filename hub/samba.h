/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to smbd, by its own tools smbcontrol(1) and smbstatus(1).  What works, and in
 * which order, is measured: a removed share is served on to whoever has it open until
 * smbd has loaded its configuration again and the share is closed in that client's smbd.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/settings.h"
#include "hub/smbstatus.h"

struct samba;

struct samba *samba_new(const void *ctx, const struct settings *settings);

/* Fault 7 unless the first smbd answers. */
struct fault *samba_ping(struct samba *samba);

/* Makes every smbd load its configuration again.  Fault 7 if smbd does not run. */
struct fault *samba_reload(struct samba *samba);

/* Ends smbd, and with it every session.  Fault 7 if it does not run. */
struct fault *samba_end(struct samba *samba);

/*
 * Cuts the client at IP off COUNT shares, or WHOLE, and looks, for 5 s, until it has none
 * of them open any more and each of its smbds has loaded the configuration without them; one
 * that is cut off whole has no smbd left that was there before.
 * To be called after samba_reload().  Fault 8 whenever that cannot be shown; the client is
 * cut off whole then.
 */
struct fault *samba_cut(struct samba *samba, struct in_addr ip, const char *const *names,
			size_t count, bool whole);

/* Cuts off, whole, whoever has logged on as USER.  Faults as samba_cut(). */
struct fault *samba_cut_user(struct samba *samba, const char *user);

/* Who is connected, and what he has open.  Fault 7 if smbstatus cannot be run, 4 if it does not
 * end, 1 for what cannot be understood. */
struct fault *samba_clients(const void *ctx, struct samba *samba, struct clients **ret);
