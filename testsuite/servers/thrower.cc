// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A server in C++ that throws all the time: each request goes through three functions that throw, clean up, catch and
 * throw on, and two threads do the same without pause. A thread for each client.
 *
 *	one line of any kind     ->     "caught: ..." with what came out of the three
 *
 * Should one of the threads ever see something else than an answer, in whole, of one of the versions, or a function left
 * without its destructors, then it says MIXED from then on.
 */
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static std::atomic<long> wrong;
static thread_local long inside;

/* Counts the functions that this thread is in; who leaves one by a throw is counted out by the destructor. */
struct presence {
	presence() { inside++; }
	~presence() { inside--; }
};

struct refusal : std::exception {
	std::string text;

	explicit refusal(const std::string &t) : text(t) {}
	const char *what() const noexcept override { return text.c_str(); }
};

[[gnu::noipa]] void refuse(int n)
{
	presence here;

	throw refusal("no " + std::to_string(n % 10));
}

[[gnu::noipa]] void pass_on(int n)
{
	presence here;
	std::string kept = "kept";

	try {
		refuse(n);
	} catch (refusal &r) {
		r.text += ", passed on";
		throw;
	}
	wrong += kept.size();
}

[[gnu::noipa]] void translate(int n)
{
	presence here;

	try {
		pass_on(n);
	} catch (const refusal &r) {
		throw std::runtime_error("caught: " + r.text);
	}
}

/* What comes out of the three for N: in words that no version says, if not by a throw. */
static std::string throw_once(int n)
{
	try {
		translate(n);
	} catch (const std::runtime_error &e) {
		return e.what();
	}
	return "nothing was thrown";
}

/* The words after "no ", or the number, tell the version: of old, one or many. */
static bool is_whole(const std::string &answer, int n)
{
	std::string no = "caught: no ", number = std::to_string(n % 10);

	if (inside)
		return false;
	return answer == no + number + ", passed on" || answer == no + "hotpatched " + number + ", passed on" ||
	       answer == no + number + " whole, passed on whole, translated whole";
}

static void throw_all_the_time()
{
	for (int n = 0;; n = (n + 1) % 1000)
		if (!is_whole(throw_once(n), n))
			wrong++;
}

static void serve(int fd)
{
	char line[256];

	for (int n = 0; recv(fd, line, sizeof line, 0) > 0; n++) {
		std::string answer = throw_once(n % 1000);
		if (!is_whole(answer, n % 1000))
			wrong++;
		if (wrong)
			answer += ", MIXED";
		answer += "\n";
		if (send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
			break;
	}
	close(fd);
}

int main(int argc, char **argv)
{
	sockaddr_in here = {};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	here.sin_family = AF_INET;
	here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 0);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (sockaddr *)&here, sizeof here) || listen(fd, 64)) {
		perror("cannot listen");
		return 1;
	}
	for (int i = 0; i < 2; i++)
		std::thread(throw_all_the_time).detach();
	for (int client; (client = accept(fd, nullptr, nullptr)) >= 0;)
		std::thread(serve, client).detach();
}
