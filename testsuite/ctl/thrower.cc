// SPDX-License-Identifier: GPL-3.0-or-later
// V=1 to VERSIONS, of which those from LARGE on outgrow the arena. Two threads throw through outer() and inner() all
// the time and count what is cleaned up; "V V" tells which versions of the two answer, whenever that changes.
#include <cstdio>
#include <thread>
#define BIG(n) do { if (V >= LARGE) __asm__ volatile("jmp 1f\n.skip " #n ", 0x90\n1:"); } while (0)
struct Cleanup { int *n; ~Cleanup() { ++*n; } };
__attribute__((noipa)) void unchanged(int x) { if (x) throw x; }
__attribute__((noipa)) void inner(int x) { BIG(9000); unchanged(x * 10 + V); }
__attribute__((noipa)) int outer(int x, int *n)
{
	Cleanup c = { n };
	BIG(9001);
	try { inner(x); } catch (int i) { if (x == 2) throw i * 10 + V; return i * 10 + V; }
	return 0;
}
__attribute__((noipa)) int between(int x, int *n) { Cleanup c = { n }; return outer(x, n) + 1000; }
static bool is_version(int i) { return i >= 1 && i <= VERSIONS; }
static bool good(int i) { return is_version(i % 10) && is_version(i / 10 % 10); }
static void work()
{
	for (int n = 0, before = 0;; before = n) {
		int got = between(1, &n);
		if (!good(got) || n != before + 2) std::printf("WRONG %d %d\n", got, n - before), std::fflush(stdout);
		try { between(2, &n); } catch (int i) { got = i; }
		if (!good(got) || n != before + 4) std::printf("WRONG %d %d\n", got, n - before), std::fflush(stdout);
	}
}
int main()
{
	std::thread a(work), b(work);
	for (int last = 0;; std::this_thread::sleep_for(std::chrono::milliseconds(1))) {
		int n = 0, got = between(1, &n) % 100;
		if (got != last) std::printf("%d %d\n", got / 10, got % 10), std::fflush(stdout);
		last = got;
	}
}
