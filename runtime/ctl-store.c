/* SPDX-License-Identifier: MIT */
/*
 * Patch files, and the store: DIR/BUILD-ID.hp.o, read by the stub of every module when a process starts.
 *
 * A file appears in the store whole or not at all: temporary name, fsync, rename, fsync of the directory. It belongs to
 * whoever runs hp-ctl (root, for the default store) and is writable by nobody else, or the stub would not trust it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ctl-job.h"

#define FILE_MAX (1u << 30)

/* ---- patch files ------------------------------------------------------------------------------------------------- */

static int read_all(int fd, uint8_t *buf, uint64_t size)
{
	for (uint64_t n = 0; n < size;) {
		ssize_t got = read(fd, buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			return errno = ENODATA, -1;
		n += (uint64_t)got;
	}
	return 0;
}

static int load_fd(struct patch_file *f, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return errno = S_ISDIR(st.st_mode) ? EISDIR : S_ISREG(st.st_mode) ? EFBIG : EINVAL, -1;
	f->size = (uint64_t)st.st_size;
	f->file = malloc(f->size + 1);
	return f->file ? read_all(fd, f->file, f->size) : -1;
}

int patch_load(struct patch_file *f, const char *path, bool quiet)
{
	const char *why = NULL;
	const void *section;
	uint64_t size;
	/* A FIFO must not hang the tool. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*f = (struct patch_file){ .path = strdup(path) };
	if (fd < 0 || !f->path || load_fd(f, fd) < 0) {
		why = errno == ENODATA ? "truncated" : errno == EINVAL ? "not a regular file" : strerror(errno);
	} else {
		enum hp_fault fault = hp_patch_find(f->file, f->size, &section, &size);
		if (!fault)
			fault = hp_patch_check(section, size);
		if (!fault)
			fault = hp_patch_check_segments(section, f->file, f->size);
		if (fault)
			why = hp_fault_text(fault);
		else
			f->patch = section;
	}
	if (fd >= 0)
		close(fd);
	if (!why)
		return 0;
	if (!quiet)
		fprintf(stderr, "hp-ctl: cannot use patch '%s': %s\n", printable(path), why);
	patch_release(f);
	return -1;
}

void patch_release(struct patch_file *f)
{
	free(f->file);
	free(f->path);
	*f = (struct patch_file){0};
}

const char *patch_label(const struct patch_file *f)
{
	return hp_patch_at(f->patch, f->patch->label);
}

unsigned patch_redirected(const struct patch_file *f)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < f->patch->nfunc; i++)
		n += !!(hp_patch_funcs(f->patch)[i].flags & HP_FUNC_REDIRECTED);
	return n;
}

const char *patch_accepted(const struct patch_file *f, const char *before)
{
	const void *section;
	uint64_t size;
	const char *at, *end;

	if (hp_section_find(f->file, f->size, HP_ACCEPTED_SECTION, &section, &size))
		return NULL;
	end = (const char *)section + size;
	at = before ? before + strlen(before) + 1 : section;
	return at < end && memchr(at, '\0', (size_t)(end - at)) ? at : NULL;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static void store_name(char *buf, size_t size, const char *store, const uint8_t *build_id, uint32_t id_size)
{
	snprintf(buf, size, "%s/%s.hp.o", store, hex(build_id, id_size));
}

/* Opens nothing that others could have put there. */
static bool file_is_trusted(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & 022);
}

static bool load_trusted(struct patch_file *f, const char *name)
{
	return (file_is_trusted(name) || hp_broken("store-trust")) && patch_load(f, name, true) == 0;
}

bool store_lookup(const char *store, const uint8_t *build_id, uint32_t size, uint8_t id[HP_ID_SIZE])
{
	static struct { uint8_t build_id[32], id[HP_ID_SIZE]; uint32_t size; bool found; } last;
	char name[4096];
	struct patch_file f;

	if (last.size != size || memcmp(last.build_id, build_id, size)) {
		memcpy(last.build_id, build_id, size);
		last.size = size;
		store_name(name, sizeof(name), store, build_id, size);
		last.found = load_trusted(&f, name);
		if (last.found) {
			memcpy(last.id, f.patch->id, HP_ID_SIZE);
			patch_release(&f);
		}
	}
	memcpy(id, last.id, HP_ID_SIZE);
	return last.found;
}

static void kept_name(char *buf, size_t size, const uint8_t *id)
{
	snprintf(buf, size, "%s/%s.hp.o", run_directory() ? run_directory() : "", hex(id, HP_ID_SIZE));
}

const struct patch_file *patch_by_id(const struct options *opt, const struct patch_file *files, size_t nfiles,
				     const struct module *m)
{
	static struct patch_file cache[64];
	static size_t cached;
	const uint8_t *id = m->registry.id;
	char name[4096];

	for (size_t i = 0; i < nfiles; i++)
		if (!memcmp(files[i].patch->id, id, HP_ID_SIZE))
			return &files[i];
	for (size_t i = 0; i < cached; i++)
		if (!memcmp(cache[i].patch->id, id, HP_ID_SIZE))
			return &cache[i];
	for (int turn = 0; turn < 2 && cached < sizeof(cache) / sizeof(*cache); turn++) {
		if (turn == 0)
			store_name(name, sizeof(name), opt->store, m->build_id, m->build_id_size);
		else
			kept_name(name, sizeof(name), id);
		if (!load_trusted(&cache[cached], name))
			continue;
		if (!memcmp(cache[cached].patch->id, id, HP_ID_SIZE))
			return &cache[cached++];
		patch_release(&cache[cached]);
	}
	return NULL;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *buf, uint64_t size)
{
	while (size) {
		ssize_t n = write(fd, buf, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		buf += n;
		size -= (uint64_t)n;
	}
	return 0;
}

/* NAME appears in the directory DIR with these bytes, or nothing does. */
static int write_atomically(int dir, const char *name, const struct patch_file *f)
{
	char temporary[160];
	int error;

	snprintf(temporary, sizeof(temporary), ".%s.%d", name, getpid());
	unlinkat(dir, temporary, 0);
	int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	ctl_step("store-created");
	if (write_all(fd, f->file, f->size) < 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0)
		goto fail;
	ctl_step("store-written");
	if (renameat(dir, temporary, dir, name) < 0)
		goto fail;
	close(fd);
	fsync(dir);
	return 0;
fail:
	error = errno;
	close(fd);
	unlinkat(dir, temporary, 0);
	errno = error;
	return -1;
}

void patch_keep(const struct patch_file *f)
{
	const char *directory = run_directory();
	char name[4096];
	int dir;

	if (!directory)
		return;
	kept_name(name, sizeof(name), f->patch->id);
	if (file_is_trusted(name))
		return;
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return;
	write_atomically(dir, strrchr(name, '/') + 1, f);
	close(dir);
}

static int make_directories(const char *path)
{
	char name[4096];

	if ((size_t)snprintf(name, sizeof(name), "%s", path) >= sizeof(name))
		return errno = ENAMETOOLONG, -1;
	for (char *at = name + 1; *at; at++)
		if (*at == '/') {
			*at = '\0';
			mkdir(name, 0755);
			*at = '/';
		}
	return mkdir(name, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

static int open_store(const char *store, bool make)
{
	struct stat st;

	if (make && make_directories(store) < 0)
		return -1;
	int dir = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) < 0)
		return dir;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & 022) {
		close(dir);
		return errno = EPERM, -1;
	}
	return dir;
}

/* Processes that took the patch from the store when they started run it; it is needed to take over from, or back. */
static void keep_former(const char *store, const struct patch_file *f)
{
	struct patch_file former;
	char name[4096];

	store_name(name, sizeof(name), store, f->patch->build_id, f->patch->build_id_size);
	if (!load_trusted(&former, name))
		return;
	if (memcmp(former.patch->id, f->patch->id, HP_ID_SIZE))
		patch_keep(&former);
	patch_release(&former);
}

int store_put(const char *store, const struct patch_file *f)
{
	char name[4096];
	int dir = open_store(store, true), result = -1;

	if (dir >= 0) {
		keep_former(store, f);
		store_name(name, sizeof(name), "", f->patch->build_id, f->patch->build_id_size);
		result = write_atomically(dir, name + 1, f);
	}
	if (result < 0)
		fprintf(stderr, "hp-ctl: cannot install '%s' in '%s': %s\n", printable(f->path), printable(store),
			dir < 0 && errno == EPERM ? "the store is not root's alone" : strerror(errno));
	if (dir >= 0)
		close(dir);
	return result;
}

int store_drop(const char *store, const struct patch_file *f)
{
	char name[4096];
	uint8_t id[HP_ID_SIZE];
	int result = -1;
	int dir = open_store(store, false);

	store_name(name, sizeof(name), store, f->patch->build_id, f->patch->build_id_size);
	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir >= 0 && !store_lookup(store, f->patch->build_id, f->patch->build_id_size, id)) {
		result = faccessat(dir, strrchr(name, '/') + 1, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
			 errno == ENOENT ? 0 : -1;
		errno = EBADMSG;
	} else if (dir >= 0 && memcmp(id, f->patch->id, HP_ID_SIZE)) {
		errno = EEXIST;
	} else if (dir >= 0) {
		result = unlinkat(dir, strrchr(name, '/') + 1, 0);
		fsync(dir);
	}
	if (result < 0)
		fprintf(stderr, "hp-ctl: cannot remove '%s' from '%s': %s\n", printable(f->path), printable(store),
			errno == EEXIST ? "another patch for the same build is there" :
			errno == EBADMSG ? "the file there is damaged or not to be trusted" : strerror(errno));
	if (dir >= 0)
		close(dir);
	return result;
}
