/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that sits in every system call that blocks: blocked long | short. For tests of hp-ctl, like target.c.
 *
 *	long    one thread in each call, for as long as the test lasts: a call that returns was disturbed
 *	short   each call that has a timeout again and again, for a millisecond, with some work and the two changed functions
 *	        in between: threads are caught running, entering and leaving; none may see EINTR
 *
 * On stdout: "calls N" at the start, then "1 1" or "2 2" as the changed functions say. On stderr: each call that went wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef V
#define V 1
#endif

static volatile long calls;

__attribute__((noipa)) int first(int x) { calls++; return x + V; }
__attribute__((noipa)) int second(int x) { calls += 2; return x + V; }

/* What a call needs is made once for its thread and kept from one round to the next. */
struct seat {
	int fd[2];
	long id;
	void *memory;
	bool ready;
};

#define FOREVER 1000000                 /* milliseconds */
#define NOT_HERE -2                     /* the kernel or the rights do not allow it, or it knows no timeout */

static struct timespec in_ms(clockid_t clock, int ms)
{
	struct timespec t = {0};

	if (clock >= 0)
		clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000L;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}
#define RELATIVE -1

/* ---- waiting for descriptors ----------------------------------------------------------------------------------------- */

static void epoll_of(struct seat *s)
{
	if (!s->ready)
		s->fd[0] = epoll_create1(0);
}

static long do_epoll_wait(struct seat *s, int ms)
{
	struct epoll_event e;

	epoll_of(s);
	return epoll_wait(s->fd[0], &e, 1, ms);
}

static long do_epoll_pwait(struct seat *s, int ms)
{
	struct epoll_event e;
	sigset_t none;

	epoll_of(s);
	sigemptyset(&none);
	return epoll_pwait(s->fd[0], &e, 1, ms, &none);
}

static long do_epoll_pwait2(struct seat *s, int ms)
{
	struct epoll_event e;
	struct timespec t = in_ms(RELATIVE, ms);

	epoll_of(s);
	return epoll_pwait2(s->fd[0], &e, 1, &t, NULL);
}

static long do_poll(struct seat *s, int ms) { (void)s; return poll(NULL, 0, ms); }

static long do_ppoll(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);

	(void)s;
	return ppoll(NULL, 0, &t, NULL);
}

static long do_select(struct seat *s, int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	(void)s;
	return select(0, NULL, NULL, NULL, &t);
}

static long do_pselect(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);

	(void)s;
	return pselect(0, NULL, NULL, NULL, &t, NULL);
}

/* ---- time and locks -------------------------------------------------------------------------------------------------- */

static long do_nanosleep(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);

	(void)s;
	return nanosleep(&t, NULL);
}

static long do_clock_nanosleep(struct seat *s, int ms)
{
	struct timespec t = in_ms(CLOCK_MONOTONIC, ms);

	(void)s;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	return errno ? -1 : 0;
}

static long do_futex(struct seat *s, int ms)
{
	static int word;
	struct timespec t = in_ms(RELATIVE, ms);

	(void)s;
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}

static long do_sem_timedwait(struct seat *s, int ms)
{
	static sem_t sem;               /* all zero: nothing to take */
	struct timespec t = in_ms(CLOCK_REALTIME, ms);

	(void)s;
	return sem_timedwait(&sem, &t);
}

static long do_cond_timedwait(struct seat *s, int ms)
{
	static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct timespec t = in_ms(CLOCK_REALTIME, ms);

	(void)s;
	pthread_mutex_lock(&mutex);
	errno = pthread_cond_timedwait(&cond, &mutex, &t);
	pthread_mutex_unlock(&mutex);
	return errno ? -1 : 0;
}

static long do_mutex_timedlock(struct seat *s, int ms)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct timespec t = in_ms(CLOCK_REALTIME, ms);

	if (!s->ready)
		pthread_mutex_lock(&mutex);
	errno = pthread_mutex_timedlock(&mutex, &t);
	return errno ? -1 : 0;
}

static long do_flock(struct seat *s, int ms)
{
	if (ms != FOREVER)
		return NOT_HERE;
	s->fd[0] = open("lock", O_RDWR | O_CREAT, 0600);
	s->fd[1] = open("lock", O_RDWR);
	return flock(s->fd[0], LOCK_EX) ? -1 : flock(s->fd[1], LOCK_EX);
}

static long do_fcntl(struct seat *s, int ms)
{
	struct flock all = { .l_type = F_WRLCK };

	if (ms != FOREVER)
		return NOT_HERE;
	s->fd[0] = open("lock-ofd", O_RDWR | O_CREAT, 0600);
	s->fd[1] = open("lock-ofd", O_RDWR);
	return fcntl(s->fd[0], F_OFD_SETLK, &all) ? -1 : fcntl(s->fd[1], F_OFD_SETLKW, &all);
}

