/* SPDX-License-Identifier: ISC */
#include "hub/policy.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

/* hubshare's own roots, wherever it runs. */
static const struct policy_root own_roots[] = {
	{ POLICY_ITSELF, "/", "the whole host" },
	{ POLICY_REFUSED, "/boot", "what the host boots" },
	{ POLICY_REFUSED, "/dev", "the host's devices" },
	{ POLICY_REFUSED, "/etc", "the host's configuration" },
	{ POLICY_REFUSED, "/proc", "the host's processes" },
	{ POLICY_REFUSED, "/root", "root's home" },
	{ POLICY_REFUSED, "/run", "what runs on the host" },
	{ POLICY_REFUSED, "/sys", "the host's kernel" },
	{ POLICY_REFUSED, "/var/lib/libvirt", "the VMs' disks" },
	{ POLICY_REFUSED, "/var/lib/samba", "Samba's passwords" },
	{ POLICY_REFUSED, "/var/run", "what runs on the host" },
	{ POLICY_FREE, "/run/media", "what users plugged in" },
};

void policy_add(struct policy *policy, enum policy_kind kind, const char *path,
		const char *what)
{
	*mem_grow(policy, policy->roots, struct policy_root, policy->count) =
		(struct policy_root){ kind, mem_strdup(policy, path),
				      mem_strdup(policy, what) };
	policy->count++;
}

/* Adds what PATH really is.  One that is not there yet counts as it is written. */
static void add_resolved(struct policy *policy, enum policy_kind kind, const char *path,
			 const char *what)
{
	char resolved[PATH_MAX];

	if (realpath(path, resolved)) {
		policy_add(policy, kind, resolved, what);
		return;
	}
	char *plain = mem_strdup(NULL, path), *end = plain;
	for (const char *c = path; *c; c++)
		if (*c != '/' || (c[1] && c[1] != '/'))
			*end++ = *c;
	*end = '\0';
	policy_add(policy, kind, *plain ? plain : "/", what);
	talloc_free(plain);
}

/* LIST is one of the settings: a path a line. */
static struct fault *add_list(struct policy *policy, enum policy_kind kind,
			      const char *key, const char *list)
{
	char *rest = mem_strdup(policy, list), *path;

	while ((path = text_line(&rest))) {
		if (*path != '/' || strstr(mem_printf(policy, "%s/", path), "/../"))
			return fault_new(
				FAULT_USAGE,
				"%s in hubshare.conf takes absolute paths without '..', "
				"not '%s'",
				key, path);
		add_resolved(policy, kind, path, key);
	}
	return NULL;
}

struct fault *policy_read(const void *ctx, const struct settings *settings,
			  struct policy **ret)
{
	struct policy *policy = mem_new(ctx, struct policy);
	struct fault *fault;

	for (size_t i = 0; i < sizeof(own_roots) / sizeof(*own_roots); i++)
		add_resolved(policy, own_roots[i].kind, own_roots[i].path,
			     own_roots[i].what);
	add_resolved(policy, POLICY_REFUSED,
		     settings_path(policy, settings, settings->samba_dir),
		     "what Samba serves and to whom");
	add_resolved(policy, POLICY_REFUSED,
		     settings_path(policy, settings, settings->run_dir),
		     "what Samba serves and to whom");
	if ((fault = add_list(policy, POLICY_ALLOWED, "allow-roots",
			      settings->allow_roots)) ||
	    (fault = add_list(policy, POLICY_DENIED, "deny-roots", settings->deny_roots)))
		talloc_free(policy);
	else
		*ret = policy;
	return fault;
}

void policy_add_disks(struct policy *policy, const struct domains *domains)
{
	for (size_t i = 0; i < domains->count; i++) {
		const struct domain *domain = domains->list[i];
		char *what = mem_printf(policy, "a disk of the VM %s", domain->name);

		for (size_t d = 0; d < domain->disk_count; d++)
			add_resolved(policy, POLICY_REFUSED, domain->disks[d], what);
	}
}

/* Is PATH the same as ROOT, or does it lie in it? */
static bool lies_in(const char *path, const char *root)
{
	size_t length = strlen(root);

	if (length == 1)
		return true;
	return strncmp(path, root, length) == 0 && (path[length] == '/' || !path[length]);
}

static bool refuses(const struct policy_root *root)
{
	return root->kind < POLICY_FREE;
}

