/* SPDX-License-Identifier: ISC */
/* Sets up the group, the scanner's right, and the directories. */

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "setup/thing.h"

/* The service and later commands look there for what --bridge and --network said now. */
struct fault *step_settings(struct setup *setup)
{
	static const char path[] = SYSCONFDIR "/hubshare/hubshare.conf";
	const struct settings *wanted = setup->settings;
	struct settings said = { .root = wanted->root };
	struct values *values = values_new(setup);
	struct fault *fault = settings_fill(setup, &said);

	if (fault || (strcmp(said.bridge, wanted->bridge) == 0 &&
		      strcmp(said.network, wanted->network) == 0))
		return fault;
	if (setup_has(setup, path) && !record_find(setup->record, "file", path)) {
		setup_tell(setup, SETUP_LEFT, path,
			   "says otherwise; write 'bridge = %s' and 'network = %s' there",
			   wanted->bridge, wanted->network);
		return NULL;
	}
	values_add(values, "bridge", wanted->bridge);
	values_add(values, "network", wanted->network);
	return setup_want_file(setup, path, 0644, "hubshare.conf", values);
}

/* In a tree the group is made at its boot, where the package's own file does not say so. */
struct fault *step_group(struct setup *setup)
{
	static const char *const packaged[] = {
		"/usr/lib/sysusers.d/hubshare.conf",
		"/usr/local/lib/sysusers.d/hubshare.conf"
	};
	struct values *values = values_new(setup);

	if (setup->alive && getgrnam(setup->settings->group))
		setup_tell(setup, SETUP_WELL, setup->settings->group, "%s",
			   thing_group.well);
	else if (setup->alive)
		return setup_want(setup, &thing_group, setup->settings->group,
				  "members:");
	if (setup->alive)
		return NULL;
	for (size_t i = 0; i < sizeof(packaged) / sizeof(*packaged); i++)
		if (setup_has(setup, packaged[i])) {
			setup_tell(setup, SETUP_WELL, packaged[i], "is there");
			return NULL;
		}
	values_add(values, "group", setup->settings->group);
	return setup_want_file(setup, "/etc/sysusers.d/hubshare.conf", 0644,
			       "sysusers.conf", values);
}

/* Its right does not go without its mode: who may run it listens on the bridge. */
static struct fault *scanner_rights(struct setup *setup, const char *scanner, gid_t gid)
{
	char *wanted = mem_printf(NULL, "0750 %u:%u", 0u, gid);
	struct fault *fault = setup_want(setup, &thing_rights, scanner, wanted);

	talloc_free(wanted);
	return fault ? fault :
		       setup_want(setup, &thing_capability, scanner, "cap_net_raw=ep");
}

struct fault *step_scanner(struct setup *setup)
{
	const char *scanner =
		setup->alive ? setup->settings->scanner : SBINDIR "/hubscan";
	const char *name = setup->settings->group;
	const struct group *group = setup->alive ? getgrnam(name) : NULL;

	if (!setup->alive) {
		setup_tell(setup, SETUP_WELL, scanner,
			   "gets its right where the tree has booted");
		return NULL;
	}
	if (access(scanner, X_OK) < 0) {
		setup_tell(setup, SETUP_LEFT, scanner, "is not there, or no program");
		return NULL;
	}
	if (group)
		return scanner_rights(setup, scanner, group->gr_gid);
	/* A dry run, which has made none. */
	setup_tell(setup, SETUP_CHANGED, scanner,
		   "is nobody's, giving it to the group with "
		   "cap_net_raw");
	return NULL;
}

/* A directory that nobody else may write into: one that is stricter stays so. */
static struct fault *own_directory(struct setup *setup, const char *path)
{
	bool own = *setup->settings->root != '\0';
	void *ctx = talloc_new(NULL);
	char *now = NULL, *wanted = mem_printf(ctx, "0755 %u:%u", own ? geteuid() : 0,
					       own ? getegid() : 0);
	struct fault *fault = setup_want_parents(setup, path);
	unsigned mode, uid, gid;

	if (!fault)
		fault = setup_look(ctx, setup, &thing_directory, path, &now);
	if (!fault && now && sscanf(now, "%o %u:%u", &mode, &uid, &gid) == 3 &&
	    !(mode & 022) && uid == (own ? geteuid() : 0))
		setup_tell(setup, SETUP_WELL, path, "is there");
	else if (!fault && now && *now != '0' && *now != '1')
		setup_tell(setup, SETUP_LEFT, path, "is no directory; move it away");
	else if (!fault)
		fault = setup_want(setup, &thing_directory, path, wanted);
	talloc_free(ctx);
	return fault;
}

/* A directory in its place: a mount of the admin's own, or, as long as it is empty, what the
 * original tool made. */
static struct fault *temporary_directory(struct setup *setup, const char *path,
					 const char *place)
{
	char *whole = settings_path(setup, setup->settings, path);
	struct fault *fault;

	if (setup->alive && host_on_tmpfs(whole))
		return own_directory(setup, path);
	if (!host_is_empty(whole)) {
		setup_tell(setup, SETUP_LEFT, path,
			   "is not on a tmpfs, and something is in it; move that away");
		return NULL;
	}
	setup_tell(setup, SETUP_CHANGED, path,
		   "is not on a tmpfs, making it a link to %s", place);
	if ((fault = setup_put(setup, &thing_directory, path, NULL)))
		return fault;
	return setup_put(setup, &thing_link, path, place);
}

/* Where temporary shares are: a link to what is on a tmpfs. */
static struct fault *temporary(struct setup *setup, const char *place)
{
	char *path = mem_printf(setup, "%s/temp.conf.d", setup->settings->samba_dir),
	     *now;
	struct fault *fault = setup_look(setup, setup, &thing_link, path, &now);
	struct stat st;

	if (fault)
		return fault;
	if (now && strcmp(now, place) != 0 &&
	    stat(settings_path(setup, setup->settings, path), &st) == 0 &&
	    S_ISDIR(st.st_mode))
		return temporary_directory(setup, path, place);
	return setup_want(setup, &thing_link, path, place);
}

static struct fault *tmpfiles(struct setup *setup, const char *place)
{
	static const char *const packaged[] = {
		"/usr/lib/tmpfiles.d/hubshare.conf",
		"/usr/local/lib/tmpfiles.d/hubshare.conf"
	};
	struct values *values = values_new(setup);

	for (size_t i = 0; i < sizeof(packaged) / sizeof(*packaged); i++)
		if (setup_has(setup, packaged[i])) {
			setup_tell(setup, SETUP_WELL, packaged[i], "is there");
			return NULL;
		}
	values_add(values, "run dir", setup->settings->run_dir);
	values_add(values, "place", place);
	values_add(values, "link",
		   mem_printf(values, "%s/temp.conf.d - - - - %s",
			      setup->settings->samba_dir, place));
	return setup_want_file(setup, "/etc/tmpfiles.d/hubshare.conf", 0644,
			       "tmpfiles.conf", values);
}

struct fault *step_directories(struct setup *setup)
{
	static const char place[] = "/run/samba/temp.conf.d";
	char *permanent = mem_printf(setup, "%s/perm.conf.d", setup->settings->samba_dir);
	struct fault *fault;

	if ((fault = own_directory(setup, "/VMshare")) ||
	    (fault = own_directory(setup, permanent)) ||
	    (fault = tmpfiles(setup, place)) ||
	    (fault = own_directory(setup, setup->settings->run_dir)) ||
	    (fault = own_directory(setup, place)))
		return fault;
	return temporary(setup, place);
}