/* ---- System V and POSIX queues --------------------------------------------------------------------------------------- */

static long do_semop(struct seat *s, int ms)
{
	struct sembuf take = { .sem_op = -1 };

	if (ms != FOREVER)
		return NOT_HERE;
	s->id = semget(IPC_PRIVATE, 1, 0600);
	return semop((int)s->id, &take, 1);
}

static long do_semtimedop(struct seat *s, int ms)
{
	struct sembuf take = { .sem_op = -1 };
	struct timespec t = in_ms(RELATIVE, ms);

	if (!s->ready)
		s->id = semget(IPC_PRIVATE, 1, 0600);
	return semtimedop((int)s->id, &take, 1, &t);
}

static long do_msgrcv(struct seat *s, int ms)
{
	char message[64];

	if (ms != FOREVER)
		return NOT_HERE;
	s->id = msgget(IPC_PRIVATE, 0600);
	return msgrcv((int)s->id, message, 32, 0, 0);
}

static long do_msgsnd(struct seat *s, int ms)
{
	struct { long type; char text[4096]; } message = { .type = 1 };

	if (ms != FOREVER)
		return NOT_HERE;
	s->id = msgget(IPC_PRIVATE, 0600);
	while (msgsnd((int)s->id, &message, sizeof(message.text), IPC_NOWAIT) == 0)
		continue;
	return msgsnd((int)s->id, &message, sizeof(message.text), 0);
}

static bool queue_of(struct seat *s)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	char name[64];

	if (s->ready)
		return true;
	snprintf(name, sizeof(name), "/hotpatch-%d-%p", getpid(), (void *)s);
	s->fd[0] = mq_open(name, O_RDWR | O_CREAT, 0600, &attr);
	mq_unlink(name);
	return s->fd[0] >= 0;
}

static long do_mq_timedreceive(struct seat *s, int ms)
{
	struct timespec t = in_ms(CLOCK_REALTIME, ms);
	char message[8];

	return queue_of(s) ? mq_timedreceive(s->fd[0], message, sizeof(message), NULL, &t) : NOT_HERE;
}

static long do_mq_timedsend(struct seat *s, int ms)
{
	struct timespec t = in_ms(CLOCK_REALTIME, ms);

	if (!queue_of(s))
		return NOT_HERE;
	if (!s->ready)
		mq_send(s->fd[0], "", 1, 0);
	return mq_timedsend(s->fd[0], "", 1, 0, &t);
}

/* ---- reading and writing --------------------------------------------------------------------------------------------- */

static long read_from(int fd, int ms)
{
	char buf[512];

	return fd < 0 || ms != FOREVER ? NOT_HERE : read(fd, buf, sizeof(buf));
}

static long do_read_pipe(struct seat *s, int ms) { return pipe(s->fd) ? -1 : read_from(s->fd[0], ms); }
static long do_read_inotify(struct seat *s, int ms) { return read_from(s->fd[0] = inotify_init(), ms); }
static long do_read_eventfd(struct seat *s, int ms) { return read_from(s->fd[0] = eventfd(0, 0), ms); }

static long do_read_terminal(struct seat *s, int ms)
{
	s->fd[0] = posix_openpt(O_RDWR | O_NOCTTY);
	if (s->fd[0] < 0 || grantpt(s->fd[0]) || unlockpt(s->fd[0]))
		return NOT_HERE;
	s->fd[1] = open(ptsname(s->fd[0]), O_RDWR | O_NOCTTY);
	return read_from(s->fd[1], ms);
}

static long do_read_signalfd(struct seat *s, int ms)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return read_from(s->fd[0] = signalfd(-1, &set, 0), ms);
}

static long do_read_timerfd(struct seat *s, int ms)
{
	struct itimerspec when = { .it_value = in_ms(RELATIVE, ms) };
	uint64_t n;

	if (!s->ready)
		s->fd[0] = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(s->fd[0], 0, &when, NULL);
	return read(s->fd[0], &n, sizeof(n));
}

static long do_write_pipe(struct seat *s, int ms)
{
	static const char block[4096];

	if (ms != FOREVER || pipe2(s->fd, O_NONBLOCK))
		return NOT_HERE;
	while (write(s->fd[1], block, sizeof(block)) > 0)
		continue;
	fcntl(s->fd[1], F_SETFL, 0);
	return write(s->fd[1], block, sizeof(block));
}

static long do_open_fifo(struct seat *s, int ms)
{
	if (ms != FOREVER || (mkfifo("fifo", 0600) && errno != EEXIST))
		return NOT_HERE;
	return s->fd[0] = open("fifo", O_RDONLY);
}

