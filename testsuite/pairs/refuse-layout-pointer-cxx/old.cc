#include <cstdio>
#include <memory>
#include <vector>

/* Types of a library, made of others: they have the same size. */
struct place { int x, y; };
struct session { std::vector<int> sizes; std::unique_ptr<place> at; };

static session *current;
static std::vector<int> limits;

__attribute__((noipa)) static void begin()
{
	current = new session { { 1, 2 }, std::make_unique<place>() };
	limits.push_back(7);
}

__attribute__((noipa)) static void show()
{
	std::printf("%zu %d %d\n", current->sizes.size(), current->at->y, (int)limits[0]);
}

int main()
{
	begin();
	show();
}
