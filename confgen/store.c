/* SPDX-License-Identifier: ISC */
#include "confgen/store.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"
#include "confgen/testparm.h"

enum {
	FRAGMENT_MAX_BYTES = 16 << 20,
	LOCK_TIMEOUT_MS = 30000,
	LOCK_PAUSE_NS = 10000000,
	GLANCE_BYTES = 1024, /* more than a head without cuts has */
	LOOKS_MAX = 4, /* how many parsers run at a time */
	UUID_LENGTH = 36,
};

static const char kept_suffix[] = ".edited";
/* What the lock's file says instead of a process's number when nothing is left to do.  One that
 * says nothing is new, also after a power cut. */
static const char all_ended = '0';

static const struct {
	const char *text, *directory;
} tenures[TENURE_COUNT] = {
	[TENURE_PERMANENT] = { "permanent", "perm.conf.d" },
	[TENURE_TEMPORARY] = { "temporary", "temp.conf.d" },
};

struct staged;

struct store {
	const struct settings *settings;
	struct fragment_templates *templates;
	struct staged **staged; /* in the order in which the parser was started on them */
	size_t staged_count;
	unsigned serial; /* of the next temporary file */
	char *path[TENURE_COUNT]; /* of the directories that smbd looks in */
	char *run_path;
	int dir[TENURE_COUNT];
	int run;  /* where the renderings of permanent shares lie; -1: not there (yet) */
	int lock; /* -1: opened to read */
	bool locked;
	gid_t group;
	mode_t mode;
	uid_t owner; /* of all that is ours */
	bool begun;  /* by us or by somebody before us, and not ended */
	bool rooted;
};

const char *tenure_text(enum tenure tenure)
{
	return tenures[tenure].text;
}

/* A text that waits beside its place: nobody sees it under that name. */
struct staged {
	int dirfd;
	const char *path; /* of the directory */
	char *name, *temporary, *text;
	const struct fragment *fragment;
	char *address;		/* whose rendering it is; NULL: a truth */
	struct testparm *look;	/* NULL: it has been, or there is no share to look at */
	struct fault *disagreed; /* what the parser saw otherwise */
};

static int staged_drop(struct staged *staged)
{
	if (staged->temporary)
		unlinkat(staged->dirfd, staged->temporary, 0);
	return 0;
}

static void drop_all_staged(struct store *store)
{
	for (size_t i = 0; i < store->staged_count; i++)
		talloc_free(store->staged[i]);
	store->staged_count = 0;
}

static int store_close(struct store *store)
{
	drop_all_staged(store); /* while their directories are open */
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
		if (store->dir[tenure] >= 0)
			close(store->dir[tenure]);
	if (store->run >= 0)
		close(store->run);
	/* If that cannot be written, somebody looks once more than he need. */
	if (store->locked && !store->begun &&
	    TEMP_FAILURE_RETRY(ftruncate(store->lock, 0)) == 0 &&
	    TEMP_FAILURE_RETRY(pwrite(store->lock, &all_ended, 1, 0)) != 1)
		store->begun = true;
	if (store->lock >= 0)
		close(store->lock);
	return 0;
}

static struct fault *access_fault(const char *path)
{
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return fault_new(FAULT_REFUSED,
				 "%s: %s; use sudo (group hubshare may find, list and wait)",
				 path, strerror(errno));
	return fault_errno(errno, "%s", path);
}

/* Who else could write there could give himself any share. */
static struct fault *check_directory(const struct store *store, const char *path, int fd,
				     bool volatile_kind)
{
	struct stat st;
	struct statfs fs;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return fault_errno(errno, "%s", path);
	if (st.st_uid != store->owner)
		return fault_new(FAULT_REFUSED,
				 "%s belongs to user %u, who could share anything through "
				 "it; use: chown root %s",
				 path, st.st_uid, path);
	if (st.st_mode & 022)
		return fault_new(FAULT_REFUSED,
				 "%s can be written by others (mode %04o), who could share "
				 "anything through it; use: chmod 755 %s",
				 path, st.st_mode & 07777, path);
	if (volatile_kind && !store->rooted && fs.f_type != TMPFS_MAGIC &&
	    fs.f_type != RAMFS_MAGIC)
		return fault_new(FAULT_REFUSED,
				 "%s is not on a tmpfs, so temporary shares would outlive a "
				 "reboot; use: mount -t tmpfs -o mode=755 tmpfs %s",
				 path, path);
	return NULL;
}

