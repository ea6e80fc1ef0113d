#include <cstdio>
#include <memory>
#include <vector>

/* Types of a library, made of others: they have the same size. */
struct place { int x, y; };
struct point { int y, x; };
struct session { std::vector<long> sizes; std::unique_ptr<point> at; };

static session *current;
static std::vector<long> limits;

__attribute__((noipa)) static void begin()
{
	current = new session { { 1, 2 }, std::make_unique<point>() };
	limits.push_back(7);
}

__attribute__((noipa)) static void show()
{
	std::printf("now %zu %d %d\n", current->sizes.size(), current->at->y, (int)limits[0]);
}

int main()
{
	begin();
	show();
}
