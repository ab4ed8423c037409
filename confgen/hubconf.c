/* SPDX-License-Identifier: ISC */
/* hubconf(8): generates, checks and prints what Samba reads. */

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/command.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/settings.h"
#include "common/text.h"
#include "confgen/fragment.h"
#include "confgen/testparm.h"

enum { FRAGMENT_MAX_BYTES = 16 << 20 };

struct options {
	struct settings settings;
	bool check, smb_conf, read_only, guest_ok, private;
	const char *allow, *user, *vm, *uuid, *mac, *ip;
};

#define AT(member) offsetof(struct options, member)

/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'h', .name = "help", .help = "show this help message and exit",
	  .kind = OPTION_HELP },
	{ .letter = 'r', .name = "readonly", .help = "Set share to read-only",
	  .offset = AT(read_only) },
	{ .letter = 'g', .name = "guest", .help = "Allow guest access",
	  .offset = AT(guest_ok) },
	{ .letter = 'a', .name = "allow", .arg = "ALLOW",
	  .help = "Hosts or CIDR ranges permitted to access the share",
	  .kind = OPTION_TEXT, .offset = AT(allow) },
	{ .letter = 'e', .name = "private",
	  .help = "Limit access down to only the target VM (needs --ip)",
	  .offset = AT(private) },
	{ .name = "user", .arg = "USER", .help = "To whom files in the share belong",
	  .kind = OPTION_TEXT, .offset = AT(user) },
	{ .name = "vm", .arg = "NAME", .help = "The VM's name for the head",
	  .kind = OPTION_TEXT, .offset = AT(vm) },
	{ .name = "uuid", .arg = "UUID", .help = "The VM's UUID for the head",
	  .kind = OPTION_TEXT, .offset = AT(uuid) },
	{ .name = "mac", .arg = "MAC", .help = "The VM's MAC for the head",
	  .kind = OPTION_TEXT, .offset = AT(mac) },
	{ .name = "ip", .arg = "IP", .help = "Render for the client of this address",
	  .kind = OPTION_TEXT, .offset = AT(ip) },
	{ .name = "check", .help = "Say what smbd would make of each FILE",
	  .offset = AT(check) },
	{ .name = "smb-conf", .help = "Print what belongs into smb.conf",
	  .offset = AT(smb_conf) },
	{ .name = "root", .arg = "DIR",
	  .help = "Prefix of every file that hubshare keeps", .kind = OPTION_TEXT,
	  .offset = AT(settings.root) },
	{ .name = "version", .help = "Print the version and exit",
	  .kind = OPTION_VERSION },
	{ 0 },
};
/* clang-format on */

static const struct command hubconf = {
	.name = "hubconf",
	.operands = "[path name | FILE...]",
	.options = rows,
	.positionals =
		(const struct positional[]){
			{ "path", "Host path to share" },
			{ "name", "Name of the share" },
			{ "FILE", "A fragment to look at with --check" },
			{ 0 },
		},
};

/* Prints the three pieces in the order that smb.conf needs. */
static struct fault *print_smb_conf(const void *ctx, const struct options *options)
{
	static const char *const pieces[] = { "global.conf", "vmshare.conf",
					      "includes.conf" };
	struct values *values = values_new(ctx);
	struct template *template;
	struct fault *fault;
	char *text;

	values_add(values, "bridge", options->settings.bridge);
	values_add(values, "samba dir", options->settings.samba_dir);
	printf("[global]");
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		if ((fault = template_load(values, options->settings.templates, pieces[i],
					   &template)) ||
		    (fault = template_fill(values, template, values, &text)))
			return fault;
		fputs(text, stdout);
	}
	return NULL;
}

