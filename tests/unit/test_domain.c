/* SPDX-License-Identifier: ISC */
/* Domains: what XML says that somebody else wrote. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/domain.h"

#define UUID "c0ffee00-0000-4000-8000-00000000000a"
#define HEAD "<name>personal-0</name><uuid>" UUID "</uuid>"

static struct domain *parsed(const void *ctx, const char *xml)
{
	struct domain *domain = NULL;
	struct fault *fault = domain_parse(ctx, xml, &domain);

	if (fault)
		fail_msg("%s, in: %s", fault->text, xml);
	return domain;
}

static void test_nics(void **state)
{
	static const char xml[] =
		"<domain type='kvm' id='3'>" HEAD "<devices><disk type='file'/>"
		"<interface type='bridge'><mac address='52:54:00:F3:88:E7'/>"
		"<source bridge='br-hub'/><target dev='vnet0'/></interface>"
		"<interface type='network'><mac address='52:54:00:00:00:01'/>"
		"<source network='hub' portid='x' bridge='br-hub'/><target dev='vnet1'/>"
		"<link state='down'/></interface>"
		"<interface type='network'><mac address='52:54:00:00:00:02'/>"
		"<source network='default'/><link state='up'/></interface>"
		"<interface type='user'><mac address='52:54:00:00:00:03'/></interface>"
		"<interface type='bridge'><source bridge='br-hub'/></interface>"
		"<interface type='bridge'><mac address='nonsense'/></interface>"
		"</devices></domain>";
	struct domain *domain = parsed(NULL, xml);
	struct mac mac;

	(void)state;
	assert_string_equal(domain->name, "personal-0");
	assert_string_equal(domain->uuid, UUID);
	assert_false(domain->running);
	assert_int_equal(domain->nic_count, 4);
	assert_string_equal(MAC_TEXT(domain->nics[0].mac), "52:54:00:f3:88:e7");
	assert_string_equal(domain->nics[0].bridge, "br-hub");
	assert_null(domain->nics[0].network);
	assert_string_equal(domain->nics[0].tap, "vnet0");
	assert_string_equal(domain->nics[1].bridge, "br-hub");
	assert_string_equal(domain->nics[1].network, "hub");
	assert_string_equal(domain->nics[2].network, "default");
	assert_null(domain->nics[2].bridge); /* off: libvirt is asked for it */
	assert_null(domain->nics[2].tap);
	assert_false(domain->nics[0].down);
	assert_true(domain->nics[1].down);
	assert_false(domain->nics[2].down);
	assert_true(mac_parse("52:54:00:f3:88:e7", &mac));
	assert_ptr_equal(domain_nic(domain, mac, "br-hub"), &domain->nics[0]);
	assert_null(domain_nic(domain, mac, "br-other"));
	assert_true(mac_parse("52:54:00:00:00:02", &mac));
	assert_null(domain_nic(domain, mac, "br-hub"));
	assert_true(domain_on_bridge(domain, "br-hub"));
	assert_false(domain_on_bridge(domain, "br-hu"));
	talloc_free(domain);
}

static void test_names(void **state)
{
	static const struct {
		const char *xml, *name;
	} names[] = {
		{ "a&#10;b", "a\nb" }, { "]", "]" }, { "-x", "-x" }, { "%U", "%U" },
		{ "&lt;/name&gt;", "</name>" }, { "../../etc/passwd", "../../etc/passwd" },
		{ "<![CDATA[<x>]]>", "<x>" }, { "ünï", "ünï" }, { " ", " " }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		void *ctx = talloc_new(NULL);
		char *xml = mem_printf(ctx, "<domain><name>%s</name><uuid>" UUID
					    "</uuid></domain>", names[i].xml);

		assert_string_equal(parsed(ctx, xml)->name, names[i].name);
		talloc_free(ctx);
	}
}

