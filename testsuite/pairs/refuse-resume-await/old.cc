#include <coroutine>
#include <cstdio>

// Two suspension points change places: one that is suspended at the first would yield the same kind of value again.
extern "C" void hp_wait();

struct Numbers {
	struct promise_type {
		int value;
		Numbers get_return_object() { return { std::coroutine_handle<promise_type>::from_promise(*this) }; }
		std::suspend_always initial_suspend() noexcept { return {}; }
		std::suspend_always final_suspend() noexcept { return {}; }
		std::suspend_always yield_value(int v) { value = v; return {}; }
		void return_void() {}
		void unhandled_exception() {}
	};
	std::coroutine_handle<promise_type> handle;
	int next() { handle.resume(); return handle.done() ? -1 : handle.promise().value; }
};

int __attribute__((noipa)) scaled(int n)
{
	return n * 2;
}

int __attribute__((noipa)) limit(int n)
{
	return n > 100 ? 100 : n;
}

Numbers __attribute__((noipa)) numbers(int from)
{
	for (int i = from;; i++) {
		co_yield scaled(i);
		co_yield limit(i);
	}
}

int main()
{
	Numbers a = numbers(1);

	std::printf("%d\n", a.next());
	hp_wait();
	Numbers b = numbers(5);

	std::printf("%d %d\n", a.next(), b.next());
	a.handle.destroy();
	b.handle.destroy();
}
