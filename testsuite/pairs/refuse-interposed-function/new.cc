#include <cstdio>
#include <cstdlib>
#include <new>
#include <sstream>

/* The program brings an allocator of its own: the C++ library would come to use it, too. */
static int allocated;

void *operator new(std::size_t n)
{
	allocated++;
	if (void *p = std::malloc(n))
		return p;
	throw std::bad_alloc();
}

void operator delete(void *p) noexcept { std::free(p); }
void operator delete(void *p, std::size_t) noexcept { std::free(p); }

__attribute__((noipa)) static std::size_t work(int n)
{
	std::ostringstream out;

	while (n--)
		out << "a text that is long enough ";
	return out.str().size();
}

int main()
{
	std::size_t size = work(10);

	std::printf("%zu %d\n", size, allocated > 1);
	return 0;
}
