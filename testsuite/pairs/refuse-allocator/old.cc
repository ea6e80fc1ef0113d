#include <cstdio>
#include <cstdlib>
#include <new>

/* Objects that live came from the other allocator, though no other module uses this one. */
struct node { int n; };

static node *first;

__attribute__((noipa)) static void begin() { first = new node(); }

__attribute__((noipa)) static void end() { delete first; }

int main()
{
	begin();
	std::printf("%d\n", first->n);
	end();
	return 0;
}
