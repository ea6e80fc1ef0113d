/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * V=2 brings what is registered out of sight: with THREAD a thread's variable that has a destructor, with EXIT a function for
 * the end of the process, with SIGNAL one for SIGUSR1, by way of an old function. The thread says "V V" whenever V changes,
 * until SIGTERM ends it and the process, which says "end".
 */
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unistd.h>

static volatile sig_atomic_t over;
static void end(int) { over = 1; }

__attribute__((noipa)) static void handle(int number, void (*handler)(int))
{
	std::signal(number, handler);
}

#if V == 2 && defined THREAD
struct thing {
	int value;
	thing(int v) : value(v) {}
	~thing() { std::printf("the thread's thing is gone\n"); }
};
static thread_local thing mine(2);
#endif
#if V == 2 && defined EXIT
static int registered;
static void at_end() { std::printf("the new function at the end\n"); }
#endif
#if V == 2 && defined SIGNAL
static void at_signal(int) { (void)!write(1, "the new handler\n", 16); }
#endif

__attribute__((noipa)) static int version()
{
#if V == 2 && defined THREAD
	return mine.value;
#endif
#if V == 2 && defined EXIT
	if (!registered++)
		std::atexit(at_end);
#endif
#if V == 2 && defined SIGNAL
	handle(SIGUSR1, at_signal);
#endif
	return V;
}

static void run()
{
	for (int last = 0, now; !over; last = now, usleep(1000))
		if ((now = version()) != last)
			std::printf("%d %d\n", now, now);
}

int main()
{
	setvbuf(stdout, nullptr, _IOLBF, 0);
	handle(SIGTERM, end);
	std::thread t(run);
	t.join();
	std::printf("end\n");
}