static struct fault *open_directory(struct store *store, const char *path,
				    bool volatile_kind, int *ret)
{
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret < 0 && errno == ENOENT)
		return fault_new(FAULT_UNREACHABLE,
				 "%s is not there; the README says how to set a host up", path);
	if (*ret < 0)
		return access_fault(path);
	return check_directory(store, path, *ret, volatile_kind);
}

/* mkdir -p, mode 0755 whatever the umask. */
static struct fault *make_directories(const char *path)
{
	char *partial = mem_strdup(NULL, path);
	struct fault *fault = NULL;

	for (char *slash = partial + 1; !fault && slash;) {
		if ((slash = strchr(slash, '/')))
			*slash = '\0';
		if (mkdir(partial, 0755) == 0)
			chmod(partial, 0755);
		else if (errno != EEXIST)
			fault = access_fault(partial);
		if (slash)
			*slash++ = '/';
	}
	talloc_free(partial);
	return fault;
}

static struct fault *open_run(struct store *store, enum store_access access)
{
	if (access == STORE_READ) {
		store->run = open(store->run_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		/* Not there: no permanent share is open. */
		return store->run < 0 ? NULL :
					check_directory(store, store->run_path, store->run, true);
	}
	struct fault *fault = make_directories(store->run_path);
	return fault ? fault : open_directory(store, store->run_path, true, &store->run);
}

/* Opens the lock's file, made where it is not there; nothing foreign is opened. */
static struct fault *open_lock(struct store *store)
{
	const char *foreign = NULL;
	struct stat st;

	if (fstatat(store->run, ".lock", &st, AT_SYMLINK_NOFOLLOW) == 0)
		foreign = file_foreign(&st, store->owner);
	if (foreign)
		return fault_new(FAULT_REFUSED, "%s/.lock is not hubshare's: %s; move it away",
				 store->run_path, foreign);
	store->lock = TEMP_FAILURE_RETRY(
		openat(store->run, ".lock",
		       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
	return store->lock < 0 ? access_fault(store->run_path) : NULL;
}

/* "process 123 (hubshare)": who wrote his number into the lock's file. */
static char *lock_holder(const struct store *store)
{
	char bytes[16] = "", *path, *name = NULL;
	const char *error = NULL;
	struct fault *fault;

	ssize_t length = pread(store->lock, bytes, sizeof(bytes) - 1, 0);
	const char *number = text_strip(bytes);
	if (length <= 0 || strtonum(number, 1, INT_MAX, &error) == 0)
		return mem_strdup(NULL, "a process that did not say its number");
	path = mem_printf(NULL, "/proc/%s/comm", number);
	fault = file_read(path, AT_FDCWD, path, 64, &name);
	char *holder = mem_printf(NULL, "process %s (%s)", number,
				  name ? text_strip(name) : "which has ended");
	talloc_free(fault);
	talloc_free(path);
	return holder;
}

static struct fault *lock_timeout(const struct store *store)
{
	char *holder = lock_holder(store);
	struct fault *fault = fault_new(FAULT_TIMEOUT,
					"The store has been locked by %s for %d s; try again, or look "
					"what that process does",
					holder, LOCK_TIMEOUT_MS / 1000);

	talloc_free(holder);
	return fault;
}

static struct fault *take_lock(struct store *store)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	int64_t until = clock_ms() + LOCK_TIMEOUT_MS;
	struct fault *fault = open_lock(store);
	char last;

	if (fault)
		return fault;
	while (flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fault_errno(errno, "%s cannot be locked", store->run_path);
		if (clock_ms() > until)
			return lock_timeout(store);
		nanosleep(&pause, NULL);
	}
	store->begun = pread(store->lock, &last, 1, 0) != 1 || last != all_ended;
	store->locked = true;
	if (TEMP_FAILURE_RETRY(ftruncate(store->lock, 0)) < 0 ||
	    TEMP_FAILURE_RETRY(dprintf(store->lock, "%d", getpid())) < 0)
		return fault_errno(errno, "%s/.lock", store->run_path);
	return NULL;
}

static bool is_uuid(const char *text)
{
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' :
			   !isxdigit((unsigned char)text[i]) || isupper((unsigned char)text[i]))
			return false;
	}
	return text[UUID_LENGTH] == '\0';
}

