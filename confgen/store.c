/* SPDX-License-Identifier: ISC */
#include "confgen/store_parts.h"

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

enum {
	LOCK_TIMEOUT_MS = 30000,
	LOCK_PAUSE_NS = 10000000,
	UUID_LENGTH = 36,
};

/* What the lock's file says instead of a process's number when nothing is left to do.  One that
 * says nothing is new, also after a power cut. */
static const char all_ended = '0';

static const struct {
	const char *text, *directory;
} tenures[TENURE_COUNT] = {
	[TENURE_PERMANENT] = { "permanent", "perm.conf.d" },
	[TENURE_TEMPORARY] = { "temporary", "temp.conf.d" },
};

const char *tenure_text(enum tenure tenure)
{
	return tenures[tenure].text;
}

char *store_directory(const void *ctx, const struct settings *settings,
		      enum tenure tenure)
{
	return mem_printf(ctx, "%s%s/%s", settings->root, settings->samba_dir,
			  tenures[tenure].directory);
}

static int store_close(struct store *store)
{
	store_drop_staged(store); /* while their directories are open */
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

struct fault *store_access_fault(const char *path)
{
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return fault_new(
			FAULT_REFUSED,
			"%s: %s; use sudo (group hubshare may find, list and wait)", path,
			strerror(errno));
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
		return fault_new(
			FAULT_REFUSED,
			"%s belongs to user %u, who could share anything through "
			"it; use: chown root %s",
			path, st.st_uid, path);
	if (st.st_mode & 022)
		return fault_new(
			FAULT_REFUSED,
			"%s can be written by others (mode %04o), who could share "
			"anything through it; use: chmod 755 %s",
			path, st.st_mode & 07777, path);
	if (volatile_kind && !store->rooted && fs.f_type != TMPFS_MAGIC &&
	    fs.f_type != RAMFS_MAGIC)
		return fault_new(
			FAULT_REFUSED,
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
				 "%s is not there; 'sudo hubshare setup' makes it", path);
	if (*ret < 0)
		return store_access_fault(path);
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
			fault = store_access_fault(partial);
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
		return store->run < 0 ?
			       NULL :
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
		return fault_new(FAULT_REFUSED,
				 "%s/.lock is not hubshare's: %s; move it away",
				 store->run_path, foreign);
	store->lock = TEMP_FAILURE_RETRY(
		openat(store->run, ".lock",
		       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
	return store->lock < 0 ? store_access_fault(store->run_path) : NULL;
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
	struct fault *fault =
		fault_new(FAULT_TIMEOUT,
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

bool store_is_uuid(const char *text)
{
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' :
			   !isxdigit((unsigned char)text[i]) ||
				    isupper((unsigned char)text[i]))
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
	bool ours = ip_parse(stem, &ip) || store_is_uuid(stem);

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
		return fault_new(
			FAULT_REFUSED,
			"Only root may change shares; use sudo (where the service runs, "
			"members of the group '%s' may add, edit, remove and delete "
			"without it)",
			settings->group);
	if (access == STORE_WRITE &&
	    (fault = fragment_templates_load(store, settings->templates,
					     &store->templates)))
		return fault;
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		store->path[tenure] =
			store_directory(store, settings, (enum tenure)tenure);
		if ((fault = open_directory(store, store->path[tenure],
					    tenure == TENURE_TEMPORARY,
					    &store->dir[tenure])))
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