static void test_uuid(void **state)
{
	static const char *const bad[] = {
		"", "c0ffee00", "../../../../../../../../../etc/smb.c",
		"c0ffee00-0000-4000-8000-00000000000/", "c0ffee00-0000-4000-8000-00000000000g",
		"c0ffee0000000-4000-8000-00000000000a", "c0ffee00-0000-4000-8000-00000000000\n",
		UUID "a",
	};
	struct domain *domain = parsed(NULL, "<domain><name>x</name><uuid>C0FFEE00-0000-4000-"
					     "8000-00000000000A</uuid></domain>");

	(void)state;
	assert_string_equal(domain->uuid, UUID);
	struct domains domains = { &domain, 1 };
	assert_ptr_equal(domains_by_uuid(&domains, "C0FFEE00-0000-4000-8000-00000000000a"), domain);
	assert_null(domains_by_uuid(&domains, "c0ffee00-0000-4000-8000-00000000000"));
	assert_ptr_equal(domains_by_name(&domains, "x"), domain);
	assert_null(domains_by_name(&domains, "X"));
	assert_null(domains_by_name(&domains, ""));
	talloc_free(domain);
	/* It becomes a file's name. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *xml = mem_printf(NULL, "<domain><name>x</name><uuid>%s</uuid></domain>",
				       bad[i]);
		struct fault *fault = domain_parse(NULL, xml, &domain);

		if (!fault)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(fault->status, FAULT_FAILED);
		talloc_free(fault);
		talloc_free(xml);
	}
}

static void test_garbage(void **state)
{
	static const char *const bad[] = {
		"", "x", "<domain>", "<domain/>", "<domain>" HEAD, "<domain><name>x</name></domain>",
		"<domain><uuid>" UUID "</uuid></domain>", "\377\376", "<?xml version='1.0'?>",
		/* what would grow, or read a file */
		"<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><d>&b;</d>",
	};
	struct domain *domain = (void *)-1;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault *fault = domain_parse(NULL, bad[i], &domain);

		assert_non_null(fault);
		assert_int_equal(fault->status, FAULT_FAILED);
		assert_ptr_equal(domain, (void *)-1);
		talloc_free(fault);
	}
	assert_null(domain_parse(NULL,
				 "<!DOCTYPE domain [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
				 "<domain><name>x&f;y</name><uuid>" UUID "</uuid></domain>",
				 &domain));
	assert_null(strstr(domain->name, "root"));
	talloc_free(domain);
}

/* Disks as files: what they are backed by and copied to, too; no CD, no block device. */
static void test_disks(void **state)
{
	static const char *const wanted[] = { "/vms/top", "/vms/copy", "/vms/below", "/vms/base",
					      "/vms/fat" };
	struct domain *domain = parsed(
		NULL,
		"<domain>" HEAD "<devices>"
		"<disk type='file' device='disk'><source file='/vms/top'/>"
		"<mirror type='file'><source file='/vms/copy'/></mirror>"
		"<backingStore type='file'><format type='qcow2'/><source file='/vms/below'/>"
		"<backingStore type='file'><source file='/vms/base'/><backingStore/>"
		"</backingStore></backingStore></disk>"
		"<disk type='file' device='cdrom'><source file='/home/user/debian.iso'/></disk>"
		"<disk type='file' device='cdrom'/><disk type='file'/>"
		"<disk type='block' device='disk'><source dev='/dev/vg/lv'/></disk>"
		"<disk type='dir'><source dir='/vms/fat'/></disk>"
		"<disk type='network'><source protocol='nbd' name='x'/></disk>"
		"<disk type='file'><source file='relative'/></disk>"
		"</devices></domain>");

	(void)state;
	assert_int_equal(domain->disk_count, sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < domain->disk_count; i++)
		assert_string_equal(domain->disks[i], wanted[i]);
	talloc_free(domain);
}

/* Volumes are known by name; what is booted from is a file of the VM unless it is in /usr. */
static void test_volumes(void **state)
{
	static const char *const wanted[] = { "/vms/vars", "/vms/kernel", "/vms/initrd" };
	struct domain *domain = parsed(
		NULL,
		"<domain>" HEAD "<os><loader readonly='yes'>/usr/share/OVMF/CODE.fd</loader>"
		"<nvram template='/usr/x'>\n<source file='/vms/vars'/></nvram>"
		"<kernel> /vms/kernel </kernel><initrd>/vms/initrd</initrd><dtb>x</dtb></os>"
		"<devices><disk type='volume'><source pool='p&amp;' volume='v'/>"
		"<backingStore type='volume'><source pool='q' volume='w'/></backingStore></disk>"
		"<disk type='volume' device='cdrom'><source pool='p' volume='iso'/></disk>"
		"<disk type='volume'><source pool='p'/></disk></devices></domain>");
	char *path = NULL;

	(void)state;
	assert_int_equal(domain->disk_count, sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < domain->disk_count; i++)
		assert_string_equal(domain->disks[i], wanted[i]);
	assert_int_equal(domain->volume_count, 2);
	assert_string_equal(domain->volumes[0].pool, "p&");
	assert_string_equal(domain->volumes[0].name, "v");
	assert_string_equal(domain->volumes[1].name, "w");
	assert_null(pool_parse(domain, "<pool><target><path>/p</path></target></pool>", &path));
	assert_string_equal(path, "/p");
	assert_null(pool_parse(domain, "<pool><source/></pool>", &path));
	assert_null(path);
	talloc_free(domain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_nics),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
