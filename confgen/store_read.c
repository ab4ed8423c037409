/* SPDX-License-Identifier: ISC */
/* The store, read: everything, or what one VM's change has to know. */
#include "confgen/store_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"

enum { GLANCE_BYTES = 1024 /* more than a head without cuts has */ };

/*
 * The fragment NAME in DIRFD.  What cannot be understood is an oddity, and a broken fragment:
 * smbd may make something of it all the same.  NULL where there is none.
 */
static struct fault *read_fragment(const struct store *store, struct inventory *inventory,
				   const char *path, int dirfd, const char *name,
				   struct fragment **ret)
{
	char *text = NULL;
	struct fault *fault = file_read_own(inventory, dirfd, name, store->owner,
					    STORE_FRAGMENT_MAX_BYTES, &text);

	*ret = NULL;
	if (fault && fault->status == FAULT_REFUSED)
		return fault_wrap(fault, "%s", path);
	if (!fault && text)
		fault = fragment_parse(inventory, text, ret);
	if (fault) {
		char *what = mem_printf(NULL, "cannot be used: %s", fault->text);

		inventory_add_oddity(inventory, path, name, what);
		*ret = fragment_parse_head(inventory, text ? text : "");
		talloc_free(what);
	}
	talloc_free(fault);
	talloc_free(text);
	return NULL;
}

/* A file or link <UUID>.conf or <IP>.conf.  *RET is NULL for a link of ours that dangles. */
static struct fault *open_entry(struct store *store, enum tenure tenure, const char *name,
				bool rendering, struct inventory *inventory,
				struct fragment **ret)
{
	const char *path = store->path[tenure];
	struct fault *fault = NULL;
	struct stat st;

