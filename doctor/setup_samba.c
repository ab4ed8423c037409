/* SPDX-License-Identifier: ISC */
/*
 * Sets up smb.conf.  No line of an admin's is changed: what is missing is said in a block of
 * ours at the end of the file, which Samba reads after all of his, and what contradicts it is
 * explained.  The whole is proved with Samba's own parser before it is put in place.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"
#include "confgen/testparm.h"
#include "doctor/block.h"
#include "doctor/scratch.h"
#include "doctor/smb_text.h"
#include "doctor/thing.h"

enum { SMB_CONF_MAX_BYTES = 1 << 20 };

struct smb {
	struct setup *setup;
	const char *file;	/* its name for people, without the root */
	char *whole, *own, *now; /* its text, what the admin wrote of it, our block's lines */
	const char *path;	/* of OWN, for testparm */
	struct smb_text *text;	/* of OWN */
	struct fragment *shares; /* of OWN, as Samba sees them */
	char *global, *sections; /* what our block is to say, and what is told of it */
	const char **news;
	size_t news_count;
	bool binds;    /* the block says where Samba listens */
	bool hopeless; /* nothing may be included */
};

static void leave(struct smb *smb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void leave(struct smb *smb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	setup_tell(smb->setup, SETUP_LEFT, smb->file, "%s", mem_vprintf(smb, format, args));
	va_end(args);
}

/* What is told when the block is put in place. */
static void news(struct smb *smb, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void news(struct smb *smb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*mem_grow(smb, smb->news, const char *, smb->news_count) = mem_vprintf(smb, format, args);
	smb->news_count++;
	va_end(args);
}

/* A line of [global] in our block. */
static void add_global(struct smb *smb, const char *parameter, const char *value)
{
	smb->global = mem_append(smb, smb->global, "\t%s = %s\n", parameter, value);
	news(smb, "'%s = %s' missing, adding", parameter, value);
}

static struct fault *global_value(struct smb *smb, const char *parameter, char **ret)
{
	return testparm_global(smb, smb->setup->settings, smb->path, parameter, ret);
}

/* A file that is not put in place by a new one of its name is none of ours to change. */
static bool is_plain(struct smb *smb, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISREG(st.st_mode))
		leave(smb, "is no regular file; hubshare does not change it: add what 'hubconf "
			   "--smb-conf' prints yourself");
	else if (st.st_nlink > 1)
		leave(smb, "has another name (it is a hard link); hubshare does not change it: add "
			   "what 'hubconf --smb-conf' prints yourself");
	else
		return true;
	return false;
}

/* What makes Samba another one than hubshare knows: NULL, or why. */
static struct fault *strange(struct smb *smb, const char **ret)
{
	static const struct {
		const char *parameter, *value, *why;
	} signs[] = {
		{ "server role", "active directory domain controller",
		  "is a domain controller's, which serves no VMs beside" },
		{ "config backend", "registry", "keeps its shares in the registry" },
		{ "clustering", "Yes", "is a cluster's" },
	};
	const struct smb_line *include = smb_text_find(smb->text, "global", "include");

	*ret = include && strcasecmp(include->value, "registry") == 0 ? signs[1].why : NULL;
	for (size_t i = 0; !*ret && i < sizeof(signs) / sizeof(*signs); i++) {
		struct fault *fault;
		char *value;

		if ((fault = global_value(smb, signs[i].parameter, &value)))
			return fault;
		if (strcasecmp(value, signs[i].value) == 0)
			*ret = signs[i].why;
	}
	return NULL;
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

/* The names of the admin's own shares: "[a], [b]"; "" if there are none. */
static char *own_shares(struct smb *smb)
{
	char *names = mem_strdup(smb, "");

	for (size_t i = 0; smb->shares && i < smb->shares->count; i++)
		if (!is_common(smb->shares->shares[i]->name))
			names = mem_append(smb, names, "%s[%s]", *names ? ", " : "",
					   smb->shares->shares[i]->name);
	return names;
}

/* The value is there, is added, or is an admin's, who is told. */
static struct fault *want_demand(struct smb *smb, const struct demand *demand)
{
	const struct smb_line *line = smb_text_find(smb->text, "global", demand->parameter);
	struct fault *fault;
	char *value;

	if ((fault = global_value(smb, demand->parameter, &value)) || demand_met(demand, value))
		return fault;
	if (line) {
		leave(smb, "line %zu has '%s = %s', so that %s; write '%s = %s' there", line->number,
		      line->name, line->value, demand->harm, demand->parameter, demand->wanted);
		smb->hopeless |= demand == &demands[DEMAND_MULTI_CHANNEL];
	} else {
		add_global(smb, demand->parameter, demand->wanted);
	}
	return NULL;
}

/* Where Samba listens: on the bridge, besides where it does; on nothing else only where that
 * takes nobody's shares away. */
static struct fault *want_interfaces(struct smb *smb)
{
	const struct demand *bind = &demands[DEMAND_BIND_ONLY];
	const char *bridge = smb->setup->settings->bridge, *own = own_shares(smb);
	const struct smb_line *line = smb_text_find(smb->text, "global", bind->parameter);
	char *interfaces, *bound;
	struct fault *fault;

	if ((fault = global_value(smb, "interfaces", &interfaces)) ||
	    (fault = global_value(smb, bind->parameter, &bound)))
		return fault;
	bool binds = demand_met(bind, bound);
	if (!binds && line) {
		leave(smb, "line %zu has '%s = %s', so that %s; write '%s = yes' there, and "
			   "'interfaces' with the host's own ones and %s",
		      line->number, line->name, line->value, bind->harm, bind->parameter, bridge);
	} else if (!binds && *own) {
		leave(smb, "serves %s on every network that the host is on; write '%s = yes' and "
			   "'interfaces = lo %s' with the interface that they are for",
		      own, bind->parameter, bridge);
		if (!*interfaces)
			return NULL;
	} else if (!binds) {
		add_global(smb, bind->parameter, "yes");
		smb->binds = true;
	}
	if (!names_interface(interfaces, bridge) && (*interfaces || !*own) && (binds || !line)) {
		add_global(smb, "interfaces",
			   mem_printf(smb, "%s %s", *interfaces ? interfaces : "lo", bridge));
		smb->binds = true;
	}
	return NULL;
}

/* A VM does not see the homes, and everybody else does as before. */
static void want_homes(struct smb *smb)
{
	const char *network = smb->setup->settings->network;
	const struct share *homes = smb->shares ? fragment_find(smb->shares, "homes") : NULL;
	const char *denied = homes ? share_extra(homes, "hosts deny") : NULL;

	if (!homes || share_denies(homes, network))
		return;
	if (homes->hosts_allow) {
		leave(smb, "[homes] says whom it allows (%s), which goes before whom it denies; see "
			   "that it is no VM of %s",
		      homes->hosts_allow, network);
		return;
	}
	smb->sections = mem_append(smb, smb->sections, "\n[homes]\n\thosts deny = %s%s%s\n",
				   network, denied ? " " : "", denied ? denied : "");
	news(smb, "[homes] is open to VMs, closing it to %s", network);
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
	news(smb, "[VMshare] missing, adding");
	return NULL;
}

/* The lines of an admin's that include what is ours: "12, 13"; "" if there are none. */
static char *include_lines(struct smb *smb)
{
	char *numbers = mem_strdup(smb, "");

	for (size_t i = 0; i < smb->text->count; i++) {
		const struct smb_line *line = &smb->text->lines[i];

		if (share_same_parameter(line->name, "include") &&
		    strstr(line->value, ".conf.d/%I.conf"))
			numbers = mem_append(smb, numbers, "%s%zu", *numbers ? ", " : "", line->number);
	}
	return numbers;
}

/* Both includes, last in the file. */
static struct fault *want_includes(struct smb *smb)
{
	const char *there = include_lines(smb);
	bool right = smb->own && !judge_includes(smb->own, smb->setup->settings->samba_dir);
	struct fault *fault;
	char *text;

	if (right && !smb->news_count)
		return NULL;
	if (*there) {
		leave(smb, "includes VMs' shares in line %s, and something has to stand before "
			   "that; take these lines out, 'hubshare setup' puts them at the end",
		      there);
		smb->hopeless = true;
		return NULL;
	}
	if ((fault = piece(smb, "includes.conf", &text)))
		return fault;
	smb->sections = mem_append(smb, smb->sections, "%s", text);
	news(smb, "include missing, adding");
	return NULL;
}

/* Where there is no smb.conf: all that hubconf prints. */
static struct fault *compose_new(struct smb *smb)
{
	static const char *const pieces[] = { "global.conf", "vmshare.conf", "includes.conf" };
	struct fault *fault = NULL;
	char *text;

	for (size_t i = 0; !fault && i < sizeof(pieces) / sizeof(*pieces); i++)
		if (!(fault = piece(smb, pieces[i], &text)))
			smb->sections = mem_append(smb, smb->sections, "%s%s", i ? "" : "[global]",
						   text);
	smb->binds = true;
	news(smb, "missing, making");
	return fault;
}

/* What our block is to say besides what the admin says; NULL: nothing is needed. */
static struct fault *compose(struct smb *smb, char **ret)
{
	struct fault *fault;

	*ret = NULL;
	if (!smb->own) {
		fault = compose_new(smb);
		*ret = smb->sections;
		return fault;
	}
	if ((fault = want_interfaces(smb)))
		return fault;
	for (size_t i = 0; i < DEMAND_COUNT; i++)
		if (i != DEMAND_BIND_ONLY && (fault = want_demand(smb, &demands[i])))
			return fault;
	want_homes(smb);
	if ((fault = want_vmshare(smb)) || (fault = want_includes(smb)))
		return fault;
	if (smb->global || smb->sections)
		*ret = mem_printf(smb, "%s%s%s", smb->global ? "[global]\n" : "",
				  smb->global ? smb->global : "", smb->sections ? smb->sections : "");
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Is the admin's SHARE in the new file what it was?  But for [homes], which denies more. */
static bool is_kept(const struct share *share, const struct share *now)
{
	bool homes = share_same_name(share->name, "homes"), kept = now != NULL;

	if (!kept)
		return false;
	kept = same_text(share->path, now->path) && same_text(share->hosts_allow, now->hosts_allow) &&
	       same_text(share->force_user, now->force_user) &&
	       same_text(share->create_mask, now->create_mask) &&
	       same_text(share->directory_mask, now->directory_mask) &&
	       share->guest_ok == now->guest_ok && share->read_only == now->read_only;
	for (size_t i = 0; kept && i < share->extra_count; i++)
		kept = (homes && share_same_parameter(share->extras[i], "hosts deny")) ||
		       same_text(share_extra(now, share->extras[i]),
				 share_extra(share, share->extras[i]));
	return kept && (homes || share->extra_count == now->extra_count);
}

/* Samba's parser sees in TEXT the admin's shares as they were, and multi channel off. */
static struct fault *prove(struct smb *smb, const char *text)
{
	const struct settings *settings = smb->setup->settings;
	const struct demand *multi = &demands[DEMAND_MULTI_CHANNEL];
	struct fragment *seen = NULL;
	struct fault *fault;
	const char *path;
	char *value;

	if ((fault = scratch_new(smb, text, &path)) ||
	    (fault = testparm_shares(smb, settings, path, &seen)) ||
	    (fault = testparm_global(smb, settings, path, multi->parameter, &value)))
		return fault;
	if (!demand_met(multi, value))
		return fault_new(FAULT_FAILED, "Samba would not take '%s = no'", multi->parameter);
	for (size_t i = 0; smb->shares && i < smb->shares->count; i++)
		if (!is_kept(smb->shares->shares[i],
			     fragment_find(seen, smb->shares->shares[i]->name)))
			return fault_new(FAULT_FAILED, "[%s] would not be what it was",
					 smb->shares->shares[i]->name);
	return NULL;
}

/* A block that is not as it was made was changed by a hand, unless it was never recorded. */
static bool is_edited(struct smb *smb)
{
	const struct deed *deed =
		record_find(smb->setup->record, thing_block.name, smb->file);

	return smb->now && deed && !same_text(smb->now, deed->after);
}

/* Puts the block in place, at the end, with nothing behind it. */
static struct fault *place_block(struct smb *smb, const char *wanted)
{
	struct setup *setup = smb->setup;
	struct fault *fault;

	for (size_t i = 0; i < smb->news_count; i++)
		setup_tell(setup, SETUP_CHANGED, smb->file, "%s", smb->news[i]);
	if (!smb->news_count || same_text(wanted, smb->now))
		setup_tell(setup, SETUP_CHANGED, smb->file, "%s",
			   wanted ? "something follows hubshare's lines, moving them to the end" :
				    "hubshare's lines are not needed any more, taking them out");
	setup->bind_changed = smb->binds && (!smb->now || !strstr(smb->now, "interfaces ="));
	if ((fault = setup_want_parents(setup, smb->file)))
		return fault;
	if (same_text(wanted, smb->now) && !setup->wish->dry_run)
		return thing_block.put(setup, smb->file, wanted);
	return setup_put(setup, &thing_block, smb->file, wanted);
}

static struct fault *put_in_place(struct smb *smb, const char *wanted)
{
	char *text = wanted ? block_join(smb, smb->own, wanted) : smb->own;
	struct fault *fault;

	if (same_text(text, smb->whole)) {
		setup_tell(smb->setup, SETUP_WELL, smb->file, "is as it has to be");
		return NULL;
	}
	if (is_edited(smb)) {
		leave(smb, "was changed between hubshare's marks; left as it is: take that block out, "
			   "'hubshare setup' makes it again");
		return NULL;
	}
	if (text && (fault = prove(smb, text)))
		return fault;
	if (same_text(wanted, smb->now))
		smb->news_count = 0;
	return place_block(smb, wanted);
}

/* What VMs are offered besides; an admin may not know. */
static void tell_offered(struct smb *smb)
{
	for (size_t i = 0; smb->shares && i < smb->shares->count; i++) {
		const char *name = smb->shares->shares[i]->name;

		if (!share_same_name(name, "homes") && !share_same_name(name, "VMshare") &&
		    !share_denies(smb->shares->shares[i], smb->setup->settings->network))
			setup_tell(smb->setup, SETUP_WELL, smb->file, "VMs are offered [%s] too", name);
	}
}

/* The file and what Samba sees in it; *RET_STRANGE: why it is left as it is. */
static struct fault *read_smb_conf(struct smb *smb, const char **ret_strange)
{
	const char *path = smb->setup->host->smb_conf;
	struct fault *fault;

	if ((fault = file_read(smb, AT_FDCWD, path, SMB_CONF_MAX_BYTES, &smb->whole)) ||
	    (fault = block_cut(smb, smb->whole, &smb->own, &smb->now)))
		return fault;
	*ret_strange = NULL;
	smb->text = smb_text_parse(smb, smb->own ? smb->own : "");
	if (!smb->own)
		return NULL;
	if ((fault = scratch_new(smb, smb->own, &smb->path)) ||
	    (fault = strange(smb, ret_strange)) || *ret_strange)
		return fault;
	return testparm_shares(smb, smb->setup->settings, smb->path, &smb->shares);
}

static struct fault *make_smb_conf(struct smb *smb)
{
	const char *why;
	struct fault *fault;
	char *wanted;

	if (!is_plain(smb, smb->setup->host->smb_conf))
		return NULL;
	if ((fault = read_smb_conf(smb, &why))) {
		if (fault->status == FAULT_UNREACHABLE)
			return fault;
		leave(smb, "is left as it is: %s", fault->text);
		talloc_free(fault);
		return NULL;
	}
	if (why) {
		leave(smb, "%s; left as it is", why);
		return NULL;
	}
	if ((fault = compose(smb, &wanted)))
		return fault;
	tell_offered(smb);
	if (smb->hopeless) {
		leave(smb, "is left as it is until then");
		return NULL;
	}
	return put_in_place(smb, wanted);
}

struct fault *step_samba(struct setup *setup)
{
	struct smb *smb = mem_new(setup, struct smb);
	struct fault *fault;

	smb->setup = setup;
	smb->file = mem_printf(smb, "%s/smb.conf", setup->settings->samba_dir);
	fault = make_smb_conf(smb);
	talloc_free(smb);
	return fault;
}
