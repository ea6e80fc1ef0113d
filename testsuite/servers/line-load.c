/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A load for servers that speak in lines: line-load PORT SECONDS CONNECTIONS REQUEST ANSWER [REQUEST ANSWER]...
 *
 * Each connection stays open and sends the requests in turn, each when the answer before has come: what a later one asks
 * for an earlier one may have brought. An answer is what ends with a newline and matches the pattern ANSWER, as the shell
 * does it. What contains MIXED is wrong, and so is what does not match for a minute, and a connection that ends. The last
 * line of the output is "REQUESTS FAILED P50 P99", in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 60000000               /* microseconds */
#define LONGEST 10000000                /* of an answer that is told from others */

struct connection {
	int fd, turn;
	int64_t asked;
	size_t got;
	char answer[4096];
};

static char **talk;                     /* request, answer, request, ... */
static int turns;
static long requests, failed;
static uint32_t *took;                  /* how many answers took so many microseconds */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void fail(struct connection *c, const char *why)
{
	fprintf(stderr, "line-load: request %d: %s: '%.*s'\n", c->turn, why, (int)c->got, c->answer);
	failed++;
	close(c->fd);
	c->fd = -1;
}

static void ask(struct connection *c)
{
	const char *request = talk[2 * c->turn];

	c->asked = now();
	c->got = 0;
	if (send(c->fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		fail(c, strerror(errno));
}

static void answered(struct connection *c)
{
	int64_t t = now() - c->asked;

	requests++;
	took[t < LONGEST ? t : LONGEST]++;
	c->turn = (c->turn + 1) % turns;
}

/* Takes what has come; 1: the answer is complete. */
static int take(struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, sizeof(c->answer) - 1 - c->got, 0);

	if (n <= 0) {
		fail(c, n ? strerror(errno) : "the server closed the connection");
		return 0;
	}
	c->got += (size_t)n;
	c->answer[c->got] = 0;
	if (strstr(c->answer, "MIXED")) {
		fail(c, "wrong answer");
		return 0;
	}
	if (c->answer[c->got - 1] == '\n' && fnmatch(talk[2 * c->turn + 1], c->answer, 0) == 0)
		return 1;
	if (c->got == sizeof(c->answer) - 1)
		fail(c, "endless answer");
	return 0;
}

static void open_connection(struct connection *c, int epoll, int port)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(c->fd, (struct sockaddr *)&there, sizeof(there)) || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
		fail(c, strerror(errno));
	else
		ask(c);
}

/* Asks until END; then waits for the answers that are due. */
static void run(struct connection *list, int count, int epoll, int64_t end)
{
	int waiting = count;
	struct epoll_event events[64];

	while (waiting > 0) {
		int n = epoll_wait(epoll, events, 64, 1000);
		int64_t t = now();
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;
			if (!take(c))
				continue;
			answered(c);
			if (t < end)
				ask(c);
			else
				close(c->fd), c->fd = -1;
		}
		waiting = 0;
		for (int i = 0; i < count; i++) {
			if (list[i].fd >= 0 && t - list[i].asked > PATIENCE)
				fail(&list[i], "no answer");
			waiting += list[i].fd >= 0;
		}
	}
}

static long percentile(double part)
{
	double sum = 0;

	for (long t = 0; t <= LONGEST; t++)
		if ((sum += took[t]) >= part * (double)requests)
			return t;
	return LONGEST;
}

int main(int argc, char **argv)
{
	if (argc < 6 || argc % 2)
		return fprintf(stderr, "usage: line-load PORT SECONDS CONNECTIONS REQUEST ANSWER [REQUEST ANSWER]...\n"), 2;
	int count = atoi(argv[3]), epoll = epoll_create1(0);
	struct connection *list = calloc((size_t)count, sizeof(*list));

	talk = argv + 4;
	turns = (argc - 4) / 2;
	took = calloc(LONGEST + 1, sizeof(*took));
	if (!list || !took)
		return perror("line-load"), 2;
	for (int i = 0; i < count; i++)
		open_connection(&list[i], epoll, atoi(argv[1]));
	run(list, count, epoll, now() + atoi(argv[2]) * 1000000LL);
	printf("%ld %ld %ld %ld\n", requests, failed, percentile(.5), percentile(.99));
	return 0;
}