/* ---- sockets --------------------------------------------------------------------------------------------------------- */

static void limit(int fd, int what, int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, what, &t, sizeof(t));
}

static void pair_of(struct seat *s, int type, int what, int ms)
{
	if (!s->ready && socketpair(AF_UNIX, type, 0, s->fd) == 0 && what)
		limit(s->fd[0], what, ms);
}

static long do_recv(struct seat *s, int ms)
{
	pair_of(s, SOCK_STREAM, 0, ms);
	return read_from(s->fd[0], ms);
}

static long do_recv_timeout(struct seat *s, int ms)
{
	char c;

	pair_of(s, SOCK_STREAM, SO_RCVTIMEO, ms);
	return recv(s->fd[0], &c, 1, 0);
}

static struct msghdr *one_byte(void)
{
	static __thread char c;
	static __thread struct iovec part;
	static __thread struct msghdr message;

	part = (struct iovec){ &c, 1 };
	message = (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 };
	return &message;
}

static long do_recvmsg_timeout(struct seat *s, int ms)
{
	pair_of(s, SOCK_DGRAM, SO_RCVTIMEO, ms);
	return recvmsg(s->fd[0], one_byte(), 0);
}

static long do_recvmmsg_timeout(struct seat *s, int ms)
{
	struct mmsghdr message = { .msg_hdr = *one_byte() };

	pair_of(s, SOCK_DGRAM, SO_RCVTIMEO, ms);
	return recvmmsg(s->fd[0], &message, 1, 0, NULL);
}

static void fill(int fd)
{
	static const char block[4096];

	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
}

static long do_send_timeout(struct seat *s, int ms)
{
	static const char block[65536];

	pair_of(s, SOCK_STREAM, SO_SNDTIMEO, ms);
	if (!s->ready)
		fill(s->fd[0]);
	return send(s->fd[0], block, sizeof(block), 0);
}

static long do_sendmsg_timeout(struct seat *s, int ms)
{
	pair_of(s, SOCK_DGRAM, SO_SNDTIMEO, ms);
	if (!s->ready)
		while (send(s->fd[0], "", 1, MSG_DONTWAIT) > 0)
			continue;
	return sendmsg(s->fd[0], one_byte(), 0);
}

/* A socket that listens at an address of the kernel's choice. */
static void listener_of(struct seat *s, int backlog)
{
	struct sockaddr_un any = { .sun_family = AF_UNIX };

	if (s->ready)
		return;
	s->fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(s->fd[0], (struct sockaddr *)&any, sizeof(sa_family_t)) || listen(s->fd[0], backlog))
		perror("listen");
}

static long do_accept(struct seat *s, int ms)
{
	listener_of(s, 1);
	return ms == FOREVER ? accept(s->fd[0], NULL, NULL) : NOT_HERE;
}

static long do_accept_timeout(struct seat *s, int ms)
{
	listener_of(s, 1);
	limit(s->fd[0], SO_RCVTIMEO, ms);
	return accept(s->fd[0], NULL, NULL);
}

/* The second connection finds the queue full. */
static long do_connect_timeout(struct seat *s, int ms)
{
	struct sockaddr_un there;
	socklen_t size = sizeof(there);

	listener_of(s, 0);
	getsockname(s->fd[0], (struct sockaddr *)&there, &size);
	if (!s->ready) {
		connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&there, size);
		s->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
		limit(s->fd[1], SO_SNDTIMEO, ms);
	}
	return connect(s->fd[1], (struct sockaddr *)&there, size);
}

/* ---- completion queues ----------------------------------------------------------------------------------------------- */

static long do_io_getevents(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);
	struct io_event event;
	aio_context_t context = (aio_context_t)s->id;

	if (!s->ready && syscall(SYS_io_setup, 8, &context))
		return NOT_HERE;
	s->id = (long)context;
	return syscall(SYS_io_getevents, context, 1, 1, &event, &t);
}

static long do_io_uring_enter(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);
	struct io_uring_getevents_arg arg = { .ts = (uintptr_t)&t };
	struct io_uring_params params = {0};

	if (!s->ready)
		s->fd[0] = (int)syscall(SYS_io_uring_setup, 8, &params);
	if (s->fd[0] < 0)
		return NOT_HERE;
	return syscall(SYS_io_uring_enter, s->fd[0], 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg));
}

/* ---- signals, children, threads -------------------------------------------------------------------------------------- */

static long do_pause(struct seat *s, int ms) { (void)s; return ms == FOREVER ? pause() : NOT_HERE; }

static long do_sigsuspend(struct seat *s, int ms)
{
	sigset_t none;

	(void)s;
	sigemptyset(&none);
	return ms == FOREVER ? sigsuspend(&none) : NOT_HERE;
}