/* The root that decides on PATH itself; NULL: none does, it is free. */
static const struct policy_root *decider(const struct policy *policy, const char *path)
{
	const struct policy_root *best = NULL;

	for (size_t i = 0; i < policy->count; i++) {
		const struct policy_root *root = &policy->roots[i];
		size_t length = strlen(root->path),
		       best_length = best ? strlen(best->path) : 0;

		if (!lies_in(path, root->path) ||
		    (root->kind == POLICY_ITSELF && strcmp(path, root->path) != 0))
			continue;
		if (!best || length > best_length ||
		    (length == best_length && root->kind > best->kind))
			best = root;
	}
	return best;
}

/* A root in PATH, not PATH itself, that would be shared with it; NULL: there is none. */
static const struct policy_root *held(const struct policy *policy, const char *path)
{
	const struct policy_root *own = decider(policy, path);
	bool named = own && own->kind == POLICY_ALLOWED && strcmp(own->path, path) == 0;

	for (size_t i = 0; i < policy->count; i++) {
		const struct policy_root *root = &policy->roots[i];

		if (!refuses(root) || !lies_in(root->path, path) ||
		    strcmp(root->path, path) == 0 ||
		    (named && root->kind != POLICY_DENIED))
			continue;
		if (refuses(decider(policy, root->path)))
			return root;
	}
	return NULL;
}

/* REST of PATH behind ROOT; NULL where PATH does not lie in ROOT.  "" is the whole. */
static const char *rest_of(const char *path, const char *root)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a mount has a root and a place */
	return !*root || lies_in(path, root) ? path + strlen(root) : NULL;
}

/* What ROOT names, or a mount in it: a directory of a file system. */
struct place {
	const char *device, *path; /* "" for all of it */
	const char *name;	   /* of it, on the host; "" for / */
};

/* Adds what MOUNT makes of PLACE, which it may show whole or a part of. */
static void add_alias(struct policy *policy, const struct policy_root *root,
		      const struct place *place, const struct mount *mount)
{
	const char *rest = rest_of(place->path, mount->root);
	const char *part = rest ? "" : rest_of(mount->root, place->path);

	if (strcmp(place->device, mount->device) != 0 || (!rest && !part) ||
	    (root->kind == POLICY_ITSELF && *part))
		return;
	char *name = mem_printf(policy, "%s%s", place->name, part);
	char *alias = mem_printf(policy, "%s%s", mount->point, rest ? rest : "");
	const struct policy_root *own = decider(policy, *name ? name : "/");
	if (strcmp(name, alias) == 0 || !own || !refuses(own))
		return;
	policy_add(policy, root->kind, *alias ? alias : "/",
		   mem_printf(policy, "%s, by a mount of %s", root->what,
			      *name ? name : "/"));
}

/*
 * The mounts in ROOT that were there before their other names; others of its mounts are names
 * of what lies elsewhere, and may be shared there.
 */
static void add_mounted_in(struct policy *policy, const struct policy_root *root,
			   const struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *inner = &mounts->list[i];
		const struct place place = { inner->device, inner->root, inner->point };

		if (!lies_in(inner->point, root->path) ||
		    !strcmp(inner->point, root->path))
			continue;
		for (size_t later = i + 1; later < mounts->count; later++)
			add_alias(policy, root, &place, &mounts->list[later]);
	}
}

void policy_add_mounts(struct policy *policy, const struct mounts *mounts)
{
	size_t count = policy->count;

	for (size_t i = 0; i < count; i++) {
		const struct policy_root root = policy->roots[i];
		const struct mount *mount = mounts_of(mounts, root.path);
		const char *name = strcmp(root.path, "/") == 0 ? "" : root.path;

		if (!mount || !refuses(&root))
			continue;
		const struct place place = { mount->device,
					     mem_printf(policy, "%s%s", mount->root,
							name + strlen(mount->point)),
					     name };
		for (size_t m = 0; m < mounts->count; m++)
			add_alias(policy, &root, &place, &mounts->list[m]);
		if (root.kind != POLICY_ITSELF)
			add_mounted_in(policy, &root, mounts);
	}
}

struct fault *policy_check(const struct policy *policy, const char *path)
{
	const struct policy_root *root = decider(policy, path);
	const char *where = "lies in ", *allow = path;

	if (!root || !refuses(root)) {
		if (!(root = held(policy, path)))
			return NULL;
		where = "holds ";
		allow = root->kind == POLICY_DENIED ? root->path : path;
	} else if (strcmp(root->path, path) == 0) {
		where = "is ";
	}
	return fault_new(FAULT_REFUSED,
			 "'%s' cannot be shared: it %s%s (%s); 'allow-roots = %s' in "
			 "hubshare.conf would allow it",
			 path, where, root->path, root->what, allow);
}