/* ".UUID.conf.PID.new", ".ADDRESS.conf.PID.new", or with more before PID. */
static bool is_leftover(const char *name)
{
	size_t length = strlen(name);
	const char *conf = strstr(name, ".conf.");

	if (*name != '.' || !conf || length < 4 || strcmp(name + length - 4, ".new") != 0)
		return false;
	char *stem = mem_strndup(NULL, name + 1, (size_t)(conf - name) - 1);
	struct in_addr ip;
	bool ours = ip_parse(stem, &ip) || is_uuid(stem);

	talloc_free(stem);
	return ours;
}

/* Removes what a killed writer has left: under the lock nobody can be writing it. */
static void sweep_leftovers(int dirfd)
{
	DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_leftover(entry->d_name))
			unlinkat(dirfd, entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static struct fault *open_parts(struct store *store, const struct settings *settings,
				enum store_access access)
{
	struct fault *fault;

	if (access == STORE_WRITE && geteuid() != 0 && !store->rooted)
		return fault_new(FAULT_REFUSED, "Only root may change shares; use sudo");
	if (access == STORE_WRITE &&
	    (fault = fragment_templates_load(store, settings->templates, &store->templates)))
		return fault;
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		store->path[tenure] = mem_printf(store, "%s%s/%s", settings->root,
						 settings->samba_dir,
						 tenures[tenure].directory);
		if ((fault = open_directory(store, store->path[tenure],
					    tenure == TENURE_TEMPORARY, &store->dir[tenure])))
			return fault;
	}
	store->run_path = settings_path(store, settings, settings->run_dir);
	if ((fault = open_run(store, access)) || access == STORE_READ)
		return fault;
	if ((fault = take_lock(store)))
		return fault;
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
		sweep_leftovers(store->dir[tenure]);
	sweep_leftovers(store->run);
	return NULL;
}

struct fault *store_open(const void *ctx, const struct settings *settings,
			 enum store_access access, struct store **ret)
{
	struct store *store = mem_new(ctx, struct store);
	const struct group *group = getgrnam(settings->group);

	*store = (struct store){ .dir = { -1, -1 }, .run = -1, .lock = -1 };
	store->settings = settings;
	store->rooted = *settings->root != '\0';
	store->owner = store->rooted ? geteuid() : 0;
	store->group = group && geteuid() == 0 ? group->gr_gid : (gid_t)-1;
	store->mode = group ? 0640 : 0600;
	talloc_set_destructor(store, store_close);
	struct fault *fault = open_parts(store, settings, access);
	if (fault)
		talloc_free(store);
	else
		*ret = store;
	return fault;
}

/* The directory in which the files of TENURE's renderings lie. */
static int rendering_dir(const struct store *store, enum tenure tenure)
{
	return tenure == TENURE_PERMANENT ? store->run : store->dir[tenure];
}

static char *rendering_name(const void *ctx, struct in_addr ip)
{
	return mem_printf(ctx, "%s.conf", IP_TEXT(ip));
}

/* What is to be written, and where; not yet written. */
static struct fault *compose(struct store *store, const struct fragment *fragment,
			     const struct in_addr *ip, struct staged **ret)
{
	struct staged *staged = mem_new(store, struct staged);
	bool run = ip && fragment->tenure == TENURE_PERMANENT;
	struct fault *fault;

	staged->dirfd = run ? store->run : store->dir[fragment->tenure];
	staged->path = run ? store->run_path : store->path[fragment->tenure];
	staged->fragment = fragment;
	if (ip) {
		staged->name = rendering_name(staged, *ip);
		staged->address = mem_strdup(staged, IP_TEXT(*ip));
		fault = fragment_rendering(staged, store->templates, fragment, staged->address,
					   &staged->text);
	} else {
		staged->name = mem_printf(staged, "%s.conf", fragment->uuid);
		fault = fragment_truth(staged, store->templates, fragment, &staged->text);
	}
	if (fault)
		talloc_free(staged);
	else
		*ret = staged;
	return fault_wrap(fault, "%s", store->path[fragment->tenure]);
}

/* Hears what the parser has seen of it. */
static void end_look(struct staged *staged)
{
	const char **differences = NULL;
	struct fault *fault;

	if (!staged->look)
		return;
	fault = testparm_differences(staged, staged->look, staged->fragment, staged->address,
				     &differences);
	if (!fault && *differences)
		fault = fault_new(FAULT_FAILED, "Samba would make something else of it: %s",
				  *differences);
	staged->disagreed = talloc_steal(staged, fault);
	TALLOC_FREE(staged->look);
}

/* Waits for the oldest one where as many parsers run as may. */
static void make_room(struct store *store)
{
	struct staged *oldest = NULL;
	size_t running = 0;

	for (size_t i = store->staged_count; i-- > 0;)
		if (store->staged[i]->look) {
			oldest = store->staged[i];
			running++;
		}
	if (running >= LOOKS_MAX)
		end_look(oldest);
}