	*ret = NULL;
	if (fstatat(store->dir[tenure], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL; /* gone since it was listed */
	bool linked = S_ISLNK(st.st_mode) && rendering && tenure == TENURE_PERMANENT &&
		      store_is_own_link(store, name);

	if (S_ISLNK(st.st_mode) && !linked) {
		inventory_add_oddity(inventory, path, name,
				     "is a link that hubshare did not make");
		*ret = fragment_parse_head(inventory, "");
	} else if (!linked) {
		fault = read_fragment(store, inventory, path, store->dir[tenure], name,
				      ret);
	} else if (store->run >= 0) {
		fault = read_fragment(store, inventory, store->run_path, store->run, name,
				      ret);
		/* Left by a reboot, or by who was killed while he closed it. */
		if (!fault && !*ret && store->lock >= 0)
			unlinkat(store->dir[tenure], name, 0);
	}
	/* Renderings of permanent shares lie in the run directory: this is a copy, which
	 * would outlive a reboot. */
	if (*ret && rendering && tenure == TENURE_PERMANENT && !linked)
		(*ret)->edited = true;
	if (*ret)
		(*ret)->tenure = tenure;
	return fault;
}

/* A copy that store_keep() made, for the person whose edit it is. */
static bool is_kept(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(STORE_KEPT) &&
	       strcmp(name + length - strlen(STORE_KEPT), STORE_KEPT) == 0;
}

/* Takes one entry of a tenure's directory into the inventory. */
static struct fault *take_entry(struct store *store, enum tenure tenure, const char *name,
				struct inventory *inventory)
{
	size_t length = strlen(name);
	bool conf = length > 5 && strcmp(name + length - 5, ".conf") == 0;
	char *stem = mem_strndup(NULL, name, conf ? length - 5 : length);
	struct fragment *fragment = NULL;
	struct fault *fault = NULL;
	struct in_addr ip;
	bool rendering = conf && ip_parse(stem, &ip);

	if (!conf)
		inventory_add_oddity(inventory, store->path[tenure], name,
				     "is used neither by smbd nor by hubshare");
	else if (!rendering && !store_is_uuid(stem))
		inventory_add_oddity(inventory, store->path[tenure], name,
				     "is not hubshare's");
	else
		fault = open_entry(store, tenure, name, rendering, inventory, &fragment);
	if (fragment && rendering)
		inventory_add_rendering(inventory, fragment, ip);
	else if (fragment)
		inventory_add_truth(inventory, fragment, stem);
	talloc_free(stem);
	return fault;
}

/*
 * An entry of the run directory, where the files lie that links of ours in perm.conf.d lead to.
 * What else lies there is served to nobody, but stands where a rendering may be wanted.
 */
static struct fault *take_run_entry(struct store *store, const char *name,
				    struct inventory *inventory)
{
	size_t length = strlen(name);
	char *stem = mem_strndup(NULL, name, length > 5 ? length - 5 : length);
	struct fragment *fragment = NULL;
	struct fault *fault = NULL;
	struct in_addr ip;

	if (length <= 5 || strcmp(name + length - 5, ".conf") != 0 ||
	    !ip_parse(stem, &ip))
		inventory_add_oddity(inventory, store->run_path, name,
				     "is not hubshare's");
	else if (!store_is_own_link(store, name))
		fault = read_fragment(store, inventory, store->run_path, store->run, name,
				      &fragment);
	if (fragment && !fragment->broken && !fragment->uuid) {
		inventory_add_oddity(inventory, store->run_path, name,
				     "was not made by hubshare");
		talloc_free(fragment);
		fragment = fragment_parse_head(inventory, "");
	}
	if (fragment && fragment->broken &&
	    !inventory_rendering(inventory, TENURE_PERMANENT, ip)) {
		fragment->uuid = NULL;
		fragment->tenure = TENURE_PERMANENT;
		inventory_add_rendering(inventory, fragment, ip);
	} else {
		talloc_free(fragment);
	}
	talloc_free(stem);
	return fault;
}

/* Takes all that stands in a tenure's directory, or in the run directory (TENURE_COUNT). */
static struct fault *take_directory(struct store *store, enum tenure tenure,
				    struct inventory *inventory)
{
	bool run = tenure == TENURE_COUNT;
	int fd = openat(run ? store->run : store->dir[tenure], ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct fault *fault = NULL;
	struct dirent *entry;

	if (!dir)
		return store_access_fault(run ? store->run_path : store->path[tenure]);
	while (!fault && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !is_kept(entry->d_name))
			fault = run ? take_run_entry(store, entry->d_name, inventory) :
				      take_entry(store, tenure, entry->d_name, inventory);
	closedir(dir);
	return fault;
}

struct fault *store_inventory(const void *ctx, struct store *store,
			      struct inventory **ret)
{
	struct inventory *inventory = mem_new(ctx, struct inventory);
	struct fault *fault = NULL;

	for (int tenure = 0; !fault && tenure < TENURE_COUNT; tenure++)
		fault = take_directory(store, (enum tenure)tenure, inventory);
	if (!fault && store->run >= 0)
		fault = take_directory(store, TENURE_COUNT, inventory);
	if (fault)
		talloc_free(inventory);
	else
		*ret = inventory;
	return fault;
}

void store_ended(struct store *store)
{
	store->begun = false;
}

/* What a glance at all renderings is for. */
struct glance {
	const char *uuid; /* whose are looked for */
	const struct in_addr *ips;
	size_t count;
	bool whole; /* something was seen for which all has to be read */
};

static bool is_among(const struct in_addr *ips, size_t count, struct in_addr ip)
{
	for (size_t i = 0; i < count; i++)
		if (ips[i].s_addr == ip.s_addr)
			return true;
	return false;
}

/* Is NAME a rendering of another place than those that are read anyway? */
static bool is_elsewhere(const struct glance *glance, const char *name)
{
	size_t length = strlen(name);
	char stem[INET_ADDRSTRLEN] = "";
	struct in_addr ip;

	if (length <= 5 || length - 5 >= sizeof(stem) ||
	    strcmp(name + length - 5, ".conf") != 0)
		return false;
	memcpy(stem, name, length - 5);
	return ip_parse(stem, &ip) && !is_among(glance->ips, glance->count, ip);
}

/* The head of a rendering says whose it is, and whether work is begun there. */
static void glance_at(struct store *store, enum tenure tenure, const char *name,
		      struct glance *glance)
{
	char text[GLANCE_BYTES];

	if (tenure == TENURE_PERMANENT && !store_is_own_link(store, name)) {
		glance->whole = true;
		return;
	}
	struct fault *fault = file_glance_own(store_rendering_dir(store, tenure), name,
					      store->owner, text, sizeof(text));
	struct fragment *head = fragment_parse_head(NULL, text);
	glance->whole |= fault || !head->uuid || head->cut_count > 0 ||
			 strcmp(head->uuid, glance->uuid) == 0;
	talloc_free(head);
	talloc_free(fault);
}

static void glance_around(struct store *store, enum tenure tenure, struct glance *glance)
{
	int fd = openat(store->dir[tenure], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	glance->whole |= !dir;
	while (!glance->whole && (entry = readdir(dir)))
		if (is_elsewhere(glance, entry->d_name))
			glance_at(store, tenure, entry->d_name, glance);
	if (dir)
		closedir(dir);
}

/* What stands at the places of the glance, and its truths. */
static struct fault *take_places(struct store *store, const struct glance *glance,
				 struct inventory *inventory)
{
	char *truth = mem_printf(inventory, "%s.conf", glance->uuid);
	struct fault *fault = NULL;

	for (int tenure = 0; !fault && tenure < TENURE_COUNT; tenure++)
		fault = take_entry(store, (enum tenure)tenure, truth, inventory);
	for (size_t i = 0; !fault && i < glance->count; i++) {
		char *name = store_rendering_name(inventory, glance->ips[i]);

		if (!(fault = take_entry(store, TENURE_PERMANENT, name, inventory)) &&
		    !(fault = take_entry(store, TENURE_TEMPORARY, name, inventory)))
			fault = take_run_entry(store, name, inventory);
	}
	return fault;
}

static bool has_others(const struct inventory *inventory, const char *uuid)
{
	for (size_t i = 0; i < inventory->rendering_count; i++) {
		const char *there = inventory->renderings[i].fragment->uuid;

		if (there && strcmp(there, uuid) != 0)
			return true;
	}
	return false;
}

struct fault *store_inventory_of(const void *ctx, struct store *store, const char *uuid,
				 const struct in_addr *ips, size_t count,
				 struct inventory **ret)
{
	struct glance glance = {
		.uuid = uuid, .ips = ips, .count = count, .whole = store->begun
	};
	struct inventory *inventory = mem_new(ctx, struct inventory);
	struct fault *fault = NULL;

	for (int tenure = 0; !glance.whole && tenure < TENURE_COUNT; tenure++)
		glance_around(store, (enum tenure)tenure, &glance);
	if (!glance.whole)
		fault = take_places(store, &glance, inventory);
	if (!fault && !glance.whole && !has_others(inventory, uuid)) {
		*ret = inventory;
		return NULL;
	}
	talloc_free(inventory);
	return fault ? fault : store_inventory(ctx, store, ret);
}
