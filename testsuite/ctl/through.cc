/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exceptions pass through a hundred small changed functions, which have no exception tables and all kinds of frames.
 * through [N]: N rounds (for ever without N). Says "1 1" or "2 2" when all of a round came from that version, and a line
 * with "WRONG" for one that did not arrive as it was thrown.
 */
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

__attribute__((noipa)) int number(int x) { return x; }
__attribute__((noipa)) int fly(int x) { if (x >= 0) throw x; return x; }

template<int I> __attribute__((noipa)) int through(int x)
{
	volatile char room[8 * (I % 9) + 1];
	room[0] = x;
	int a = number(x), b = I % 2 ? number(x + 1) : 0, c = I % 3 ? number(x + 2) : 0, d = I % 5 ? number(x + 3) : 0;
	int sum = fly(I * 10 + V) + a + b * c + d + room[0];
	while (I % 2)                           /* ends with the frame that it made, not with a return */
		number(sum);
	return sum;
}

template<int... I> static int (*const *table(std::integer_sequence<int, I...>))(int)
{
	static int (*const all[])(int) = { through<I>... };
	return all;
}

static const int N = 100;

static bool good(int (*f)(int), int i, int *seen)
{
	int keep = i ^ 0x55;                    /* in a register that the frames below have saved */
	try { f(1); } catch (int got) {
		*seen |= got % 10;
		return got / 10 == i && (got % 10 == 1 || got % 10 == 2) && keep == (i ^ 0x55);
	}
	return false;
}

int main(int argc, char **argv)
{
	auto all = table(std::make_integer_sequence<int, N>());
	int rounds = argc > 1 ? std::atoi(argv[1]) : 0;

	for (int n = 0, last = 0; !rounds || n < rounds; n++) {
		int seen = 0;
		for (int i = 0; i < N; i++)
			if (!good(all[i], i, &seen))
				std::printf("WRONG %d\n", i);
		if (seen != last && seen != 3)
			std::printf("%d %d\n", seen, seen);
		last = seen;
		std::fflush(stdout);
		std::this_thread::sleep_for(std::chrono::microseconds(100));
	}
}
