/* SPDX-License-Identifier: ISC */
#pragma once

/* What the looks of doctor/check.h share: findings, and what is fetched once for all rows. */

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "confgen/store.h"
#include "confgen/testparm.h"
#include "doctor/check.h"
#include "hub/guest.h"

struct host {
	const struct settings *settings;
	const char *smb_conf; /* its path */
	struct term_now now;  /* when it was made */
	struct inventory
		*inventory;	 /* of the store; NULL: not fetched, or not to be had */
	struct globals *globals; /* of smb.conf; NULL: not read, or not to be had */
	const char *globals_trouble; /* why they are not */
	struct domains *domains;
	struct guests *guests;
	const char *blind;	   /* why one of these is not to be had */
	struct probe *probe;	   /* what it found; NULL: not tried, or not to be had */
	const char *probe_trouble; /* why it is not */
};

/* The bridge as the kernel has it. */
struct bridge_state {
	bool there, up;
	struct in_addr ip; /* its address in the network of hubshare; 0.0.0.0: none */
	bool ipv6;	   /* it has an IPv6 address */
};
void host_bridge(struct host *host, struct bridge_state *ret);

/* What several rows need; false, with the reason in host->blind, where it is not to be had. */
bool host_inventory(struct host *host);
bool host_domains(struct host *host);
bool host_guests(struct host *host); /* the domains, and a sweep */
/* What the probe found; false, with the finding that says so, where it cannot be had. */
bool host_probe(struct host *host, struct finding *ret);

#define FORMAT(n, m) __attribute__((format(printf, n, m)))
struct finding found_ok(struct host *host, const char *format, ...) FORMAT(2, 3);
struct finding found_unknown(struct host *host, const char *format, ...) FORMAT(2, 3);
/* MEND is taken as it is; see mend(). */
struct finding found_wrong(struct host *host, const char *mend, const char *format, ...)
	FORMAT(3, 4);
const char *mend(struct host *host, const char *format, ...) FORMAT(2, 3);
/* The story of FAULT, which belongs to HOST from now on. */
const char *host_told(struct host *host, struct fault *fault);
/* The text of a file that the kernel or another program keeps, its first MiB at most; "" if
 * it cannot be read.  What is no regular file, as the kernel's are, is not even opened. */
enum { HOST_READ_MAX = 1 << 20 };
char *host_read(struct host *host, const char *path);

/* Is nothing in the directory PATH?  Is it on a tmpfs? */
bool host_is_empty(const char *path);
bool host_on_tmpfs(const char *path);

/* The looks, by whom they look at: check_bridge.c, check_samba.c, check_store.c, check_host.c,
 * check_gate.c, check_probe.c. */
struct finding look_bridge(struct host *host);
struct finding look_bridge_up(struct host *host);
struct finding look_bridge_address(struct host *host);
struct finding look_bridge_ipv6(struct host *host);
struct finding look_dhcp(struct host *host);
struct finding look_dhcp_options(struct host *host);
struct finding look_smb_conf(struct host *host);
struct finding look_includes(struct host *host);
struct finding look_multi_channel(struct host *host);
struct finding look_bind_only(struct host *host);
struct finding look_interfaces(struct host *host);
struct finding look_map_to_guest(struct host *host);
struct finding look_wide_links(struct host *host);
struct finding look_min_protocol(struct host *host);
struct finding look_homes(struct host *host);
struct finding look_usershares(struct host *host);
struct finding look_smbd(struct host *host);
struct finding look_listening(struct host *host);
struct finding look_perm_dir(struct host *host);
struct finding look_temp_dir(struct host *host);
struct finding look_temp_tmpfs(struct host *host);
struct finding look_entries(struct host *host);
struct finding look_edited(struct host *host);
struct finding look_unfinished(struct host *host);
struct finding look_orphans(struct host *host);
struct finding look_expired(struct host *host);
struct finding look_served(struct host *host);
struct finding look_paths(struct host *host);
struct finding look_libvirt(struct host *host);
struct finding look_scanner(struct host *host);
struct finding look_gate(struct host *host);
struct finding look_bridge_frames(struct host *host);
struct finding look_stations(struct host *host);
struct finding look_firewall(struct host *host);
struct finding look_apparmor(struct host *host);
struct finding look_selinux(struct host *host);
struct finding look_probe_dhcp(struct host *host);
struct finding look_probe_options(struct host *host);
struct finding look_probe_arp(struct host *host);
struct finding look_probe_smb(struct host *host);
struct finding look_probe_shares(struct host *host);
struct finding look_probe_bridge(struct host *host);
struct finding look_probe_others(struct host *host);
struct finding look_probe_dns(struct host *host);
struct finding look_probe_ipv6(struct host *host);

/* What [global] of smb.conf has to say. */
struct demand {
	const char *parameter, *wanted;
	const char *harm;		  /* what is so without it: "so that ..." */
	bool (*meets)(const char *value); /* NULL: only what is wanted does */
};
enum {
	DEMAND_MULTI_CHANNEL,
	DEMAND_BIND_ONLY,
	DEMAND_MAP_TO_GUEST,
	DEMAND_WIDE_LINKS,
	DEMAND_MIN_PROTOCOL,
	DEMAND_COUNT
};
extern const struct demand demands[DEMAND_COUNT];
bool demand_met(const struct demand *demand, const char *value);
/* Is INTERFACE a word of LIST? */
bool names_interface(const char *list, const char *interface);
/* The value of a parameter of SHARE that is not ours; NULL: it has none. */
const char *share_extra(const struct share *share, const char *name);
/* Is SHARE closed to NETWORK? */
bool share_denies(const struct share *share, const char *network);

/* Judges, pure: what is wrong with a text, or NULL. */

/* smb.conf TEXT: both includes of SAMBA_DIR's directories are there, and nothing of Samba's
 * follows them (smb.conf(5): what follows an include belongs to the share it ended in). */
const char *judge_includes(const char *text, const char *samba_dir);
/* dnsmasq(8)'s OPTIONS, one a line, without dashes: it gives neither route nor DNS server. */
const char *judge_dhcp(const char *options);
/* Do these OPTIONS serve BRIDGE? */
bool dhcp_serves(const char *options, const char *bridge);
/* /proc/net/tcp TABLE (proc_pid_net(5)): does anybody listen on PORT (host order) where IP
 * reaches him? */
bool tcp_listens(const char *table, struct in_addr ip, unsigned port);
