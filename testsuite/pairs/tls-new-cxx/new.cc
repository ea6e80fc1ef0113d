#include <cstdio>
#include <thread>

/* New thread-local variables: one that is made on first use and has a destructor, one within a function, one of a template,
 * one that starts as zero. */
extern "C" void hp_wait();

__attribute__((noipa)) static int start(int n)
{
	return n;
}

struct log {
	int calls;
	log() : calls(start(1000)) {}
	~log() { std::printf("gone %d\n", calls); }
};

static thread_local log mine;
static thread_local int calls;
template<class T> struct sum { static thread_local T value; };
template<class T> thread_local T sum<T>::value;

__attribute__((noipa)) int count(int n)
{
	static thread_local int last = start(5);
	int before = last;

	mine.calls++;
	sum<long>::value += n;
	last = n;
	return ++calls * 100 + before * 10 + (int)sum<long>::value;
}

__attribute__((noipa)) static void run(const char *who)
{
	int first = count(1);

	std::printf("%s %d %d\n", who, first, count(2));
}

int main()
{
	run("main");
	hp_wait();
	run("main");
	std::thread t(run, "thread");
	t.join();
	std::printf("end\n");
}