/* Writes it beside its place.  A stub, without shares, is remarks only. */
static struct fault *stage(struct store *store, struct staged *staged)
{
	/* A leading dot and ".new": no client's address, so smbd never includes it. */
	char *temporary = mem_printf(staged, ".%s.%d.%u.new", staged->name, getpid(),
				     store->serial++);
	struct fault *fault =
		file_stage(staged->dirfd, temporary, staged->text, store->mode, store->group);

	if (fault)
		return fault_wrap(fault, "%s/%s", staged->path, staged->name);
	staged->temporary = temporary;
	talloc_set_destructor(staged, staged_drop);
	if (staged->fragment->count == 0)
		return NULL;
	make_room(store);
	return testparm_start(staged, store->settings,
			      mem_printf(staged, "%s/%s", staged->path, temporary),
			      &staged->look);
}

static struct staged **find_staged(struct store *store, const struct staged *like)
{
	for (size_t i = 0; i < store->staged_count; i++) {
		struct staged *staged = store->staged[i];

		if (staged->dirfd == like->dirfd && strcmp(staged->name, like->name) == 0 &&
		    strcmp(staged->text, like->text) == 0)
			return &store->staged[i];
	}
	return NULL;
}

/* Is that what stands there? */
static bool is_in_place(const struct store *store, const struct staged *staged)
{
	char *there = NULL;
	struct fault *fault = file_read_own(NULL, staged->dirfd, staged->name,
					    store->owner, FRAGMENT_MAX_BYTES, &there);
	bool same = !fault && there && strcmp(there, staged->text) == 0;

	talloc_free(fault);
	talloc_free(there);
	return same;
}

struct fault *store_stage(struct store *store, const struct fragment *fragment,
			  const struct in_addr *ip)
{
	struct staged *staged;
	struct fault *fault;

	if (!ip && fragment->count == 0)
		return NULL; /* it will be removed */
	if ((fault = compose(store, fragment, ip, &staged)))
		return fault;
	if (is_in_place(store, staged) || find_staged(store, staged) ||
	    (fault = stage(store, staged))) {
		talloc_free(staged);
		return fault;
	}
	*mem_grow(store, store->staged, struct staged *, store->staged_count) = staged;
	store->staged_count++;
	return NULL;
}

struct fault *store_prove(struct store *store)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < store->staged_count; i++) {
		struct staged *staged = store->staged[i];

		end_look(staged);
		fault = fault_first(fault, talloc_steal(NULL, staged->disagreed));
		staged->disagreed = NULL;
	}
	if (fault)
		drop_all_staged(store);
	return fault;
}

/* Puts it in place if the parser agrees. */
static struct fault *place(struct store *store, struct staged *staged)
{
	struct fault *fault;

	end_look(staged);
	if ((fault = talloc_steal(NULL, staged->disagreed)))
		return fault;
	store->begun = true;
	fault = file_place(staged->dirfd, staged->temporary, staged->name);
	staged->temporary = NULL;
	return fault_wrap(fault, "%s/%s", staged->path, staged->name);
}

/* Puts FRAGMENT in its place, as it was staged before or not. */
static struct fault *put_in_place(struct store *store, const struct fragment *fragment,
				  const struct in_addr *ip)
{
	struct staged *staged, *taken;
	struct fault *fault = compose(store, fragment, ip, &staged);

	if (fault)
		return fault;
	if (is_in_place(store, staged)) { /* written by somebody killed before it was durable? */
		fault = file_sync_names(staged->dirfd);
		talloc_free(staged);
		return fault;
	}
	struct staged **before = find_staged(store, staged);
	taken = before ? *before : staged;
	if (before)
		*before = store->staged[--store->staged_count];
	if (before || !(fault = stage(store, staged)))
		fault = place(store, taken);
	talloc_free(staged);
	if (before)
		talloc_free(taken);
	return fault;
}

struct fault *store_save(struct store *store, const struct fragment *fragment)
{
	int dirfd = store->dir[fragment->tenure];
	struct fault *fault;

	if (fragment->count)
		return put_in_place(store, fragment, NULL);
	char *name = mem_printf(NULL, "%s.conf", fragment->uuid);
	store->begun = true;
	fault = file_remove(dirfd, name);
	talloc_free(name);
	return fault_wrap(fault, "%s", store->path[fragment->tenure]);
}

