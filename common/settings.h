/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What may be set for a host, in /etc/hubshare/hubshare.conf (an INI file with one section,
 * [hubshare]) and on the command line, which goes before the file.  Every path and name of
 * the world outside stands here with its default, so that nothing else knows any.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"

struct settings {
	const char *root;      /* prefix of every file that hubshare keeps; "" for none */
	const char *bridge;    /* "br-hub" */
	const char *network;   /* of the bridge, as CIDR: "172.16.10.0/24" */
	const char *connect;   /* libvirt's URI: "qemu:///system" */
	const char *samba_dir; /* where smb.conf and the store are: "/etc/samba" */
	const char *run_dir;   /* renderings of permanent shares: "/run/samba/hubshare" */
	const char *group;     /* who may read the store: "hubshare" */
	const char *allow_roots; /* what may be shared all the same, a path a line; "" */
	const char *deny_roots;	 /* what may not be shared besides, a path a line; "" */
	const char *gate;	 /* "on" or "off" */
	const char *gate_allow;	 /* what guests may reach besides, a word a line; "" */
	const char *allow_stations; /* MACs of no VM that may come in, one a line; "" */
	const char *leases;  /* the DHCP server's file; "": dnsmasq's or libvirt's own */
	const char *scanner; /* the program hubscan */
	const char *templates; /* directory of the templates */
	const char *testparm;  /* Samba's parser of configurations */
	/* Samba's tools that speak with smbd; "none": no smbd serves this tree. */
	const char *smbcontrol, *smbstatus;
};

/* One that may stand in the file: its key, where it goes, what it is without. */
struct settings_row {
	const char *key;
	size_t offset;
	const char *fallback;
	const char *help;
	bool list; /* may stand more than once: the values, a line each */
	/* Where not NULL, the value is words that fit, one or, in a list, any number; and what
	 * it takes, for people. */
	bool (*fits)(const char *word);
	const char *takes;
};

/* All rows; the end has no key. */
extern const struct settings_row settings_rows[];

/*
 * Takes what TEXT, a file of settings, says for members that are NULL.  Fault 2 for what
 * cannot be understood, and for a setting that stands twice without being a list.
 */
struct fault *settings_parse(const void *ctx, struct settings *settings,
			     const char *text);

/*
 * Fills every member that is NULL: from the file under settings->root if it has the key,
 * else with the default.  Fault 2 as settings_parse().
 * Under a root the default of smbcontrol and smbstatus is "none": the smbd that runs on
 * this machine does not serve that tree.
 */
struct fault *settings_fill(const void *ctx, struct settings *settings);

/* PATH under the root. */
char *settings_path(const void *ctx, const struct settings *settings, const char *path);
