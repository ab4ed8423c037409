/* SPDX-License-Identifier: ISC */
/* What may be shared: every verdict, in both directions. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/policy.h"

static const struct settings_row *row_of(const char *key)
{
	const struct settings_row *row = settings_rows;

	while (row->key && strcmp(row->key, key) != 0)
		row++;
	return row;
}

/* The policy of a host with the store in its usual place and these two lists. */
static struct policy *policy_with(const void *ctx, const char *allow, const char *deny)
{
	struct settings settings = { .root = "",
				     .samba_dir = row_of("samba-dir")->fallback,
				     .run_dir = row_of("run-dir")->fallback,
				     .allow_roots = allow,
				     .deny_roots = deny };
	struct policy *policy = NULL;

	assert_null(policy_read(ctx, &settings, &policy));
	return policy;
}

/* WANTED is NULL where PATH may be shared, else a piece of the sentence. */
static void verdict(const struct policy *policy, const char *path, const char *wanted)
{
	struct fault *fault = policy_check(policy, path);

	if (!fault != !wanted || (fault && !strstr(fault->text, wanted)))
		fail_msg("%s: '%s', not '%s'", path, fault ? fault->text : "may be shared",
			 wanted ? wanted : "may be shared");
	if (fault)
		assert_int_equal(fault->status, FAULT_REFUSED);
	talloc_free(fault);
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *allow, *deny, *path, *wanted;
	} rows[] = {
		{ "", "", "/", "it is / (the whole host)" },
		{ "", "", "/etc", "it is /etc (the host's configuration)" },
		{ "", "", "/etc/ssl/certs", "it lies in /etc " },
		{ "", "", "/etcetera", NULL },
		{ "", "", "/root", "it is /root" },
		{ "", "", "/root/x", "it lies in /root" },
		{ "", "", "/proc/1", "it lies in /proc" },
		{ "", "", "/sys", "it is /sys" },
		{ "", "", "/dev/shm", "it lies in /dev" },
		{ "", "", "/boot/efi", "it lies in /boot" },
		{ "", "", "/run/user/1000", "it lies in /run" },
		{ "", "", "/run/media/user/stick", NULL },
		{ "", "", "/run/media", NULL },
		{ "", "", "/var", "it holds " },
		{ "", "", "/var/lib", "it holds /var/lib/" },
		{ "", "", "/var/lib/libvirt", "it is /var/lib/libvirt (the VMs' disks)" },
		{ "", "", "/var/lib/libvirt/images", "it lies in /var/lib/libvirt" },
		{ "", "", "/var/lib/samba/private", "it lies in /var/lib/samba" },
		{ "", "", "/etc/samba/perm.conf.d", "it lies in /etc/samba (what Samba serves" },
		{ "", "", "/var/log", NULL },
		{ "", "", "/home", NULL },
		{ "", "", "/home/user/tmp", NULL },
		{ "", "", "/srv", NULL },
		/* The way out names the line. */
		{ "", "", "/etc/ssl", "'allow-roots = /etc/ssl' in hubshare.conf would allow" },
		{ "", "", "/var", "'allow-roots = /var' in" },
		/* allow-roots: the directory, what lies in it, and all that it holds. */
		{ "/etc", "", "/etc", NULL },
		{ "/etc", "", "/etc/ssl", NULL },
		{ "/etc", "", "/etc/samba", "it is /etc/samba" },
		{ "/etc/ssl", "", "/etc/ssl/certs", NULL },
		{ "/etc/ssl", "", "/etc", "it is /etc" },
		{ "/etc/ssl/", "", "/etc/ssl", NULL },
		{ "//etc//none//", "", "/etc/none/x", NULL },
		{ "/", "", "/", NULL },
		{ "/", "", "/etc", "it is /etc" },
		{ "/", "", "/var", "it holds " },
		{ "/var", "", "/var", NULL },
		{ "/var", "", "/var/lib", "it holds /var/lib/" },
		{ "/var/lib", "", "/var", "it holds " },
		{ "/srv/x\n/etc/ssl\n/root", "", "/root", NULL },
		{ "/var/lib/libvirt\n/var/lib/samba\n/run\n/var/run", "", "/var", NULL },
		/* deny-roots, in both directions. */
		{ "", "/srv/keys", "/srv/keys", "it is /srv/keys (deny-roots)" },
		{ "", "/srv/keys", "/srv/keys/a", "it lies in /srv/keys (deny-roots)" },
		{ "", "/srv/keys", "/srv", "it holds /srv/keys (deny-roots); "
					   "'allow-roots = /srv/keys'" },
		{ "", "/srv/keys", "/srv/keys2", NULL },
		{ "", "/srv/keys", "/srv/other", NULL },
		{ "", "/", "/srv", "it lies in / (deny-roots)" },
		{ "", "/", "/run/media/user", NULL },
		/* Both: the longest; of two the same allow-roots; what is named is not overruled. */
		{ "/srv", "/", "/srv/a", NULL },
		{ "/srv", "/", "/home", "it lies in /" },
		{ "/srv/keys", "/srv/keys", "/srv/keys", NULL },
		{ "/srv/keys", "/srv/keys", "/srv", NULL },
		{ "/srv", "/srv/keys", "/srv", "it holds /srv/keys" },
		{ "/srv", "/srv/keys", "/srv/keys", "it is /srv/keys" },
		{ "/srv", "/srv/keys", "/srv/a", NULL },
		{ "/srv/keys/pub", "/srv/keys", "/srv/keys/pub", NULL },
		{ "/srv/keys/pub", "/srv/keys", "/srv/keys", "it is /srv/keys" },
		{ "/etc", "/etc/ssl", "/etc", "it holds /etc/ssl" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		void *ctx = talloc_new(NULL);

		verdict(policy_with(ctx, rows[i].allow, rows[i].deny), rows[i].path,
			rows[i].wanted);
		talloc_free(ctx);
	}
}

