// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A small TCP server for the demonstration: it keeps notes, and has a heartbeat with the bug that made Heartbleed.
 *
 * One line is one request, one or more lines the answer:
 *
 *	PUT NAME TEXT          keeps a note                     stored
 *	GET NAME               gives it back                    TEXT
 *	BEAT LENGTH TEXT       gives TEXT back: the client says how long it is
 *	QUIT
 *
 * Many clients are served by one thread through epoll. It listens on a free port of 127.0.0.1 and prints its number.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE 256
#define NOTES 16
#define EVENTS 32

/* What the process knows; the line that is worked on stands in front of what nobody else may see. */
static struct {
	char line[LINE];
	char admin_token[64];
	struct { char name[16], text[96]; } notes[NOTES];
	int count;
} memory = { .admin_token = "admin-token=7f3a-SECRET-c0ffee" };

struct client {
	int fd;
	size_t used;
	char input[LINE];
};

static void reply(struct client *c, const char *text, size_t size)
{
	char out[1024];

	if (size > sizeof out - 1)
		size = sizeof out - 1;
	for (size_t i = 0; i < size; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '.';
	out[size] = '\n';
	if (write(c->fd, out, size + 1) < 0)
		perror("write");
}

static void say(struct client *c, const char *text)
{
	reply(c, text, strlen(text));
}

static void put(struct client *c, const char *name, const char *text)
{
	if (memory.count == NOTES) {
		say(c, "full");
		return;
	}
	snprintf(memory.notes[memory.count].name, sizeof memory.notes[0].name, "%s", name);
	snprintf(memory.notes[memory.count].text, sizeof memory.notes[0].text, "%s", text);
	memory.count++;
	say(c, "stored");
}

static void get(struct client *c, const char *name, const char *rest)
{
	(void)rest;
	for (int i = 0; i < memory.count; i++)
		if (!strcmp(memory.notes[i].name, name)) {
			say(c, memory.notes[i].text);
			return;
		}
	say(c, "no such note");
}

/* The length is the client's word, the text is what really came. */
static void beat(struct client *c, const char *length, const char *text)
{
	size_t size = strtoul(length, NULL, 10);

	reply(c, text, size);
}

static const struct command {
	const char *word;
	void (*serve)(struct client *c, const char *first, const char *rest);
} commands[] = { { "PUT", put }, { "GET", get }, { "BEAT", beat } };

/* One request line, without its newline; -1 to close the connection. */
static int serve(struct client *c)
{
	char *word, *first, *rest;

	strcpy(memory.line, c->input);
	word = strtok_r(memory.line, " ", &rest);
	first = strtok_r(NULL, " ", &rest);
	if (word && !strcmp(word, "QUIT"))
		return -1;
	for (size_t i = 0; word && first && i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(word, commands[i].word)) {
			commands[i].serve(c, first, rest);
			return 0;
		}
	say(c, "what?");
	return 0;
}

/* Takes what has come; serves each line that is complete. -1: the client is gone or talks too long. */
static int receive(struct client *c)
{
	ssize_t n = read(c->fd, c->input + c->used, sizeof c->input - 1 - c->used);
	char *end;

	if (n <= 0)
		return -1;
	c->used += n;
	c->input[c->used] = 0;
	while ((end = strchr(c->input, '\n'))) {
		*end = 0;
		if (serve(c))
			return -1;
		c->used -= end + 1 - c->input;
		memmove(c->input, end + 1, c->used + 1);
	}
	return c->used < sizeof c->input - 1 ? 0 : -1;
}

static void welcome(int epoll, int listener)
{
	struct client *c = calloc(1, sizeof *c);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

	if (!c)
		return;
	c->fd = accept(listener, NULL, NULL);
	if (c->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
		free(c);
}

static void farewell(struct client *c)
{
	close(c->fd);
	free(c);
}

static int listen_somewhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		perror("cannot listen");
		exit(1);
	}
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

int main(void)
{
	int listener = listen_somewhere(), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };       /* no client: the listener */

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(epoll, events, EVENTS, -1);

		if (n < 0 && errno != EINTR)
			return perror("epoll_wait"), 1;
		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			if (!c)
				welcome(epoll, listener);
			else if (receive(c))
				farewell(c);
		}
	}
}
