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
#include "doctor/block.h"
#include "doctor/usershare.h"
#include "setup/scratch.h"
#include "setup/setup_smb.h"
#include "setup/thing.h"

enum { SMB_CONF_MAX_BYTES = 1 << 20 };

/* A file that is not put in place by a new one of its name is none of ours to change. */
static bool is_plain(struct smb *smb, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISREG(st.st_mode))
		smb_leave(
			smb,
			"is no regular file; hubshare does not change it: add what 'hubconf "
			"--smb-conf' prints yourself");
	else if (st.st_nlink > 1)
		smb_leave(
			smb,
			"has another name (it is a hard link); hubshare does not change it: add "
			"what 'hubconf --smb-conf' prints yourself");
	else
		return true;
	return false;
}

/* What makes Samba another one than hubshare knows: NULL, or why. */
static void strange(struct smb *smb, const char **ret)
{
	static const struct {
		const char *parameter, *value, *why;
	} signs[] = {
		{ "server role", "active directory domain controller",
		  "is a domain controller's, which serves no VMs beside" },
		{ "config backend", "registry", "keeps its shares in the registry" },
		/* which an include of it turns on, too */
		{ "registry shares", "Yes", "keeps shares in the registry" },
		{ "clustering", "Yes", "is a cluster's" },
	};

	*ret = NULL;
	if (smb_text_find(smb->text, "global", "config file"))
		*ret = "has a 'config file', which Samba reads in its place";
	for (size_t i = 0; !*ret && i < sizeof(signs) / sizeof(*signs); i++) {
		const char *value = globals_value(smb->globals, signs[i].parameter);

		if (strcasecmp(value, signs[i].value) == 0)
			*ret = signs[i].why;
	}
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
	kept = same_text(share->path, now->path) &&
	       same_text(share->hosts_allow, now->hosts_allow) &&
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
	struct globals *globals;
	struct fault *fault;
	const char *path;

	if ((fault = scratch_new(smb, text, &path)) ||
	    (fault = testparm_shares(smb, settings, path, &seen)) ||
	    (fault = globals_read(smb, settings, path, &globals)))
		return fault;
	if (!demand_met(multi, globals_value(globals, multi->parameter)))
		return fault_new(FAULT_FAILED, "Samba would not take '%s = no'",
				 multi->parameter);
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

	return smb->now && deed &&
	       !record_made(smb->setup->record, deed->kind, deed->what, smb->now);
}

/* Puts the block in place, at the end, with nothing behind it. */
static struct fault *place_block(struct smb *smb, const char *wanted)
{
	struct setup *setup = smb->setup;
	struct fault *fault;

	for (size_t i = 0; i < smb->news_count; i++)
		setup_tell(setup, SETUP_CHANGED, smb->file, "%s", smb->news[i]);
	if (!smb->news_count || same_text(wanted, smb->now))
		setup_tell(
			setup, SETUP_CHANGED, smb->file, "%s",
			wanted ?
				"something follows hubshare's lines, moving them to the end" :
				"hubshare's lines are not needed any more, taking them out");
	setup->bind_changed =
		smb->binds && (!smb->now || !strstr(smb->now, "interfaces ="));
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
		smb_leave(
			smb,
			"was changed between hubshare's marks; left as it is: take that block out, "
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

		if (!share_same_name(name, "homes") &&
		    !share_same_name(name, "VMshare") &&
		    !share_denies(smb->shares->shares[i], smb->setup->settings->network))
			setup_tell(smb->setup, SETUP_WELL, smb->file,
				   "VMs are offered [%s] too", name);
	}
	if (*smb->usershares)
		setup_tell(smb->setup, SETUP_WELL, smb->file,
			   "VMs are offered what users of this host share too: %s",
			   smb->usershares);
}

/* Who tries what setup would do, without root's rights, may not look there. */
static struct fault *read_usershares(struct smb *smb)
{
	struct fault *fault = usershare_names(smb, smb->setup->settings, smb->globals,
					      &smb->usershares);

	if (!fault || fault->status != FAULT_REFUSED)
		return fault;
	setup_tell(smb->setup, SETUP_WELL, smb->file,
		   "what users of this host share cannot be seen (%s)", fault->text);
	talloc_free(fault);
	return NULL;
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
	    (fault = globals_read(smb, smb->setup->settings, smb->path, &smb->globals)))
		return fault;
	strange(smb, ret_strange);
	if (*ret_strange)
		return NULL;
	if ((fault = testparm_shares(smb, smb->setup->settings, smb->path, &smb->shares)))
		return fault;
	return read_usershares(smb);
}

static struct fault *make_smb_conf(struct smb *smb)
{
	const char *why;
	struct fault *fault;
	char *wanted;

	if ((fault = thing_check_place(smb->setup, &thing_block, smb->file)))
		return fault;
	if (!is_plain(smb, smb->setup->host->smb_conf))
		return NULL;
	if ((fault = read_smb_conf(smb, &why))) {
		if (fault->status == FAULT_UNREACHABLE)
			return fault;
		smb_leave(smb, "is left as it is: %s", fault->text);
		talloc_free(fault);
		return NULL;
	}
	if (why) {
		smb_leave(smb, "%s; left as it is", why);
		return NULL;
	}
	if ((fault = smb_compose(smb, &wanted)))
		return fault;
	tell_offered(smb);
	if (smb->hopeless) {
		smb_leave(smb, "is left as it is until then");
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
	smb->usershares = mem_strdup(smb, "");
	fault = make_smb_conf(smb);
	talloc_free(smb);
	return fault;
}