static void test_bad_lists(void **state)
{
	static const char *const lists[] = { "srv", "~/x", "/srv\n./x", "/srv/../etc", "/.." };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (int deny = 0; deny < 2; deny++) {
			struct settings settings = { .root = "",
						     .samba_dir = "/etc/samba",
						     .run_dir = "/run/samba/hubshare",
						     .allow_roots = deny ? "" : lists[i],
						     .deny_roots = deny ? lists[i] : "" };
			struct policy *policy;
			struct fault *fault = policy_read(NULL, &settings, &policy);

			assert_non_null(fault);
			assert_int_equal(fault->status, FAULT_USAGE);
			assert_non_null(strstr(fault->text, deny ? "deny-roots" : "allow-roots"));
			talloc_free(fault);
		}
}

/* A disk is one file: what holds it is refused, what lies beside it is not. */
static void test_disks(void **state)
{
	const char *disks[] = { "/srv/vms/one.qcow2", "/srv/fat/of one" };
	struct domain one = { .name = "one", .disks = disks, .disk_count = 2 };
	struct domain two = { .name = "two" };
	struct domains domains = { (struct domain *[]){ &two, &one }, 2 };
	void *ctx = talloc_new(NULL);
	struct policy *policy = policy_with(ctx, "", "");

	(void)state;
	verdict(policy, "/srv/vms", NULL);
	policy_add_disks(policy, &domains);
	verdict(policy, "/srv/vms", "it holds /srv/vms/one.qcow2 (a disk of the VM one)");
	verdict(policy, "/srv", "it holds /srv/vms/one.qcow2");
	verdict(policy, "/srv/vms/shared", NULL);
	verdict(policy, "/srv/fat/of one/dir", "it lies in /srv/fat/of one");
	policy = policy_with(ctx, "/srv/vms", "");
	policy_add_disks(policy, &domains);
	verdict(policy, "/srv/vms", NULL);
	verdict(policy, "/srv", "it holds /srv/");
	talloc_free(ctx);
}

