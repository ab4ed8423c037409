/* SPDX-License-Identifier: ISC */
/* What our block of smb.conf is to say, besides what an admin says himself. */

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "setup/scratch.h"
#include "setup/setup_smb.h"

void smb_leave(struct smb *smb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	setup_tell(smb->setup, SETUP_LEFT, smb->file, "%s",
		   mem_vprintf(smb, format, args));
	va_end(args);
}

/* What is told when the block is put in place. */
static void add_news(struct smb *smb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add_news(struct smb *smb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*mem_grow(smb, smb->news, const char *, smb->news_count) =
		mem_vprintf(smb, format, args);
	smb->news_count++;
	va_end(args);
}

/* Does the admin's text take others in?  What they say is not looked into. */
static bool includes_others(const struct smb *smb)
{
	bool includes = false;

	for (size_t i = 0; i < smb->text->count; i++)
		includes |= share_same_parameter(smb->text->lines[i].name, "include");
	return includes;
}

/* A line of [global] in our block. */
static void add_global(struct smb *smb, const char *parameter, const char *value)
{
	smb->global = mem_append(smb, smb->global, "\t%s = %s\n", parameter, value);
	add_news(smb, "'%s = %s' missing, adding%s", parameter, value,
		 includes_others(smb) ? "; it holds over what is included" : "");
}

/* Those that a distribution's smb.conf has, and ours. */
static bool is_common(const char *name)
{
	static const char *const common[] = { "homes", "printers", "print$", "VMshare" };

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (share_same_name(name, common[i]))
			return true;
	return false;
}

/* Does LINE, an admin's, include VMs' shares? */
static bool includes_ours(const struct smb_line *line)
{
	return share_same_parameter(line->name, "include") &&
	       strstr(line->value, ".conf.d/%I.conf");
}

/* The host's own shares, the admin's and its users': "[a], [b]"; "" if there are none.  What is
 * included by who comes counts as some, since nobody sees beforehand what that is. */
static char *own_shares(struct smb *smb)
{
	char *names = mem_strdup(smb, smb->usershares);

	for (size_t i = 0; smb->shares && i < smb->shares->count; i++)
		if (!is_common(smb->shares->shares[i]->name))
			names = mem_append(smb, names, "%s[%s]", *names ? ", " : "",
					   smb->shares->shares[i]->name);
	for (size_t i = 0; i < smb->text->count; i++) {
		const struct smb_line *line = &smb->text->lines[i];

		if (share_same_parameter(line->name, "include") &&
		    strchr(line->value, '%') && !includes_ours(line))
			names = mem_append(smb, names, "%swhat line %zu includes",
					   *names ? ", " : "", line->number);
	}
	return names;
}

/* Does a file that the admin's includes, which is not looked into, say VALUE? */
static struct fault *said_elsewhere(struct smb *smb, const char *parameter,
				    const char *value, bool *ret)
{
	struct globals *standard;
	struct fault *fault;
	const char *path;

	*ret = false;
	if (!includes_others(smb))
		return NULL;
	if (!(fault = scratch_new(smb, "", &path)) &&
	    !(fault = globals_read(smb, smb->setup->settings, path, &standard)))
		*ret = strcasecmp(value, globals_value(standard, parameter)) != 0;
	return fault;
}

/* The value is there, is added, or is an admin's, who is told. */
static struct fault *want_demand(struct smb *smb, const struct demand *demand)
{
	const struct smb_line *line =
		smb_text_find(smb->text, "global", demand->parameter);
	bool here = line && !demand_met(demand, line->value), elsewhere = false;
	const char *value = globals_value(smb->globals, demand->parameter);
	struct fault *fault;

	if (demand_met(demand, value))
		return NULL;
	if (!here && (fault = said_elsewhere(smb, demand->parameter, value, &elsewhere)))
		return fault;
	if (elsewhere) {
		smb_leave(
			smb,
			"a file that it includes has '%s = %s', so that %s; write '%s = %s' "
			"there",
			demand->parameter, value, demand->harm, demand->parameter,
			demand->wanted);
	} else if (here) {
		smb_leave(smb,
			  "line %zu has '%s = %s', so that %s; write '%s = %s' there",
			  line->number, line->name, line->value, demand->harm,
			  demand->parameter, demand->wanted);
		smb->hopeless |= demand == &demands[DEMAND_MULTI_CHANNEL];
	} else {
		add_global(smb, demand->parameter, demand->wanted);
	}
	return NULL;
}

/* Where Samba listens: on the bridge, besides where it does; on nothing else only where that
 * takes nobody's shares away. */
static void want_interfaces(struct smb *smb)
{
	const struct demand *bind = &demands[DEMAND_BIND_ONLY];
	const char *bridge = smb->setup->settings->bridge, *own = own_shares(smb);
	const struct smb_line *line = smb_text_find(smb->text, "global", bind->parameter);
	const char *interfaces = globals_value(smb->globals, "interfaces");
	bool binds = demand_met(bind, globals_value(smb->globals, bind->parameter));

	if (!binds && line) {
		smb_leave(
			smb,
			"line %zu has '%s = %s', so that %s; write '%s = yes' there, and "
			"'interfaces' with the host's own ones and %s",
			line->number, line->name, line->value, bind->harm,
			bind->parameter, bridge);
	} else if (!binds && *own) {
		smb_leave(
			smb,
			"serves %s on every network that the host is on; write '%s = yes' and "
			"'interfaces = lo %s' with the interface that they are for",
			own, bind->parameter, bridge);
		if (!*interfaces)
			return;
	} else if (!binds) {
		add_global(smb, bind->parameter, "yes");
		smb->binds = true;
	}
	if (!names_interface(interfaces, bridge) && (*interfaces || !*own) &&
	    (binds || !line)) {
		add_global(smb, "interfaces",
			   mem_printf(smb, "%s %s", *interfaces ? interfaces : "lo",
				      bridge));
		smb->binds = true;
	}
}

/* A VM does not see the homes, and everybody else does as before.  ALLOWED: by [global]. */
static void want_homes(struct smb *smb, const char *allowed)
{
	const char *network = smb->setup->settings->network;
	const struct share *homes =
		smb->shares ? fragment_find(smb->shares, "homes") : NULL;
	const char *denied = homes ? share_extra(homes, "hosts deny") : NULL;

	if (!homes || (share_denies(homes, network) && !*allowed))
		return;
	if (homes->hosts_allow || *allowed) {
		smb_leave(
			smb,
			"%s says whom it allows (%s), which goes before whom [homes] denies; see "
			"that it is no VM of %s",
			homes->hosts_allow ? "[homes]" : "[global]",
			homes->hosts_allow ? homes->hosts_allow : allowed, network);
		return;
	}
	smb->sections =
		mem_append(smb, smb->sections, "\n[homes]\n\thosts deny = %s%s%s\n",
			   network, denied ? " " : "", denied ? denied : "");
	add_news(smb, "[homes] is open to VMs, closing it to %s", network);
}

/* The piece NAME of smb.conf, as hubconf prints it. */
static struct fault *piece(struct smb *smb, const char *name, char **ret)
{
	const struct settings *settings = smb->setup->settings;
	struct values *values = values_new(smb);
	struct template *template;
	struct fault *fault;

	values_add(values, "bridge", settings->bridge);
	values_add(values, "samba dir", settings->samba_dir);
	if ((fault = template_load(values, settings->templates, name, &template)))
		return fault;
	return template_fill(smb, template, values, ret);
}

static struct fault *want_vmshare(struct smb *smb)
{
	struct fault *fault;
	char *text;

	if (smb->shares && fragment_find(smb->shares, "VMshare"))
		return NULL;
	if ((fault = piece(smb, "vmshare.conf", &text)))
		return fault;
	smb->sections = mem_append(smb, smb->sections, "%s", text);
	add_news(smb, "[VMshare] missing, adding");
	return NULL;
}

/* The lines of an admin's that include what is ours: "12, 13"; "" if there are none. */
static char *include_lines(struct smb *smb)
{
	char *numbers = mem_strdup(smb, "");

	for (size_t i = 0; i < smb->text->count; i++) {
		const struct smb_line *line = &smb->text->lines[i];

		if (includes_ours(line))
			numbers = mem_append(smb, numbers, "%s%zu", *numbers ? ", " : "",
					     line->number);
	}
	return numbers;
}

/* Both includes, last in the file. */
static struct fault *want_includes(struct smb *smb)
{
	const char *there = include_lines(smb);
	bool right =
		smb->own && !judge_includes(smb->own, smb->setup->settings->samba_dir);
	struct fault *fault;
	char *text;

	if (right && !smb->news_count)
		return NULL;
	if (*there) {
		smb_leave(
			smb,
			"includes VMs' shares in line %s, and something has to stand before "
			"that; take these lines out, 'hubshare setup' puts them at the end",
			there);
		smb->hopeless = true;
		return NULL;
	}
	if ((fault = piece(smb, "includes.conf", &text)))
		return fault;
	smb->sections = mem_append(smb, smb->sections, "%s", text);
	add_news(smb, "include missing, adding");
	return NULL;
}

/* Where there is no smb.conf: all that hubconf prints. */
static struct fault *compose_new(struct smb *smb)
{
	static const char *const pieces[] = { "global.conf", "vmshare.conf",
					      "includes.conf" };
	struct fault *fault = NULL;
	char *text;

	for (size_t i = 0; !fault && i < sizeof(pieces) / sizeof(*pieces); i++)
		if (!(fault = piece(smb, pieces[i], &text)))
			smb->sections = mem_append(smb, smb->sections, "%s%s",
						   i ? "" : "[global]", text);
	smb->binds = true;
	add_news(smb, "missing, making");
	return fault;
}

/* Whom [global] lets in at all, VMs are to be of. */
static struct fault *want_admitted(struct smb *smb)
{
	static const char name[] = "hubshare-setup";
	const char *text = mem_printf(smb, "%s\n\n[%s]\n\tpath = /\n", smb->own, name),
		   *path;
	struct fault *fault;
	bool admitted;

	if ((fault = scratch_new(smb, text, &path)) ||
	    (fault = testparm_admits(smb->setup->settings, path, name,
				     setup_vm_address(smb, smb->setup), &admitted)) ||
	    admitted)
		return fault;
	smb_leave(
		smb,
		"'hosts allow' or 'hosts deny' in [global] lets no VM of %s in; have it let them "
		"in, and write into your own shares whom they are for",
		smb->setup->settings->network);
	return NULL;
}

struct fault *smb_compose(struct smb *smb, char **ret)
{
	struct fault *fault;

	*ret = NULL;
	if (!smb->own) {
		fault = compose_new(smb);
		*ret = smb->sections;
		return fault;
	}
	want_interfaces(smb);
	for (size_t i = 0; i < DEMAND_COUNT; i++)
		if (i != DEMAND_BIND_ONLY && (fault = want_demand(smb, &demands[i])))
			return fault;
	want_homes(smb, globals_value(smb->globals, "hosts allow"));
	if ((fault = want_admitted(smb)) || (fault = want_vmshare(smb)) ||
	    (fault = want_includes(smb)))
		return fault;
	if (smb->global || smb->sections)
		*ret = mem_printf(smb, "%s%s%s", smb->global ? "[global]\n" : "",
				  smb->global ? smb->global : "",
				  smb->sections ? smb->sections : "");
	return NULL;
}
