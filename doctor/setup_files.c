/* SPDX-License-Identifier: ISC */
/* Sets up the group, the scanner's right, and the directories. */

#include <dirent.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/thing.h"

/* In a tree the group is made at its boot, where the package's own file does not say so. */
struct fault *step_group(struct setup *setup)
{
	static const char *const packaged[] = { "/usr/lib/sysusers.d/hubshare.conf",
						"/usr/local/lib/sysusers.d/hubshare.conf" };
	struct values *values = values_new(setup);

	if (setup->alive)
		return setup_want(setup, &thing_group, setup->settings->group, "members:");
	for (size_t i = 0; i < sizeof(packaged) / sizeof(*packaged); i++)
		if (setup_has(setup, packaged[i])) {
			setup_tell(setup, SETUP_WELL, packaged[i], "is there");
			return NULL;
		}
	values_add(values, "group", setup->settings->group);
	return setup_want_file(setup, "/etc/sysusers.d/hubshare.conf", 0644, "sysusers.conf",
			       values);
}

/* Its right does not go without its mode: who may run it listens on the bridge. */
static struct fault *scanner_rights(struct setup *setup, const char *scanner, gid_t gid)
{
	char *wanted = mem_printf(NULL, "0750 %u:%u", 0u, gid);
	struct fault *fault = setup_want(setup, &thing_rights, scanner, wanted);

	talloc_free(wanted);
	return fault ? fault : setup_want(setup, &thing_capability, scanner, "cap_net_raw=ep");
}

/* Is nothing in the directory PATH? */
static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool empty = dir != NULL;

	while (dir && empty && (entry = readdir(dir)))
		empty = entry->d_name[0] == '.' && strspn(entry->d_name, ".") == strlen(entry->d_name);
	if (dir)
		closedir(dir);
	return empty;
}

struct fault *step_scanner(struct setup *setup)
{
	const char *scanner = setup->alive ? setup->settings->scanner : SBINDIR "/hubscan";
	const char *name = setup->settings->group;
	const struct group *group = setup->alive ? getgrnam(name) : NULL;

	if (!setup->alive) {
		setup_tell(setup, SETUP_WELL, scanner, "gets its right where the tree has booted");
		return NULL;
	}
	if (access(scanner, X_OK) < 0) {
		setup_tell(setup, SETUP_LEFT, scanner, "is not there, or no program");
		return NULL;
	}
	/* A dry run may have no group yet. */
	return scanner_rights(setup, scanner, group ? group->gr_gid : (gid_t)-1);
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
	if (!fault && now && sscanf(now, "%o %u:%u", &mode, &uid, &gid) == 3 && !(mode & 022) &&
	    uid == (own ? geteuid() : 0))
		setup_tell(setup, SETUP_WELL, path, "is there");
	else if (!fault && now && *now != '0' && *now != '1')
		setup_tell(setup, SETUP_LEFT, path, "is no directory; move it away");
	else if (!fault)
		fault = setup_want(setup, &thing_directory, path, wanted);
	talloc_free(ctx);
	return fault;
}

/* Where temporary shares are: a link to what is on a tmpfs, or a mount of the admin's own. */
static struct fault *temporary(struct setup *setup, const char *place)
{
	char *path = mem_printf(NULL, "%s/temp.conf.d", setup->settings->samba_dir), *now, *whole;
	struct fault *fault = setup_look(path, setup, &thing_link, path, &now);

	whole = settings_path(path, setup->settings, path);
	if (!fault && now && strcmp(now, place) != 0 &&
	    look_temp_dir(setup->host).verdict == VERDICT_OK &&
	    look_temp_tmpfs(setup->host).verdict == VERDICT_OK) {
		setup_tell(setup, SETUP_WELL, path, "is on a tmpfs");
	} else if (!fault && now && is_empty(whole)) {
		/* What the original tool made, or a tmpfs that is not mounted. */
		setup_tell(setup, SETUP_CHANGED, path,
			   "is empty and not on a tmpfs, making it a link to %s", place);
		if (!(fault = setup_put(setup, &thing_directory, path, NULL)))
			fault = setup_put(setup, &thing_link, path, place);
	} else if (!fault) {
		fault = setup_want(setup, &thing_link, path, place);
	}
	talloc_free(path);
	return fault;
}

static struct fault *tmpfiles(struct setup *setup, const char *place)
{
	static const char *const packaged[] = { "/usr/lib/tmpfiles.d/hubshare.conf",
						"/usr/local/lib/tmpfiles.d/hubshare.conf" };
	struct values *values = values_new(setup);

	for (size_t i = 0; i < sizeof(packaged) / sizeof(*packaged); i++)
		if (setup_has(setup, packaged[i])) {
			setup_tell(setup, SETUP_WELL, packaged[i], "is there");
			return NULL;
		}
	values_add(values, "run dir", setup->settings->run_dir);
	values_add(values, "place", place);
	values_add(values, "link", mem_printf(values, "%s/temp.conf.d - - - - %s",
					      setup->settings->samba_dir, place));
	return setup_want_file(setup, "/etc/tmpfiles.d/hubshare.conf", 0644, "tmpfiles.conf",
			       values);
}

struct fault *step_directories(struct setup *setup)
{
	static const char place[] = "/run/samba/temp.conf.d";
	char *permanent = mem_printf(setup, "%s/perm.conf.d", setup->settings->samba_dir);
	struct fault *fault;

	if ((fault = own_directory(setup, "/VMshare")) ||
	    (fault = own_directory(setup, permanent)) || (fault = tmpfiles(setup, place)) ||
	    (fault = own_directory(setup, setup->settings->run_dir)) ||
	    (fault = own_directory(setup, place)))
		return fault;
	return temporary(setup, place);
}
