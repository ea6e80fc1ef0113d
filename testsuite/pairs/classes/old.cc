#include <cstdio>
#include <typeinfo>

// Virtual functions, an overrider's body, thunks of multiple and virtual inheritance, RTTI: objects made by old code live.
extern "C" void hp_wait();

struct Shape {
	virtual ~Shape() {}
	virtual int area() const { return 1; }
	virtual const char *name() const { return "shape"; }
};

struct Named {
	virtual ~Named() {}
	virtual int tag(int n) { return n; }
	int id = 5;
};

struct Square : Shape, Named {
	int side = 3;
	int area() const override { return side * side; }
	int tag(int n) override { return n + id + side; }
	const char *name() const override { return "square"; }
};

struct Base { virtual int value() { return 1; } virtual ~Base() {} int v = 7; };
struct Left : virtual Base { int l = 1; };
struct Right : virtual Base {
	int r = 2;
	int value() override { return v + r; }
};
struct Both : Left, Right {
	int b = 3;
	int value() override { return Right::value() + b; }
};

int __attribute__((noipa)) rtti(Shape *s)
{
	Named *n = dynamic_cast<Named *>(s);

	return n ? n->id : -1;
}

int __attribute__((noipa)) use(Shape *s, Named *n, Base *b) { return s->area() + n->tag(1) + b->value(); }

int main()
{
	Square *s = new Square;
	Both *both = new Both;
	Shape plain;

	std::printf("%d %d %d %s\n", use(s, s, both), rtti(s), rtti(&plain), s->name());
	hp_wait();
	std::printf("%d %d %d %s\n", use(s, s, both), rtti(s), rtti(&plain), s->name());
	delete s;
	delete both;
}