static long do_sigtimedwait(struct seat *s, int ms)
{
	struct timespec t = in_ms(RELATIVE, ms);
	sigset_t set;

	(void)s;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &t);
}

/* Dies with its parent, which the test ends. */
static pid_t child_of(struct seat *s)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0)
		while (getppid() == parent)
			usleep(100000);
	if (child == 0)
		_exit(0);
	return (pid_t)(s->id = child);
}

static long do_wait4(struct seat *s, int ms)
{
	int status;

	return ms == FOREVER ? wait4(child_of(s), &status, 0, NULL) : NOT_HERE;
}

static long do_waitid(struct seat *s, int ms)
{
	siginfo_t info;

	return ms == FOREVER ? waitid(P_PID, (id_t)child_of(s), &info, WEXITED) : NOT_HERE;
}

static void *sleep_for_ever(void *arg)
{
	for (;;)
		sleep(FOREVER);
	return arg;
}

static long do_pthread_join(struct seat *s, int ms)
{
	pthread_t t;

	(void)s;
	if (ms != FOREVER || pthread_create(&t, NULL, sleep_for_ever, NULL))
		return NOT_HERE;
	errno = pthread_join(t, NULL);
	return errno ? -1 : 0;
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

#define CALL(name) { #name, do_##name }
static const struct call {
	const char *name;
	long (*enter)(struct seat *s, int ms);
} list[] = {
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect),
	CALL(nanosleep), CALL(clock_nanosleep), CALL(futex), CALL(sem_timedwait), CALL(cond_timedwait), CALL(mutex_timedlock),
	CALL(flock), CALL(fcntl), CALL(semop), CALL(semtimedop), CALL(msgrcv), CALL(msgsnd), CALL(mq_timedreceive),
	CALL(mq_timedsend), CALL(read_pipe), CALL(read_inotify), CALL(read_eventfd), CALL(read_terminal), CALL(read_signalfd),
	CALL(read_timerfd), CALL(write_pipe), CALL(open_fifo), CALL(recv), CALL(recv_timeout), CALL(recvmsg_timeout),
	CALL(recvmmsg_timeout), CALL(send_timeout), CALL(sendmsg_timeout), CALL(accept), CALL(accept_timeout),
	CALL(connect_timeout), CALL(io_getevents), CALL(io_uring_enter), CALL(pause), CALL(sigsuspend), CALL(sigtimedwait),
	CALL(wait4), CALL(waitid), CALL(pthread_join),
};
#define COUNT (sizeof(list) / sizeof(*list))

static volatile int mode_ms;
static struct seat seats[COUNT];
static volatile bool absent[COUNT];

/* Running, but rarely where the gate cannot be closed. */
static void work(void)
{
	first(second(0));
	for (volatile int i = 0; i < 20000; i++)
		continue;
}

static void *sit(void *arg)
{
	size_t i = (size_t)arg;

	do {
		errno = 0;
		long result = list[i].enter(&seats[i], mode_ms);
		absent[i] = result == NOT_HERE;
		if (mode_ms == FOREVER && result != NOT_HERE)
			fprintf(stderr, "%s returned %ld: %s\n", list[i].name, result, strerror(errno));
		else if (result == -1 && errno == EINTR)
			fprintf(stderr, "%s: interrupted\n", list[i].name);
		seats[i].ready = true;
		work();
	} while (mode_ms != FOREVER && !absent[i]);
	return NULL;
}

static void start_all(void)
{
	pthread_t t;
	size_t n = COUNT;

	for (size_t i = 0; i < COUNT; i++)
		if (pthread_create(&t, NULL, sit, (void *)i))
			perror("pthread_create");
	usleep(300000);
	for (size_t i = 0; i < COUNT; i++)
		n -= absent[i];
	printf("calls %zu\n", n);
}

static void on_term(int sig)
{
	(void)sig;
	for (size_t i = 0; i < COUNT; i++) {
		if (list[i].enter == do_semop || list[i].enter == do_semtimedop)
			semctl((int)seats[i].id, 0, IPC_RMID);
		if (list[i].enter == do_msgrcv || list[i].enter == do_msgsnd)
			msgctl((int)seats[i].id, IPC_RMID, NULL);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	sigset_t set;

	mode_ms = argc > 1 && !strcmp(argv[1], "short") ? 1 : FOREVER;
	setlinebuf(stdout);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGTERM, on_term);
	start_all();
	for (int last = 0;; usleep(500)) {
		int a = first(0), b = second(0);
		if (a * 10 + b != last && a == b)
			printf("%d %d\n", a, b);
		last = a * 10 + b;
	}
}
