// SPDX-License-Identifier: GPL-3.0-or-later
// V=2 brings a constructor: it counts, and makes an object that has to be destroyed at the end. A line of numbers all the
// time: the version, and how often the object was made (V=1 says 1).
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <unistd.h>

static volatile sig_atomic_t ending;

static void end(int) { ending = 1; }

#if V == 2
static int made;

struct Name {
	std::string text;
	Name() : text("a text that is too long for its object") { made++; }
};

static const Name name;
#endif

[[gnu::noipa]] static int version()
{
#if V == 2
	return name.text.size() == 38 ? 2 : 0;
#else
	return 1;
#endif
}

[[gnu::noipa]] static int count()
{
#if V == 2
	return made;
#else
	return 1;
#endif
}

// The library is there before the patch.
[[gnu::noipa]] static size_t length(const char *text)
{
	return std::string(text).append(text).size();
}

int main(int argc, char **argv)
{
	size_t n = length(argv[argc - 1]);

	signal(SIGTERM, end);
	setvbuf(stdout, nullptr, _IOLBF, 0);
	while (!ending) {
		printf("%d %d\n", version(), count());
		usleep(2000);
	}
	return n == 0;
}
