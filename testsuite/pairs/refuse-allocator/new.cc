#include <cstdio>
#include <cstdlib>
#include <new>

/* Objects that live came from the other allocator, though no other module uses this one. */
struct node { int n; };

static node *first;

void *operator new(std::size_t n) { return static_cast<char *>(std::malloc(n + 16)) + 16; }
void operator delete(void *p) noexcept { std::free(static_cast<char *>(p) - 16); }
void operator delete(void *p, std::size_t) noexcept { operator delete(p); }

__attribute__((noipa)) static void begin() { first = new node(); }

__attribute__((noipa)) static void end() { delete first; }

int main()
{
	begin();
	std::printf("%d\n", first->n);
	end();
	return 0;
}