/* A directory is refused by each of its names; a name in a refused place is none of others'. */
static void test_mounts(void **state)
{
	static const char text[] =
		"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		"22 21 0:5 / /proc rw - proc proc rw\n"
		"23 21 0:6 / /run rw - tmpfs tmpfs rw\n"
		"24 21 8:2 / /etc/keys rw - ext4 /dev/sda2 rw\n"
		"25 21 8:3 / /data rw - ext4 /dev/sda3 rw\n"
		"26 21 8:3 /vms /var/lib/libvirt rw - ext4 /dev/sda3 rw\n"
		"30 21 8:1 /etc /srv/all\\040of\\134it rw shared:1 - ext4 /dev/sda1 rw\n"
		"31 21 8:1 /etc/ssl/certs /srv/deep/in rw - ext4 /dev/sda1 rw\n"
		"32 21 8:1 / /mnt/host rw - ext4 /dev/sda1 rw\n"
		"33 21 8:2 /a /srv/keys rw - ext4 /dev/sda2 rw\n"
		"34 21 0:6 /media/user /srv/stick rw - tmpfs tmpfs rw\n"
		"35 23 8:1 /home /run/chroot/home rw - ext4 /dev/sda1 rw\n"
		"36 21 8:1 /etc/public /srv/public rw - ext4 /dev/sda1 rw\n"
		"37 21 8:1 /etcetera /srv/etcetera rw - ext4 /dev/sda1 rw\n"
		"38 21 8:9 /etc /srv/other rw - ext4 /dev/sdb1 rw\nnonsense\n";
	static const struct {
		const char *path, *wanted;
	} rows[] = {
		{ "/srv/all of\\it", "it is /srv/all of\\it (the host's configuration, by a mount "
				     "of /etc); 'allow-roots = /srv/all of" },
		{ "/srv/all of\\it/ssl", "it lies in /srv/all of\\it " },
		{ "/srv/deep/in", "by a mount of /etc/ssl/certs)" },
		{ "/srv/deep", "it holds /srv/deep/in " },
		{ "/srv/deep/beside", NULL },
		{ "/mnt/host", "it is /mnt/host (the whole host" },
		{ "/mnt/host/etc/ssl", "it lies in /mnt/host/etc " },
		{ "/mnt/host/home", NULL },
		{ "/mnt", "it holds /mnt/host" },
		{ "/srv/keys", "by a mount of /etc/keys/a)" },
		{ "/data", "it holds /data/vms (the VMs' disks" },
		{ "/data/vms/images", "it lies in /data/vms " },
		{ "/data/films", NULL },
		{ "/srv/stick", NULL },
		{ "/home", NULL },
		{ "/home/user", NULL },
		{ "/srv/public", NULL },
		{ "/srv/etcetera", NULL },
		{ "/srv/other", NULL },
		{ "/etc", "it is /etc (the host's configuration)" },
	};
	void *ctx = talloc_new(NULL);
	struct policy *policy = policy_with(ctx, "/etc/public", "");

	(void)state;
	verdict(policy, "/srv/deep/in", NULL);
	policy_add_mounts(policy, mounts_parse(ctx, text));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		verdict(policy, rows[i].path, rows[i].wanted);
	policy = policy_with(ctx, "/srv/deep/in", "");
	policy_add_mounts(policy, mounts_parse(ctx, text));
	verdict(policy, "/srv/deep/in", NULL);
	verdict(policy, "/srv/deep/in/x", NULL);
	policy = policy_with(ctx, "/srv/deep", "/etc/ssl");
	policy_add_mounts(policy, mounts_parse(ctx, text));
	verdict(policy, "/srv/deep", "it holds /srv/deep/in (deny-roots, by a mount of /etc/ssl/");
	talloc_free(ctx);
}

/* Roots are what they are, not what they are called; the store is where settings say. */
static void test_resolved(void **state)
{
	char base[] = "/tmp/hubshare-policy-XXXXXX";
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_non_null(mkdtemp(base));
	char *real = mem_printf(ctx, "%s/real", base), *link = mem_printf(ctx, "%s/link", base);
	assert_int_equal(mkdir(real, 0755), 0);
	assert_int_equal(symlink("real", link), 0);
	struct settings settings = { .root = base,
				     .samba_dir = "/link",
				     .run_dir = "/run",
				     .allow_roots = "",
				     .deny_roots = mem_printf(ctx, "%s/../../%s", base, link) };
	struct policy *policy;
	struct fault *fault = policy_read(ctx, &settings, &policy); /* with ".." */
	assert_non_null(fault);
	talloc_free(fault);
	settings.deny_roots = "";
	assert_null(policy_read(ctx, &settings, &policy));
	verdict(policy, real, "it is ");
	verdict(policy, mem_printf(ctx, "%s/run", base), "it is ");
	verdict(policy, mem_printf(ctx, "%s/run/x", base), "it lies in ");
	verdict(policy, base, "it holds ");
	verdict(policy, mem_printf(ctx, "%s/other", base), NULL);
	settings.samba_dir = "/none";
	settings.deny_roots = link;
	assert_null(policy_read(ctx, &settings, &policy));
	verdict(policy, real, "(deny-roots)");
	unlink(link);
	rmdir(real);
	rmdir(base);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_bad_lists),
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
