#include "box.h"
extern "C" void hp_wait();
int a(int), b(int), d(int), e(int), f(int), g(int), h(int), i(int), j(int), quiet(int);
double bd(double);
std::string c(const char *);

static void all()
{
	int x = a(1), y = b(2), z = quiet(3);

	std::printf("%d %d %d %g %s\n", x, y, z, bd(1.5), c("x").c_str());
	std::printf("%d %d %d %d %d %d %d %d\n", d(1), e(1), f(1), g(1), h(1), i(1), j(1), Box<int>::made);
}

int main()
{
	all();
	hp_wait();
	all();
}
