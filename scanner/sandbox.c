/* SPDX-License-Identifier: ISC */
#include "scanner/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_packet.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's overflow ID: nobody, and its group, on every distribution. */
#define NOBODY 65534

/* Landlock is younger than many C libraries: the numbers are of linux/landlock.h. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

struct landlock_rules {
	uint64_t files;
	uint64_t net;	/* since ABI 4 */
	uint64_t scope; /* since ABI 6 */
};

enum { LANDLOCK_VERSION = 1 };

/* All of the rights over files that an ABI knows. */
static uint64_t landlock_files(int abi)
{
	int rights = abi < 2 ? 13 : abi < 3 ? 14 : abi < 5 ? 15 : 16;

	return ((uint64_t)1 << rights) - 1;
}

/* Takes every path, TCP and other processes away: rules without an exception. */
static int enter_landlock(void)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	struct landlock_rules rules = { landlock_files(abi), 3, 3 };
	size_t size = abi < 4 ? sizeof(rules.files) : abi < 6 ? 16 : sizeof(rules);
	int fd;

	if (abi < 1)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0)
		return 0;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		abi = 0;
	close(fd);
	return abi;
}

/* Becomes nobody where started as root; false where there is no such user. */
static bool leave_root(void)
{
	if (geteuid() != 0)
		return false;
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return false;
	return setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static struct fault *drop_capabilities(bool *ret_other_user)
{
	capng_clear(CAPNG_SELECT_ALL);
	/* Only who has cap_setpcap can; no_new_privs makes it no matter. */
	(void)capng_apply(CAPNG_SELECT_BOUNDS);
	*ret_other_user = leave_root();
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0 || capng_apply(CAPNG_SELECT_AMBIENT) < 0)
		return fault_new(FAULT_FAILED, "Cannot drop the capabilities");
	if (capng_get_caps_process() < 0 ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return fault_new(FAULT_FAILED, "The capabilities could not be dropped");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_errno(errno, "Cannot renounce new privileges");
	return NULL;
}

#ifdef WITH_SECCOMP
/* What needs no look at its arguments. */
static const int plain_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(lseek), SCMP_SYS(close),
	SCMP_SYS(fstat), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(getsockopt),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(futex), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* qsort(3) of glibc wants to know how much memory there is. */
	SCMP_SYS(sysinfo)
};

struct rule {
	int call;
	struct scmp_arg_cmp compare[2];
};

/* clang-format off */
#define IS(arg, value)		   { arg, SCMP_CMP_EQ, value, 0 }
#define IS_WITHOUT(arg, bits)	   { arg, SCMP_CMP_MASKED_EQ, bits, 0 }
#define ANY(arg)		   { arg, SCMP_CMP_MASKED_EQ, 0, 0 }
/* clang-format on */

static const struct rule rules[] = {
	/* From and to the wires that are open, not an address. */
	{ SCMP_SYS(recvfrom), { IS(4, 0), ANY(0) } },
	{ SCMP_SYS(sendto), { IS(4, 0), ANY(0) } },
	/* Memory, but no code. */
	{ SCMP_SYS(mmap), { IS_WITHOUT(2, PROT_EXEC), ANY(0) } },
	{ SCMP_SYS(mprotect), { IS_WITHOUT(2, PROT_EXEC), ANY(0) } },
	/* Is standard output a terminal?  Its buffer depends on it. */
	{ SCMP_SYS(newfstatat), { IS(3, AT_EMPTY_PATH), ANY(0) } },
	{ SCMP_SYS(ioctl), { IS(1, TCGETS), ANY(0) } },
	/* Is the interface still there, with the same MAC? */
	{ SCMP_SYS(ioctl), { IS(1, SIOCGIFNAME), ANY(0) } },
	{ SCMP_SYS(ioctl), { IS(1, SIOCGIFINDEX), ANY(0) } },
	{ SCMP_SYS(ioctl), { IS(1, SIOCGIFHWADDR), ANY(0) } },
	/* pcap_close() gives its ring back. */
	{ SCMP_SYS(setsockopt), { IS(1, SOL_PACKET), IS(2, PACKET_RX_RING) } },
};

static int add_rules(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(plain_calls) / sizeof(*plain_calls); i++) {
		int status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);

		if (status < 0)
			return status;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		int status = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call,
						    2, rules[i].compare);

		if (status < 0)
			return status;
	}
	return 0;
}

static struct fault *enter_seccomp(bool *ret)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int status = filter ? add_rules(filter) : -ENOMEM;

	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	*ret = status == 0;
	return status < 0 ? fault_errno(-status, "Cannot limit the system calls") : NULL;
}
#else
static struct fault *enter_seccomp(bool *ret)
{
	*ret = false;
	return NULL;
}
#endif

struct fault *sandbox_renounce(struct sandbox *ret)
{
	struct fault *f = drop_capabilities(&ret->other_user);

#ifdef WITH_SECCOMP
	ret->landlock_abi = f ? 0 : enter_landlock();
#else
	(void)enter_landlock;
	ret->landlock_abi = 0;
#endif
	return f;
}

struct fault *sandbox_limit(struct sandbox *ret)
{
	return enter_seccomp(&ret->seccomp);
}