/* Prints what smbd would make of FILE; the fault says why that is not what it says. */
static struct fault *check_file(const void *ctx, const struct settings *settings,
				const char *file)
{
	struct fragment *fragment;
	const char **differences;
	struct testparm *testparm;
	struct fault *fault;
	char *text;

	if ((fault = file_read(ctx, AT_FDCWD, file, FRAGMENT_MAX_BYTES, &text)))
		return fault;
	if (!text)
		return fault_new(FAULT_NOT_FOUND, "There is no file %s", file);
	if ((fault = fragment_parse(ctx, text, &fragment)))
		return fault_wrap(fault, "%s", file);
	for (size_t i = 0; i < fragment->count; i++) {
		if ((fault = share_check(fragment->shares[i])))
			return fault_wrap(fault, "%s", file);
		fragment->shares[i]->private =
			false; /* its hosts are those that stand there */
	}
	if ((fault = testparm_start(ctx, settings, file, &testparm)) ||
	    (fault = testparm_differences(ctx, testparm, fragment, NULL, &differences)))
		return fault;
	for (size_t i = 0; i < fragment->count; i++)
		printf("%s: [%s] %s%s%s\n", text_visible(ctx, file),
		       text_visible(ctx, fragment->shares[i]->name),
		       text_visible(ctx, fragment->shares[i]->path),
		       fragment->shares[i]->read_only ? ", read only" : "",
		       fragment->shares[i]->guest_ok ? ", guest ok" : "");
	for (size_t i = 0; differences[i]; i++)
		printf("%s: %s\n", text_visible(ctx, file),
		       text_visible(ctx, differences[i]));
	return *differences ?
		       fault_new(FAULT_FAILED, "%s is not to Samba what it says", file) :
		       NULL;
}

static struct fault *check_files(const void *ctx, const struct options *options,
				 const char *const *files)
{
	struct fault *fault = NULL;

	if (!*files)
		return fault_new(FAULT_USAGE,
				 "Which file? Use it as: hubconf --check FILE...");
	for (; *files; files++)
		fault = fault_first(fault, check_file(ctx, &options->settings, *files));
	return fault;
}

static struct fault *share_of(const void *ctx, const struct options *options,
			      const char *path, const char *name, struct share **ret)
{
	struct share *share = share_new(ctx, name, path);
	struct fault *fault;

	share->read_only = options->read_only;
	share->guest_ok = options->guest_ok;
	share->private = options->private;
	share->force_user = options->user;
	if (options->allow && !options->private &&
	    (fault = share_parse_hosts(share, options->allow, &share->hosts_allow)))
		return fault;
	*ret = share;
	return share_check(share);
}

static struct fault *check_heads(const struct options *options)
{
	struct in_addr ip;
	struct mac mac;

	if (options->ip && !ip_parse(options->ip, &ip))
		return fault_new(FAULT_USAGE, "--ip takes an IPv4 address, not '%s'",
				 options->ip);
	if (options->mac && !mac_parse(options->mac, &mac))
		return fault_new(FAULT_USAGE, "--mac takes six octets, not '%s'",
				 options->mac);
	if (options->uuid &&
	    options->uuid[strspn(options->uuid, "0123456789abcdefABCDEF-")])
		return fault_new(FAULT_USAGE,
				 "--uuid takes hexadecimal digits and '-', not '%s'",
				 options->uuid);
	if (options->private && !options->ip)
		return fault_new(FAULT_USAGE,
				 "--private needs to know the VM's address: --ip");
	return NULL;
}

static struct fault *print_fragment(const void *ctx, const struct options *options,
				    const char *const *operands)
{
	struct fragment_templates *templates;
	struct share *share;
	struct fault *fault;
	char *text;

	if (!operands[0] || !operands[1] || operands[2])
		return fault_new(FAULT_USAGE, "Use it as: hubconf [options] path name");
	struct fragment *fragment =
		fragment_new(ctx, options->uuid, options->vm, TENURE_TEMPORARY);
	fragment->mac = options->mac;
	if ((fault = check_heads(options)) ||
	    (fault = share_of(ctx, options, operands[0], operands[1], &share)) ||
	    (fault = fragment_templates_load(ctx, options->settings.templates,
					     &templates)))
		return fault;
	fragment_add(fragment, share);
	fault = options->ip ?
			fragment_rendering(ctx, templates, fragment, options->ip, &text) :
			fragment_truth(ctx, templates, fragment, &text);
	if (!fault)
		fputs(text, stdout);
	return fault;
}

static struct fault *hubconf_main(void *ctx, int argc, char *argv[])
{
	struct options *options = mem_new(ctx, struct options);
	const char *const *operands;
	struct fault *fault;

	if ((fault = command_parse(ctx, &hubconf, argc, argv, options, NULL,
				   &operands)) ||
	    (fault = settings_fill(ctx, &options->settings)))
		return fault;
	if (options->check)
		return check_files(ctx, options, operands);
	if (options->smb_conf)
		return print_smb_conf(ctx, options);
	return print_fragment(ctx, options, operands);
}

int main(int argc, char *argv[])
{
	setlocale(LC_CTYPE, "C.UTF-8");
	void *ctx = talloc_new(NULL);
	int status = fault_finish(hubconf_main(ctx, argc, argv));
	talloc_free(ctx);
	return fault_flush(status);
}