/* perm.conf.d/<IP>.conf -> /run/samba/hubshare/<IP>.conf */
static char *link_target(const void *ctx, const struct store *store, const char *name)
{
	return mem_printf(ctx, "%s/%s", store->run_path, name);
}

static bool is_own_link(const struct store *store, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(store->dir[TENURE_PERMANENT], name, target, sizeof(target) - 1);
	char *expected = link_target(NULL, store, name);
	bool own = n > 0 && (size_t)n == strlen(expected) && !memcmp(target, expected, (size_t)n);

	talloc_free(expected);
	return own;
}

/*
 * A link of ours in perm.conf.d; it may dangle.  A file that stands there (the original
 * tool's, just adopted) is replaced: NAME in the run directory is served in its place.
 */
static struct fault *make_link(struct store *store, const char *name)
{
	int dirfd = store->dir[TENURE_PERMANENT];
	char *temporary, *target;
	struct fault *fault = NULL;

	if (is_own_link(store, name))
		return NULL;
	temporary = mem_printf(NULL, ".%s.%d.new", name, getpid());
	target = link_target(temporary, store, name);
	if (symlinkat(target, dirfd, temporary) < 0 ||
	    renameat(dirfd, temporary, dirfd, name) < 0 ||
	    TEMP_FAILURE_RETRY(fsync(dirfd)) < 0)
		fault = fault_errno(errno, "Cannot link %s/%s",
				    store->path[TENURE_PERMANENT], name);
	talloc_free(temporary);
	return fault;
}

struct fault *store_render(struct store *store, const struct fragment *fragment,
			   struct in_addr ip)
{
	struct fault *fault = put_in_place(store, fragment, &ip);

	if (fault || fragment->tenure != TENURE_PERMANENT)
		return fault;
	char *name = rendering_name(NULL, ip);
	fault = make_link(store, name);
	talloc_free(name);
	return fault;
}

struct fault *store_erase(struct store *store, enum tenure tenure, struct in_addr ip)
{
	char *name = rendering_name(NULL, ip);

	store->begun = true;
	struct fault *fault = file_remove(rendering_dir(store, tenure), name);

	if (!fault && tenure == TENURE_PERMANENT)
		fault = file_remove(store->dir[tenure], name); /* the link, or what stood there */
	talloc_free(name);
	return fault;
}

struct fault *store_keep(struct store *store, enum tenure tenure, struct in_addr ip)
{
	char *name = rendering_name(NULL, ip), *text = NULL;
	char *kept = mem_printf(name, "%s.conf%s", IP_TEXT(ip), kept_suffix);
	bool linked = tenure == TENURE_PERMANENT && is_own_link(store, name);
	struct fault *fault = file_read_own(name, linked ? store->run : store->dir[tenure],
					    name, store->owner, FRAGMENT_MAX_BYTES, &text);

	if (!fault && text)
		fault = file_replace(store->dir[tenure], kept, text, store->mode,
				     store->group);
	talloc_free(name);
	return fault;
}

static void add_oddity(struct inventory *inventory, const char *path, const char *name,
		       const char *what)
{
	*mem_grow(inventory, inventory->oddities, const char *, inventory->oddity_count) =
		mem_printf(inventory, "%s/%s %s", path, name, what);
	inventory->oddity_count++;
}

static void add_truth(struct inventory *inventory, struct fragment *fragment,
		      const char *uuid)
{
	/* The name of the file is what counts; its head may have been lost in an edit. */
	fragment->uuid = mem_strdup(fragment, uuid);
	*mem_grow(inventory, inventory->truths, struct fragment *, inventory->truth_count) =
		talloc_steal(inventory, fragment);
	inventory->truth_count++;
}

