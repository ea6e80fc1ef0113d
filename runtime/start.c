/* SPDX-License-Identifier: MIT */
/* The process that the stub starts in, see start.h. */
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include "break.h"
#include "start.h"
#include "sys.h"

#define PAGE 4096ULL
#define ARGUMENTS_LIMIT (1 << 20)
#define STACK_LIMIT (1ULL << 26)        /* the initial stack pointer is at most that far above the current one */
#define AUXV_LIMIT 40

/* The value of NAME in ENVIRONMENT, NULL when it isn't there. */
static const char *environment_get(char **environment, const char *name)
{
	uint64_t length = text_length(name);

	for (; *environment; environment++)
		if (bytes_equal(*environment, name, length) && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* Without AT_SECURE the process counts as privileged. */
static void read_auxv(struct start *s, const Elf64_auxv_t *a)
{
	uint64_t uid = 0, euid = 0, gid = 0, egid = 0, secure = 1;

	for (; a->a_type != AT_NULL; a++) {
		uint64_t value = a->a_un.a_val;

		switch (a->a_type) {
		case AT_UID: uid = value; break;
		case AT_EUID: euid = value; break;
		case AT_GID: gid = value; break;
		case AT_EGID: egid = value; break;
		case AT_SECURE: secure = value; break;
		case AT_PHDR: s->scope.phdrs = (const void *)value; break;
		case AT_PHNUM: s->scope.nphdrs = value; break;
		case AT_EXECFN: s->program = (const void *)value; break;
		}
	}
	s->uid = euid;
	s->privileged = (secure || uid != euid || gid != egid) && !hp_broken("start-privileges");
}

static void read_environment(struct start *s, char **environment)
{
	const char *value = environment_get(environment, "HOTPATCH_DEBUG");

	s->debug = value && text_equal(value, "1");
	value = environment_get(environment, "HOTPATCH_STORE");
	if (value && (value[0] == '/' || hp_broken("start-store"))) {
		s->store = value;
		s->store_is_ours = true;
	}
}

/*
 * Is ARGV what the kernel put on the initial stack? musl calls constructors without arguments; then registers hold
 * anything, as a rule no small number and no pointer upwards. From another thread's stack the page is asked for.
 */
static bool arguments_are_there(long argc, char **argv)
{
	uint64_t at = (uint64_t)argv;
	unsigned char resident;

	if (hp_broken("start-arguments"))
		return true;
	if (argc <= 0 || argc > ARGUMENTS_LIMIT || !argv || at % 8)
		return false;
	if (at - (uint64_t)__builtin_frame_address(0) > STACK_LIMIT &&
	    sys3(__NR_mincore, (long)(at & -PAGE), PAGE, (long)&resident) < 0)
		return false;
	return !argv[argc];
}

/* Without arguments there is no way to the environment; the rest can be read. */
static void read_auxv_file(struct start *s)
{
	Elf64_auxv_t auxv[AUXV_LIMIT + 1];
	long fd = sys_open("/proc/self/auxv", O_RDONLY | O_CLOEXEC), n;

	n = fd < 0 ? 0 : sys_pread(fd, auxv, AUXV_LIMIT * sizeof *auxv, 0);
	auxv[n < 0 ? 0 : n / sizeof *auxv].a_type = AT_NULL;
	if (fd >= 0)
		sys_close(fd);
	read_auxv(s, auxv);
}

void start_init(struct start *s, long argc, char **argv, const char *store)
{
	char **environment = argv + argc + 1, **end = environment;

	s->program = "?";
	s->store = store;
	s->store_is_ours = s->debug = false;
	s->scope.list = NULL;
	s->scope.phdrs = NULL;
	s->scope.nphdrs = 0;
	if (!arguments_are_there(argc, argv)) {
		read_auxv_file(s);
		return;
	}
	while (*end)
		end++;
	read_auxv(s, (const void *)(end + 1));
	s->program = argv[0];
	if (!s->privileged)
		read_environment(s, environment);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static unsigned add(struct iovec *v, unsigned n, const char *text)
{
	v[n].iov_base = (char *)text;
	v[n].iov_len = text_length(text);
	return n + 1;
}

/* A datagram to syslogd, LOG_DAEMON | LOG_WARNING; when nobody listens it is lost. */
static void log_line(struct iovec *v, unsigned n)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = v, .msg_iovlen = n };
	long fd = sys3(__NR_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || hp_broken("start-log"))
		return;
	bytes_copy(to.sun_path, "/dev/log", sizeof "/dev/log");
	sys3(__NR_sendmsg, fd, (long)&m, MSG_NOSIGNAL);
	sys_close(fd);
}

void start_say(const struct start *s, const struct start_line *line)
{
	struct iovec v[START_PARTS + 4];
	unsigned n = 0;

	n = add(v, n, s->privileged ? "<28>hotpatch: " : "hotpatch: ");
	n = add(v, n, s->program);
	n = add(v, n, ": ");
	for (unsigned i = 0; i < START_PARTS && line->part[i]; i++)
		n = add(v, n, line->part[i]);
	if (s->privileged) {
		log_line(v, n);
		return;
	}
	n = add(v, n, "\n");
	sys3(__NR_writev, 2, (long)v, n);
}

void start_debug(const struct start *s, const struct start_line *line)
{
	if (s->debug)
		start_say(s, line);
}
