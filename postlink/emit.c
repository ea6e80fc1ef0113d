/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit: writes DIR/NAME.hp.o and DIR/NAME, both or none.
 *
 * Both are written to temporary names in DIR, the coldpatch is read back and verified, and only then both get their
 * names. Whatever ends hp-diff before, be it an error, a full disk or a signal, the temporary files go away.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <libiberty/libiberty.h>

#include "output.h"
#include "pair.h"

static int complain(const char *path, int err)
{
	fprintf(stderr, "hp-diff: cannot write '%s': %s\n", path, strerror(err));
	return -1;
}

/* ---- temporary files --------------------------------------------------------------------------------------------- */

/* Global because a signal handler and exit() have to find them. */
static char *temporaries[2];

static void remove_temporaries(void)
{
	int i;

	for (i = 0; i < 2; i++)
		if (temporaries[i])
			unlink(temporaries[i]);
}

static void on_signal(int sig)
{
	remove_temporaries();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void guard_temporaries(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static bool guarded;
	struct sigaction sa = { .sa_handler = on_signal }, old;
	unsigned i;

	if (guarded)
		return;
	guarded = true;
	atexit(remove_temporaries);
	signal(SIGXFSZ, SIG_IGN);       /* then the write fails, with a message */
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &sa, NULL);
}

void emit_undo(const struct diff *d)
{
	remove_temporaries();
	if (d->hot_size) {
		unlink(d->hot_path);
		unlink(d->cold_path);
	}
}

static int make_temporary(int slot, const char *final)
{
	const char *slash = strrchr(final, '/');
	int fd;

	guard_temporaries();
	temporaries[slot] = xasprintf("%.*s.%s.XXXXXX", (int)(slash ? slash + 1 - final : 0), final,
				      slash ? slash + 1 : final);
	fd = mkstemp(temporaries[slot]);
	if (fd >= 0)
		return fd;
	complain(final, errno);
	free(temporaries[slot]);
	temporaries[slot] = NULL;
	return -1;
}

static void drop_temporary(int slot)
{
	if (temporaries[slot])
		unlink(temporaries[slot]);
	free(temporaries[slot]);
	temporaries[slot] = NULL;
}

static int commit_temporary(int slot, const char *final)
{
	if (rename(temporaries[slot], final) < 0) {
		complain(final, errno);
		return -1;
	}
	free(temporaries[slot]);
	temporaries[slot] = NULL;
	return 0;
}

/* ---- the two files ----------------------------------------------------------------------------------------------- */

/* File capabilities are an extended attribute; where there are none, or they can't be given, the file goes without. */
static void copy_capabilities(int from, int to)
{
	char value[256];
	ssize_t n = fgetxattr(from, "security.capability", value, sizeof value);

	if (n > 0)
		fsetxattr(to, "security.capability", value, n, 0);
}

/* Owner, mode and capabilities of the base. Without its owner a setuid bit would give away somebody else's rights. */
static int copy_owner(const char *base, int to)
{
	int from = open(base, O_RDONLY | O_CLOEXEC);
	struct stat st;
	mode_t mode;

	if (from < 0 || fstat(from, &st) < 0)
		return complain(base, errno);
	mode = st.st_mode & 07777;
	if (fchown(to, st.st_uid, st.st_gid) < 0)
		mode &= 0777;
	else
		copy_capabilities(from, to);
	close(from);
	return fchmod(to, mode) < 0 ? complain(base, errno) : 0;
}

static int write_hot(struct diff *d)
{
	int fd = make_temporary(0, d->hot_path);

	if (fd < 0)
		return -1;
	close(fd);
	return hotfile_write(d, temporaries[0]);
}

static int write_cold(struct diff *d)
{
	int fd = make_temporary(1, d->cold_path), rc;

	if (fd < 0)
		return -1;
	rc = coldfile_write(d, fd, d->cold_path);
	if (!rc)
		rc = copy_owner(d->opt.cold_base ? d->opt.cold_base : d->opt.old_path, fd);
	if (close(fd) < 0 && !rc)
		rc = complain(d->cold_path, errno);
	return rc;
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

/* The last part of the output directory's path may be new. */
static int make_directory(const struct diff *d)
{
	const char *dir = d->opt.out_dir ? d->opt.out_dir : ".";

	return mkdir(dir, 0777) < 0 && errno != EEXIST ? complain(dir, errno) : 0;
}

static void name_files(struct diff *d)
{
	const char *slash = strrchr(d->opt.old_path, '/'), *name = slash ? slash + 1 : d->opt.old_path;
	const char *dir = d->opt.out_dir ? d->opt.out_dir : ".";

	d->hot_path = concat(dir, "/", name, ".hp.o", NULL);
	d->cold_path = concat(dir, "/", name, NULL);
}

/* The hotpatch gets its name last: while it is missing, a store holds nothing half-made. */
static int commit(struct diff *d)
{
	d->hot_size = file_size(temporaries[0]);
	d->cold_size = file_size(temporaries[1]);
	if (commit_temporary(1, d->cold_path) < 0)
		return -1;
	return commit_temporary(0, d->hot_path);
}

int emit(struct diff *d)
{
	int rc = make_directory(d);

	name_files(d);
	patch_section(d);
	if (!rc)
		rc = write_hot(d);
	if (!rc)
		rc = write_cold(d);
	if (!rc)
		rc = verify(d, temporaries[1]);
	if (!rc)
		rc = pair_check_unchanged(d);
	if (!rc)
		rc = commit(d);
	drop_temporary(0);
	drop_temporary(1);
	return rc;
}
