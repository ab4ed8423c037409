/* SPDX-License-Identifier: ISC */
#pragma once

/* What the parts of setup share: the run, and how a thing is made or put back. */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "common/settings.h"
#include "confgen/template.h"
#include "doctor/host.h"
#include "setup/record.h"
#include "setup/setup.h"

struct thing;

struct setup {
	const struct settings *settings;
	const struct setup_wish *wish;
	struct host *host;     /* as doctor looks at it */
	struct record *record; /* in a dry run also what would have been made */
	const char *snippets;  /* the directory of templates */
	bool alive;	       /* no root: services are spoken with */
	bool booted;	       /* and systemd runs */
	size_t left;	       /* things that are left to a person */
	bool bind_changed;     /* where Samba is to listen is not where it does */
	bool undoing;
	bool bridge_stays;   /* and so what keeps it: VMs are on it */
	const char *drop_in; /* the template of what has smbd start behind the bridge */
	const char *
		network; /* of libvirt's, that makes the bridge; NULL: another keeps it */
	const char *network_xml; /* of the network that is to be defined */
};

#define FORMAT_SETUP __attribute__((format(printf, 4, 5)))
void setup_tell(struct setup *setup, enum setup_news news, const char *what,
		const char *format, ...) FORMAT_SETUP;

/* How WHAT is, or in a dry run would be by now. */
struct fault *setup_look(const void *ctx, struct setup *setup, const struct thing *thing,
			 const char *what, char **ret);
/* Makes it WANTED, or, in a dry run, as if; nothing is told. */
struct fault *setup_put(struct setup *setup, const struct thing *thing, const char *what,
			const char *wanted);
/* Looks, tells, and makes it WANTED unless it is, or is somebody else's. */
struct fault *setup_want(struct setup *setup, const struct thing *thing, const char *what,
			 const char *wanted);
/* A file of ours with its directories: TEMPLATE of setup-snippets with VALUES in it. */
struct fault *setup_want_file(struct setup *setup, const char *path, unsigned mode,
			      const char *template, const struct values *values);
/* The directories above PATH. */
struct fault *setup_want_parents(struct setup *setup, const char *path);

/* Has the network of SETTINGS room for VMs?  Fault 2. */
struct fault *setup_check_network(const struct settings *settings);
/* May VMs be on that network: no other interface of this host has an address of it, and the host
 * is not set up for another bridge or network already?  Fault 5. */
struct fault *setup_check_host(struct setup *setup);
/* Does the file PATH, of those that setup makes, keep a bridge? */
bool setup_keeps_bridge(const char *path);
/* An address that DHCP gives to VMs, on CTX. */
char *setup_vm_address(const void *ctx, const struct setup *setup);
/* What the templates of setup-snippets have in common: bridge, address, ... */
struct fault *setup_values(const void *ctx, struct setup *setup, struct values **ret);

/* Is there anything at PATH? */
bool setup_has(struct setup *setup, const char *path);
/* Runs ARGV, up to a minute; fault: it could not be run, or what it said last. */
struct fault *setup_run(const char *const argv[]);
/* Tells whoever reads PATH that it is another now. */
struct fault *setup_announce(struct setup *setup, const char *path);

/* Who runs on this host. */
bool networkd_runs(void);
bool nm_runs(void);
bool firewalld_runs(void);
bool apparmor_runs(void);

/* Closes all shares, and cuts who has them open; what is permanent stays in its list.  Faults as
 * apply() (hub/apply.h). */
struct fault *setup_close_shares(struct setup *setup);

/* UNIT of systemd begins with the host, and, where that has booted, runs. */
struct fault *setup_want_unit(struct setup *setup, const char *unit);

/* smbd, where one runs, takes smb.conf anew, or begins anew, which cuts all who are connected. */
struct fault *setup_reload_smbd(struct setup *setup);
struct fault *setup_restart_smbd(struct setup *setup);

/* The steps, by what they are about: setup_files.c, setup_network.c, setup_samba.c,
 * setup_system.c. */
struct fault *step_settings(struct setup *setup);
struct fault *step_group(struct setup *setup);
struct fault *step_scanner(struct setup *setup);
struct fault *step_directories(struct setup *setup);
struct fault *step_firewalld(struct setup *setup);
struct fault *step_network(struct setup *setup);
struct fault *step_drop_in(struct setup *setup);
struct fault *step_apparmor(struct setup *setup);
struct fault *step_samba(struct setup *setup);
struct fault *step_smbd(struct setup *setup);
struct fault *step_service(struct setup *setup);