static void add_rendering(struct inventory *inventory, struct fragment *fragment,
			  struct in_addr ip)
{
	*mem_grow(inventory, inventory->renderings, struct rendering,
		  inventory->rendering_count) =
		(struct rendering){ .ip = ip,
				    .tenure = fragment->tenure,
				    .fragment = talloc_steal(inventory, fragment) };
	inventory->rendering_count++;
}

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
					    FRAGMENT_MAX_BYTES, &text);

	*ret = NULL;
	if (fault && fault->status == FAULT_REFUSED)
		return fault_wrap(fault, "%s", path);
	if (!fault && text)
		fault = fragment_parse(inventory, text, ret);
	if (fault) {
		char *what = mem_printf(NULL, "cannot be used: %s", fault->text);

		add_oddity(inventory, path, name, what);
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
		      is_own_link(store, name);

	if (S_ISLNK(st.st_mode) && !linked) {
		add_oddity(inventory, path, name, "is a link that hubshare did not make");
		*ret = fragment_parse_head(inventory, "");
	} else if (!linked) {
		fault = read_fragment(store, inventory, path, store->dir[tenure], name, ret);
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

	return length > strlen(kept_suffix) &&
	       strcmp(name + length - strlen(kept_suffix), kept_suffix) == 0;
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
		add_oddity(inventory, store->path[tenure], name,
			   "is used neither by smbd nor by hubshare");
	else if (!rendering && !is_uuid(stem))
		add_oddity(inventory, store->path[tenure], name, "is not hubshare's");
	else
		fault = open_entry(store, tenure, name, rendering, inventory, &fragment);
	if (fragment && rendering)
		add_rendering(inventory, fragment, ip);
	else if (fragment)
		add_truth(inventory, fragment, stem);
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

	if (length <= 5 || strcmp(name + length - 5, ".conf") != 0 || !ip_parse(stem, &ip))
		add_oddity(inventory, store->run_path, name, "is not hubshare's");
	else if (!is_own_link(store, name))
		fault = read_fragment(store, inventory, store->run_path, store->run, name,
				      &fragment);
	if (fragment && !fragment->broken && !fragment->uuid) {
		add_oddity(inventory, store->run_path, name, "was not made by hubshare");
		talloc_free(fragment);
		fragment = fragment_parse_head(inventory, "");
	}
	if (fragment && fragment->broken && !inventory_rendering(inventory, TENURE_PERMANENT, ip)) {
		fragment->uuid = NULL;
		fragment->tenure = TENURE_PERMANENT;
		add_rendering(inventory, fragment, ip);
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
		return access_fault(run ? store->run_path : store->path[tenure]);
	while (!fault && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !is_kept(entry->d_name))
			fault = run ? take_run_entry(store, entry->d_name, inventory) :
				      take_entry(store, tenure, entry->d_name, inventory);
	closedir(dir);
	return fault;
}

struct fault *store_inventory(const void *ctx, struct store *store, struct inventory **ret)
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

	if (length <= 5 || length - 5 >= sizeof(stem) || strcmp(name + length - 5, ".conf") != 0)
		return false;
	memcpy(stem, name, length - 5);
	return ip_parse(stem, &ip) && !is_among(glance->ips, glance->count, ip);
}

/* The head of a rendering says whose it is, and whether work is begun there. */
static void glance_at(struct store *store, enum tenure tenure, const char *name,
		      struct glance *glance)
{
	char text[GLANCE_BYTES];

	if (tenure == TENURE_PERMANENT && !is_own_link(store, name)) {
		glance->whole = true;
		return;
	}
	struct fault *fault = file_glance_own(rendering_dir(store, tenure), name, store->owner,
					      text, sizeof(text));
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
		char *name = rendering_name(inventory, glance->ips[i]);

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
	struct glance glance = { .uuid = uuid, .ips = ips, .count = count, .whole = store->begun };
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

struct fragment *inventory_truth(const struct inventory *inventory, const char *uuid,
				 enum tenure tenure)
{
	for (size_t i = 0; i < inventory->truth_count; i++)
		if (inventory->truths[i]->tenure == tenure &&
		    strcmp(inventory->truths[i]->uuid, uuid) == 0)
			return inventory->truths[i];
	return NULL;
}

struct fragment *inventory_make(struct inventory *inventory, const char *uuid,
				const char *vm, enum tenure tenure)
{
	struct fragment *truth = inventory_truth(inventory, uuid, tenure);

	if (!truth) {
		truth = fragment_new(inventory, uuid, vm, tenure);
		add_truth(inventory, truth, uuid);
	}
	return truth;
}

struct rendering *inventory_rendering(const struct inventory *inventory, enum tenure tenure,
				      struct in_addr ip)
{
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (inventory->renderings[i].tenure == tenure &&
		    inventory->renderings[i].ip.s_addr == ip.s_addr)
			return &inventory->renderings[i];
	return NULL;
}

bool inventory_original(const struct inventory *inventory, const char *vm, const char *name)
{
	for (size_t i = 0; i < inventory->rendering_count; i++) {
		const struct fragment *there = inventory->renderings[i].fragment;

		if (!there->uuid && there->vm && strcmp(there->vm, vm) == 0 &&
		    (name ? fragment_find(there, name) != NULL : there->count > 0))
			return true;
	}
	return false;
}
