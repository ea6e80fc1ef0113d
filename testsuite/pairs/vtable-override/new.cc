#include <cstdio>

struct shape {
	virtual ~shape() {}
	virtual int area() const { return 1; }
	virtual int sides() const { return 0; }
};

struct square : shape {
	int area() const override { return 4; }
	int sides() const override { return 4; }
};

extern "C" void hp_wait(void);

__attribute__((noipa)) static void show(const shape &s)
{
	std::printf("%d %d\n", s.area(), s.sides());
}

int main()
{
	shape *s = new square;

	show(*s);
	hp_wait();
	show(*s);
	delete s;
}
